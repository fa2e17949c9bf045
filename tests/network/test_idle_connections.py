# SPDX-License-Identifier: GPL-2.0-or-later
"""Idle and slow connections of one LAN host do not keep another one waiting (DESC-24)."""

import contextlib
import select
import socket
import time

import pytest

from lab import LAN2, ControlPoint, wait_until

CONNECTIONS = 200
HALF = b"POST /ctl/IPConn HTTP/1.1\r\nHOST: 192.168.50.1\r\nCONTENT-LENGTH: 1000\r\n"
LIMIT = 1.0  # seconds; the issue's own bound


def occupy(stack, host, point, first_words):
    """Opens the connections all at once and says the first words on those that are taken."""
    connections = []
    for _ in range(CONNECTIONS):
        connection = stack.enter_context(host.socket(socket.AF_INET, socket.SOCK_STREAM))
        connection.setblocking(False)
        connection.connect_ex((point.address, point.port))
        connections.append(connection)
    end = time.monotonic() + 1
    waiting = connections
    while waiting and time.monotonic() < end:
        ready = select.select([], waiting, [], 0.1)[1]
        for connection in ready:
            with contextlib.suppress(OSError):
                connection.send(first_words)
        waiting = [connection for connection in waiting if connection not in ready]


@pytest.mark.parametrize(
    "first_words", [b"", HALF, HALF + b"\r\n<"], ids=["silent", "half a header", "half a body"]
)
def test_another_hosts_request_is_answered_at_once(shared_lab, point, first_words):
    with contextlib.ExitStack() as stack:
        occupy(stack, shared_lab.lan1, point, first_words)
        other = ControlPoint(shared_lab.lan2, LAN2, point.location)
        start = time.monotonic()
        assert other.add("TCP", 40001).ok
        took = time.monotonic() - start
        assert took < LIMIT
        print(f"answered in {took * 1000:.1f} ms beside {CONNECTIONS} connections")
    assert other.delete("TCP", 40001).ok


def is_answered(point):
    """A host that has as many connections as it may is not answered on another one."""
    with contextlib.suppress(ConnectionError):
        return point.get("/WANIPCn.xml").status == 200


def test_slow_readers_do_not_stop_the_others(shared_lab, point):
    """DESC-24: 50 clients that ask for a document and never read it"""
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            connection = stack.enter_context(
                shared_lab.lan1.socket(socket.AF_INET, socket.SOCK_STREAM)
            )
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            with contextlib.suppress(OSError):
                connection.connect((point.address, point.port))
                host = f"HOST: {point.address}:{point.port}"
                connection.sendall(f"GET /WANIPCn.xml HTTP/1.1\r\n{host}\r\n\r\n".encode())
        start = time.monotonic()
        other = ControlPoint(shared_lab.lan2, LAN2, point.location)
        assert other.get("/WANIPCn.xml").status == 200
        assert time.monotonic() - start < LIMIT
    wait_until(lambda: is_answered(point), 5, "the end of the host's own connections")
