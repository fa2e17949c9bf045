# SPDX-License-Identifier: GPL-2.0-or-later
"""One account per host: over every way in, from each of its addresses, and wherever it turns up
again."""

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    LAN2_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    WAN_HOST,
    WAN_HOST6,
    ControlPoint,
    Lab,
    PortControlClient,
    rules,
)
from lab.control_point import WAN_IP2
from lab.port_control import (
    NONCE,
    PREFER_FAILURE,
    SUCCESS,
    TCP,
    UDP,
    USER_EX_QUOTA,
    PcpReply,
    option,
)

QUOTA = 5
MOVED = "192.168.50.20"  # where the first host turns up again
MOVED6 = "2a0a:200::20"


def point_of(host, own, **version):
    return ControlPoint(host, own, **version)


@pytest.fixture
def lab():
    with Lab(forward="nft-drop") as own:
        own.add_ipv6()
        for host in own.lan1, own.lan2:
            host.ping(ROUTER_LAN6)
        yield own


# -- quotas ----------------------------------------------------------------------------------------


class Ways:
    """Each way to ask for one opening more, and the code when there is no room."""

    def __init__(self, lab):
        self.point = point_of(lab.lan1, LAN1, wan_ip=WAN_IP2)
        self.four = PortControlClient(lab.lan1, LAN1, ROUTER_LAN).ready()
        self.six = PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6).ready()
        self.port = 5000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.four.close()
        self.six.close()

    def all(self):
        return {
            "AddPortMapping": 728,
            "AddAnyPortMapping": 728,
            "AddPinhole": 701,
            "NAT-PMP": 4,
            "MAP": USER_EX_QUOTA,
            "MAP of IPv6": USER_EX_QUOTA,
            "PEER": USER_EX_QUOTA,
            "PEER of IPv6": USER_EX_QUOTA,
        }

    def ask(self, way):
        self.port += 1
        port = self.port
        return {
            "AddPortMapping": lambda: self.point.add("UDP", port),
            "AddAnyPortMapping": lambda: self.point.add_any("UDP", port),
            "AddPinhole": lambda: self.point.pinhole(LAN1_6, port, UDP),
            "NAT-PMP": lambda: self.four.pmp_map(UDP, port),
            "MAP": lambda: self.four.map(UDP, port),
            "MAP of IPv6": lambda: self.six.map(UDP, port),
            "PEER": lambda: self.four.peer(UDP, port, WAN_HOST, 4000),
            "PEER of IPv6": lambda: self.six.peer(UDP, port, WAN_HOST6, 4000),
        }[way]().code


@pytest.mark.parametrize(
    "granted",
    [
        ["AddPortMapping", "AddPinhole", "NAT-PMP", "MAP", "MAP of IPv6"],
        ["PEER", "PEER of IPv6", "AddAnyPortMapping", "PEER of IPv6", "PEER"],
        ["AddPinhole"] * 5,
        ["PEER of IPv6"] * 5,
        ["MAP of IPv6"] * 5,
        ["NAT-PMP"] * 5,
    ],
    ids=lambda ways: ways[0],
)
def test_one_quota_over_every_way_in(lab, granted):
    lab.daemon(mappings_per_client=QUOTA).start()
    with Ways(lab) as ways:
        for way in granted:
            assert ways.ask(way) == 0, way
        assert {way: ways.ask(way) for way in ways.all()} == ways.all()
        other = point_of(lab.lan2, LAN2)
        assert other.add("UDP", 6000).ok and other.pinhole(LAN2_6, 6000).ok


def test_what_ends_by_one_way_makes_room_for_another(lab):
    lab.daemon(mappings_per_client=1).start()
    with Ways(lab) as ways:
        number = ways.point.pinhole(LAN1_6, 5000, UDP)["UniqueID"]
        assert ways.ask("MAP") == USER_EX_QUOTA
        assert ways.point.of_pinhole("DeletePinhole", number).ok
        assert ways.four.map(UDP, 5000).code == SUCCESS
        assert ways.four.map(UDP, 5000, 7200).code == SUCCESS, "a renewal needs no room"
        assert ways.ask("AddPinhole") == 701
        assert ways.four.unmap(UDP, 5000).code == SUCCESS
        assert ways.ask("AddPinhole") == 0


def first_words(lab, addresses):
    """The codes of a MAP that is the first packet that each address sends: nobody has asked whose
    it is."""
    with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as client:
        client.ready()
    codes = []
    for address in addresses:
        lab.lan1.ip(f"addr add {address}/64 dev eth0 nodad")
        with PortControlClient(lab.lan1, address, ROUTER_LAN6, timeout=2) as client:
            packet = client.map_packet(UDP, 5000)
            codes.append(PcpReply(client.ask(packet) or client.insist(packet)).code)
    return codes


def test_one_quota_however_many_addresses_a_host_takes(lab):
    """PCP-Spoof-06: of IPv6, and none of them has spoken before it asks"""
    lab.daemon(mappings_per_client=QUOTA).start()
    codes = first_words(lab, [f"2a0a:200::b:{number:x}" for number in range(1, 21)])
    assert codes.count(SUCCESS) == QUOTA and codes.count(USER_EX_QUOTA) == 20 - QUOTA
    assert codes[:QUOTA] == [SUCCESS] * QUOTA
    assert len(rules.pinholes(lab.router)) == QUOTA


def test_one_quota_however_many_addresses_of_ipv4_a_host_takes(lab):
    lab.daemon(mappings_per_client=QUOTA).start()
    addresses = [f"192.168.50.{number}" for number in range(100, 110)]
    lab.lan1.ip(*(f"addr add {address}/24 dev eth0" for address in addresses))
    codes = []
    for port, address in enumerate(addresses, 5000):  # one port would move from address to address
        with PortControlClient(lab.lan1, address, ROUTER_LAN, timeout=2) as client:
            codes.append(client.map(UDP, port).code)
    assert codes == [SUCCESS] * QUOTA + [USER_EX_QUOTA] * (10 - QUOTA)


def test_what_a_host_owns_it_owns_after_a_restart(lab):
    daemon = lab.daemon(mappings_per_client=3).start()
    with Ways(lab) as ways:
        for way in "MAP of IPv6", "MAP", "AddPinhole":
            assert ways.ask(way) == 0
        assert daemon.stop() == 0
        lab.router.run("ip", "neigh", "flush", "dev", "br-lan")
        lab.router.run("ip", "-6", "neigh", "flush", "dev", "br-lan")
        daemon.start()
        ways.six.ready()
        assert {way: ways.ask(way) for way in ways.all()} == ways.all()


# -- a host that comes back elsewhere --------------------------------------------------------------


def move(lab):
    """The first host gets another address, as it does by DHCP and by renumbering."""
    lab.lan1.ip(
        f"addr del {LAN1}/24 dev eth0",
        f"addr add {MOVED}/24 brd + dev eth0",
        f"route replace default via {ROUTER_LAN}",
        f"addr del {LAN1_6}/64 dev eth0",
        f"addr add {MOVED6}/64 dev eth0 nodad",
    )


def only(lab, kind, client):
    """One translation, to that client, and packets take it."""
    assert rules.translations(lab.router) == [(kind.lower(), 40001, client, 5000)]
    assert lab.reaches(kind, 40001)


@pytest.mark.parametrize("backend", BACKENDS)
def test_with_another_address_upnp_gives_a_host_its_port_again(lab, backend):
    lab.echo(lab.lan1, 5000)
    lab.daemon(firewall_backend=backend).start()
    assert point_of(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    only(lab, "TCP", LAN1)
    move(lab)
    point = point_of(lab.lan1, MOVED)
    assert point.add("TCP", 40001, 5000).ok
    only(lab, "TCP", MOVED)
    assert [entry["NewInternalClient"] for entry in point.listing()] == [MOVED]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("face", ["nat-pmp", "pcp", "pcp exactly"])
def test_with_another_address_a_host_gets_the_port_that_it_suggests(lab, face, backend):
    lab.echo(lab.lan1, 5000)
    lab.daemon(firewall_backend=backend).start()

    def ask(client):
        if face == "nat-pmp":
            return client.pmp_map(UDP, 5000, 40001)
        options = option(PREFER_FAILURE) if face == "pcp exactly" else b""
        return client.map(UDP, 5000, external=40001, options=options, nonce=NONCE)

    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert ask(client).external == 40001
    only(lab, "UDP", LAN1)
    move(lab)
    with PortControlClient(lab.lan1, MOVED, ROUTER_LAN) as client:
        again = ask(client)
        assert (again.code, again.external) == (SUCCESS, 40001)
    only(lab, "UDP", MOVED)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("face", ["nat-pmp", "pcp"])
def test_with_another_address_a_host_that_suggests_no_port_gets_its_own(lab, face, backend):
    """After a restart it remembers nothing but its own port"""
    lab.echo(lab.lan1, 5000)
    lab.daemon(firewall_backend=backend).start()

    def ask(client, suggested):
        if face == "nat-pmp":
            return client.pmp_map(UDP, 5000, suggested)
        return client.map(UDP, 5000, external=suggested, nonce=NONCE if suggested else NONCE[::-1])

    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert ask(client, 40001).external == 40001
    move(lab)
    with PortControlClient(lab.lan1, MOVED, ROUTER_LAN) as client:
        again = ask(client, 0)
        assert (again.code, again.external) == (SUCCESS, 40001)
    only(lab, "UDP", MOVED)


def test_another_host_does_not_get_it(lab):
    """Another hardware address at another address: the port is taken"""
    lab.daemon().start()
    assert point_of(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    assert point_of(lab.lan2, LAN2).add("TCP", 40001, 5000).code == 718
    with PortControlClient(lab.lan2, LAN2, ROUTER_LAN) as client:
        assert client.pmp_map(TCP, 5000, 40001).external not in (0, 40001)
