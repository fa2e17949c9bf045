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

RETRY = 2.5  # seconds in which one that searches again and again has its answer
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


def test_a_host_with_many_addresses_does_not_take_all_connections(lab, points):
    """The host that has most gives up the one on which it has kept the router waiting longest"""
    _, one, other = points(**SMALL | dict(request_time=30))
    lab.lan1.ip(*(f"addr add 192.168.50.{100 + number}/24 dev eth0" for number in range(20)))
    with contextlib.ExitStack() as stack:
        taken = [
            stack.enter_context(connect(one, f"192.168.50.{100 + number}"))
            for number in (0, 0, 0, 1, 1, 2, 2, 3)
        ]
        wait_until(lambda: all(map(is_open, taken)), 2, "all of them open")
        assert other.add("TCP", 5000).ok
        assert [is_open(connection) for connection in taken] == [False] + [True] * 7
        for number in range(4, 20):  # one each, more than there may be
            taken.append(stack.enter_context(connect(one, f"192.168.50.{100 + number}")))
        for _ in range(5):
            assert other.delete("TCP", 5000).ok and other.add("TCP", 5000).ok


def test_requests_in_a_second(points):
    """503 with Retry-After; the connection ends, the other host notices nothing, and a moment later
    all is well"""
    _, one, other = points(requests_per_client=10)
    answers = [one.get("/rootDesc.xml") for _ in range(30)]
    refused = [answer for answer in answers if answer.status == 503]
    assert {answer.status for answer in answers} == {200, 503} and len(refused) >= 10
    for answer in refused:
        assert (
            answer.headers["retry-after"] == "1" and answer.headers["connection"].lower() == "close"
        )
    assert other.add("TCP", 5000).ok and other.delete("TCP", 5000).ok
    wait_until(lambda: one.get("/rootDesc.xml").status == 200, 3, "the rate of the next second")


def test_requests_that_are_none_count(points):
    _, one, _ = points(requests_per_client=10)
    statuses = [
        http.exchange(one.host, one.address, one.port, b"nonsense\r\n\r\n").status
        for _ in range(30)
    ]
    assert set(statuses) == {400, 503}


def test_requests_on_one_connection(points):
    """Pipelined, the last is the one that is refused"""
    _, one, _ = points(requests_per_client=10)
    wait_until(lambda: one.get("/").status == 200, 3, "a second of its own")
    with connect(one) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHOST: {one.address}\r\n\r\n".encode() * 40)
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                data += piece
    assert 1 <= data.count(b"HTTP/1.1 200") <= 20 and data.count(b"HTTP/1.1 503") <= 1


@contextlib.contextmanager
def again_and_again(flood):
    """flood() is done for two seconds before the block, for the first is anybody's, and goes on
    until its end."""
    rounds, stop = [], threading.Event()

    def work():
        while not stop.is_set():
            flood()
            rounds.append(time.monotonic())

    worker = threading.Thread(target=work)
    worker.start()
    try:
        wait_until(lambda: rounds and rounds[-1] - rounds[0] > 2, 10, "two seconds of flood")
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


def page(host, point, own):
    """The status of "/", asked for from that address."""
    with host.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.bind((own, 0))
        connection.settimeout(5)
        connection.connect((point.address, point.port))
        connection.sendall(f"GET / HTTP/1.1\r\nHOST: {point.address}\r\n\r\n".encode())
        return int(connection.recv(12)[-3:])


def test_requests_of_many_addresses(lab, points):
    """Each has its share of the total, also one that comes for the first time: at once, or when it
    is told to come again"""
    _, one, _ = points(requests_per_client=100, requests_total=200)
    sources = [f"192.168.50.{100 + number}" for number in range(40)]
    lab.lan1.ip(*(f"addr add {source}/24 dev eth0" for source in sources))
    statuses = []

    def flood():
        for source in sources:
            with connect(one, source) as connection:
                connection.sendall(f"GET / HTTP/1.1\r\nHOST: {one.address}\r\n\r\n".encode() * 12)
                statuses.append(connection.recv(12))

    with again_and_again(flood):
        for own in newcomers(lab):
            tries = iter(range(3))
            while page(lab.lan2, one, own) != 200:
                assert next(tries, None) is not None, f"{own} was told to come again, and again"
                time.sleep(1)  # what Retry-After says
    assert b"HTTP/1.1 503" in statuses


def test_searches_have_a_share_too(lab, points):
    """Also of one that searches for the first time, and again while there is no answer, as control
    points do"""
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
                wait_until(lambda own=own: found(own), RETRY, f"an answer to {own}")
