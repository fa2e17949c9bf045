# SPDX-License-Identifier: GPL-2.0-or-later
"""Real packets: echo servers on LAN hosts, and probes that send to them and check what comes
back."""

import contextlib
import os
import selectors
import socket
import threading


class Echo:
    """A host that answers on TCP and UDP `port` with what it was sent; `received` keeps the
    payloads."""

    def __init__(self, host, port, family=socket.AF_INET):
        self.received = []
        self._udp = host.socket(family, socket.SOCK_DGRAM)
        self._udp.bind(("", port))
        self._tcp = host.socket(family, socket.SOCK_STREAM)
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._tcp.bind(("", port))
        self._tcp.listen(64)
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._wake.close()
        self._thread.join(5)
        for item in self._udp, self._tcp, self._woken:
            item.close()

    def _serve(self):
        with selectors.DefaultSelector() as selector:
            for item in self._udp, self._tcp, self._woken:
                selector.register(item, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._woken:
                        return
                    with contextlib.suppress(OSError):
                        self._answer(key.fileobj)

    def _answer(self, listener):
        if listener is self._udp:
            payload, peer = self._udp.recvfrom(2048)
            self.received.append(payload)
            self._udp.sendto(payload, peer)
            return
        connection, _ = self._tcp.accept()
        with connection:
            connection.settimeout(2)
            payload = connection.recv(2048)
            self.received.append(payload)
            connection.sendall(payload)


def _payload():
    return b"upnpd-test-" + os.urandom(8).hex().encode()


def _open(source, kind, host, from_port, from_address):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    probe = source.socket(family, kind)
    if from_port or from_address:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((from_address, from_port))
    return probe


def tcp_reply(source, host, port, timeout, from_port=0, from_address=""):
    """True when a new connection from `source` carries a payload there and back."""
    payload = _payload()
    with _open(source, socket.SOCK_STREAM, host, from_port, from_address) as probe:
        probe.settimeout(timeout)
        try:
            probe.connect((host, port))
            probe.sendall(payload)
            return probe.recv(2048) == payload
        except OSError:
            return False


def udp_reply(source, host, port, timeout, from_port=0, from_address=""):
    """Does the same with one datagram; each call uses a source port of its own, unless told, so it
    is a new flow."""
    payload = _payload()
    with _open(source, socket.SOCK_DGRAM, host, from_port, from_address) as probe:
        probe.settimeout(timeout)
        try:
            probe.connect((host, port))
            probe.send(payload)
            return probe.recv(2048) == payload
        except OSError:
            return False
