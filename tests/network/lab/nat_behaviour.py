# SPDX-License-Identifier: GPL-2.0-or-later
"""The tests of RFC 5780: how a NAT maps and filters. A server with two addresses and two ports, and
a client that asks it from one socket."""

import contextlib
import os
import socket
import struct

from .reader import Reader
from .stun_server import BINDING, COOKIE, SUCCESS, XOR_MAPPED, attribute, message, xor_mapped

CHANGE_REQUEST, RESPONSE_ORIGIN, OTHER_ADDRESS = 0x0003, 0x802B, 0x802C
CHANGE_IP, CHANGE_PORT = 4, 2
PATIENCE = 0.3  # the server is in the lab: what comes, comes at once

INDEPENDENT = "endpoint-independent"
BY_ADDRESS = "address-dependent"
BY_PORT = "address and port-dependent"


def plain_address(kind, address, port):
    return attribute(kind, struct.pack("!xBH", 1, port) + socket.inet_aton(address))


def attributes_of(packet):
    found, place = {}, 20
    while place + 4 <= len(packet):
        kind, length = struct.unpack("!HH", packet[place : place + 4])
        found[kind] = packet[place + 4 : place + 4 + length]
        place += 4 + length + -length % 4
    return found


class BehaviourServer(Reader):
    """On `host` at both addresses and both ports."""

    def __init__(self, host, addresses, ports=(3478, 3479)):
        self.primary, self.other = zip(addresses, ports)
        self._at = {}
        for address in addresses:
            for port in ports:
                own = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
                own.bind((address, port))
                self._at[address, port] = own
        places = {own: place for place, own in self._at.items()}
        super().__init__(places, lambda own: self._answer(*own.recvfrom(2048), *places[own]))

    def send(self, payload, to, place):
        """Sends from that end what nobody has asked for."""
        self._at[place].sendto(payload, to)

    def _answer(self, request, sender, address, port):
        kind, _, cookie = struct.unpack("!HHI", request[:8])
        if (kind, cookie) != (BINDING, COOKIE):
            return
        (change,) = struct.unpack("!I", attributes_of(request).get(CHANGE_REQUEST, bytes(4)))
        place = (self._another(address, 0, change & CHANGE_IP), self._another(port, 1, change & 2))
        other = (self._another(address, 0, True), self._another(port, 1, True))
        answer = message(
            SUCCESS,
            request[8:20],
            xor_mapped(*sender)
            + plain_address(RESPONSE_ORIGIN, *place)
            + plain_address(OTHER_ADDRESS, *other),
        )
        self._at[place].sendto(answer, sender)

    def _another(self, value, part, wanted):
        if not wanted:
            return value
        return self.other[part] if value == self.primary[part] else self.primary[part]


class BehaviourClient:
    """Asks from `port` of a host."""

    def __init__(self, host, address, port):
        self.socket = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.settimeout(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, server, change=0):
        """Returns the address and port that the server sees; None: no answer came."""
        transaction = os.urandom(12)
        more = attribute(CHANGE_REQUEST, struct.pack("!I", change)) if change else b""
        self.socket.sendto(message(BINDING, transaction, more), server)
        with contextlib.suppress(TimeoutError):
            while True:
                answer, _ = self.socket.recvfrom(2048)
                if answer[8:20] == transaction:
                    return self._mapped(answer)
        return None

    @staticmethod
    def _mapped(answer):
        port, address = struct.unpack("!xxHI", attributes_of(answer)[XOR_MAPPED])
        return socket.inet_ntoa(struct.pack("!I", address ^ COOKIE)), port ^ COOKIE >> 16

    def mapping(self, server):
        """RFC 5780 section 4.3"""
        first = self.ask(server.primary)
        second = self.ask((server.other[0], server.primary[1]))
        if first == second:
            return INDEPENDENT
        return BY_ADDRESS if second == self.ask(server.other) else BY_PORT

    def filtering(self, server):
        """RFC 5780 section 4.4; the other end of the server must not have been spoken to."""
        assert self.ask(server.primary)
        if self.ask(server.primary, CHANGE_IP | CHANGE_PORT):
            return INDEPENDENT
        return BY_ADDRESS if self.ask(server.primary, CHANGE_PORT) else BY_PORT

    def behaviour(self, server):
        """Filtering and mapping, in this order."""
        return self.filtering(server), self.mapping(server)

    def receives(self, timeout=PATIENCE):
        """Returns what comes next; None: nothing."""
        self.socket.settimeout(timeout)
        try:
            return self.socket.recvfrom(2048)[0]
        except TimeoutError:
            return None
        finally:
            self.socket.settimeout(PATIENCE)
