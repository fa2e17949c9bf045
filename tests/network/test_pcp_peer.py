# SPDX-License-Identifier: GPL-2.0-or-later
"""PCP PEER (RFC 6887 section 12): flows that a client begins, over IPv4 and IPv6, by packets and by
what the kernel keeps; with both back ends."""

import re
import socket

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    LAN1_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ROUTER_WAN,
    WAN_HOST,
    WAN_HOST6,
    Lab,
    PortControlClient,
    wait_until,
)
from lab.port_control import (
    CANNOT_PROVIDE_EXTERNAL,
    MALFORMED_REQUEST,
    NONCE,
    NOT_AUTHORIZED,
    SUCCESS,
    TCP,
    UDP,
    UNSUPP_PROTOCOL,
)

OTHER = b"another one!"
GRACE = 2  # seconds by which the kernel keeps a flow longer than the daemon


FIREWALLS = list(zip(BACKENDS, ("nft-drop", "legacy-drop")))
ANSWERS_PASS = "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"


@pytest.fixture(scope="module", params=FIREWALLS, ids=lambda pair: f"{pair[0]}, forward {pair[1]}")
def running(request):
    backend, forward = request.param
    with Lab(forward=forward) as lab:
        lab.add_ipv6()
        if forward == "legacy-drop":
            lab.router.run("ip6tables-legacy", *ANSWERS_PASS.split())
        daemon = lab.daemon(firewall_backend=backend).start()
        yield lab, daemon
        assert daemon.stop() == 0


@pytest.fixture
def lab(running):
    running[0].router.run("conntrack", "-F", check=False)
    return running[0]


@pytest.fixture
def client(lab):
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as own:
        yield own
        own.forget()


@pytest.fixture
def remote(lab):
    """The remote peer's socket."""
    with lab.wan.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind((WAN_HOST, 0))
        own.settimeout(1)
        yield own


def kept(lab, source_port):
    """Seconds until the kernel forgets the flow from that port of the client."""
    listed = lab.router.run("cat", "/proc/net/nf_conntrack").stdout
    match = re.search(rf"^\S+ +\d+ +\S+ +\d+ (\d+) .*?sport={source_port} ", listed, re.M)
    return int(match[1]) if match else None


def open_flow(lab, port, remote):
    flow = lab.lan1.socket(socket.AF_INET, socket.SOCK_DGRAM)
    flow.bind((LAN1, port))
    flow.settimeout(1)
    flow.connect(remote.getsockname())
    flow.send(b"first")
    return flow, remote.recvfrom(99)[1]


def test_a_flow_that_is_there(lab, client, remote):
    """PCP-PEER-05, 06, 09: its real external endpoint is told, and it lives as long as was
    granted"""
    flow, seen = open_flow(lab, 6000, remote)
    with flow:
        reply = client.peer(UDP, 6000, WAN_HOST, remote.getsockname()[1], 1000)
        assert (len(reply.raw), reply.code, reply.lifetime) == (80, SUCCESS, 1000)
        assert (reply.address, reply.external) == seen
        assert reply.raw[60:62] == remote.getsockname()[1].to_bytes(2, "big") and reply.raw[
            62:64
        ] == bytes(2)
        assert 900 <= kept(lab, 6000) <= 1000 + GRACE
        for shorter in 0, 1, 500:
            again = client.peer(UDP, 6000, WAN_HOST, remote.getsockname()[1], shorter)
            assert again.code == SUCCESS and 990 <= again.lifetime <= 1000
            assert 900 <= kept(lab, 6000) <= 1000 + GRACE
        flow.send(b"traffic, which has the kernel count from anew with its own short time")
        remote.recv(99)
        wait_until(lambda: kept(lab, 6000) > 900, 12, "the daemon to keep the flow nevertheless")


def test_a_flow_that_is_not_there_yet(lab, client, remote):
    """PCP-PEER-05, 10: the remote peer can send first; nobody else comes in"""
    port = remote.getsockname()[1]
    reply = client.peer(UDP, 6001, WAN_HOST, port)
    assert (reply.code, reply.address, reply.port) == (SUCCESS, ROUTER_WAN, 6001)
    with lab.lan1.socket(socket.AF_INET, socket.SOCK_DGRAM) as inside:
        inside.bind((LAN1, 6001))
        inside.settimeout(0.4)
        remote.sendto(b"you there", (ROUTER_WAN, reply.external))
        assert inside.recv(99) == b"you there"
        inside.sendto(b"yes", (WAN_HOST, port))
        answer, seen = remote.recvfrom(99)
        assert (answer, seen) == (b"yes", (ROUTER_WAN, reply.external))
        with lab.wan.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"let me in", (ROUTER_WAN, reply.external))
        with pytest.raises(TimeoutError):
            inside.recv(99)


def test_tcp(lab, client):
    """PCP-PEER-05: a connection that is made afterwards leaves by the port that was told"""
    with (
        lab.wan.socket(socket.AF_INET, socket.SOCK_STREAM) as listener,
        lab.lan1.socket(socket.AF_INET, socket.SOCK_STREAM) as flow,
    ):
        listener.bind((WAN_HOST, 0))
        listener.listen()
        reply = client.peer(TCP, 6002, WAN_HOST, listener.getsockname()[1], external=45000)
        assert (reply.code, reply.external) == (SUCCESS, 45000)
        flow.bind((LAN1, 6002))
        flow.settimeout(2)
        flow.connect(listener.getsockname())
        listener.settimeout(2)
        accepted, seen = listener.accept()
        with accepted:
            assert seen == (ROUTER_WAN, 45000)
            flow.sendall(b"there")
            assert accepted.recv(99) == b"there"


def test_what_is_malformed(client):
    """PCP-PEER-02"""
    for protocol, port, remote_port, code in (
        (0, 5000, 80, MALFORMED_REQUEST),
        (UDP, 0, 80, MALFORMED_REQUEST),
        (UDP, 5000, 0, MALFORMED_REQUEST),
        (132, 5000, 80, UNSUPP_PROTOCOL),
    ):
        assert client.peer(protocol, port, WAN_HOST, remote_port).code == code


def test_remote_peers_that_are_none(client):
    for address in "0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "2a0a:100::9", "::":
        assert client.peer(UDP, 5000, address, 80).code == NOT_AUTHORIZED


def test_a_suggestion_is_exact(lab, client, remote):
    """PCP-PEER-04"""
    port = remote.getsockname()[1]
    flow, seen = open_flow(lab, 6003, remote)
    with flow:
        other_port = 50000 if seen[1] != 50000 else 50001
        assert (
            client.peer(UDP, 6003, WAN_HOST, port, external=other_port).code
            == CANNOT_PROVIDE_EXTERNAL
        )
        assert (
            client.peer(UDP, 6003, WAN_HOST, port, external=seen[1], address=ROUTER_WAN).code
            == SUCCESS
        )
    assert (
        client.peer(UDP, 6004, WAN_HOST, port, address="80.100.100.77").code
        == CANNOT_PROVIDE_EXTERNAL
    )
    taken = client.peer(UDP, 6005, WAN_HOST, port, external=seen[1])
    assert taken.code == CANNOT_PROVIDE_EXTERNAL, "to that peer another flow leaves by that port"
    assert client.peer(UDP, 6005, WAN_HOST, port).external not in (0, seen[1]) or seen[1] == 6005


def test_the_nonce(lab, client, remote):
    """PCP-PEER-07"""
    port = remote.getsockname()[1]
    assert client.peer(UDP, 6006, WAN_HOST, port, 1000).code == SUCCESS
    refused = client.peer(UDP, 6006, WAN_HOST, port, 2000, nonce=OTHER)
    assert refused.code == NOT_AUTHORIZED and 990 <= refused.lifetime <= 1000
    assert client.peer(UDP, 6006, WAN_HOST, port, 2000, nonce=NONCE).lifetime == 2000


def test_with_a_mapping(lab, client, remote):
    """PCP-PEER-08, PCP-Del-08, PCP-Del-04: the mapping's port; and MAP does not end what PEER has
    made"""
    assert client.map(UDP, 6007, external=40001).code == SUCCESS
    reply = client.peer(UDP, 6007, WAN_HOST, remote.getsockname()[1])
    assert (reply.code, reply.external) == (SUCCESS, 40001)
    assert client.unmap(UDP, 0).code == SUCCESS
    assert kept(lab, 6007) > 3000


def test_ipv6(lab):
    """PEER over IPv6: the client's own endpoint, and the peer's packets pass the firewall"""
    with (
        PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as six,
        lab.wan.socket(socket.AF_INET6, socket.SOCK_DGRAM) as remote,
        lab.lan1.socket(socket.AF_INET6, socket.SOCK_DGRAM) as inside,
    ):
        remote.bind((WAN_HOST6, 0))
        inside.bind((LAN1_6, 6008))
        inside.settimeout(0.3)
        remote.sendto(b"early", (LAN1_6, 6008))
        with pytest.raises(TimeoutError):
            inside.recv(99)
        reply = six.peer(UDP, 6008, WAN_HOST6, remote.getsockname()[1])
        assert (reply.code, reply.address, reply.external) == (SUCCESS, LAN1_6, 6008)
        remote.sendto(b"now", (LAN1_6, 6008))
        assert inside.recv(99) == b"now"


def test_quota_counts_peers():
    """The quota allows as many flows as mappings, together with them"""
    with Lab() as own:
        own.daemon(mappings_per_client=2).start()
        with PortControlClient(own.lan1, LAN1, ROUTER_LAN) as client:
            assert client.map(UDP, 5000).code == SUCCESS
            assert client.peer(UDP, 6000, WAN_HOST, 80).code == SUCCESS
            assert client.peer(UDP, 6001, WAN_HOST, 80).code == 10
            assert client.peer(UDP, 6000, WAN_HOST, 80).code == SUCCESS
