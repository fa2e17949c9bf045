# SPDX-License-Identifier: GPL-2.0-or-later
"""Real packets: echo servers on LAN hosts, and probes that send to them and check what comes
back."""

import os
import socket
import struct

from .reader import Reader

MARK = b"upnpd-test-"  # begins each payload


class Echo(Reader):
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
        super().__init__([self._udp, self._tcp], self._answer)

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


class Mirror(Reader):
    """Sends back each datagram of these tests that comes to any UDP port of a host, beside the
    program that listens there."""

    def __init__(self, host):
        raw = host.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
        super().__init__([raw], _mirror)


def _mirror(raw):
    packet, (sender, _) = raw.recvfrom(2048)
    head = (packet[0] & 15) * 4
    source, target, length = struct.unpack_from("!HHH", packet, head)
    payload = packet[head + 8 :]
    if payload.startswith(MARK):
        raw.sendto(struct.pack("!HHHH", target, source, length, 0) + payload, (sender, 0))


def _payload():
    return MARK + os.urandom(8).hex().encode()


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


def accepts(source, host, port, timeout):
    """True when a program takes a new TCP connection, whatever it says then."""
    with _open(source, socket.SOCK_STREAM, host, 0, "") as probe:
        probe.settimeout(timeout)
        return probe.connect_ex((host, port)) == 0


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
