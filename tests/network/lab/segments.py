# SPDX-License-Identifier: GPL-2.0-or-later
"""TCP segments that no connection sends: made by raw sockets, and seen by one on a LAN host."""

import contextlib
import os
import socket
import struct

from .waiting import wait_until

SYN, ACK, SYN_FIN = 0x02, 0x10, 0x03
CHECKSUM = 16  # its offset in the header


def _checksum(segment, source, target):
    data = source + target + struct.pack("!HH", socket.IPPROTO_TCP, len(segment)) + segment
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def send(source, host, port, flags, number):
    """One segment from `source`, a namespace; `number` is its sequence number."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    from_port = 20000 + os.urandom(1)[0]
    fields = struct.pack("!HHIIBBHHH", from_port, port, number, 0, 5 << 4, flags, 1024, 0, 0)
    with source.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP) as raw:
        raw.connect((host, 0))
        if family == socket.AF_INET:
            own = socket.inet_aton(raw.getsockname()[0])
            total = _checksum(fields, own, socket.inet_aton(host))
            fields = fields[:CHECKSUM] + struct.pack("!H", total) + fields[CHECKSUM + 2 :]
        else:
            raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_CHECKSUM, CHECKSUM)
        raw.send(fields)


class Arrivals:
    """The sequence numbers of all segments that `host`, a namespace, gets."""

    def __init__(self, host):
        self._sockets = []
        for family in socket.AF_INET, socket.AF_INET6:
            raw = host.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
            raw.setblocking(False)
            self._sockets.append(raw)
        self._numbers = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for raw in self._sockets:
            raw.close()

    def numbers(self):
        for raw in self._sockets:
            with contextlib.suppress(BlockingIOError):
                while True:
                    octets = raw.recv(2048)
                    header = 20 if raw.family == socket.AF_INET else 0
                    self._numbers.add(struct.unpack("!I", octets[header + 4 : header + 8])[0])
        return self._numbers

    def wait_for(self, number):
        wait_until(lambda: number in self.numbers(), 2, f"segment {number}")
