# SPDX-License-Identifier: GPL-2.0-or-later
"""The limits of upnpd.conf(5), section LIMITS, as they are seen on the wire; none of one host is
felt by another."""

import contextlib
import os
import signal
import socket
import threading
import time

import pytest

from lab import LAN1, LAN2, ControlPoint, http, wait_until
from lab.control_point import WAN_IP, envelope

SMALL = dict(
    request_header_max=1024,
    request_body_max=4096,
    request_time=1,
    connections_per_client=3,
    connections_total=8,
)


def connect(point, own=None):
    connection = point.host.socket(socket.AF_INET, socket.SOCK_STREAM)
    if own:
        connection.bind((own, 0))
    connection.settimeout(5)
    connection.connect((point.address, point.port))
    return connection


def is_open(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@pytest.fixture
def points(lab):
    def start(**settings):
        daemon = lab.daemon(**settings).start()
        one = ControlPoint(lab.lan1, LAN1)
        return daemon, one, ControlPoint(lab.lan2, LAN2, one.location)

    return start


def test_sizes(points):
    """SEC-WAN-14, IGD-SOAP-18"""
    _, one, _ = points(**SMALL)
    assert one.get("/rootDesc.xml", headers={"X": "a" * 700}).status == 200
    assert one.get("/rootDesc.xml", headers={"X": "a" * 1100}).status == 431
    body = envelope(WAN_IP, "GetExternalIPAddress", {})
    assert one.post(WAN_IP, "GetExternalIPAddress", body + " " * (4000 - len(body))).status == 200
    assert one.post(WAN_IP, "GetExternalIPAddress", body + " " * (4200 - len(body))).status == 413


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"GET /rootDesc.xml HTTP/1.1\r\nX: ",
        b"POST /ctl/IPConn HTTP/1.1\r\nHOST: 192.168.50.1\r\nCONTENT-LENGTH: 1000\r\n\r\n<",
    ],
    ids=["silent", "a head", "a body"],
)
def test_time(points, words):
    """DESC-24: of the whole request, however often a byte comes"""
    _, one, _ = points(**SMALL)
    with connect(one) as connection:
        begin = time.monotonic()
        connection.sendall(words)

        def closed():
            with contextlib.suppress(OSError):
                connection.setblocking(False)
                connection.send(b"a" if words else b"")
            return not is_open(connection)

        wait_until(closed, 4, "the end of the connection")
        assert 0.9 < time.monotonic() - begin


def test_connections_of_one_host(points):
    _, one, other = points(**SMALL | dict(request_time=30))
    with contextlib.ExitStack() as stack:
        mine = [stack.enter_context(connect(one)) for _ in range(3)]
        with pytest.raises(OSError):
            one.get("/rootDesc.xml")
        assert all(map(is_open, mine))
        assert other.get("/rootDesc.xml").status == 200


def test_connections_that_come_all_at_once(points):
    """While they wait to be taken there is room for another host's: a SYN that is dropped comes
    again after a second only"""
    daemon, one, other = points()
    (front_end,) = daemon.front_ends()
    with contextlib.ExitStack() as stack:
        os.kill(front_end, signal.SIGSTOP)
        stack.callback(os.kill, front_end, signal.SIGCONT)
        for _ in range(700):
            connection = stack.enter_context(one.host.socket(socket.AF_INET, socket.SOCK_STREAM))
            connection.setblocking(False)
            connection.connect_ex((one.address, one.port))
        with other.host.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
            connection.settimeout(0.7)
            connection.connect((other.address, other.port))
        os.kill(front_end, signal.SIGCONT)
        begin = time.monotonic()
        assert other.add("TCP", 5000).ok and time.monotonic() - begin < 1


def test_a_host_with_many_addresses_is_one_host(lab, points):
    """All of them together have what one host has"""
    _, one, other = points(**SMALL | dict(request_time=30))
    lab.lan1.ip(*(f"addr add 192.168.50.{100 + number}/24 dev eth0" for number in range(20)))
    with contextlib.ExitStack() as stack:
        taken = [
            stack.enter_context(connect(one, f"192.168.50.{100 + number}")) for number in range(20)
        ]
        wait_until(lambda: sum(map(is_open, taken)) == 3, 2, "three of them open")
        assert other.add("TCP", 5000).ok


def test_requests_in_a_second(points):
    """Who waits for its answers is read later, and is never refused; requests that are none count,
    too; the other host notices nothing"""
    _, one, other = points(requests_per_client=20)
    begin = time.monotonic()
    assert {one.get("/rootDesc.xml").status for _ in range(35)} == {200}
    assert time.monotonic() - begin > 0.5, "the second 15 at 20 a second"
    statuses = [
        http.exchange(one.host, one.address, one.port, b"nonsense\r\n\r\n").status
        for _ in range(10)
    ]
    assert set(statuses) == {400} and time.monotonic() - begin > 0.9
    begin = time.monotonic()
    assert other.add("TCP", 5000).ok and other.delete("TCP", 5000).ok
    assert time.monotonic() - begin < 0.4


def test_requests_on_one_connection(points):
    """Pipelined, they are answered one by one"""
    _, one, _ = points(requests_per_client=20)
    with connect(one) as connection:
        words = f"GET /rootDesc.xml HTTP/1.1\r\nHOST: {one.address}\r\n\r\n"
        connection.sendall(words.encode() * 40)
        data = b""
        while data.count(b"HTTP/1.1 200") < 40:
            piece = connection.recv(65536)
            assert piece, data[-200:]
            data += piece


def test_requests_when_the_total_is_used_up(points):
    """503 with Retry-After for who has had its share, and the connection ends; a quarter is kept
    for others"""
    _, one, other = points(requests_per_client=20, requests_total=20)
    time.sleep(1.1)  # the quarter is for hosts that have not asked in the last second
    answers = [one.get("/rootDesc.xml") for _ in range(40)]
    refused = [answer for answer in answers if answer.status == 503]
    assert {answer.status for answer in answers} == {200, 503}
    for answer in refused:
        assert (
            answer.headers["retry-after"] == "1" and answer.headers["connection"].lower() == "close"
        )
    assert other.get("/rootDesc.xml").status == 200
    wait_until(lambda: one.get("/rootDesc.xml").status == 200, 3, "its share of another second")


def test_bodies_have_one_budget(points):
    """A host sends 64 bodies of 60 kB, none of them whole: its share of them is read, and the rest
    waits in the kernel; a small body of another host is read at once"""
    daemon, one, other = points(connections_per_client=64, request_time=30)
    head = (
        f"POST /ctl/IPConn HTTP/1.1\r\nHOST: {one.address}\r\nCONTENT-LENGTH: 60001\r\n\r\n"
    ).encode()
    assert other.add("TCP", 5000).ok and other.delete("TCP", 5000).ok  # all code has run once
    before = daemon.resources()[0]
    with contextlib.ExitStack() as stack:
        for _ in range(64):
            connection = stack.enter_context(connect(one))
            connection.sendall(head + b"x" * 60000)
        assert other.add("TCP", 5000).ok and other.delete("TCP", 5000).ok
        grown = daemon.resources()[0] - before
    print(f"grown by {grown} kB")
    assert grown < 2500, "1 MB of bodies, and 4 kB for each connection"


@contextlib.contextmanager
def again_and_again(flood):
    """flood() is done for a second before the block, in which each bucket has been emptied, and
    goes on until its end."""
    rounds, stop = [], threading.Event()

    def work():
        while not stop.is_set():
            flood()
            rounds.append(time.monotonic())

    worker = threading.Thread(target=work)
    worker.start()
    try:
        wait_until(lambda: rounds and rounds[-1] - rounds[0] > 1, 10, "a second of flood")
        yield
        assert rounds[-1] > time.monotonic() - 2, "the flood went on"
    finally:
        stop.set()
        worker.join()


def newcomers(lab):
    """Addresses of the second host, one after the other, from each of which nobody has asked
    anything before."""
    for number in range(200, 208):
        own = f"192.168.50.{number}"
        lab.lan2.ip(f"addr add {own}/24 dev eth0")
        yield own


def description(host, point, own):
    """The status of the description, asked for from that address."""
    with host.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.bind((own, 0))
        connection.settimeout(5)
        connection.connect((point.address, point.port))
        connection.sendall(f"GET /rootDesc.xml HTTP/1.1\r\nHOST: {point.address}\r\n\r\n".encode())
        return int(connection.recv(12)[-3:])


def test_requests_of_many_addresses(lab, points):
    """They have what one host has, so that one that comes for the first time is answered at once"""
    _, one, _ = points(requests_per_client=100, requests_total=200)
    sources = [f"192.168.50.{100 + number}" for number in range(40)]
    lab.lan1.ip(*(f"addr add {source}/24 dev eth0" for source in sources))
    words = f"GET /rootDesc.xml HTTP/1.1\r\nHOST: {one.address}\r\n\r\n".encode() * 12

    def flood():
        for source in sources:
            with connect(one, source) as connection, contextlib.suppress(OSError):
                connection.sendall(words)

    with again_and_again(flood):
        for own in newcomers(lab):
            assert description(lab.lan2, one, own) == 200


def test_searches_have_a_share_too(lab, points):
    """Also of one that searches for the first time, and only once"""
    _, one, _ = points(searches_per_client=20, searches_total=40)
    sources = [f"192.168.50.{100 + number}" for number in range(10)]
    lab.lan1.ip(*(f"addr add {source}/24 dev eth0" for source in sources))
    text = (
        b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n'
        b"ST: upnp:rootdevice\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        floods = [
            stack.enter_context(lab.lan1.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in sources
        ]
        for sender, source in zip(floods, sources):
            sender.bind((source, 0))

        def flood():
            for sender in floods * 10:
                sender.sendto(text, (one.address, 1900))
            time.sleep(0.02)

        def found(own):
            with lab.lan2.socket(socket.AF_INET, socket.SOCK_DGRAM) as searcher:
                searcher.bind((own, 0))
                searcher.settimeout(0.4)
                searcher.sendto(text, (one.address, 1900))
                with contextlib.suppress(TimeoutError):
                    return searcher.recv(999).startswith(b"HTTP/1.1 200")

        with again_and_again(flood):
            for own in newcomers(lab):
                assert found(own), own
