# SPDX-License-Identifier: GPL-2.0-or-later
"""One account per host: over every way in, from each of its addresses, and wherever it turns up again."""

import struct
import time

import pytest

from conftest import BACKENDS
from lab import (LAN1, LAN1_6, LAN2, LAN2_6, ROUTER_LAN, ROUTER_LAN6, WAN_HOST, WAN_HOST6, ControlPoint, Lab,
                 PortControlClient, rules, wait_until)
from lab.control_point import WAN_IP2
from lab.frames import Forger, Solicitations
from lab.port_control import (NONCE, PREFER_FAILURE, SUCCESS, TCP, THIRD_PARTY, UDP, USER_EX_QUOTA, PcpReply,
                              option, wire)

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
            host.run("ping", "-6", "-c", "1", "-W", "2", ROUTER_LAN6)
        yield own


# -- quotas -------------------------------------------------------------------------------------------


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
        return {"AddPortMapping": 728, "AddAnyPortMapping": 728, "AddPinhole": 701, "NAT-PMP": 4,
                "MAP": USER_EX_QUOTA, "MAP of IPv6": USER_EX_QUOTA, "PEER": USER_EX_QUOTA,
                "PEER of IPv6": USER_EX_QUOTA}

    def ask(self, way):
        self.port += 1
        port = self.port
        return {"AddPortMapping": lambda: self.point.add("UDP", port),
                "AddAnyPortMapping": lambda: self.point.add_any("UDP", port),
                "AddPinhole": lambda: self.point.pinhole(LAN1_6, port, UDP),
                "NAT-PMP": lambda: self.four.pmp_map(UDP, port),
                "MAP": lambda: self.four.map(UDP, port),
                "MAP of IPv6": lambda: self.six.map(UDP, port),
                "PEER": lambda: self.four.peer(UDP, port, WAN_HOST, 4000),
                "PEER of IPv6": lambda: self.six.peer(UDP, port, WAN_HOST6, 4000)}[way]().code


@pytest.mark.parametrize("granted", [
    ["AddPortMapping", "AddPinhole", "NAT-PMP", "MAP", "MAP of IPv6"],
    ["PEER", "PEER of IPv6", "AddAnyPortMapping", "PEER of IPv6", "PEER"],
    ["AddPinhole"] * 5, ["PEER of IPv6"] * 5, ["MAP of IPv6"] * 5, ["NAT-PMP"] * 5], ids=lambda ways: ways[0])
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
    """The codes of a MAP that is the first packet that each address sends: nobody has asked whose it is."""
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
    for address in addresses:
        with PortControlClient(lab.lan1, address, ROUTER_LAN, timeout=2) as client:
            codes.append(client.map(UDP, 5000).code)
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


# -- hosts that are not there -------------------------------------------------------------------------


def pmp_packet(port, lifetime=7200):
    return struct.pack("!BBHHHI", 0, 1, 0, port, 0, lifetime)


def flood(lab, sources=200, ports=6):
    """In the name of hosts that do not exist, more than there may be in all."""
    with Forger(lab, lab.lan1) as forger:
        for port in range(5000, 5000 + ports):
            for number in range(sources):
                forger.send(f"192.168.50.{30 + number}", pmp_packet(port))
            time.sleep(0.2)  # the pace of a flood, so that the socket's buffer drops nothing


def of_strangers(lab):
    return [entry for entry in rules.translations(lab.router) if entry[2] not in (LAN1, LAN2)]


def test_forged_sources_do_not_fill_the_table(lab):
    """1,200 of them, when 1,024 are all: a host that is there gets its own nevertheless"""
    lab.daemon(debug_mode=1).start()
    flood(lab)
    other = point_of(lab.lan2, LAN2, wan_ip=WAN_IP2)
    with PortControlClient(lab.lan2, LAN2, ROUTER_LAN, timeout=5) as client:
        codes = [client.pmp_map(UDP, 5001).code, client.map(UDP, 5002).code, other.add("TCP", 40001).code]
    assert codes == [0, SUCCESS, 0]
    assert other.pinhole(LAN2_6, 5003).ok


def test_what_forged_sources_were_granted_ends(lab):
    """Although its lease goes on; that of a host that is there stays"""
    daemon = lab.daemon(firewall_backend="nftables", absent_host_timeout=10).start()
    assert point_of(lab.lan2, LAN2).add("TCP", 40001).ok
    flood(lab, sources=20, ports=2)
    wait_until(lambda: of_strangers(lab), 5, f"what strangers are granted\n{daemon.log[-4000:]}")
    wait_until(lambda: not of_strangers(lab), 60, f"its end\n{daemon.log[-4000:]}")
    assert [entry[2] for entry in rules.translations(lab.router)] == [LAN2]


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_an_absent_host_has_ends(lab, backend):
    """absent_host_timeout: although its lease goes on; a silent host that is there keeps its own"""
    daemon = lab.daemon(firewall_backend=backend, absent_host_timeout=10).start()
    for host, four, six in (lab.lan1, LAN1, LAN1_6), (lab.lan2, LAN2, LAN2_6):
        point = point_of(host, four)
        assert point.add("TCP", 40000 + int(four[-2:]), 5000, LeaseDuration=0).ok
        assert point.pinhole(six, 5000, TCP).ok
        with PortControlClient(host, four, ROUTER_LAN) as client:
            assert client.map(UDP, 5000).code == SUCCESS
            assert client.peer(UDP, 6000, WAN_HOST, 4000).code == SUCCESS
        with PortControlClient(host, six, ROUTER_LAN6) as client:
            assert client.ready().map(UDP, 5000).code == SUCCESS
    lab.lan1.ip("link set eth0 down")

    def clients():
        mapped = {entry[2] for entry in rules.translations(lab.router)}
        return mapped | {entry[0] for entry in rules.pinholes(lab.router)}
    assert clients() == {LAN1, LAN1_6, LAN2, LAN2_6}, "not at once"
    wait_until(lambda: not clients() & {LAN1, LAN1_6}, 60, f"the end of what it had\n{daemon.log[-4000:]}")
    assert clients() == {LAN2, LAN2_6}
    assert len(rules.translations(lab.router)) == 2 and len(rules.pinholes(lab.router)) == 2
    assert LAN1 not in daemon.ctl("list").stdout and LAN2 in daemon.ctl("list").stdout
    assert LAN1_6 not in daemon.ctl("list").stdout


def test_a_host_that_comes_back_in_time_keeps_what_it_has(lab):
    daemon = lab.daemon(absent_host_timeout=20).start()
    lab.echo(lab.lan1, 5000)
    assert point_of(lab.lan1, LAN1).add("TCP", 40001, 5000).ok

    def looked_for_in_vain():
        lab.reaches("TCP", 40001, timeout=0.1)
        return "FAILED" in lab.router.run("ip", "neigh", "show", LAN1).stdout
    for _ in range(3):
        lab.lan1.ip("link set eth0 down")
        wait_until(looked_for_in_vain, 15, "the kernel to find it gone")
        lab.lan1.ip("link set eth0 up", f"route replace default via {ROUTER_LAN}")
        wait_until(lambda: lab.reaches("TCP", 40001), 10, f"the host at its mapping\n{daemon.log[-4000:]}")


@pytest.mark.parametrize("value, good", [("never", True), ("10", True), ("24:00", True), ("soon", False)])
def test_how_long_a_host_may_be_away(lab, value, good):
    daemon = lab.daemon(absent_host_timeout=value)
    checked = daemon.check()
    assert (checked.returncode == 0) == good, checked.stderr
    assert good or f"{daemon.line_of('absent_host_timeout')}: error" in checked.stderr


# -- a host that comes back elsewhere -----------------------------------------------------------------


def move(lab):
    """The first host gets another address, as it does by DHCP and by renumbering."""
    lab.lan1.ip(f"addr del {LAN1}/24 dev eth0", f"addr add {MOVED}/24 brd + dev eth0",
                f"route replace default via {ROUTER_LAN}",
                f"addr del {LAN1_6}/64 dev eth0", f"addr add {MOVED6}/64 dev eth0 nodad")


def only(lab, kind, client):
    """One translation, to that client, and packets take it."""
    assert rules.translations(lab.router) == [(kind.lower(), 40001, client, 5000)]
    assert lab.reaches(kind, 40001)


def test_with_another_address_upnp_gives_a_host_its_port_again(lab):
    lab.echo(lab.lan1, 5000)
    lab.daemon(firewall_backend="nftables").start()
    assert point_of(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    only(lab, "TCP", LAN1)
    move(lab)
    point = point_of(lab.lan1, MOVED)
    assert point.add("TCP", 40001, 5000).ok
    only(lab, "TCP", MOVED)
    assert [entry["NewInternalClient"] for entry in point.listing()] == [MOVED]


@pytest.mark.parametrize("face", ["nat-pmp", "pcp", "pcp exactly"])
def test_with_another_address_a_host_gets_the_port_that_it_suggests(lab, face):
    lab.echo(lab.lan1, 5000)
    lab.daemon(firewall_backend="nftables").start()

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


def test_another_host_does_not_get_it(lab):
    """Another hardware address at another address: the port is taken"""
    lab.daemon().start()
    assert point_of(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    assert point_of(lab.lan2, LAN2).add("TCP", 40001, 5000).code == 718
    with PortControlClient(lab.lan2, LAN2, ROUTER_LAN) as client:
        assert client.pmp_map(TCP, 5000, 40001).external not in (0, 40001)


# -- what looking for hosts costs ---------------------------------------------------------------------

SILENT = [f"2a0a:200::5:{number:x}" for number in range(500)]


def test_nobody_is_asked_for_each_opening():
    """500 pinholes of hosts that do not answer: one request more asks for none of them"""
    with Lab() as lab:
        lab.add_ipv6()
        lab.daemon(allow_third_party="yes", mappings_per_client=2000, mappings_total=4000, debug_mode=1,
                   port_requests_per_client=50000).start()
        with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6, timeout=5) as client, \
                Solicitations(lab.router, "br-lan") as asked:
            client.ready()
            for address in SILENT:
                granted = client.map(UDP, 5000, options=option(THIRD_PARTY, wire(address)))
                assert granted.code == SUCCESS
            quiet_for(asked, 2.5, 60)
            assert client.map(UDP, 6000).code == SUCCESS
            begin, heard = time.monotonic(), []
            while time.monotonic() < begin + 1.5:
                heard += asked.heard()
                time.sleep(0.05)
            looked_for = {target for target in heard if target in SILENT}
            assert len(looked_for) < 50, f"{len(looked_for)} of {len(SILENT)}"


def quiet_for(asked, seconds, timeout):
    """Until nobody has been looked for in so many seconds: the kernel asks three times by itself."""
    last = [time.monotonic()]

    def quiet():
        if asked.heard():
            last[0] = time.monotonic()
        return time.monotonic() - last[0] > seconds
    wait_until(quiet, timeout, "an end of the solicitations")
