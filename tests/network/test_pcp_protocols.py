# SPDX-License-Identifier: GPL-2.0-or-later
"""PCP MAP over IPv6 for what is neither TCP nor UDP: a VPN behind the router asks for its own
protocol."""

import socket
import struct

import pytest

from lab import (
    LAN1,
    LAN1_6,
    LAN2_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    WAN_HOST6,
    Lab,
    PortControlClient,
    rules,
)
from lab.port_control import (
    MALFORMED_OPTION,
    MALFORMED_REQUEST,
    NOT_AUTHORIZED,
    SUCCESS,
    UNSUPP_PROTOCOL,
    TCP,
    filter_option,
)

FIREWALLS = [("nftables", "nft-drop"), ("iptables", "legacy-drop")]
GRE, ESP, SCTP = 47, 50, 132
PORTS = {GRE: 0, ESP: 0, SCTP: 5000}
OTHER = b"another one!"
ELSEWHERE = "2a0a:100:0:0:8000::1"


@pytest.fixture(scope="module", params=FIREWALLS, ids=lambda pair: f"{pair[0]}, forward {pair[1]}")
def lab(request):
    backend, forward = request.param
    with Lab(forward=forward) as own, rules.unchanged(own.add_ipv6().router):
        own.wan.ip(f"addr add {ELSEWHERE}/64 dev eth0 nodad")
        own.served = own.daemon(firewall_backend=backend).start()
        yield own
        assert own.served.stop() == 0


@pytest.fixture
def client(lab):
    with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as own:
        yield own.ready()
        own.forget()


def crc32c(octets):
    crc = 0xFFFFFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def sctp(source, destination, chunk):
    """A packet with one chunk (RFC 9260 section 3.1)"""
    bare = struct.pack("!HHII", source, destination, 0, 0) + chunk
    return bare[:8] + struct.pack("<I", crc32c(bare)) + bare[12:]


def first_packet(protocol, source_port):
    """Returns the packet that begins a flow: conntrack takes SCTP's INIT alone, and reads GRE's
    version and flags"""
    if protocol == SCTP:
        return sctp(
            source_port, PORTS[SCTP], struct.pack("!BBHIIHHI", 1, 0, 20, 0x1234, 65536, 1, 1, 1)
        )
    return (
        b"\0\0\x08\0hello" if protocol == GRE else struct.pack("!II", 0x1001, 1) + b"ciphertext.."
    )


def passes(lab, protocol, port=4000, source=WAN_HOST6, host=None, target=LAN1_6):
    """A packet of the WAN host arrives"""
    with (
        (host or lab.lan1).socket(socket.AF_INET6, socket.SOCK_RAW, protocol) as listener,
        lab.wan.socket(socket.AF_INET6, socket.SOCK_RAW, protocol) as sender,
    ):
        listener.settimeout(0.4)
        sender.bind((source, 0))
        sender.sendto(first_packet(protocol, port), (target, 0))
        try:
            return listener.recvfrom(2048)[1][0] == source
        except TimeoutError:
            return False


@pytest.mark.parametrize("protocol", PORTS)
def test_there_until_deleted(lab, client, protocol):
    """PCP-MAP-10, where it is supported; and nothing of another protocol, for another host"""
    assert not passes(lab, protocol)
    reply = client.map(protocol, PORTS[protocol])
    assert (reply.code, reply.external, reply.address, reply.lifetime) == (
        SUCCESS,
        PORTS[protocol],
        LAN1_6,
        3600,
    )
    assert passes(lab, protocol, 4001)
    assert not passes(lab, protocol, 4002, host=lab.lan2, target=LAN2_6)
    for another in set(PORTS) - {protocol}:
        assert not passes(lab, another, 4003)
    assert client.map(protocol, PORTS[protocol], nonce=OTHER).code == NOT_AUTHORIZED
    assert client.unmap(protocol, PORTS[protocol], nonce=OTHER).code == NOT_AUTHORIZED
    assert passes(lab, protocol, 4004)
    assert client.unmap(protocol, PORTS[protocol]).code == SUCCESS
    assert not passes(lab, protocol, 4005) and not passes(lab, protocol, 4001), (
        "nor in the flow that was there"
    )


@pytest.mark.parametrize("protocol", [GRE, ESP])
def test_a_filter_names_the_other_end(lab, client, protocol):
    assert client.map(protocol, 0, options=filter_option(f"{WAN_HOST6}/128")).code == SUCCESS
    assert passes(lab, protocol) and not passes(lab, protocol, source=ELSEWHERE)
    assert (
        client.map(protocol, 0, options=filter_option(f"{WAN_HOST6}/128", 500)).code
        == MALFORMED_OPTION
    )


def test_a_port_where_there_is_none(client):
    """RFC 6887 section 11.1; and all ports of one that has some are not to be had (PCP-MAP-08)"""
    assert client.map(ESP, 500).code == MALFORMED_REQUEST
    assert client.map(SCTP, 0).code == client.map(TCP, 0).code == UNSUPP_PROTOCOL
    assert client.map(51, 0).code == UNSUPP_PROTOCOL, "a router does not tell flows of AH"
    assert client.map(SCTP, 1023).code == NOT_AUTHORIZED
    assert client.peer(SCTP, 5000, WAN_HOST6, 80).code == UNSUPP_PROTOCOL


def test_nothing_is_translated_for_them(lab):
    """PCP-MAP-10: over IPv4"""
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as own:
        for protocol, port in PORTS.items():
            assert own.map(protocol, port).code == UNSUPP_PROTOCOL


def test_they_outlive_a_restart_and_are_listed(lab, client):
    for protocol, port in PORTS.items():
        assert client.map(protocol, port).code == SUCCESS
    lab.served.kill()
    lab.served.start()
    client.ready()
    for number, protocol in enumerate(PORTS):
        assert passes(lab, protocol, 4100 + number)
    shown = [line.split()[1:4] for line in lab.served.ctl("list").stdout.splitlines()]
    for row in [LAN1_6, "5000", "sctp"], [LAN1_6, "-", "esp"], [LAN1_6, "-", "gre"]:
        assert row in shown
    assert client.unmap(0, 0).code == SUCCESS
    assert not any(passes(lab, protocol, 4200) for protocol in PORTS)
