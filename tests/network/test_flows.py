# SPDX-License-Identifier: GPL-2.0-or-later
"""Connection tracking and openings: a sender that was there before a mapping arrives once it is
made, and what came in by an opening ends with it."""

import socket

import pytest

from conftest import BACKENDS
from lab import LAN1, LAN1_6, ROUTER_WAN, Lab, wait_until
from test_firewall_backends import Driver

SOON = 10  # seconds: the walks through the flows have pauses between them, longer than they are


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


@pytest.fixture
def lab(backend):
    forward = "nft-drop" if backend == "nftables" else "legacy-drop"
    with Lab(forward=forward, masquerade=True) as own:
        own.add_ipv6()
        yield own


@pytest.fixture
def driver(lab, backend):
    own = Driver(lab.router).open(backend)
    own.ok("external", ROUTER_WAN)
    own.ok("replaceall")
    yield own
    own.close()


class Sender:
    """The WAN host sends from one port all the time."""

    def __init__(self, lab, port, host=ROUTER_WAN):
        self._socket = lab.wan.socket(
            socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM
        )
        self._socket.settimeout(0.2)
        self._socket.connect((host, port))

    def answered(self):
        try:
            self._socket.send(b"steady")
        except OSError:
            return False
        return self.hears()

    def hears(self):
        try:
            return self._socket.recv(100) == b"steady"
        except OSError:
            return False


def test_a_sender_that_was_there_before_arrives(lab, driver):
    lab.echo(lab.lan1, 7000)
    sender = Sender(lab, 80)
    assert not any(sender.answered() for _ in range(3)), "the router has it"
    driver.ok("add", "udp", 80, LAN1, 7000)
    wait_until(sender.answered, SOON, "an answer of the client")


def test_a_restart_does_not_silence_who_sends(lab, driver):
    lab.echo(lab.lan1, 7000)
    driver.ok("add", "udp", 80, LAN1, 7000)
    sender = Sender(lab, 80)
    assert sender.answered()
    driver.ok("removeall")
    lab.wait_for_end_of_flow(80)
    assert not sender.answered()
    driver.ok("replaceall")
    wait_until(sender.answered, SOON, "an answer after the restart")


def test_other_flows_to_that_port_stay(lab, driver):
    """A LAN host speaks with the same port of a host on the Internet."""
    lab.echo(lab.wan, 80)
    with lab.lan2.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.settimeout(1)
        other.connect(("80.100.100.9", 80))
        other.send(b"before")
        assert other.recv(10) == b"before"
        entry = lab.router.run("conntrack", "-L", "-o", "id", "-p", "udp").stdout
        sender = Sender(lab, 80)
        sender.answered()
        lab.echo(lab.lan1, 7000)
        driver.ok("add", "udp", 80, LAN1, 7000)
        wait_until(sender.answered, SOON, "an answer of the client")
        identity = next(line for line in entry.splitlines() if "dst=80.100.100.9" in line).split()[
            -2:
        ]
        after = lab.router.run("conntrack", "-L", "-o", "id", "-p", "udp").stdout
        assert [word for word in identity if word.startswith("id=")][0] in after


def test_a_flow_ends_with_its_pinhole(lab, driver):
    lab.echo(lab.lan1, 7000, socket.AF_INET6)
    pinhole = "pinhole", "udp", LAN1_6, 7000
    driver.ok(*pinhole)
    driver.ok("pinhole", "udp", LAN1_6, 7001)
    sender = Sender(lab, 7000, LAN1_6)
    assert sender.answered()
    driver.ok(*pinhole, "renew=yes", "timeout=90")
    assert sender.answered()
    driver.ok(*pinhole, "del=yes")
    lab.wait_for_end_of_flow(7000)
    assert not sender.answered()


def test_a_late_answer_begins_no_flow_that_lasts(lab, driver):
    """The kernel takes it for a flow that the client has begun, with the external port it had."""
    driver.ok("add", "udp", 7000, LAN1, 7000)
    sender = Sender(lab, 7000)
    with lab.lan1.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("", 7000))
        client.settimeout(1)
        assert not sender.answered()
        _, remote = client.recvfrom(10)
        driver.ok("del", "udp", 7000)
        lab.wait_for_end_of_flow(7000)
        client.sendto(b"steady", remote)
        assert sender.hears(), "the answer has passed the router"
        lab.wait_for_end_of_flow(7000)
        assert not sender.answered()
        with pytest.raises(TimeoutError):
            client.recv(10)


class Connection:
    """A connection that the WAN host has made by an opening, and both its ends."""

    def __init__(self, lab, host, port):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with lab.lan1.socket(family, socket.SOCK_STREAM) as listener:
            listener.bind(("", 7000))
            listener.listen()
            self.remote = lab.wan.socket(family, socket.SOCK_STREAM)
            self.remote.settimeout(0.5)
            self.remote.connect((host, port))
            self.client, _ = listener.accept()
        self.client.settimeout(2)
        self.remote.sendall(b"first")
        assert self.client.recv(10) == b"first"


# An opening, its end, and where the WAN host finds it.
OPENINGS = {
    "mapping": (("add", "tcp", 7000, LAN1, 7000), ("del", "tcp", 7000), ROUTER_WAN),
    "pinhole": (
        ("pinhole", "tcp", LAN1_6, 7000),
        ("pinhole", "tcp", LAN1_6, 7000, "del=yes"),
        LAN1_6,
    ),
}


@pytest.mark.parametrize("backend", ["nftables"], indirect=True)
@pytest.mark.parametrize("kind", OPENINGS)
def test_a_connection_ends_also_when_the_client_speaks_first(lab, driver, kind):
    """The kernel would take it up as a connection that the client has begun."""
    begin, end, host = OPENINGS[kind]
    driver.ok(*begin)
    connection = Connection(lab, host, 7000)
    driver.ok(*end)
    wait_until(
        lambda: "dport=7000" not in lab.router.run("cat", "/proc/net/nf_conntrack").stdout,
        SOON,
        "the end of the flow",
    )
    connection.client.sendall(b"late")
    with pytest.raises(ConnectionResetError):
        connection.client.recv(10)
    with pytest.raises(TimeoutError):
        connection.remote.recv(10)
    with lab.lan1.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM
    ) as new:
        new.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        new.settimeout(2)
        new.bind(("", 7000))
        with lab.wan.socket(new.family, socket.SOCK_STREAM) as server:
            server.bind(("", 9000))
            server.listen()
            new.connect(("80.100.100.9" if kind == "mapping" else "2a0a:100::9", 9000))
