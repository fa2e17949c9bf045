# SPDX-License-Identifier: GPL-2.0-or-later
"""Two NATs, or three: the WAN host is a router of its own, the upper one, with a LAN that our
router's external interface is in; the Internet lies behind it."""

import uuid

from .namespace import batch
from .topology import ROUTER_WAN, WAN_HOST, Lab

UPPER_LAN = "192.168.90.1"  # the upper router's, towards ours
LOWER_WAN = "192.168.90.2"  # our router's own
UPPER_WAN = "80.1.2.3"  # the upper router's, to the Internet
FAR_HOST = "80.1.2.9"  # on the Internet
STRANGER = "192.168.90.77"  # a host of the upper router's LAN, which need not be there

# of a third router, between the upper one and the Internet
TOP_LAN = "100.71.3.1"
UPPER_CARRIER = "100.71.3.4"
TOP_WAN = "80.7.7.3"
TOP_FAR_HOST = "80.7.7.9"


def _masquerade(interface):
    return f"""table ip lab_nat {{
    chain postrouting {{
        type nat hook postrouting priority srcnat; policy accept;
        oifname "{interface}" masquerade
    }}
}}
"""


class DoubleNat(Lab):
    """`upper` is the router above ours: eth0 is its LAN, eth1 its external interface. `far` is a
    host of the Internet."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.upper = self.wan
        self.far = self._behind(self.upper, "internet", FAR_HOST)
        self.upper.ip(
            f"addr del {WAN_HOST}/24 dev eth0",
            f"addr add {UPPER_LAN}/24 brd + dev eth0",
            f"addr add {UPPER_WAN}/24 brd + dev eth1",
            "link set eth1 up",
            f"route add default via {FAR_HOST}",
        )
        self.upper.sysctl(net__ipv4__ip_forward=1)
        self.upper.run("nft", "-f", "-", input=_masquerade("eth1"))
        self.router.ip(
            f"addr del {ROUTER_WAN}/24 dev wan0",
            f"addr add {LOWER_WAN}/24 brd + dev wan0",
            f"route add default via {UPPER_LAN}",
        )

    def _behind(self, router, name, address):
        """A host at the end of a new link, the router's eth1."""
        host = self._add_namespaces([self._prefix + name])[0]
        batch([f"link add eth1 netns {router.name} type veth peer name eth0 netns {host.name}"])
        self._address(host, address)
        return host

    def add_top(self):
        """One more NAT between the upper router and the Internet: `top`, with the host `far`."""
        self.top = self.far
        self.far = self._behind(self.top, "lan9", TOP_FAR_HOST)
        self.upper.ip("addr flush dev eth1", f"addr add {UPPER_CARRIER}/24 brd + dev eth1")
        self.top.ip("addr flush dev eth0", f"addr add {TOP_LAN}/24 brd + dev eth0")
        self.top.ip(
            f"addr add {TOP_WAN}/24 brd + dev eth1",
            "link set eth1 up",
            f"route add default via {TOP_FAR_HOST}",
        )
        self.upper.ip(f"route add default via {TOP_LAN}")
        self.top.sysctl(net__ipv4__ip_forward=1)
        self.top.run("nft", "-f", "-", input=_masquerade("eth1"))
        return self

    def upper_becomes(self, address):
        """The upper router has another address on the Internet's side."""
        self.upper.ip(
            "addr flush dev eth1",
            f"addr add {address}/24 brd + dev eth1",
            f"route add default via {FAR_HOST}",
        )

    def upper_daemon(self, **settings):
        """upnpd on the upper router; it is not started yet."""
        return self._daemon_on(self.upper, settings)

    def top_daemon(self, **settings):
        return self._daemon_on(self.top, settings)

    def _daemon_on(self, router, settings):
        """It has a UUID of its own: one that is derived from this machine is that of our router,
        which takes it for itself."""
        named = {"uuid": uuid.uuid5(uuid.NAMESPACE_DNS, router.name), **settings}
        daemon = self.daemon(interfaces=("eth1", "eth0"), **named)
        daemon.router = router
        return daemon

    def reaches(self, protocol, port, host=UPPER_WAN, source=None, **settings):
        """From the far host, at the outermost address, unless others are named."""
        return super().reaches(protocol, port, host, source or self.far, **settings)
