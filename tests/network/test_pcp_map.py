# SPDX-License-Identifier: GPL-2.0-or-later
"""PCP MAP (RFC 6887 sections 11, 13 and 15): assignment, nonces, lifetimes, deletion, exact ports,
filters; by packets on both back ends where packets decide."""

import collections
import time

import pytest

from conftest import BACKENDS
from lab import LAN1, LAN2, ROUTER_LAN, ROUTER_WAN, Lab, PortControlClient, wait_until
from lab import rules
from lab.port_control import (
    CANNOT_PROVIDE_EXTERNAL,
    EXCESSIVE_REMOTE_PEERS,
    FILTER,
    LONG,
    MALFORMED_OPTION,
    NONCE,
    NOT_AUTHORIZED,
    PREFER_FAILURE,
    SHORT,
    SUCCESS,
    TCP,
    UDP,
    UNSUPP_PROTOCOL,
    filter_option,
    option,
    wire,
)

NAMES = {TCP: "TCP", UDP: "UDP"}
OTHER = b"another one!"
OF_ANOTHER = "its nonce differs"


@pytest.fixture(
    scope="module",
    params=[
        (backend, forward)
        for backend in BACKENDS
        for forward in ("nft-drop", "legacy-drop", "accept")
    ],
    ids=lambda pair: f"{pair[0]}, forward {pair[1]}",
)
def running(request):
    backend, forward = request.param
    with Lab(forward=forward) as lab:
        before = rules.everything(lab.router)
        daemon = lab.daemon(firewall_backend=backend).start()
        lab.echo(lab.lan1, 5000)
        yield lab
        assert daemon.stop() == 0
        assert rules.everything(lab.router) == before


@pytest.fixture
def client(running):
    with PortControlClient(running.lan1, LAN1, ROUTER_LAN) as own:
        yield own
        own.forget()


@pytest.mark.parametrize("protocol", NAMES)
def test_there_and_back_until_deleted(running, client, protocol):
    """PCP-MAP-01, 11, 20, PCP-Del-01, 02, 09"""
    name, another = NAMES[protocol], NAMES[TCP + UDP - protocol]
    assert not running.reaches(name, 40001)
    reply = client.map(protocol, 5000, external=40001, address=ROUTER_WAN)
    assert (reply.code, reply.external, reply.address, reply.lifetime) == (
        SUCCESS,
        40001,
        ROUTER_WAN,
        3600,
    )
    assert running.reaches(name, 40001) and not running.reaches(another, 40001)
    for _ in range(2):  # the second time nothing is there
        gone = client.unmap(protocol, 5000, external=40001, address=ROUTER_WAN)
        assert (gone.code, gone.lifetime, gone.external, gone.address) == (
            SUCCESS,
            0,
            40001,
            ROUTER_WAN,
        )
        assert not running.reaches(name, 40001)


def test_only_the_peers_that_are_let_in(running, client):
    """PCP-FLT-02, 03, 04, 05, 06, 07, 08, 09, 11, 12"""
    wan = running.wan
    near, far = "80.100.100.0/28", "80.100.100.128/25"
    wan.ip("addr replace 80.100.100.200/24 dev eth0")

    def open_to(address, port=0):
        wan.ip(f"route replace 80.100.100.1/32 dev eth0 src {address}")
        return all(running.reaches(name, 40001, from_port=port) for name in ("UDP", "TCP"))

    def ask(*filters, dropping=False):
        options = (drop_filters() if dropping else b"") + b"".join(
            filter_option(*each) for each in filters
        )
        for protocol in TCP, UDP:
            reply = client.map(protocol, 5000, external=40001, options=options)
            assert (reply.code, reply.external, reply.options) == (SUCCESS, 40001, options)

    try:
        ask((near,))
        assert open_to("80.100.100.9") and not open_to("80.100.100.200")
        ask((far, 4444))
        assert (
            open_to("80.100.100.9")
            and open_to("80.100.100.200", 4444)
            and not open_to("80.100.100.200", 4445)
        )
        ask()  # a renewal
        assert open_to("80.100.100.9") and not open_to("80.100.100.200", 4446)
        ask((far,), dropping=True)
        assert open_to("80.100.100.200", 4447) and not open_to("80.100.100.9")
        ask(dropping=True)
        assert open_to("80.100.100.9") and open_to("80.100.100.200")
        ask(("80.100.100.9/32",))
        assert open_to("80.100.100.9") and not open_to("80.100.100.200")
    finally:
        wan.ip("route del 80.100.100.1/32 dev eth0", "addr del 80.100.100.200/24 dev eth0")


def drop_filters():
    return option(FILTER, bytes(4) + wire("0.0.0.0"))


def test_the_lease_ends_it(lab):
    """PCP-Life-06, PCP-Life-02: two minutes at least, unless the administrator says otherwise"""
    lab.daemon(pcp_lease_min=1).start()
    lab.echo(lab.lan1, 5000)
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.map(UDP, 5000, 1, external=40001).lifetime == 1
        assert lab.reaches("UDP", 40001)
        wait_until(lambda: rules.count(lab.router, "UDP", 40001) == 0, 3, "the end of the lease")
        assert not lab.reaches("UDP", 40001)


# -- assignment ------------------------------------------------------------------------------------


def test_the_router_chooses(ports):
    """PCP-MAP-02, 06"""
    reply = ports.map(UDP, 5000, nonce=bytes(12))
    assert (reply.code, reply.address, reply.nonce) == (
        SUCCESS,
        ROUTER_WAN,
        bytes(12),
    ) and reply.external >= 1024
    assert reply.raw[44:60] == wire(ROUTER_WAN)
    assert ports.unmap(UDP, 5000, nonce=bytes(12)).code == SUCCESS


@pytest.mark.parametrize(
    "port, address",
    [
        (1900, ROUTER_WAN),
        (5351, ROUTER_WAN),
        (80, ROUTER_WAN),
        (40001, "224.0.0.1"),
        (40001, "127.0.0.1"),
        (40001, "80.100.100.77"),
        (40001, "2a0a::1"),
        (40001, "255.255.255.255"),
        (42000, ROUTER_WAN),
    ],
)
def test_a_bad_suggestion_never_fails(ports, other_ports, port, address):
    """PCP-MAP-03, 19, PCP-PF-08, PCP-V6-09"""
    assert other_ports.map(UDP, 6000, external=42000).external == 42000
    reply = ports.map(UDP, 5000, external=port, address=address)
    assert (reply.code, reply.address) == (SUCCESS, ROUTER_WAN)
    assert reply.external not in (0, 42000, 1900, 5351, 80)


def test_the_same_endpoint_keeps_its_port(ports, point):
    """PCP-MAP-12, 21, 22"""
    first = ports.map(UDP, 5000, 3600, external=40001)
    again = ports.map(UDP, 5000, 600, external=40002)
    assert (first.external, again.external, again.lifetime) == (40001, 40001, 600)
    packet = ports.map_packet(UDP, 5000, 3600, external=40001)
    answers = [ports.pcp(packet) for _ in range(5)]
    assert {(answer.code, answer.external, answer.lifetime) for answer in answers} == {
        (SUCCESS, 40001, 3600)
    }
    assert [entry["NewExternalPort"] for entry in point.listing()] == ["40001"]


@pytest.mark.parametrize(
    "asked, granted",
    [
        (3600, 3600),
        (1, 120),
        (119, 120),
        (120, 120),
        (86400, 86400),
        (86401, 86400),
        (0xFFFFFFFF, 86400),
    ],
)
def test_lifetimes(ports, asked, granted):
    """PCP-Life-01, 02, 03, 04"""
    assert ports.map(UDP, 5000, asked).lifetime == granted


def test_a_probe_for_the_address(ports, daemon):
    """macOS asks for the discard port to learn the external address: a port below 1024, which no
    line permits"""
    before = daemon.state()
    reply = ports.map(TCP, 9)
    assert (reply.code, reply.port, reply.external, reply.lifetime) == (NOT_AUTHORIZED, 9, 0, LONG)
    assert ports.unmap(TCP, 9).code == SUCCESS, "there is nothing to end"
    assert daemon.state() == before


# -- nonces ----------------------------------------------------------------------------------------


def test_without_the_nonce_nothing_changes(ports, point, daemon):
    """PCP-MAP-13, 23, 24, PCP-Del-03, PCP-Spoof-01, 02, 03: all twelve octets, told to nobody but
    the lease file"""
    assert ports.map(UDP, 5000, 3600, external=40001).code == SUCCESS
    before = daemon.state()
    wrong = [OTHER, bytes(12), NONCE[:-1] + b"?", b"?" + NONCE[1:]]
    for nonce in wrong:
        for refused in ports.map(UDP, 5000, 7200, nonce=nonce), ports.unmap(UDP, 5000, nonce=nonce):
            assert refused.code == NOT_AUTHORIZED and 3590 <= refused.lifetime <= 3600
    assert daemon.state() == before
    assert daemon.lease_file.stat().st_mode & 0o777 == 0o600
    shown = "".join(map(str, point.listing())) + daemon.log
    for text in NONCE.decode(), NONCE.hex(), "nonce=":
        assert text not in shown
    assert OF_ANOTHER in daemon.log


def test_refusals_do_not_flood_the_log(ports, daemon):
    """PCP-MAP-24: clients that forget their nonce ask again and again"""
    assert ports.map(UDP, 5000).code == SUCCESS
    before = daemon.log.count(OF_ANOTHER)
    begin = time.monotonic()
    for _ in range(300):
        assert ports.unmap(UDP, 5000, nonce=OTHER).code == NOT_AUTHORIZED
    seconds = time.monotonic() - begin
    assert daemon.log.count(OF_ANOTHER) - before <= 5 * (int(seconds) + 2)
    assert OF_ANOTHER in daemon.log


# -- deletion --------------------------------------------------------------------------------------


def internal(point):
    return collections.Counter(
        (entry["NewProtocol"], int(entry["NewInternalPort"])) for entry in point.listing()
    )


@pytest.mark.parametrize(
    "protocol, port, left",
    [
        (UDP, 0, {("TCP", 5000)}),
        (TCP, 0, {("UDP", 5000), ("UDP", 5001)}),
        (0, 0, set()),
        (0, 777, set()),
    ],
)
def test_delete_all_that_one_may(ports, other_ports, point, protocol, port, left):
    """PCP-Del-04, 05, 06, 07, 11, NATPMP-Del-06"""
    for kind, number in (UDP, 5000), (UDP, 5001), (TCP, 5000):
        assert ports.map(kind, number).code == SUCCESS
    assert ports.map(UDP, 5002, nonce=OTHER).code == SUCCESS
    assert other_ports.map(UDP, 6000, external=6000).code == SUCCESS
    assert ports.pmp_map(UDP, 5003).code == 0
    assert point.add("UDP", 41004, 5004).ok
    others = {("UDP", 5002), ("UDP", 6000), ("UDP", 5003), ("UDP", 5004)}
    nobodys = ports.unmap(protocol, port, nonce=b"nobody's one")
    assert (nobodys.code, nobodys.lifetime) == (SUCCESS, 0)
    assert set(internal(point)) == others | {("UDP", 5000), ("UDP", 5001), ("TCP", 5000)}
    reply = ports.unmap(protocol, port)
    assert (reply.code, reply.lifetime, reply.protocol, reply.port) == (SUCCESS, 0, protocol, port)
    assert set(internal(point)) == others | left
    assert ports.unmap(0, 0, nonce=OTHER).code == SUCCESS


def test_a_protocol_that_is_not_mapped(ports):
    assert ports.unmap(132, 5000).code == UNSUPP_PROTOCOL


def test_what_others_made_stays(ports, point):
    """PCP-Del-08"""
    assert point.add("UDP", 41000, 5000, LeaseDuration=500).ok
    assert ports.pmp_map(UDP, 5001, 41001, 600).code == 0
    for port, most in (5000, 500), (5001, 600):
        refused = ports.unmap(UDP, port)
        assert refused.code == NOT_AUTHORIZED and most - 10 <= refused.lifetime <= most
    assert len(point.listing()) == 2


def test_a_deletion_leaves_outgoing_flows_alone(shared_lab, ports):
    """PCP-Del-11"""
    server = shared_lab.wan.socket(2, 2)
    with server, shared_lab.lan1.socket(2, 2) as flow:
        server.bind(("", 7777))
        server.settimeout(1)
        flow.bind(("", 6001))
        assert ports.map(UDP, 5000).code == SUCCESS
        flow.sendto(b"out", ("80.100.100.9", 7777))
        _, back = server.recvfrom(99)
        assert ports.unmap(0, 0).code == SUCCESS
        server.sendto(b"in", back)
        flow.settimeout(1)
        assert flow.recv(99) == b"in"


# -- PREFER_FAILURE --------------------------------------------------------------------------------

EXACTLY = option(PREFER_FAILURE)


def test_exactly_that_port(ports, other_ports):
    """PCP-PF-01, 02, 03, 04, 05"""
    granted = ports.map(UDP, 5000, 1000, external=40001, options=EXACTLY)
    assert (granted.code, granted.external, granted.options) == (SUCCESS, 40001, EXACTLY)
    assert ports.map(UDP, 5001, options=EXACTLY).code == MALFORMED_OPTION
    assert ports.map(UDP, 5001, address=ROUTER_WAN, options=EXACTLY).code == MALFORMED_OPTION
    taken = other_ports.map(UDP, 5000, external=40001, options=EXACTLY)
    assert taken.code == CANNOT_PROVIDE_EXTERNAL and 990 <= taken.lifetime <= 1000
    moved = ports.map(UDP, 5000, external=40002, options=EXACTLY)
    assert moved.code == CANNOT_PROVIDE_EXTERNAL and 990 <= moved.lifetime <= 1000
    assert ports.map(UDP, 5000, 1000).external == 40001
    elsewhere = ports.map(UDP, 5001, external=40003, address="80.100.100.77", options=EXACTLY)
    assert (elsewhere.code, elsewhere.lifetime) == (CANNOT_PROVIDE_EXTERNAL, SHORT)
    for port in 80, 1900, 5351:
        kept = ports.map(UDP, 5001, external=port, options=EXACTLY)
        assert (kept.code, kept.lifetime) == (CANNOT_PROVIDE_EXTERNAL, SHORT)


def test_probing_for_ports_is_slowed_down(ports, other_ports):
    """PCP-PF-07: twenty failures a second (some of them used up by the test before), then
    silence"""
    assert other_ports.map(UDP, 5000, external=40001).code == SUCCESS
    packet = ports.map_packet(UDP, 5000, external=40001, options=EXACTLY)
    for _ in range(60):
        ports.socket.sendto(packet, ports.to)
    answers = 0
    ports.socket.settimeout(0.3)
    try:
        while ports.socket.recv(2048):
            answers += 1
    except TimeoutError:
        pass
    assert 10 <= answers <= 45
    assert ports.map(UDP, 5000).code == SUCCESS, "what is no probe is answered"


# -- FILTER ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bits, address, code",
    [
        (1, "80.0.0.0", MALFORMED_OPTION),
        (95, "80.0.0.0", MALFORMED_OPTION),
        (96, "80.0.0.0", SUCCESS),
        (128, "80.100.100.9", SUCCESS),
        (129, "80.0.0.0", MALFORMED_OPTION),
        (0, "80.0.0.0", SUCCESS),
        (0, "2a0a::", SUCCESS),
        (32, "2a0a::", EXCESSIVE_REMOTE_PEERS),
        (255, "2a0a::", MALFORMED_OPTION),
    ],
)
def test_prefixes(ports, bits, address, code):
    """PCP-FLT-02, 03, 12: a remote host of another family cannot be let in, so it is refused"""
    reply = ports.map(UDP, 5000, options=option(FILTER, bytes([0, bits, 0, 0]) + wire(address)))
    assert reply.code == code


def test_one_filter_too_many(ports, point, daemon):
    """PCP-FLT-09, 10, IWF-07"""
    eight = b"".join(filter_option(f"80.{number}.0.0/16") for number in range(1, 9))
    assert ports.map(UDP, 5000, external=40001, options=eight).code == SUCCESS
    before = daemon.state()
    refused = ports.map(UDP, 5000, 7200, options=filter_option("80.9.0.0/16"))
    assert (refused.code, refused.lifetime) == (EXCESSIVE_REMOTE_PEERS, LONG)
    assert daemon.state() == before
    entry = point.specific("UDP", 40001)
    assert "filtered" in entry["NewPortMappingDescription"]
    assert ports.map(UDP, 5000, options=filter_option("80.1.2.0/24")).code == SUCCESS, (
        "that one was let in already"
    )
    assert (
        ports.map(UDP, 5001, external=40002, options=eight + filter_option("80.9.0.0/16")).code
        == EXCESSIVE_REMOTE_PEERS
    )
    assert point.specific("UDP", 40002).code == 714


def test_filters_stay_over_a_restart(lab):
    """IWF-10: nonce, filters, lease and order"""
    daemon = lab.daemon().start()
    lab.echo(lab.lan1, 5000)
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert (
            client.map(UDP, 5000, external=40001, options=filter_option("80.100.100.128/25")).code
            == SUCCESS
        )
        assert (
            client.map(TCP, 5000, external=40002, options=filter_option("80.100.100.9/32")).code
            == SUCCESS
        )
        assert client.pmp_map(UDP, 5001, 40003).code == 0
        assert daemon.stop() == 0
        daemon.start()
        assert not lab.reaches("UDP", 40001) and lab.reaches("TCP", 40002)
        assert client.map(UDP, 5000, nonce=OTHER).code == NOT_AUTHORIZED
        assert client.map(UDP, 5000).external == 40001 and not lab.reaches("UDP", 40001)
        assert client.pmp_unmap(UDP, 5001).code == 0 and client.unmap(TCP, 5000).code == SUCCESS
        assert client.unmap(UDP, 5000).code == SUCCESS and not lab.reaches("TCP", 40002)


def test_two_hosts_ask_for_the_same(ports, other_ports):
    """PCP-MAP-03: the first has it, the second another"""
    first, second = ports.map(UDP, 5000, external=40001), other_ports.map(UDP, 5000, external=40001)
    assert first.external == 40001 and second.code == SUCCESS and second.external != 40001
    assert LAN1 != LAN2
