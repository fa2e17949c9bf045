# SPDX-License-Identifier: GPL-2.0-or-later
"""PCP's THIRD_PARTY over IPv6 (RFC 6887 section 13.1): pinholes for another host, by packets
through FORWARD chains that drop."""

import socket

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    LAN2_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    WAN_HOST6,
    Lab,
    PortControlClient,
    wait_until,
)
from lab import rules
from lab.port_control import (
    ADDRESS_MISMATCH,
    MALFORMED_OPTION,
    MALFORMED_REQUEST,
    NETWORK_FAILURE,
    NOT_AUTHORIZED,
    SUCCESS,
    TCP,
    THIRD_PARTY,
    UDP,
    UNSUPP_OPTION,
    option,
    wire,
)

NAMES = {TCP: "TCP", UDP: "UDP"}
OTHER = b"another one!"
FIREWALLS = list(zip(BACKENDS, ("nft-drop", "legacy-drop")))


def named(address):
    return option(THIRD_PARTY, wire(address))


@pytest.fixture(scope="module", params=FIREWALLS, ids=lambda pair: f"{pair[0]}, forward {pair[1]}")
def lab(request):
    """The first host may act for others, the second may not."""
    backend, forward = request.param
    with Lab(forward=forward) as own:
        own.add_ipv6()
        own.router.run(
            "ip6tables-legacy",
            *"-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT".split(),
        )
        with rules.unchanged(own.router):
            daemon = own.daemon(firewall_backend=backend, pcp_third_party=f"{LAN1_6}/128").start()
            for host in own.lan1, own.lan2:
                own.echo(host, 5000, socket.AF_INET6)
            yield own
            assert daemon.stop() == 0


@pytest.fixture
def agent(lab):
    with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as client:
        yield client.ready()
        client.unmap(0, 0, options=named(LAN2_6))


@pytest.fixture
def own(lab):
    """Whom the agent acts for."""
    with PortControlClient(lab.lan2, LAN2_6, ROUTER_LAN6) as client:
        yield client.ready()
        client.forget()


@pytest.mark.parametrize("protocol", NAMES)
def test_there_and_back_until_deleted(lab, agent, protocol):
    """PCP-3RD-05, PCP-Del-02: the pinhole is the named host's, the option comes back, and the agent
    ends it by naming the host again"""
    name = NAMES[protocol]
    assert not lab.reaches(name, 5000, LAN2_6)
    reply = agent.map(protocol, 5000, 1000, options=named(LAN2_6))
    assert (reply.code, reply.external, reply.address, reply.lifetime) == (
        SUCCESS,
        5000,
        LAN2_6,
        1000,
    )
    assert reply.options == named(LAN2_6)
    assert lab.reaches(name, 5000, LAN2_6)
    assert not lab.reaches(name, 5000, LAN1_6) and not lab.reaches(
        NAMES[TCP + UDP - protocol], 5000, LAN2_6
    )
    assert agent.unmap(protocol, 5000).code == SUCCESS, "its own, of which there is none"
    assert lab.reaches(name, 5000, LAN2_6)
    for _ in range(2):
        gone = agent.unmap(protocol, 5000, options=named(LAN2_6))
        assert (gone.code, gone.lifetime) == (SUCCESS, 0)
        assert not lab.reaches(name, 5000, LAN2_6)


def test_all_of_a_host_at_once(lab, agent):
    """PCP-Del-05, 06: and the agent's own stay"""
    for protocol in NAMES:
        assert agent.map(protocol, 5000, options=named(LAN2_6)).code == SUCCESS
    assert agent.map(UDP, 5000).code == SUCCESS
    assert agent.unmap(0, 0, options=named(LAN2_6)).code == SUCCESS
    assert not any(lab.reaches(name, 5000, LAN2_6) for name in NAMES.values())
    assert lab.reaches("UDP", 5000, LAN1_6)
    agent.forget()


def test_the_host_itself_and_the_nonce(lab, agent, own):
    """PCP-Spoof-01: the pinhole is its own, yet for whoever has another nonce it stays as it is"""
    assert agent.map(UDP, 5000, 1000, options=named(LAN2_6)).code == SUCCESS
    for refused in own.map(UDP, 5000, nonce=OTHER), own.unmap(UDP, 5000, nonce=OTHER):
        assert refused.code == NOT_AUTHORIZED and 990 <= refused.lifetime <= 1000
    assert agent.map(UDP, 5000, options=named(LAN2_6), nonce=OTHER).code == NOT_AUTHORIZED
    assert lab.reaches("UDP", 5000, LAN2_6)
    assert own.unmap(UDP, 5000).code == SUCCESS and not lab.reaches("UDP", 5000, LAN2_6)


def test_who_may_not(lab, agent, own):
    """PCP-3RD-02, 05: neither map nor delete, whatever the header says"""
    assert own.map(UDP, 5000, options=named(LAN1_6)).code == UNSUPP_OPTION
    assert own.map(UDP, 5000, client=LAN1_6, options=named(LAN2_6)).code == ADDRESS_MISMATCH
    assert not lab.reaches("UDP", 5000, LAN1_6)
    assert agent.map(UDP, 5000).code == SUCCESS
    assert own.unmap(UDP, 5000, options=named(LAN1_6)).code == UNSUPP_OPTION
    assert own.unmap(0, 0, options=named(LAN1_6)).code == UNSUPP_OPTION
    assert lab.reaches("UDP", 5000, LAN1_6)
    agent.forget()


def test_leave_is_given_by_address(lab):
    """PCP-3RD-02: over IPv4 the same host has none"""
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.map(UDP, 5000, options=named(LAN2)).code == UNSUPP_OPTION


@pytest.mark.parametrize(
    "options, code",
    [
        (named(LAN1_6), MALFORMED_REQUEST),
        (option(THIRD_PARTY, wire(LAN2_6)[:12]), MALFORMED_OPTION),
        (option(THIRD_PARTY, bytes(20)), MALFORMED_OPTION),
        (named(LAN2_6) * 2, MALFORMED_OPTION),
        *(
            (named(address), NOT_AUTHORIZED)
            for address in (
                ROUTER_LAN6,
                WAN_HOST6,
                "2a0a:300::9",
                "ff02::1",
                "ff0e::1",
                "::1",
                "::",
                "fe80::9",
                LAN2,
            )
        ),
    ],
)
def test_third_parties_that_are_none(agent, options, code):
    """PCP-3RD-03, 04, 06, 08: a pinhole for one, or the end of one, is refused the same way"""
    assert agent.map(UDP, 5000, options=options).code == code
    assert agent.unmap(UDP, 5000, options=options).code == code


def test_a_local_address_is_no_use_to_others_either(lab, agent):
    """PCP-V6-04, PCP-3RD-06"""
    lab.router.ip("addr add fd00:50::1/64 dev br-lan nodad")
    try:
        wait_until(
            lambda: agent.map(UDP, 5000, options=named("fd00:50::11")).code == NETWORK_FAILURE,
            5,
            "the router's new prefix",
        )
    finally:
        lab.router.ip("addr del fd00:50::1/64 dev br-lan")


def test_a_peer_of_another_host(lab, agent, own):
    """PCP-3RD-05 with PEER: the named host's flow, which its remote peer may use from outside"""
    with (
        lab.wan.socket(socket.AF_INET6, socket.SOCK_DGRAM) as remote,
        lab.lan2.socket(socket.AF_INET6, socket.SOCK_DGRAM) as inside,
    ):
        remote.bind((WAN_HOST6, 0))
        inside.bind((LAN2_6, 6000))
        inside.settimeout(0.3)
        port = remote.getsockname()[1]
        assert own.peer(UDP, 6000, WAN_HOST6, port, options=named(LAN1_6)).code == UNSUPP_OPTION
        remote.sendto(b"early", (LAN2_6, 6000))
        with pytest.raises(TimeoutError):
            inside.recv(99)
        reply = agent.peer(UDP, 6000, WAN_HOST6, port, options=named(LAN2_6))
        assert (reply.code, reply.address, reply.external) == (SUCCESS, LAN2_6, 6000)
        remote.sendto(b"now", (LAN2_6, 6000))
        assert inside.recv(99) == b"now"


def test_for_all_hosts_or_for_none():
    """PCP-3RD-01: nobody may unless the configuration says so; allow_third_party counts for PCP
    too"""
    for value, code in ("no", UNSUPP_OPTION), ("yes", SUCCESS):
        with Lab() as own:
            own.add_ipv6()
            daemon = own.daemon(allow_third_party=value).start()
            with PortControlClient(own.lan2, LAN2_6, ROUTER_LAN6) as client:
                assert client.ready().map(UDP, 5000, options=named(LAN1_6)).code == code
            assert daemon.stop() == 0
