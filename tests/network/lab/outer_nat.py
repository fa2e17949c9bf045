# SPDX-License-Identifier: GPL-2.0-or-later
"""The network behind one more NAT: the WAN host is a carrier's router, and the Internet lies behind
it."""

from .namespace import Namespace, batch
from .topology import ROUTER_WAN, WAN_HOST, Lab

CARRIER = "100.71.3.4"  # the router's own
CARRIER_GATEWAY = "100.71.3.1"
OUTER = "80.1.2.3"  # the carrier's, to the Internet
STUN_HOST = "80.1.2.9"

# All that comes from outside is for one customer, as "exposed host" or "DMZ" has it in home
# routers.
CARRIER_NAT = f"""table ip carrier {{
    chain prerouting {{
        type nat hook prerouting priority dstnat; policy accept;
        iifname "eth1" dnat to {CARRIER}
    }}
    chain postrouting {{
        type nat hook postrouting priority srcnat; policy accept;
        oifname "eth1" masquerade
    }}
}}
"""


class OuterNat(Lab):
    """`internet` is a host on the Internet; `wan` translates between it and the router."""

    def __init__(self, **settings):
        super().__init__(**settings)
        name = self._prefix + "internet"
        batch([f"netns add {name}"])
        self.internet = Namespace(name)
        self._namespaces.append(self.internet)
        batch([f"link add eth1 netns {self.wan.name} type veth peer name eth0 netns {name}"])
        self.internet.ip(
            "link set lo up", f"addr add {STUN_HOST}/24 brd + dev eth0", "link set eth0 up"
        )
        self.wan.ip(
            f"addr del {WAN_HOST}/24 dev eth0",
            f"addr add {CARRIER_GATEWAY}/24 brd + dev eth0",
            f"addr add {OUTER}/24 brd + dev eth1",
            "link set eth1 up",
        )
        self.wan.sysctl(net__ipv4__ip_forward=1)
        self.wan.run("nft", "-f", "-", input=CARRIER_NAT)
        self.router.ip(
            f"addr del {ROUTER_WAN}/24 dev wan0",
            f"addr add {CARRIER}/24 brd + dev wan0",
            f"route add default via {CARRIER_GATEWAY}",
        )

    def outer_becomes(self, address):
        """The carrier gives another address to the Internet's side."""
        self.wan.ip("addr flush dev eth1", f"addr add {address}/24 brd + dev eth1")
