# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server (RFC 1035) that knows some names, and of those an IPv4 address each."""

import socket
import struct

from .reader import Reader

A, IN = 1, 1
NO_ERROR, NO_SUCH_NAME = 0x8180, 0x8183


class NameServer(Reader):
    """On `host` at `address`; `asked` are the names that somebody wanted."""

    def __init__(self, host, address, names):
        self.names, self.asked = names, []
        own = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.bind((address, 53))
        super().__init__([own], self._serve)

    def _serve(self, own):
        question, sender = own.recvfrom(512)
        own.sendto(self._answer(question), sender)

    def _answer(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += 1 + question[at]
        end = at + 5  # the root, type and class
        (kind,) = struct.unpack("!H", question[at + 1 : at + 3])
        name = ".".join(labels)
        self.asked.append(name)
        address = self.names.get(name)
        found = address is not None and kind == A
        head = question[:2] + struct.pack(
            "!HHHHH", NO_ERROR if address else NO_SUCH_NAME, 1, int(found), 0, 0
        )
        record = (
            struct.pack("!HHHIH", 0xC00C, A, IN, 60, 4) + socket.inet_aton(address)
            if found
            else b""
        )
        return head + question[12:end] + record
