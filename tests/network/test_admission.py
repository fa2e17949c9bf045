# SPDX-License-Identifier: GPL-2.0-or-later
"""Every way in is judged alike: UPnP, NAT-PMP and PCP, mappings, pinholes and PEER, renewals
too."""

import socket

import pytest

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
from lab.frames import hardware_address
from lab.port_control import (
    NOT_AUTHORIZED,
    SUCCESS,
    TCP,
    THIRD_PARTY,
    UDP,
    UNSUPP_OPTION,
    option,
    wire,
)

DENY_ALL = "deny 0-65535 any 0-65535"
FILTER = """table inet admin {{
    chain forward {{
        type filter hook forward priority filter; policy accept;
        ct state established,related accept
        ip saddr {address} drop
        ip6 saddr {address6} drop
    }}
}}
"""


@pytest.fixture
def lab():
    """Behind a firewall that lets nothing in; the router knows both addresses of either host."""
    with Lab(forward="nft-drop") as own:
        yield known(own)


def known(lab):
    lab.add_ipv6()
    for host in lab.lan1, lab.lan2:
        host.ping(ROUTER_LAN6)
        host.ping(ROUTER_LAN)
    return lab


def points(lab):
    return ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2), ControlPoint(
        lab.lan2, LAN2, wan_ip=WAN_IP2
    )


def pcp(host, own):
    return PortControlClient(host, own, ROUTER_LAN6 if ":" in own else ROUTER_LAN).ready()


def answers(point, four, six, port):
    """The code of each way to ask for that port of the first host."""
    return {
        "AddPortMapping": point.add("UDP", 40000 + port, port).code,
        "AddAnyPortMapping": point.add_any("UDP", 40000 + port, port).code,
        "AddPinhole": point.pinhole(LAN1_6, port, UDP).code,
        "NAT-PMP": four.pmp_map(UDP, port, 40000 + port).code,
        "MAP": four.map(UDP, port).code,
        "MAP of IPv6": six.map(UDP, port).code,
        "PEER": four.peer(UDP, port, WAN_HOST, 4000).code,
        "PEER of IPv6": six.peer(UDP, port, WAN_HOST6, 4000).code,
    }


REFUSED = {
    "AddPortMapping": 606,
    "AddAnyPortMapping": 606,
    "AddPinhole": 606,
    "NAT-PMP": 2,
    "MAP": NOT_AUTHORIZED,
    "MAP of IPv6": NOT_AUTHORIZED,
    "PEER": NOT_AUTHORIZED,
    "PEER of IPv6": NOT_AUTHORIZED,
}


@pytest.mark.parametrize("port", [9, 22, 53, 5000])
def test_a_line_that_denies_everything_denies_every_way_in(lab, port):
    lab.daemon(lines=[DENY_ALL]).start()
    point, _ = points(lab)
    with pcp(lab.lan1, LAN1) as four, pcp(lab.lan1, LAN1_6) as six:
        assert answers(point, four, six, port) == REFUSED
    assert rules.translations(lab.router) == [] and rules.pinholes(lab.router) == []


@pytest.mark.parametrize("port", [9, 22, 53, 1023])
def test_a_port_below_1024_needs_a_line_whatever_the_way(lab, port):
    """IGD-6FC-18, IGD-Access-05"""
    daemon = lab.daemon().start()
    point, _ = points(lab)
    with pcp(lab.lan1, LAN1) as four, pcp(lab.lan1, LAN1_6) as six:
        assert answers(point, four, six, port) == REFUSED
        daemon.read_again([f"allow 0-65535 any {port}"])
        assert set(answers(point, four, six, port).values()) == {0}


@pytest.mark.parametrize("own, line", [(LAN1, "allow 1024-65535 any 9"), (LAN1_6, "allow 9 any 9")])
def test_the_discard_port_is_mapped_when_the_answer_says_so(lab, own, line):
    daemon = lab.daemon().start()
    lab.echo(lab.lan1, 9, socket.AF_INET6 if ":" in own else socket.AF_INET)
    with pcp(lab.lan1, own) as client:
        assert client.map(UDP, 9).code == NOT_AUTHORIZED
        daemon.read_again([line])
        reply = client.map(UDP, 9)
        assert (reply.code, reply.lifetime) == (SUCCESS, 3600)
        assert lab.reaches("UDP", reply.external, reply.address)
        assert client.unmap(UDP, 9).code == SUCCESS
        assert not lab.reaches("UDP", reply.external, reply.address)


@pytest.mark.parametrize("own, remote", [(LAN1, WAN_HOST), (LAN1_6, WAN_HOST6)])
def test_peer_is_no_way_around_a_firewall(own, remote):
    """A host that the administrator keeps off the Internet, behind a rule for what is
    established"""
    with Lab() as lab:
        known(lab).router.run("nft", "-f", "-", input=FILTER.format(address=LAN1, address6=LAN1_6))
        lab.daemon(lines=[f"deny 0-65535 {own} 0-65535"]).start()
        family = socket.AF_INET6 if ":" in own else socket.AF_INET
        with (
            pcp(lab.lan1, own) as client,
            lab.wan.socket(family, socket.SOCK_DGRAM) as outside,
            lab.lan1.socket(family, socket.SOCK_DGRAM) as inside,
        ):
            outside.bind((remote, 0))
            outside.settimeout(0.5)
            inside.bind((own, 6000))
            port = outside.getsockname()[1]
            assert client.peer(UDP, 6000, remote, port).code == NOT_AUTHORIZED
            inside.sendto(b"out", (remote, port))
            with pytest.raises(TimeoutError):
                outside.recv(99)
            version = "ipv6" if ":" in own else "ipv4"
            flows = lab.router.run("conntrack", "-L", "-f", version).stdout
            assert f"sport=6000 dport={port}" not in flows


SECOND6 = "2a0a:200::1:0:0:10"  # another address of the first host, alone in its /80


@pytest.mark.parametrize(
    "named, address",
    [(LAN1_6, LAN1_6), ("2a0a:200:0:0:1::/80", SECOND6), ("mac", LAN1_6), (LAN1, LAN1_6)],
)
def test_whom_a_line_names(lab, named, address):
    """By an address or prefix of IPv6, by hardware address, or by the IPv4 address of the host"""
    lab.lan1.ip(f"addr add {SECOND6}/64 dev eth0 nodad")
    client = f"mac:{hardware_address(lab.lan1)}" if named == "mac" else named
    lab.daemon(lines=[f"allow 22 {client} 22 tcp", f"deny 5000 {client} 5000"]).start()
    lab.echo(lab.lan1, 22, socket.AF_INET6)
    one, two = points(lab)
    with pcp(lab.lan1, address) as first, pcp(lab.lan2, LAN2_6) as second:
        opened = one.pinhole(address, 22, TCP)
        assert opened.ok and lab.reaches("TCP", 22, address)
        assert one.of_pinhole("DeletePinhole", opened["UniqueID"]).ok
        assert not lab.reaches("TCP", 22, address)
        assert first.map(TCP, 22).code == SUCCESS and lab.reaches("TCP", 22, address)
        assert (
            one.pinhole(address, 22, UDP).code == 606 and first.map(UDP, 22).code == NOT_AUTHORIZED
        )
        assert one.pinhole(address, 5000, TCP).code == 606
        assert first.map(UDP, 5000).code == NOT_AUTHORIZED
        assert first.peer(UDP, 5000, WAN_HOST6, 4000).code == NOT_AUTHORIZED
        assert first.map(UDP, 5001).code == SUCCESS
        assert (
            two.pinhole(LAN2_6, 22, TCP).code == 606 and second.map(TCP, 22).code == NOT_AUTHORIZED
        )
        assert two.pinhole(LAN2_6, 5000, TCP).ok and second.map(UDP, 5000).code == SUCCESS


def test_the_log_names_the_line_that_refused_a_pinhole(lab):
    daemon = lab.daemon(lines=[f"deny 5000 {LAN1_6} 5000"]).start()
    point, _ = points(lab)
    assert point.pinhole(LAN1_6, 5000, UDP).code == 606
    daemon.wait_for_log(f"denied by {daemon.line_of('deny 5000')}")


# -- for other hosts -------------------------------------------------------------------------------


def named_host(address):
    return option(THIRD_PARTY, wire(address))


def test_for_whom_one_may_ask_is_not_which_ports(lab):
    daemon = lab.daemon(allow_third_party="yes").start()
    lab.echo(lab.lan2, 22, socket.AF_INET6)
    one, _ = points(lab)
    with pcp(lab.lan1, LAN1_6) as client:
        assert one.pinhole(LAN2_6, 22, TCP).code == 606
        assert client.map(TCP, 22, options=named_host(LAN2_6)).code == NOT_AUTHORIZED
        assert one.pinhole(LAN2_6, 5000, TCP).ok and not lab.reaches("TCP", 22, LAN2_6)
        daemon.read_again(["allow 22 any 22 tcp"], allow_third_party="yes")
        opened = one.pinhole(LAN2_6, 22, TCP)
        assert opened.ok and lab.reaches("TCP", 22, LAN2_6)
        assert one.of_pinhole("DeletePinhole", opened["UniqueID"]).ok
        assert not lab.reaches("TCP", 22, LAN2_6)
        assert client.map(TCP, 22, options=named_host(LAN2_6)).code == SUCCESS
        assert lab.reaches("TCP", 22, LAN2_6)


def test_who_may_ask_for_others_is_one_list_for_all_protocols(lab):
    """Its entries are addresses and prefixes of both families"""
    lab.daemon(allow_third_party=f"{LAN1}, 2a0a:200::10/128").start()
    one, two = points(lab)
    assert one.add("TCP", 40001, 5000, client=LAN2).ok
    assert two.add("TCP", 40002, 5000, client=LAN1).code == 606
    assert one.pinhole(LAN2_6, 5000).ok and two.pinhole(LAN1_6, 5000).code == 606
    for host, own, other, code in (
        (lab.lan1, LAN1, LAN2, SUCCESS),
        (lab.lan2, LAN2, LAN1, UNSUPP_OPTION),
        (lab.lan1, LAN1_6, LAN2_6, SUCCESS),
        (lab.lan2, LAN2_6, LAN1_6, UNSUPP_OPTION),
    ):
        with pcp(host, own) as client:
            assert client.map(UDP, 5001, options=named_host(other)).code == code, own


def test_a_host_may_ask_from_one_of_its_addresses_for_another(lab):
    """From a temporary address for the stable one, whose owner the router does not know yet"""
    temporary = "2a0a:200::aaaa"
    daemon = lab.daemon().start()
    lab.lan1.ip(
        f"addr change {LAN1_6}/64 dev eth0 preferred_lft 0 nodad",
        f"addr add {temporary}/64 dev eth0 nodad",
    )
    port = ControlPoint(lab.lan1, LAN1).port
    lab.router.run("ip", "-6", "neigh", "flush", "dev", "br-lan")
    point = ControlPoint(lab.lan1, temporary, f"http://[{ROUTER_LAN6}]:{port}/rootDesc2.xml")
    opened = point.pinhole(LAN1_6, 5000, UDP)
    assert opened.ok, (opened, daemon.log[-2000:])
    assert point.pinhole(LAN2_6, 5000, UDP).code == 606


def test_the_mappings_of_others_hide_none_of_ones_own(lab):
    lab.daemon(list_mappings="own").start()
    one, two = points(lab)
    assert two.add("TCP", 5000).ok and one.add("TCP", 5001).ok
    assert two.add("TCP", 5002).ok and one.add("TCP", 5003).ok
    for point, ports in (one, ["5001", "5003"]), (two, ["5000", "5002"]):
        assert [point.entry(index)["NewExternalPort"] for index in (0, 1)] == ports
        old = ControlPoint(point.host, point.own, point.location)
        assert [entry["NewExternalPort"] for entry in old.listing()] == ports


# -- renewals and reloads --------------------------------------------------------------------------


def test_a_renewal_is_judged_as_well(lab):
    """The address has gone to a host that may map nothing, and that host renews what it finds
    there"""
    mac = hardware_address(lab.lan2)
    lab.daemon(lines=[f"deny 0-65535 mac:{mac} 0-65535"]).start()
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.pmp_map(UDP, 5000, 40001, 300).code == 0
        assert client.map(UDP, 5001, 300).code == SUCCESS
    lab.lan1.ip(f"addr del {LAN1}/24 dev eth0")
    lab.lan2.ip(f"addr replace {LAN1}/24 dev eth0")
    lab.router.ip(f"neigh replace {LAN1} lladdr {mac} dev br-lan nud reachable")
    with PortControlClient(lab.lan2, LAN1, ROUTER_LAN) as client:
        assert client.pmp_map(UDP, 5000, 40001, 7200).code == 2
        assert client.map(UDP, 5001, 7200).code == NOT_AUTHORIZED


def test_a_reload_names_the_reason_of_each(lab):
    daemon = lab.daemon().start()
    point, _ = points(lab)
    kinds = {
        5000: f"deny 5000 {LAN1_6} 5000",
        5001: "deny 5001 any 5001",
        5002: f"deny 5002 {LAN1} 5002",
    }
    with pcp(lab.lan1, LAN1_6) as client:
        for port in kinds:
            assert point.pinhole(LAN1_6, port, TCP).ok and client.map(UDP, port).code == SUCCESS
    daemon.read_again([*kinds.values()])
    assert rules.pinholes(lab.router) == []
    for port, line in kinds.items():
        for kind in "tcp", "udp":
            told = [
                text
                for text in daemon.log.splitlines()
                if f"{LAN1_6}]:{port}" in text and kind in text and daemon.line_of(line) in text
            ]
            assert len(told) == 1, (port, kind, daemon.log[-4000:])
