# SPDX-License-Identifier: GPL-2.0-or-later
"""NAT-PMP (RFC 6886) over the wire: sockets, packets, mappings that carry traffic, and their
end."""

import re
import struct

import pytest

from lab import LAN1, LAN2, ROUTER_LAN, ROUTER_WAN, PortControlClient, wait_until
from lab import rules
from lab.port_control import TCP, UDP

NAMES = {TCP: "TCP", UDP: "UDP"}


@pytest.fixture(scope="module")
def echo(shared_lab, shared_daemon):
    return shared_lab.echo(shared_lab.lan1, 5000), shared_lab.echo(shared_lab.lan2, 5000)


def test_who_listens_where(shared_lab, daemon):
    """PMP-Sock-01, 02: on the addresses of the LAN and bound to its interface, nothing on the WAN
    side (the client checks the source of every answer)"""
    listed = shared_lab.router.run("ss", "-Hlun").stdout
    bound = sorted(re.findall(r"(\S+):5351 ", listed))
    assert f"{ROUTER_LAN}%br-lan" in bound
    assert all(address.endswith(("%br-lan", "%br-lan]")) for address in bound), bound
    assert not any(ROUTER_WAN in address for address in bound)


def test_the_external_address(ports):
    """NATPMP-Addr-01, NATPMP-Fmt-06, PMP-Sock-06"""
    reply = ports.external_address()
    assert (len(reply.raw), reply.version, reply.opcode, reply.code, reply.address) == (
        12,
        0,
        128,
        0,
        ROUTER_WAN,
    )


@pytest.mark.parametrize("protocol", NAMES)
def test_there_and_back_until_deleted(shared_lab, echo, ports, protocol):
    """NATPMP-Map-01, 03, NATPMP-Del-01, 02, 03"""
    name, another = NAMES[protocol], NAMES[TCP + UDP - protocol]
    reply = ports.pmp_map(protocol, 5000, 40001, 7200)
    assert (len(reply.raw), reply.code, reply.port, reply.external, reply.lifetime) == (
        16,
        0,
        5000,
        40001,
        7200,
    )
    assert shared_lab.reaches(name, 40001) and not shared_lab.reaches(another, 40001)
    for external in 0, 4711:  # a second time there is nothing, and the answer is the same
        gone = ports.pmp_unmap(protocol, 5000, external)
        assert (len(gone.raw), gone.code, gone.port, gone.external, gone.lifetime) == (
            16,
            0,
            5000,
            0,
            0,
        )
        assert not shared_lab.reaches(name, 40001)


def test_only_for_oneself(ports, other_ports, point):
    """NATPMP-Map-02, NATPMP-Del-08: the internal address is the packet's source"""
    assert ports.pmp_map(UDP, 5000, 40001).external == 40001
    assert point.specific("UDP", 40001)["NewInternalClient"] == LAN1
    assert other_ports.pmp_unmap(UDP, 5000).code == 0
    assert point.specific("UDP", 40001).ok


@pytest.mark.parametrize(
    "asked, granted",
    [(1, 1), (60, 60), (7200, 7200), (86400, 86400), (86401, 86400), (4294967295, 86400)],
)
def test_lifetimes(ports, asked, granted):
    """NATPMP-Map-04, 05: never more than asked for, never more than the ceiling"""
    assert ports.pmp_map(UDP, 5001, 0, asked).lifetime == granted


def test_the_router_picks_a_port(ports, other_ports):
    """NATPMP-Map-06, 07, 13, 18"""
    assert ports.pmp_map(UDP, 5000).external >= 1024
    assert ports.pmp_map(TCP, 6000, 40001).external == 40001
    taken = other_ports.pmp_map(TCP, 6000, 40001)
    assert taken.code == 0 and taken.external not in (0, 40001)
    for suggested in 80, 1023, 1900, 5350, 5351, 49152:
        reply = ports.pmp_map(TCP, 7000 + suggested % 1000, suggested)
        assert reply.code == 0 and reply.external >= 1024
        assert reply.external not in (1900, 5350, 5351, 49152)


def test_the_same_endpoint_has_one_port(ports, point):
    """NATPMP-Map-09, 10: whatever is suggested later, and whoever made it"""
    assert ports.pmp_map(UDP, 5000, 40001, 60).external == 40001
    again = ports.pmp_map(UDP, 5000, 40002, 3600)
    assert (again.external, again.lifetime) == (40001, 3600)
    assert point.specific("UDP", 40002).code == 714
    assert point.add("TCP", 40003, 5003, LeaseDuration=1000).ok
    of_upnp = ports.pmp_map(TCP, 5003, 40004, 3600)
    assert (of_upnp.code, of_upnp.external) == (0, 40003) and 990 <= of_upnp.lifetime <= 1000
    assert ports.map(UDP, 5005, external=40005).external == 40005
    assert ports.pmp_map(UDP, 5005, 40006).external == 40005


def test_the_companion_port_is_kept(ports, other_ports, other):
    """NATPMP-Map-11, IGD-Map-03: UDP 8080 is for who has TCP 8080, and for nobody else"""
    assert ports.pmp_map(TCP, 8080, 8080).external == 8080
    assert other_ports.pmp_map(UDP, 8080, 8080).external != 8080
    assert other_ports.map(UDP, 8081, external=8080).external != 8080
    assert other.add("UDP", 8080).code == 718
    assert ports.pmp_map(UDP, 8080, 8080).external == 8080


def test_what_cannot_be_mapped(ports):
    """NATPMP-Map-12, NATPMP-Fmt-07, and internal ports that the policy keeps: result 2, nothing
    assigned"""
    for port, lifetime in (0, 3600), (22, 3600):
        reply = ports.pmp_map(TCP, port, 40001, lifetime)
        assert (len(reply.raw), reply.code, reply.port, reply.external, reply.lifetime) == (
            16,
            2,
            port,
            0,
            0,
        )


def test_retransmission(ports):
    """NATPMP-Map-15"""
    replies = {ports.pmp_map(UDP, 5000, 0, 3600).raw[8:12] for _ in range(9)}
    assert len(replies) == 1


def test_expiry(shared_lab, echo, ports, daemon):
    """NATPMP-Map-16"""
    assert ports.pmp_map(UDP, 5000, 40001, 1).code == 0
    assert shared_lab.reaches("UDP", 40001)
    wait_until(lambda: rules.count(shared_lab.router, "UDP", 40001) == 0, 3, "the end of the lease")
    assert not shared_lab.reaches("UDP", 40001)


def test_a_renewal_does_not_disturb_flows(shared_lab, echo, ports):
    """NATPMP-Map-17: a connection that began before goes on"""
    assert ports.pmp_map(UDP, 5000, 40001, 60).code == 0
    with shared_lab.wan.socket(2, 2) as flow:
        flow.settimeout(1)
        flow.connect((ROUTER_WAN, 40001))
        for lifetime in 60, 3600, 30:
            flow.send(b"still there?")
            assert flow.recv(99) == b"still there?"
            assert ports.pmp_map(UDP, 5000, 40001, lifetime).external == 40001


def test_delete_all_of_one_protocol(ports, other_ports, point):
    """NATPMP-Del-04: one's own, of that protocol, made by NAT-PMP"""
    for port in 5000, 5001:
        assert ports.pmp_map(UDP, port).code == 0 and ports.pmp_map(TCP, port).code == 0
    assert other_ports.pmp_map(UDP, 6000, 6000).code == 0
    assert point.add("UDP", 41000, 5002).ok
    gone = ports.pmp_map(UDP, 0, 0, 0)
    assert (gone.code, gone.port, gone.external, gone.lifetime) == (0, 0, 0, 0)
    left = {(entry["NewProtocol"], entry["NewInternalPort"]) for entry in point.listing()}
    assert left == {("TCP", "5000"), ("TCP", "5001"), ("UDP", "6000"), ("UDP", "5002")}


def test_what_others_made_stays(ports, point):
    """NATPMP-Del-06, 07: result 2 with the port that still leads there, and how long"""
    assert point.add("UDP", 40001, 5000, LeaseDuration=1000).ok
    assert ports.map(TCP, 5000, 2000, external=40002).code == 0
    for protocol, external, most in (UDP, 40001, 1000), (TCP, 40002, 2000):
        reply = ports.pmp_unmap(protocol, 5000)
        assert (reply.code, reply.port, reply.external) == (2, 5000, external)
        assert most - 10 <= reply.lifetime <= most
        assert point.specific(NAMES[protocol], external).ok


def test_packets_that_are_read_leniently(ports):
    """NATPMP-Fmt-01, 04"""
    assert ports.pmp_map(UDP, 5000, 40001, 60, reserved=0xFFFF).external == 40001
    reply = ports.pmp(struct.pack("!BBHHHI", 0, 1, 0, 5000, 0, 60) + b"behind")
    assert (len(reply.raw), reply.external) == (16, 40001)
    assert ports.pmp(b"\0\0behind").address == ROUTER_WAN


@pytest.mark.parametrize(
    "packet, answer",
    [
        (b"\0\x09\xaa\xbb\x01\x02", b"\0\x89\0\x05\x01\x02"),
        (b"\0\x09", b"\0\x89\0\x05"),
        (b"\0\x03\x01", b"\0\x83\0\x05"),
        (b"\0\x7f" + bytes(range(30)), b"\0\xff\0\x05" + bytes(range(2, 30))),
    ],
)
def test_opcodes_that_are_not_known(ports, packet, answer):
    """NATPMP-Fmt-05"""
    assert ports.ask(packet) == answer


def test_no_external_address(lab):
    """NATPMP-Addr-02, NATPMP-Map-14, NATPMP-Fmt-08, PCP-MAP-16, PCP-Order-18"""
    daemon = lab.daemon().start()
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports:
        lab.router.ip(f"addr del {ROUTER_WAN}/24 dev wan0")
        none = wait_until(
            lambda: (reply := ports.external_address()).code == 3 and reply,
            2,
            "the loss of the address",
        )
        assert (len(none.raw), none.address) == (12, "0.0.0.0")
        mapped = ports.pmp_map(UDP, 5000)
        assert (len(mapped.raw), mapped.code, mapped.port, mapped.external, mapped.lifetime) == (
            16,
            3,
            5000,
            0,
            0,
        )
        refused = ports.map(UDP, 5000)
        assert (refused.code, refused.lifetime) == (7, 30)
    assert daemon.lease_file.read_text(encoding="utf-8").count("\nopen") == 0, "nothing was mapped"


def test_a_private_address_can_be_hidden(lab):
    """NATPMP-Addr-03"""
    daemon = lab.daemon(nat_pmp_hide_private="yes").start()
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports:
        assert ports.external_address().address == ROUTER_WAN
        lab.router.ip(f"addr del {ROUTER_WAN}/24 dev wan0", "addr add 100.64.0.7/24 dev wan0")
        wait_until(
            lambda: ports.external_address().code == 3, 2, "the carrier's address to be hidden"
        )
    assert "100.64.0.7" in daemon.log


def test_the_administrators_mappings_stay(lab):
    """NATPMP-Del-05, PCP-MAP-14, PCP-Del-08"""
    lab.daemon(lines=[f"mapping = udp 41000 {LAN1}:5000 the phone"]).start()
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports:
        for port in 5001, 5002:
            assert ports.pmp_map(UDP, port).code == 0
        assert ports.pmp_map(UDP, 5000).external == 41000
        assert ports.pmp_map(UDP, 0, 0, 0).code == 2
        static = ports.map(UDP, 5000, external=41001, nonce=b"any will do.")
        assert (static.code, static.external, static.address, static.lifetime) == (
            0,
            41000,
            ROUTER_WAN,
            0xFFFFFFFF,
        )
        assert static.nonce == b"any will do."
        assert ports.unmap(UDP, 5000).code == 2
        assert ports.map(UDP, 5000, nonce=b"and another.").code == 0, "the nonce was not recorded"
        assert ports.pmp_map(UDP, 5001, 0, 60).lifetime == 60, "which was gone, is new"


def test_no_port_is_left(lab):
    """NATPMP-Map-08, PCP-MAP-17, 18, 19: each limit its code"""
    daemon = lab.daemon(
        lines=[
            "deny 0-65535 192.168.50.11 0-65535",
            "allow 40000-40001 any 1024-65535",
            "deny 0-65535 any 0-65535",
        ],
        mappings_per_client=3,
    ).start()
    with (
        PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports,
        PortControlClient(lab.lan2, LAN2, ROUTER_LAN) as denied,
    ):
        assert denied.pmp_map(UDP, 5000).code == 2 and denied.map(UDP, 5000).code == 2
        assert ports.map(UDP, 4999, external=5555).external in (40000, 40001), (
            "only the suggested port was forbidden"
        )
        assert ports.unmap(UDP, 4999).code == 0
        assert {
            ports.pmp_map(UDP, 5000, 40001).external,
            ports.pmp_map(UDP, 5001, 40001).external,
        } == {40000, 40001}
        assert ports.pmp_map(UDP, 5002).code == 4
        none = ports.map(UDP, 5002)
        assert (none.code, none.lifetime) == (8, 30)
        assert ports.pmp_map(TCP, 5000).code == 0
        quota = ports.map(TCP, 5001)
        assert (quota.code, quota.lifetime) == (10, 30)
        assert ports.pmp_map(TCP, 5000, 0, 60).code == 0, "a renewal is no new one"
    assert daemon.running()


def test_the_table_is_full(lab):
    """PCP-MAP-18"""
    lab.daemon(mappings_total=1).start()
    with (
        PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports,
        PortControlClient(lab.lan2, LAN2, ROUTER_LAN) as second,
    ):
        assert ports.map(UDP, 5000).code == 0
        full = second.map(UDP, 5000)
        assert (full.code, full.lifetime) == (8, 30)
        assert second.pmp_map(UDP, 5000).code == 4
