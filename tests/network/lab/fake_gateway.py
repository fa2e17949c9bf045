# SPDX-License-Identifier: GPL-2.0-or-later
"""A gateway above of the tests' own: it speaks NAT-PMP as a provider of VPNs does, which gives one
port of its choice for a minute, or whatever it is told to say."""

import contextlib
import socket
import struct
import threading
import time

from .port_control import SERVER


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


class FakeGateway:
    """`asked` keeps the requests with their times."""

    def __init__(self, host, address, answer):
        self.answer, self.asked = answer, []
        self._began = time.monotonic()
        self._socket = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, SERVER))
        self._socket.settimeout(0.1)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join(5)
        self._socket.close()

    def _serve(self):
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError, OSError):
                request, sender = self._socket.recvfrom(2048)
                now = time.monotonic()
                self.asked.append((now, request))
                self._socket.sendto(self.answer(request, int(now - self._began)), sender)

    def requests_of(self, opcode):
        return [(at, request) for at, request in self.asked if request[:2] == bytes([0, opcode])]
