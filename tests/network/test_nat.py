# SPDX-License-Identifier: GPL-2.0-or-later
"""Beside the way in: a mapped client's own flows leave from the mapped port (two consoles with one
game), and LAN hosts reach a mapping at the router's external address (hairpin)."""

import pathlib
import socket
import sys

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    LAN2,
    ROUTER_LAN,
    ROUTER_WAN,
    WAN_HOST,
    ControlPoint,
    Lab,
    PortControlClient,
    rules,
    system_calls,
    wait_until,
)
from lab.port_control import UDP

FORWARD = ("accept", "nft-drop", "legacy-drop")
PROTOCOLS = ("TCP", "UDP")
GAME = 3074
SECOND_WAN = "80.100.100.2"


def masquerading_lab(backend, forward):
    """The administrator's masquerade stands where he keeps his rules. Bridges are bridges: where
    the rules of IP see bridged packets (br_netfilter), a host reaches itself through the router
    only if its port is in hairpin mode."""
    lab = Lab(forward=forward, masquerade=backend == "nftables")
    if pathlib.Path("/proc/sys/net/bridge").exists():
        lab.router.run("sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0")
    if backend == "iptables":
        lab.router.run(
            "iptables-legacy", "-t", "nat", "-A", "POSTROUTING", "-o", "wan0", "-j", "MASQUERADE"
        )
    return lab


@pytest.fixture(
    scope="module",
    params=[(backend, forward) for backend in BACKENDS for forward in FORWARD],
    ids=lambda pair: f"{pair[0]}, forward {pair[1]}",
)
def running(request):
    backend, forward = request.param
    with masquerading_lab(backend, forward) as lab:
        before = rules.everything(lab.router)
        daemon = lab.daemon(firewall_backend=backend).start()
        lab.echo(lab.lan1, 5000)
        yield lab
        assert daemon.stop() == 0
        assert rules.everything(lab.router) == before


@pytest.fixture
def lab(running):
    return running


@pytest.fixture
def points(lab):
    """A control point on each LAN host."""
    both = ControlPoint(lab.lan1, LAN1), ControlPoint(lab.lan2, LAN2)
    yield both
    for point, own in zip(both, (LAN1, LAN2)):
        for entry in point.listing():
            if entry["NewInternalClient"] == own:
                assert point.delete(
                    entry["NewProtocol"], entry["NewExternalPort"], entry["NewRemoteHost"]
                ).ok


class Internet:
    """A server on the WAN host that sees from where it is spoken to."""

    def __init__(self, host, kind, address=WAN_HOST):
        self.kind = kind
        self.address = address
        self.socket = host.socket(socket.AF_INET, kind)
        self.socket.settimeout(2)
        self.socket.bind((address, 0))
        self.port = self.socket.getsockname()[1]
        if kind == socket.SOCK_STREAM:
            self.socket.listen(8)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def sees(self, host, source_port):
        """The address and port from which a new flow of `host` arrives."""
        with host.socket(socket.AF_INET, self.kind) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            client.settimeout(2)
            client.bind(("0.0.0.0", source_port))
            client.connect((self.address, self.port))
            if self.kind == socket.SOCK_STREAM:
                connection, peer = self.socket.accept()
                connection.close()
                return peer
            client.send(b"hello")
            return self.socket.recvfrom(64)[1]


def kind_of(protocol):
    return socket.SOCK_STREAM if protocol == "TCP" else socket.SOCK_DGRAM


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_two_consoles_with_one_game(lab, points, protocol):
    """The Internet sees each console at its own mapped port, and what is not mapped as ever"""
    first, second = points
    assert first.add(protocol, GAME).ok
    assert second.add(protocol, GAME + 1, GAME).ok
    with Internet(lab.wan, kind_of(protocol)) as server:
        assert server.sees(lab.lan1, GAME) == (ROUTER_WAN, GAME)
        assert server.sees(lab.lan2, GAME) == (ROUTER_WAN, GAME + 1)
    with Internet(lab.wan, kind_of(protocol)) as server:
        address, port = server.sees(lab.lan2, GAME + 7)
        assert address == ROUTER_WAN and port not in (GAME, GAME + 1)
    assert second.delete(protocol, GAME + 1).ok
    lab.router.run(
        "conntrack", "-F"
    )  # while a flow of that port is remembered, the kernel gives the next its port
    with Internet(lab.wan, kind_of(protocol)) as server:
        assert server.sees(lab.lan2, GAME)[1] != GAME + 1


def test_a_second_console_gets_the_next_port_and_leaves_by_it(lab, points):
    """By NAT-PMP, though it has played without a mapping before"""
    first, _ = points
    with Internet(lab.wan, socket.SOCK_DGRAM) as server:
        assert server.sees(lab.lan2, GAME) == (ROUTER_WAN, GAME)
    assert first.add("UDP", GAME).ok
    with PortControlClient(lab.lan2, LAN2, ROUTER_LAN) as console:
        assert console.pmp_map(UDP, GAME, GAME).external == GAME + 1
    with Internet(lab.wan, socket.SOCK_DGRAM) as server:
        assert server.sees(lab.lan1, GAME) == (ROUTER_WAN, GAME)
        assert server.sees(lab.lan2, GAME) == (ROUTER_WAN, GAME + 1)
    lab.router.run("conntrack", "-F")


def test_of_two_mappings_to_one_endpoint_the_older_lends_its_port(lab, points):
    point, _ = points
    assert point.add("UDP", 40001, GAME).ok and point.add("UDP", 40002, GAME).ok
    with Internet(lab.wan, socket.SOCK_DGRAM) as server:
        assert server.sees(lab.lan1, GAME) == (ROUTER_WAN, 40001)
    assert point.delete("UDP", 40001).ok
    with Internet(lab.wan, socket.SOCK_DGRAM) as server:
        assert server.sees(lab.lan1, GAME) == (ROUTER_WAN, 40002)


def test_a_mapping_for_one_remote_host_lends_its_port(lab, points):
    point, _ = points
    assert point.add("UDP", 40001, GAME, RemoteHost=WAN_HOST).ok
    with Internet(lab.wan, socket.SOCK_DGRAM) as server:
        assert server.sees(lab.lan1, GAME) == (ROUTER_WAN, 40001)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_another_hosts_flow_from_the_mapped_port_silences_nobody(lab, points, protocol):
    """It has that port towards its server already, so the client gets another there"""
    point, _ = points
    with Internet(lab.wan, kind_of(protocol)) as server:
        assert server.sees(lab.lan2, GAME + 9) == (ROUTER_WAN, GAME + 9)
        assert point.add(protocol, GAME + 9).ok
        address, port = server.sees(lab.lan1, GAME + 9)
        assert address == ROUTER_WAN and port != GAME + 9
        assert point.add(protocol, GAME + 10, GAME + 11).ok
        assert server.sees(lab.lan2, GAME + 10) == (ROUTER_WAN, GAME + 10)
        address, port = server.sees(lab.lan1, GAME + 11)
        assert address == ROUTER_WAN and port != GAME + 10


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_hairpin(lab, points, protocol):
    """A host beside the client, and the client itself, reach the mapping at the external address;
    only there"""
    point, _ = points
    assert not lab.reaches(protocol, 40001, source=lab.lan2)
    assert point.add(protocol, 40001, 5000).ok
    assert lab.reaches(protocol, 40001, source=lab.lan2)
    assert lab.reaches(protocol, 40001, source=lab.lan1)
    assert lab.reaches(protocol, 40001), "and the Internet does"
    assert not lab.reaches(protocol, 40001, host=ROUTER_LAN, source=lab.lan2)
    assert point.delete(protocol, 40001).ok
    assert not lab.reaches(protocol, 40001, source=lab.lan2)


def test_a_mapping_for_one_remote_host_does_not_hairpin(lab, points):
    point, _ = points
    assert point.add("TCP", 40001, 5000, RemoteHost=WAN_HOST).ok
    assert lab.reaches("TCP", 40001)
    assert not lab.reaches("TCP", 40001, source=lab.lan2)


def test_the_internet_host_is_seen_as_itself(lab, points):
    """A packet that hairpins is masqueraded, one that comes from outside is not"""
    point, _ = points
    with lab.lan1.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("0.0.0.0", 6000))
        server.settimeout(2)
        assert point.add("UDP", 40001, 6000).ok
        for source, seen in ((lab.wan, WAN_HOST), (lab.lan2, ROUTER_LAN)):
            with source.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.sendto(b"hello", (ROUTER_WAN, 40001))
                assert server.recvfrom(64)[1][0] == seen


@pytest.mark.parametrize("backend", BACKENDS)
def test_hairpin_follows_the_external_address(backend):
    with masquerading_lab(backend, "nft-drop") as lab:
        lab.echo(lab.lan1, 5000)
        lab.daemon(firewall_backend=backend).start()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
        assert lab.reaches("TCP", 40001, source=lab.lan2)
        lab.router.ip("addr del 80.100.100.1/24 dev wan0", "addr add 80.100.100.77/24 dev wan0")
        wait_until(
            lambda: lab.reaches("TCP", 40001, host="80.100.100.77", source=lab.lan2),
            3,
            "the new address",
        )
        assert not lab.reaches("TCP", 40001, source=lab.lan2), (
            "the old one is no longer the router's"
        )


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_hairpin_means_none(backend):
    with masquerading_lab(backend, "accept") as lab:
        lab.echo(lab.lan1, 5000)
        lab.daemon(firewall_backend=backend, hairpin="no").start()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
        assert lab.reaches("TCP", 40001)
        assert not lab.reaches("TCP", 40001, source=lab.lan2)


@pytest.mark.parametrize("forward", FORWARD)
def test_a_kernel_without_labels_for_flows(forward):
    """With legacy iptables each mapping opens its own way there; hairpin, and who is masqueraded,
    are the same"""
    with masquerading_lab("iptables", forward) as lab:
        before = rules.everything(lab.router)
        daemon = lab.daemon(firewall_backend="iptables")
        daemon.prefix = [sys.executable, system_calls.__file__, "no-labels"]
        daemon.start()
        lab.echo(lab.lan1, 5000)
        point = ControlPoint(lab.lan1, LAN1)
        assert point.add("TCP", 40001, 5000).ok
        assert "connlabel" not in rules.legacy(lab.router)
        assert lab.reaches("TCP", 40001) and lab.reaches("TCP", 40001, source=lab.lan2)
        with lab.lan1.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("0.0.0.0", 6000))
            server.settimeout(2)
            assert point.add("UDP", 40001, 6000).ok
            for source, seen in ((lab.wan, WAN_HOST), (lab.lan2, ROUTER_LAN)):
                with source.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                    client.sendto(b"hello", (ROUTER_WAN, 40001))
                    assert server.recvfrom(64)[1][0] == seen
        assert daemon.stop() == 0
        assert rules.everything(lab.router) == before


LEGACY_OF_THE_ADMINISTRATOR = f"""*nat
-A PREROUTING -i wan0 -p tcp --dport 2222 -j DNAT --to-destination {LAN2}:7000
-A POSTROUTING -o wan0 -j MASQUERADE
COMMIT
*filter
-A FORWARD -i wan0 -d {LAN2} -p tcp --dport 7000 -j ACCEPT
COMMIT
"""


def test_beside_a_firewall_of_legacy_iptables():
    """Chosen by itself: nftables translates, the administrator's own forward, masquerade and policy
    are legacy iptables'. Each has its share: mapping, hairpin, outgoing port, and his forward"""
    with Lab(forward="legacy-drop", masquerade=False) as lab:
        if pathlib.Path("/proc/sys/net/bridge").exists():
            lab.router.run("sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0")
        lab.router.run(
            "iptables-legacy-restore", "--noflush", input=LEGACY_OF_THE_ADMINISTRATOR
        )
        before = rules.everything(lab.router)
        lab.echo(lab.lan1, 5000)
        lab.echo(lab.lan2, 7000)
        daemon = lab.daemon(firewall_backend="auto").start()
        assert "firewall: nftables: " in daemon.log
        point = ControlPoint(lab.lan1, LAN1)
        assert point.add("TCP", 40001, 5000).ok
        assert lab.reaches("TCP", 40001) and lab.reaches("TCP", 40001, source=lab.lan2)
        assert lab.reaches("TCP", 2222), "his own forward"
        assert point.add("TCP", 2222, 5000).code == 718, "and its port is his"
        assert not lab.reaches("TCP", 40002)
        assert point.add("UDP", 40003, GAME).ok
        with Internet(lab.wan, socket.SOCK_DGRAM) as server:
            assert server.sees(lab.lan1, GAME) == (ROUTER_WAN, 40003)
        assert daemon.stop() == 0
        assert rules.everything(lab.router) == before


# A host without translation, one with an address of its own, and the rest.
ADMINS_NAT_OF_IPTABLES = """*nat
-A POSTROUTING -d 80.100.100.8 -j ACCEPT
-A POSTROUTING -s 192.168.50.11 -o wan0 -j SNAT --to-source 80.100.100.2
-A POSTROUTING -o wan0 -j MASQUERADE
COMMIT
"""
ADMINS_NAT = """table ip admin {
    chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        ip daddr 80.100.100.8 accept
        ip saddr 192.168.50.11 oifname "wan0" snat to 80.100.100.2
        oifname "wan0" masquerade
    }
}
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_administrators_own_translation_stands(backend):
    with Lab(route_to_lan=True, masquerade=False) as lab:
        if backend == "nftables":
            lab.router.run("nft", "-f", "-", input=ADMINS_NAT)
        else:
            lab.router.run("iptables-legacy-restore", input=ADMINS_NAT_OF_IPTABLES)
        lab.router.ip(f"addr add {SECOND_WAN}/24 dev wan0")
        lab.wan.ip("addr add 80.100.100.8/24 dev eth0")
        lab.daemon(firewall_backend=backend).start()
        assert ControlPoint(lab.lan1, LAN1).add("UDP", GAME + 1, GAME).ok
        assert ControlPoint(lab.lan2, LAN2).add("UDP", GAME + 2, GAME).ok
        with (
            Internet(lab.wan, socket.SOCK_DGRAM) as server,
            Internet(lab.wan, socket.SOCK_DGRAM, "80.100.100.8") as exempt,
        ):
            assert exempt.sees(lab.lan1, GAME) == (LAN1, GAME)
            assert server.sees(lab.lan1, GAME) == (ROUTER_WAN, GAME + 1)
            assert server.sees(lab.lan2, GAME) == (SECOND_WAN, GAME)
