# SPDX-License-Identifier: GPL-2.0-or-later
"""The network: a WAN host, the router, two LAN hosts behind a bridge."""

import atexit
import contextlib
import itertools
import os
import re
import socket
import subprocess

from .daemon import Daemon
from .namespace import Namespace, batch
from .traffic import Echo, tcp_reply, udp_reply
from .waiting import wait_until

ROUTER_WAN = "80.100.100.1"
WAN_HOST = "80.100.100.9"
ROUTER_LAN = "192.168.50.1"
BRIDGE_MAC = "02:00:00:00:50:01"  # of ROUTER_LAN
LAN1 = "192.168.50.10"
LAN2 = "192.168.50.11"

# of a second network on the same internal interface
ROUTER_SECOND = "192.168.70.1"
SECOND = "192.168.70.11"

# of a network behind the first LAN host
INNER_ROUTER = "10.20.0.1"
INNER = "10.20.0.10"

# of a second internal network
ROUTER_GUEST = "192.168.60.1"
GUEST = "192.168.60.11"

ROUTER_WAN6 = "2a0a:100::1"
WAN_HOST6 = "2a0a:100::9"
ROUTER_LAN6 = "2a0a:200::1"
LAN1_6 = "2a0a:200::10"
LAN2_6 = "2a0a:200::11"

NFT_DROP = """table inet filter {
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname "br-lan" oifname "wan0" accept
    }
}
"""
LEGACY_DROP6 = """*filter
:INPUT ACCEPT
:FORWARD DROP
:OUTPUT ACCEPT
-A FORWARD -i br-lan -j ACCEPT
COMMIT
"""
LEGACY_DROP = """*filter
:INPUT ACCEPT
:FORWARD DROP
:OUTPUT ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i br-lan -o wan0 -j ACCEPT
COMMIT
"""
MASQUERADE = """table ip lab_nat {
    chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan0" masquerade
    }
}
"""

_numbers = itertools.count()
_OURS = re.compile(r"ut(\d+)-\d+-(?:wan|router\d*|lan\d+|internet|inner|switch|store)")


def sweep():
    """Takes away what a test run left that was killed: namespaces of ours whose process is gone."""
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else ():
        match = _OURS.fullmatch(name)
        if match and not os.path.exists(f"/proc/{match[1]}"):
            Namespace(name).close()


class Lab:
    """forward: accept | nft-drop | legacy-drop, the FORWARD policy that the daemon finds.
    default_route: the router's, by the WAN host. route_to_lan: the WAN host's, by the router."""

    def __init__(self, forward="accept", default_route=True, route_to_lan=False, masquerade=True):
        atexit.register(self.close)
        self._prefix = f"ut{os.getpid()}-{next(_numbers)}-"
        self._namespaces = []
        self._ipv6 = False
        self._undo = []
        try:
            self._lay_hosts()
            self._lay_links()
            self._lay_routes(default_route, route_to_lan)
            self._lay_firewall(forward, masquerade)
        except subprocess.CalledProcessError as error:
            self.close()
            raise RuntimeError(f"{error.cmd}: {error.stderr}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        while self._undo:
            self._undo.pop()()
        while self._namespaces:
            self._namespaces.pop().close()
        atexit.unregister(self.close)

    def at_close(self, function):
        self._undo.append(function)

    def daemon(self, **settings):
        """A daemon that is not started yet; lab.Daemon tells what `settings` are."""
        daemon = Daemon(self.router, **settings)
        self.at_close(daemon.remove)
        return daemon

    def add_ipv6(self):
        """Global addresses on all hosts, routes, and forwarding."""
        self._ipv6 = True
        self.router.sysctl(net__ipv6__conf__all__forwarding=1)
        self.router.ip(
            f"addr add {ROUTER_WAN6}/64 dev wan0 nodad",
            f"addr add {ROUTER_LAN6}/64 dev br-lan nodad",
            f"route add default via {WAN_HOST6}",
        )
        self.wan.ip(
            f"addr add {WAN_HOST6}/64 dev eth0 nodad", f"route add 2a0a:200::/64 via {ROUTER_WAN6}"
        )
        for host, address in (self.lan1, LAN1_6), (self.lan2, LAN2_6):
            self._address6(host, address)
        return self

    def add_host(self, number):
        """Another host behind the bridge, the third and so on; returns it and its address."""
        name, port = f"{self._prefix}lan{number}", f"port{number}"
        host = self._add_namespaces([name])[0]
        batch([f"link add {port} netns {self.router.name} type veth peer name eth0 netns {name}"])
        self.router.ip(f"link set {port} master br-lan", f"link set {port} up")
        address = f"192.168.50.{9 + number}"
        self._address(host, address)
        host.ip(f"route add default via {ROUTER_LAN}")
        if self._ipv6:
            self._address6(host, f"2a0a:200::{9 + number}")
        return host, address

    @contextlib.contextmanager
    def container(self, interface, gateway, address):
        """A host behind an interface of its own, which is there as long as it is (systemd-nspawn
        makes such ones)."""
        host = self._add_namespaces([self._prefix + "lan0"])[0]
        batch(
            [
                f"link add {interface} netns {self.router.name} type veth "
                f"peer name eth0 netns {host.name}"
            ]
        )
        self.router.ip(
            f"addr add {gateway}/24 brd + dev {interface}", f"link set {interface} up"
        )
        self._address(host, address)
        host.ip(f"route add default via {gateway}")
        try:
            yield host
        finally:
            self.router.ip(f"link del {interface}")
            self._namespaces.remove(host)
            host.close()

    def add_line(self, interface, own, remote):
        """Another line between the router and the WAN host, without a route; masqueraded as the
        first one is. Returns the WAN host's end of it."""
        end = f"eth{len(interface)}{interface[-1]}"
        batch(
            [
                f"link add {interface} netns {self.router.name} type veth "
                f"peer name {end} netns {self.wan.name}"
            ]
        )
        self.router.ip(f"addr add {own}/24 brd + dev {interface}", f"link set {interface} up")
        self.wan.ip(f"addr add {remote}/24 brd + dev {end}", f"link set {end} up")
        self.router.run("nft", f"add rule ip lab_nat postrouting oifname {interface} masquerade")
        return end

    def split(self):
        """The second LAN host, and its port of the bridge, become a network of their own: GUEST
        behind ROUTER_GUEST."""
        self.router.ip("link set port2 nomaster", f"addr add {ROUTER_GUEST}/24 brd + dev port2")
        self.lan2.ip(
            "addr flush dev eth0",
            f"addr add {GUEST}/24 brd + dev eth0",
            f"route add default via {ROUTER_GUEST}",
        )
        return self

    def renumber(self):
        """The second LAN host is in a second network on the same wire: SECOND behind ROUTER_SECOND,
        which the router may have."""
        self.lan2.ip(
            "addr flush dev eth0",
            f"addr add {SECOND}/24 brd + dev eth0",
            f"route add default via {ROUTER_SECOND}",
        )
        return self

    def add_inner(self):
        """`inner` is a host in a network behind the first LAN host, which is a router; returns how
        the router gets there."""
        name = self._prefix + "inner"
        batch([f"netns add {name}"])
        self.inner = Namespace(name)
        self._namespaces.append(self.inner)
        batch([f"link add eth1 netns {self.lan1.name} type veth peer name eth0 netns {name}"])
        self.lan1.ip(f"addr add {INNER_ROUTER}/24 brd + dev eth1", "link set eth1 up")
        self.lan1.sysctl(net__ipv4__ip_forward=1)
        self.inner.ip(
            "link set lo up",
            f"addr add {INNER}/24 brd + dev eth0",
            "link set eth0 up",
            f"route add default via {INNER_ROUTER}",
        )
        return f"10.20.0.0/24 via {LAN1}"

    # -- traffic -----------------------------------------------------------------------------------

    def echo(self, host, port, family=socket.AF_INET):
        """Answers on TCP and UDP `port` of a LAN host until the lab ends."""
        server = Echo(host, port, family)
        self.at_close(server.close)
        return server

    def wait_for_end_of_flow(self, port):
        """Waits until the router knows no flow to `port`. Nobody may send meanwhile: a reply on its
        way would begin the flow anew, as one that the LAN host has begun."""

        def is_known():
            return f"dport={port} " in self.router.run("cat", "/proc/net/nf_conntrack").stdout

        wait_until(lambda: not is_known(), 10, "the end of the flow")

    def reaches(
        self,
        protocol,
        port,
        host=ROUTER_WAN,
        source=None,
        timeout=0.4,
        from_port=0,
        from_address="",
    ):
        """The text that comes back when the WAN host (or `source`) sends one to the router's WAN
        side."""
        reply = tcp_reply if protocol.upper() == "TCP" else udp_reply
        return reply(source or self.wan, host, port, timeout, from_port, from_address)

    # -- laying it ---------------------------------------------------------------------------------

    def _lay_hosts(self):
        names = [self._prefix + host for host in ("wan", "router", "lan1", "lan2")]
        self.wan, self.router, self.lan1, self.lan2 = self._add_namespaces(names)
        self.router.sysctl(net__ipv4__ip_forward=1)

    def _add_namespaces(self, names):
        batch(f"netns add {name}" for name in names)
        added = [Namespace(name) for name in names]
        self._namespaces += added
        for namespace in added:
            namespace.sysctl(
                net__ipv6__conf__default__accept_dad=0,
                net__ipv6__conf__all__accept_dad=0,
                net__ipv4__conf__all__rp_filter=0,
                net__ipv4__conf__default__rp_filter=0,
            )
        return added

    @staticmethod
    def _address(host, address):
        host.ip("link set lo up", f"addr add {address}/24 brd + dev eth0", "link set eth0 up")

    @staticmethod
    def _address6(host, address):
        host.ip(f"addr add {address}/64 dev eth0 nodad", f"route add default via {ROUTER_LAN6}")

    def _lay_links(self):
        wan, router, lan1, lan2 = (namespace.name for namespace in self._namespaces)
        batch(
            [
                f"link add wan0 netns {router} type veth peer name eth0 netns {wan}",
                f"link add port1 netns {router} type veth peer name eth0 netns {lan1}",
                f"link add port2 netns {router} type veth peer name eth0 netns {lan2}",
            ]
        )
        self.router.ip(
            "link set lo up",
            # Otherwise its address is the lowest of its ports': another with each host that comes.
            f"link add br-lan address {BRIDGE_MAC} type bridge",
            "link set port1 master br-lan",
            "link set port2 master br-lan",
            f"addr add {ROUTER_WAN}/24 brd + dev wan0",
            f"addr add {ROUTER_LAN}/24 brd + dev br-lan",
            "link set wan0 up",
            "link set port1 up",
            "link set port2 up",
            "link set br-lan up",
        )
        for host, address in (self.wan, WAN_HOST), (self.lan1, LAN1), (self.lan2, LAN2):
            self._address(host, address)

    def _lay_routes(self, default_route, route_to_lan):
        for host in self.lan1, self.lan2:
            host.ip(f"route add default via {ROUTER_LAN}")
        if default_route:
            self.router.ip(f"route add default via {WAN_HOST}")
        if route_to_lan:
            self.wan.ip(f"route add 192.168.50.0/24 via {ROUTER_WAN}")

    def _lay_firewall(self, forward, masquerade):
        if masquerade:
            self.router.run("nft", "-f", "-", input=MASQUERADE)
        if forward == "nft-drop":
            self.router.run("nft", "-f", "-", input=NFT_DROP)
        elif forward == "legacy-drop":
            self.router.run("iptables-legacy-restore", input=LEGACY_DROP)
            self.router.run("ip6tables-legacy-restore", input=LEGACY_DROP6)
        elif forward != "accept":
            raise ValueError(forward)
