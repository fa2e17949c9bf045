# SPDX-License-Identifier: GPL-2.0-or-later
"""PCP (RFC 6887): the order of checks, the layout of answers, options, ANNOUNCE."""

import struct

import pytest

from lab import LAN1, LAN2, ROUTER_LAN, ROUTER_WAN, Lab, PortControlClient
from lab.port_control import (
    ADDRESS_MISMATCH,
    DESCRIPTION,
    FILTER,
    LONG,
    MALFORMED_OPTION,
    MALFORMED_REQUEST,
    MAP,
    NONCE,
    NOT_AUTHORIZED,
    PEER,
    PREFER_FAILURE,
    SUCCESS,
    TCP,
    THIRD_PARTY,
    UDP,
    UNSUPP_OPCODE,
    UNSUPP_OPTION,
    UNSUPP_PROTOCOL,
    filter_option,
    header,
    map_fields,
    option,
    wire,
)


def packet(client=LAN1, opcode=MAP, lifetime=3600, rest=map_fields(UDP, 5000)):
    return header(opcode, lifetime, client) + rest


@pytest.fixture
def unchanged(daemon):
    """Kernel, table and lease file are as before."""
    before = daemon.state()
    yield
    assert daemon.state() == before


def check_error(request, reply, code):
    """PCP-Order-13: a copy of the request with the header's fields set."""
    size = min((len(request) + 3) // 4 * 4, 1100)
    assert (len(reply.raw), reply.version, reply.opcode, reply.raw[2]) == (
        size,
        2,
        0x80 | request[1],
        0,
    )
    assert (reply.code, reply.lifetime) == (code, LONG)
    assert reply.raw[24:] == (request + bytes(3))[24:size]


@pytest.mark.parametrize(
    "request_, code, copied",
    [
        (packet()[:59], MALFORMED_REQUEST, True),
        (packet()[:56], MALFORMED_REQUEST, True),
        (packet() + bytes(1), MALFORMED_REQUEST, True),
        (packet() + bytes(1044), MALFORMED_REQUEST, True),
        (packet()[:28] + bytes([0xFF] * 1300), MALFORMED_REQUEST, True),
        (packet(opcode=PEER), MALFORMED_REQUEST, True),
        (packet(LAN2), ADDRESS_MISMATCH, False),
        (packet("::192.168.50.10"), ADDRESS_MISMATCH, False),
        (packet(LAN2, rest=map_fields(UDP, 5000) + option(5)), ADDRESS_MISMATCH, False),
        (packet(LAN2, rest=map_fields(UDP, 5000) + b"\2\0\xff\xff"), ADDRESS_MISMATCH, False),
        (packet(LAN2, opcode=77), ADDRESS_MISMATCH, False),
        (packet(LAN2) + bytes(2), MALFORMED_REQUEST, True),
        (packet(opcode=5), UNSUPP_OPCODE, False),
        (packet(opcode=3, rest=b""), UNSUPP_OPCODE, False),
        (packet(opcode=127, rest=b"\1\2\3\4"), UNSUPP_OPCODE, False),
    ],
)
def test_the_first_check_that_fails_decides(ports, unchanged, request_, code, copied):
    """PCP-Order-04, 05, 06, 07, 08, 09, 10, 11, 12, 13, 14, 18, 19, PCP-Auth-01"""
    reply = ports.pcp(request_)
    check_error(request_, reply, code)
    assert reply.reserved == (request_[12:24] if copied else bytes(12))


def test_a_success(ports):
    """PCP-Order-15, 17, 19, PCP-MAP-01, 04, 05: what is reserved is ignored, and zero in the
    answer"""
    request = bytearray(packet(rest=map_fields(UDP, 5000, 40001, ROUTER_WAN)))
    request[2:4], request[37:40] = b"\xff\xff", b"\xff\xff\xff"
    reply = ports.pcp(bytes(request))
    assert (len(reply.raw), reply.version, reply.opcode, reply.raw[2], reply.code) == (
        60,
        2,
        0x81,
        0,
        SUCCESS,
    )
    assert reply.reserved == bytes(12) and reply.raw[37:40] == bytes(3)
    assert (reply.lifetime, reply.nonce, reply.protocol, reply.port) == (3600, NONCE, UDP, 5000)
    assert (reply.external, reply.address) == (40001, ROUTER_WAN)
    assert ports.external_address().epoch - reply.epoch in (0, 1)


# -- options ---------------------------------------------------------------------------------------

BAD_PADDING = struct.pack("!BxH", 200, 5) + b"fiveX\xff\xff\xff"


@pytest.mark.parametrize(
    "options, code",
    [
        (b"\2\0\0\4", MALFORMED_OPTION),  # runs past the packet
        (b"\x80\0\xff\xff", MALFORMED_OPTION),
        (b"\x80\0\0\5" + bytes(4), MALFORMED_OPTION),  # its padding does
        (option(0), UNSUPP_OPTION),
        (option(5), UNSUPP_OPTION),
        (option(12, bytes(4)), UNSUPP_OPTION),
        (option(13, bytes(4)), UNSUPP_OPTION),
        (option(127), UNSUPP_OPTION),
        (option(PREFER_FAILURE) * 2, MALFORMED_OPTION),
        (option(PREFER_FAILURE, bytes(4)), MALFORMED_OPTION),
        (option(FILTER, bytes(19)), MALFORMED_OPTION),
        (option(FILTER, bytes(24)), MALFORMED_OPTION),
        (option(THIRD_PARTY, wire(LAN2)), UNSUPP_OPTION),
        (option(PREFER_FAILURE) + filter_option("80.100.100.9/32") + option(5), UNSUPP_OPTION),
        (BAD_PADDING + option(5), UNSUPP_OPTION),
    ],
)
def test_options_that_do_not_fit(ports, unchanged, options, code):
    """PCP-Opt-01, 02, 03, 04, 05, 07, PCP-3RD-01, PCP-PF-06, PCP-FLT-01, PCP-Auth-02, PCP-Order-16:
    nothing has changed"""
    request = packet(rest=map_fields(UDP, 5000, 40001) + options)
    check_error(request, ports.pcp(request), code)


@pytest.mark.parametrize("options", [option(PREFER_FAILURE), filter_option("80.100.100.9/32")])
def test_options_of_a_deletion(ports, unchanged, options):
    """PCP-Del-10"""
    reply = ports.unmap(UDP, 5000, external=40001, options=options)
    assert (reply.code, reply.lifetime) == (MALFORMED_OPTION, LONG)


def test_options_that_are_optional(ports, point):
    """PCP-Opt-06, 08, 11, 12: what is not known is passed over and not echoed, a description is
    stored"""
    named = option(DESCRIPTION, b"the camera")
    reply = ports.map(
        UDP,
        5000,
        external=40001,
        options=option(200, b"what is this") + named + option(129, bytes(5)) + BAD_PADDING,
    )
    assert (reply.code, reply.options) == (SUCCESS, named)
    assert point.specific("UDP", 40001)["NewPortMappingDescription"] == "the camera"
    assert len(point.listing()) == 1, "one port, whatever the set"


def test_a_hostile_description(ports, point, daemon):
    """PCP-Opt-11: no control characters, no broken UTF-8, in the kernel or in a list"""
    hostile = b'"; flush ruleset\n\0\x1b[31m\xff\xfe</x>'
    reply = ports.map(UDP, 5000, external=40001, options=option(DESCRIPTION, hostile))
    assert reply.code == SUCCESS and reply.options == option(DESCRIPTION, hostile)
    shown = point.specific("UDP", 40001)["NewPortMappingDescription"]
    assert shown.isprintable() and "flush ruleset" in shown
    assert "\x1b" not in daemon.log


def test_announce(ports, unchanged):
    """PCP-ANN-01, 02, 03, 04, ANN-09"""
    for lifetime in 0, 77:
        reply = ports.announce(lifetime=lifetime)
        assert (len(reply.raw), reply.opcode, reply.code, reply.lifetime) == (24, 0x80, SUCCESS, 0)
        assert reply.reserved == bytes(12)
    assert ports.announce(client=LAN2).code == ADDRESS_MISMATCH


@pytest.mark.parametrize(
    "options, code",
    [
        (option(THIRD_PARTY, wire(LAN2)), MALFORMED_OPTION),
        (option(PREFER_FAILURE), MALFORMED_OPTION),
        (filter_option("80.0.0.0/8"), MALFORMED_OPTION),
        (option(5), UNSUPP_OPTION),
        (option(129, bytes(12)), SUCCESS),
    ],
)
def test_options_of_announce(ports, options, code):
    """PCP-Opt-10"""
    reply = ports.announce(options=options)
    assert reply.code == code
    if code == SUCCESS:
        assert len(reply.raw) == 24


@pytest.mark.parametrize(
    "options, code",
    [
        (filter_option("80.0.0.0/8"), MALFORMED_OPTION),
        (option(PREFER_FAILURE), MALFORMED_REQUEST),
        (option(5), UNSUPP_OPTION),
        (option(8), UNSUPP_OPTION),
    ],
)
def test_options_of_peer(ports, unchanged, options, code):
    """PCP-Opt-09, PCP-PEER-03, PCP-Auth-02"""
    assert ports.peer(UDP, 5000, "80.100.100.9", 4000, options=options).code == code


# -- protocols and ports ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "protocol, port, code",
    [
        (0, 5000, MALFORMED_REQUEST),
        (TCP, 0, UNSUPP_PROTOCOL),
        (UDP, 0, UNSUPP_PROTOCOL),
        (0, 0, UNSUPP_PROTOCOL),
        (132, 5000, UNSUPP_PROTOCOL),
        (33, 5000, UNSUPP_PROTOCOL),
        (47, 0, UNSUPP_PROTOCOL),
        (47, 5000, UNSUPP_PROTOCOL),
        (1, 0, UNSUPP_PROTOCOL),
        (255, 1, UNSUPP_PROTOCOL),
    ],
)
def test_what_is_not_mapped(ports, unchanged, protocol, port, code):
    """PCP-MAP-07, 08, 09, 10"""
    reply = ports.map(protocol, port, external=40001, address=ROUTER_WAN)
    assert (reply.code, reply.lifetime) == (code, LONG)
    assert (reply.external, reply.address) == (40001, ROUTER_WAN), "copied back"


def test_the_answer_is_never_larger_than_a_request(ports):
    """PCP-Order-20: 1100 octets with options that all come back"""
    room = 1100 - 60
    options = option(DESCRIPTION, b"x" * 100) * (room // 104)
    reply = ports.map(UDP, 5000, options=options)
    assert reply.code == SUCCESS and 60 + len(options) == len(reply.raw) <= 1100


# -- third parties ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def open_lab():
    """A router where the first host, and it alone, may map for others."""
    with Lab() as lab:
        daemon = lab.daemon(pcp_third_party=LAN1).start()
        lab.echo(lab.lan2, 5000)
        yield lab
        assert daemon.stop() == 0


@pytest.fixture
def agent(open_lab):
    with PortControlClient(open_lab.lan1, LAN1, ROUTER_LAN) as client:
        yield client


def test_for_another_host(open_lab, agent):
    """PCP-3RD-05, PCP-Spoof-01"""
    named = option(THIRD_PARTY, wire(LAN2))
    reply = agent.map(UDP, 5000, external=40001, options=named)
    assert (reply.code, reply.external, reply.options) == (SUCCESS, 40001, named)
    assert open_lab.reaches("UDP", 40001)
    with PortControlClient(open_lab.lan2, LAN2, ROUTER_LAN) as owner:
        assert owner.map(UDP, 5000, nonce=b"not the same").code == NOT_AUTHORIZED
    assert agent.unmap(UDP, 5000).code == SUCCESS and open_lab.reaches("UDP", 40001), (
        "that was its own port 5000"
    )
    assert agent.unmap(UDP, 5000, options=named).code == SUCCESS
    assert not open_lab.reaches("UDP", 40001)


@pytest.mark.parametrize(
    "options, code",
    [
        (option(THIRD_PARTY, wire(LAN1)), MALFORMED_REQUEST),
        (option(THIRD_PARTY, wire(LAN2)[:12]), MALFORMED_OPTION),
        (option(THIRD_PARTY, bytes(20)), MALFORMED_OPTION),
        (option(THIRD_PARTY, wire(LAN2)) * 2, MALFORMED_OPTION),
        *(
            (option(THIRD_PARTY, wire(address)), NOT_AUTHORIZED)
            for address in (
                "80.100.100.9",
                ROUTER_LAN,
                "224.0.0.1",
                "192.168.50.255",
                "127.0.0.1",
                "2a0a:200::11",
                "::",
            )
        ),
    ],
)
def test_third_parties_that_are_none(agent, options, code):
    """PCP-3RD-03, 04, 06, 08"""
    reply = agent.map(UDP, 5000, options=options)
    assert (reply.code, reply.lifetime) == (code, LONG)


def test_who_may_not_map_for_others(open_lab):
    """PCP-3RD-02, 05: the header's address is still the sender's"""
    with PortControlClient(open_lab.lan2, LAN2, ROUTER_LAN) as client:
        assert client.map(UDP, 5000, options=option(THIRD_PARTY, wire(LAN1))).code == UNSUPP_OPTION
    with PortControlClient(open_lab.lan1, LAN1, ROUTER_LAN) as client:
        assert (
            client.map(UDP, 5000, client=LAN2, options=option(THIRD_PARTY, wire(LAN2))).code
            == ADDRESS_MISMATCH
        )
