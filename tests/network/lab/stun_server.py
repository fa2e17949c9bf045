# SPDX-License-Identifier: GPL-2.0-or-later
"""A STUN server (RFC 8489) of the tests' own: tells where a Binding request came from, or what it
is told to say."""

import socket
import struct
import zlib

from .reader import Reader

COOKIE = 0x2112A442
BINDING, SUCCESS, ERROR = 0x0001, 0x0101, 0x0111
MAPPED, ERROR_CODE, XOR_MAPPED, ALTERNATE, FINGERPRINT = 0x0001, 0x0009, 0x0020, 0x8023, 0x8028


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def message(kind, transaction, attributes=b"", fingerprint=True):
    length = len(attributes) + (8 if fingerprint else 0)
    text = struct.pack("!HHI", kind, length, COOKIE) + transaction + attributes
    return (
        text + attribute(FINGERPRINT, struct.pack("!I", zlib.crc32(text) ^ 0x5354554E))
        if fingerprint
        else text
    )


def xor_mapped(address, port):
    (value,) = struct.unpack("!I", socket.inet_aton(address))
    return attribute(XOR_MAPPED, struct.pack("!xBHI", 1, port ^ COOKIE >> 16, value ^ COOKIE))


# Each of these makes a server's answer: from the transaction and the sender, the datagrams that go
# back.


def truth(transaction, sender):
    return [message(SUCCESS, transaction, xor_mapped(*sender))]


def truth_unmasked(transaction, sender):
    """Answers as servers of before 2008: no XOR-MAPPED-ADDRESS, no FINGERPRINT."""
    return [
        message(
            SUCCESS,
            transaction,
            attribute(MAPPED, struct.pack("!xBH", 1, sender[1]) + socket.inet_aton(sender[0])),
            fingerprint=False,
        )
    ]


def says(address, port=None):
    return lambda transaction, sender: [
        message(SUCCESS, transaction, xor_mapped(address, port or sender[1]))
    ]


def silence(_transaction, _sender):
    return []


def nonsense(transaction, _sender):
    return [
        b"",
        b"\0",
        b"HTTP/1.1 200 OK\r\n\r\n",
        bytes(1400),
        message(SUCCESS, transaction, b"\x00\x20\xff\xf0" + bytes(8)),
    ]


def wrong_transaction(transaction, sender):
    return truth(bytes([transaction[0] ^ 1]) + transaction[1:], sender)


def wrong_fingerprint(transaction, sender):
    answer = bytearray(truth(transaction, sender)[0])
    answer[-1] ^= 1
    return [bytes(answer)]


def error(code, text=b"Server Error", more=b""):
    value = struct.pack("!xxBB", code // 100, code % 100) + text
    return lambda transaction, _sender: [
        message(ERROR, transaction, attribute(ERROR_CODE, value) + more)
    ]


def unknown_attribute(transaction, sender):
    return [message(SUCCESS, transaction, xor_mapped(*sender) + attribute(0x7FFF, b""))]


def no_address(transaction, _sender):
    return [message(SUCCESS, transaction)]


class StunServer(Reader):
    """On `host` at `address`; `answer` is one of the functions above, `requests` what came:
    transactions and senders."""

    def __init__(self, host, address, answer=truth, port=3478):
        self.answer, self.requests = answer, []
        own = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.bind((address, port))
        super().__init__([own], self._serve)

    def _serve(self, own):
        request, sender = own.recvfrom(2048)
        kind, length, cookie = struct.unpack("!HHI", request[:8])
        assert (kind, length, cookie) == (BINDING, len(request) - 20, COOKIE), request
        assert request == message(BINDING, request[8:20]), request
        self.requests.append((request[8:20], sender))
        for answer in self.answer(request[8:20], sender):
            own.sendto(answer, sender)
