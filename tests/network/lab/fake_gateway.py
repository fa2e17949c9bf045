# SPDX-License-Identifier: GPL-2.0-or-later
"""A gateway above of the tests' own: it speaks NAT-PMP as a provider of VPNs does, which gives one
port of its choice for a minute, or whatever it is told to say."""

import socket
import struct
import time

from .port_control import SERVER
from .reader import Reader


def provider(port, lease=60, address="80.1.2.3"):
    """It gives `port` whatever it is asked for."""

    def answer(request, epoch):
        if request[:2] == b"\0\0":
            return struct.pack("!BBHI", 0, 128, 0, epoch) + socket.inet_aton(address)
        if request[0] != 0 or len(request) < 12:
            return struct.pack("!BBHI", 0, 0, 1, epoch)
        opcode, internal, lifetime = request[1], *struct.unpack("!HxxI", request[4:12])
        external, lifetime = (port, lease) if lifetime else (0, 0)
        return struct.pack("!BBHIHHI", 0, 128 + opcode, 0, epoch, internal, external, lifetime)

    return answer


def liar(*answers):
    """It says these in turn, whatever it is asked."""

    def answer(_request, epoch):
        return answers[epoch % len(answers)]

    return answer


class FakeGateway(Reader):
    """`asked` keeps the requests with their times."""

    def __init__(self, host, address, answer):
        self.answer, self.asked = answer, []
        self._began = time.monotonic()
        own = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.bind((address, SERVER))
        super().__init__([own], self._serve)

    def _serve(self, own):
        request, sender = own.recvfrom(2048)
        now = time.monotonic()
        self.asked.append((now, request))
        own.sendto(self.answer(request, int(now - self._began)), sender)

    def requests_of(self, opcode):
        return [(at, request) for at, request in self.asked if request[:2] == bytes([0, opcode])]
