# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets to port 5351 that get no answer at all, and version numbers that get one."""

import collections
import contextlib
import random
import socket
import struct
import time

import pytest

from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    ROUTER_LAN,
    ROUTER_LAN6,
    ROUTER_WAN,
    Lab,
    PortControlClient,
    wait_until,
)
from lab.frames import Forger
from lab.port_control import (
    ADDRESS_MISMATCH,
    ANNOUNCE,
    DESCRIPTION,
    MALFORMED_OPTION,
    MALFORMED_REQUEST,
    MAP,
    NOT_AUTHORIZED,
    PEER,
    PREFER_FAILURE,
    SERVER,
    THIRD_PARTY,
    UDP,
    UNSUPP_OPCODE,
    UNSUPP_OPTION,
    UNSUPP_PROTOCOL,
    UNSUPP_VERSION,
    PcpReply,
    filter_option,
    header,
    map_fields,
    option,
    wire,
)


def map_packet(client, version=2):
    return header(MAP, 3600, client, version) + map_fields(UDP, 5000)


def silence(host, to, packet, own="", seconds=3.0, broadcast=False):
    """Neither an answer nor an ICMP error comes."""
    with host.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        if broadcast:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        if own:
            probe.bind((own, 0))
        probe.connect((to, SERVER))
        probe.send(packet)
        probe.settimeout(seconds)
        with pytest.raises(TimeoutError):
            raise AssertionError(f"an answer: {probe.recv(2048)!r}")


def drops(daemon, reason):
    """How many the log says have been dropped for that reason: it speaks at 1, 2, 4, 8 ..."""
    lines = [
        line for line in daemon.log.splitlines() if "dropped so far" in line and reason in line
    ]
    return int(lines[-1].split(" packet(s)")[0].rsplit(" ", 1)[1]) if lines else 0


RESPONSES = [
    bytes([0, 128, 0, 0]) + bytes(8),
    bytes([0, 129]) + bytes(14),
    bytes([2, 0x81]) + bytes(58),
    bytes([2, 0x80]) + bytes(22),
    bytes([255, 0x80]) + bytes(22),
    bytes([3, 0xFF]),
]
SHORT = [
    b"",
    b"\0",
    b"\2",
    b"\0\1" + bytes(9),
    b"\0\2",
    b"\2\1",
    b"\2\0" + bytes(21),
    b"\2\1" + bytes(20),
]


def test_dropped_one_by_one(shared_lab, daemon):
    """DROP-01, NATPMP-Fmt-02, 03, PCP-Order-01, 02, 03, PCP-Ver-08, PMP-Sock-05: the log counts
    them by their reason"""
    before = daemon.state()
    rows = [
        *((ROUTER_LAN, packet, "a response", False) for packet in RESPONSES),
        *((ROUTER_LAN, packet, "too short", False) for packet in SHORT),
        *(
            (to, map_packet(LAN1), "not to an address", True)
            for to in ("192.168.50.255", "255.255.255.255", "224.0.0.1", ROUTER_WAN)
        ),
        *((to, b"\0\0", "not to an address", True) for to in ("192.168.50.255", ROUTER_WAN)),
    ]
    for to, packet, reason, broadcast in rows:
        silence(shared_lab.lan1, to, packet, seconds=0.15, broadcast=broadcast)
    for reason, least in ("a response", 4), ("too short", 8), ("not to an address", 4):
        wait_until(lambda: drops(daemon, reason) >= least, 2, f"{reason} in {daemon.log[-2000:]}")
    assert daemon.state() == before


def test_three_seconds_of_silence(shared_lab, daemon):
    """DROP-01: however long one waits"""
    silence(shared_lab.lan1, ROUTER_LAN, RESPONSES[2])


@pytest.mark.parametrize(
    "packet",
    [
        b"\0\0",
        struct.pack("!BBHHHI", 0, 1, 0, 5000, 40001, 3600),
        map_packet("80.100.100.9"),
        header(0, 0, "80.100.100.9"),
        b"\x03\0" + bytes(22),
    ],
)
def test_the_wan_side(shared_lab, daemon, packet):
    """DROP-01, PMP-Sock-03, PCP-3RD-07: to either address, and not even an ICMP error"""
    before = daemon.state()
    for to in ROUTER_WAN, ROUTER_LAN:
        silence(shared_lab.wan, to, packet, seconds=0.3)
    assert daemon.state() == before


def test_sources_of_other_networks(shared_lab, daemon):
    """PMP-Sock-04, NATPMP-Sec-02, PCP-Spoof-04, PCP-Spoof-07: on the LAN's interface, with an
    address of another one's or the router's own"""
    before = daemon.state()
    with Forger(shared_lab, shared_lab.lan1) as forger:
        for own in "10.77.0.5", "80.100.100.9", ROUTER_LAN:
            for payload in b"\0\0", map_packet(own):
                forger.send(own, payload)
    # The kernel itself drops what comes in the router's own name.
    wait_until(lambda: drops(daemon, "not from a host") >= 4, 2, daemon.log[-2000:])
    assert daemon.state() == before


# -- versions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 3, 9, 255])
def test_versions_that_are_not_spoken(ports, version):
    """PMP-Sock-08, PCP-Ver-01, 02, 07: the closest that is, the request's own octets, and half an
    hour"""
    packet = map_packet(LAN1, version)
    reply = ports.pcp(packet)
    assert (len(reply.raw), reply.version, reply.opcode, reply.code, reply.lifetime) == (
        60,
        2,
        0x81,
        1,
        1800,
    )
    assert reply.reserved == packet[12:24] and reply.raw[24:] == packet[24:]


@pytest.mark.parametrize("size", [2, 3, 4, 20, 23, 25, 1101, 1500, 5000])
def test_other_versions_of_any_size(ports, size):
    """PCP-Ver-06, PMP-Sock-11: at least a header, at most 1100 octets, a multiple of four"""
    packet = (b"\x03\x01" + bytes(range(256)) * 20)[:size]
    reply = ports.pcp(packet)
    expected = min(max((size + 3) // 4 * 4, 24), 1100)
    assert (len(reply.raw), reply.version, reply.opcode, reply.code) == (expected, 2, 0x81, 1)
    assert reply.raw[12:] == (packet + bytes(1200))[12:expected]


def test_both_protocols_side_by_side(ports):
    """PMP-Sock-06, 07, PCP-Ver-05: no memory of what a client spoke before"""
    for _ in range(3):
        assert ports.announce().code == 0
        assert ports.external_address().code == 0
        assert ports.map(UDP, 5000).code == 0


@pytest.mark.parametrize("choice", ["nat-pmp", "pcp", "none"])
def test_one_without_the_other(lab, choice):
    """PCP-Ver-03, 04, PMP-Sock-10: a server of NAT-PMP alone says so in eight octets"""
    lab.daemon(port_control=choice).start()
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN, timeout=0.3) as ports:
        pmp, pcp = ports.ask(b"\0\0"), ports.ask(map_packet(LAN1))
    if choice == "nat-pmp":
        assert len(pmp) == 12 and pmp[1] == 128
        assert pcp[:4] == b"\0\0\0\1" and len(pcp) == 8 and struct.unpack("!I", pcp[4:])[0] < 60
    elif choice == "pcp":
        assert pmp[:4] == b"\2\x80\0\1" and len(pmp) == 24
        assert PcpReply(pcp).code == 0
    else:
        assert pmp is None and pcp is None


def test_nat_pmp_is_of_ipv4_alone():
    """PMP-Sock-06"""
    with Lab() as lab:
        lab.add_ipv6()
        lab.daemon().start()
        with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as six:
            six.ready()
            reply = six.pcp(b"\0\0")
            assert (len(reply.raw), reply.version, reply.opcode, reply.code) == (24, 2, 0x80, 1)


# -- order -----------------------------------------------------------------------------------------


def test_one_host_does_not_keep_the_others_waiting(shared_lab, ports, daemon):
    """PMP-Sock-12: five hundred a second, and no more; each of the others asks for the first
    time"""
    begin = time.monotonic()
    for number in range(3000):
        ports.socket.sendto(b"\0\0", ports.to)
        if number % 500 == 499:
            own = f"192.168.50.{200 + number // 500}"
            shared_lab.lan2.ip(f"addr add {own}/24 dev eth0")
            with PortControlClient(shared_lab.lan2, own, ROUTER_LAN) as newcomer:
                # A client asks again after 250 ms (RFC 6886 section 3.1).
                wait_until(lambda n=newcomer: n.ask(b"\0\0", 0.25), 2, "an answer for another host")
            shared_lab.lan2.ip(f"addr del {own}/24 dev eth0")
    answers = 0
    ports.socket.settimeout(0.5)
    with contextlib.suppress(TimeoutError):
        while ports.socket.recv(99):
            answers += 1
    seconds = int(time.monotonic() - begin) + 2
    assert 0 < answers <= 500 * seconds
    assert drops(daemon, "one too many") > 0
    wait_until(lambda: ports.ask(b"\0\0", 0.2), 3, "the next second")


def test_how_answers_travel(ports):
    """PMP-Sock-13: the system's own TTL, in one piece"""
    ports.socket.setsockopt(socket.IPPROTO_IP, 12, 1)  # IP_RECVTTL
    ports.socket.sendto(b"\3\1" + bytes(1500), ports.to)
    octets, control, _, _ = ports.socket.recvmsg(2048, 256)
    assert len(octets) == 1100
    assert struct.unpack("@i", control[0][2])[0] == 64


def well_formed():
    """A good packet of each kind; most mutations of them get past the first checks."""
    peer_end = struct.pack("!Hxx", 80) + wire("80.100.100.9")
    options = [
        b"",
        filter_option("80.100.0.0/16"),
        option(THIRD_PARTY, wire(LAN2)),
        option(PREFER_FAILURE),
        option(DESCRIPTION, b"a camera"),
        option(99),
        option(200, b"\0" * 8),
    ]
    mapping = header(MAP, 3600, LAN1) + map_fields(UDP, 5000)
    peer = header(PEER, 3600, LAN1) + map_fields(UDP, 5000) + peer_end
    return [
        *(mapping + one + two for one in options for two in options),
        *(peer + one for one in options),
        header(ANNOUNCE, 0, LAN1),
        struct.pack("!BBHHHI", 0, 1, 0, 5000, 40001, 3600),
        b"\0\0",
    ]


def mutated(chance, packet):
    """Some octets changed, mostly behind the address of the client; now and then cut, or
    prolonged."""
    packet = bytearray(packet)
    for _ in range(chance.choice((0, 1, 1, 2, 6))):
        first = 24 if len(packet) > 24 and chance.random() < 0.9 else 0
        packet[chance.randrange(first, len(packet))] = chance.choice(
            (0, 1, 127, 128, 255, chance.randrange(256))
        )
    if chance.random() < 0.1:
        del packet[chance.randrange(len(packet)) :]
    return bytes(packet + chance.randbytes(chance.choice((0, 0, 0, 0, 1, 4, 60))))


def answered(ports):
    """The answers that are there."""
    ports.socket.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            yield ports.socket.recv(2048)


def test_garbage_does_no_harm(lab):
    """PCP-Order-21: what a stranger sends at random, as deep as the policy; the parsers have a fuzz
    target each besides"""
    daemon = lab.daemon(
        lines=["deny 0-65535 any 0-65535"], port_requests_per_client=50000, debug_mode=1
    ).start()
    chance, kinds = random.Random(20), well_formed()
    before, processes = daemon.state(), daemon.processes()
    codes = collections.Counter()
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports:
        for number in range(20000):
            ports.socket.sendto(mutated(chance, chance.choice(kinds)), ports.to)
            if number % 20 == 19:
                for answer in answered(ports):
                    assert 4 <= len(answer) <= 1100 and answer[1] & 0x80
                    assert answer[0] != 2 or len(answer) % 4 == 0 and len(answer) >= 24
                    codes[answer[0], answer[3]] += 1
        while ports.more(0.3):  # answers to garbage that come late
            pass
        wait_until(lambda: ports.ask(b"\0\0", 0.2), 3, "an answer to what is no garbage")
        assert ports.map(UDP, 5000).code == NOT_AUTHORIZED
    print(codes)
    assert sum(codes.values()) > 5000, codes
    for code in (
        UNSUPP_VERSION,
        NOT_AUTHORIZED,
        MALFORMED_REQUEST,
        UNSUPP_OPCODE,
        UNSUPP_OPTION,
        MALFORMED_OPTION,
        UNSUPP_PROTOCOL,
        ADDRESS_MISMATCH,
    ):
        assert codes[2, code], (code, codes)
    assert codes[2, NOT_AUTHORIZED] > 1000, "those that are read to their end"
    assert daemon.state() == before and daemon.processes() == processes
