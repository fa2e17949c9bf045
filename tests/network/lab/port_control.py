# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of NAT-PMP (RFC 6886) and PCP (RFC 6887): packets as the RFCs draw them."""

import contextlib
import dataclasses
import ipaddress
import os
import socket
import struct

from .waiting import wait_until

SERVER, CLIENT = 5351, 5350
TCP, UDP = 6, 17
ANNOUNCE, MAP, PEER = 0, 1, 2
(
    SUCCESS,
    UNSUPP_VERSION,
    NOT_AUTHORIZED,
    MALFORMED_REQUEST,
    UNSUPP_OPCODE,
    UNSUPP_OPTION,
    MALFORMED_OPTION,
    NETWORK_FAILURE,
    NO_RESOURCES,
    UNSUPP_PROTOCOL,
    USER_EX_QUOTA,
    CANNOT_PROVIDE_EXTERNAL,
    ADDRESS_MISMATCH,
    EXCESSIVE_REMOTE_PEERS,
) = range(14)
THIRD_PARTY, PREFER_FAILURE, FILTER, DESCRIPTION, PORT_SET = 1, 2, 3, 128, 130
SHORT, LONG, FOREVER = 30, 1800, 0xFFFFFFFF
NONCE = b"nonce-of-us!"


def wire(address):
    """16 octets; IPv4 as ::ffff:a.b.c.d."""
    parsed = ipaddress.ip_address(address)
    return parsed.packed if parsed.version == 6 else bytes(10) + b"\xff\xff" + parsed.packed


def text(octets):
    six = ipaddress.IPv6Address(octets)
    return str(six.ipv4_mapped or six)


def option(code, data=b""):
    return struct.pack("!BxH", code, len(data)) + data + bytes(-len(data) % 4)


def filter_option(prefix, port=0):
    """ "80.1.2.0/24"; its length as in IPv6, so 96 more for IPv4."""
    address, _, length = prefix.partition("/")
    bits = int(length) + (96 if "." in address else 0)
    return option(FILTER, struct.pack("!xBH", bits, port) + wire(address))


def header(opcode, lifetime, client, version=2):
    return struct.pack("!BBxxI", version, opcode, lifetime) + wire(client)


def map_fields(protocol, port, external=0, address="::", nonce=NONCE):
    return nonce + struct.pack("!B3xHH", protocol, port, external) + wire(address)


@dataclasses.dataclass
class PcpReply:
    raw: bytes
    version: int = 0
    opcode: int = 0
    code: int = 0
    lifetime: int = 0
    epoch: int = 0
    reserved: bytes = b""
    nonce: bytes = b""
    protocol: int = 0
    port: int = 0
    external: int = 0
    address: str = ""
    options: bytes = b""

    def __post_init__(self):
        self.version, self.opcode, _, self.code, self.lifetime, self.epoch = struct.unpack(
            "!BBBBII", self.raw[:12]
        )
        self.reserved = self.raw[12:24]
        if self.opcode & 0x7F in (MAP, PEER) and len(self.raw) >= 60:
            self.nonce = self.raw[24:36]
            self.protocol, self.port, self.external = struct.unpack("!B3xHH", self.raw[36:44])
            self.address = text(self.raw[44:60])
            self.options = self.raw[60 if self.opcode & 0x7F == MAP else 80 :]


@dataclasses.dataclass
class PmpReply:
    raw: bytes
    version: int = 0
    opcode: int = 0
    code: int = 0
    epoch: int = 0
    address: str = ""
    port: int = 0
    external: int = 0
    lifetime: int = 0

    def __post_init__(self):
        self.version, self.opcode, self.code = struct.unpack("!BBH", self.raw[:4])
        if len(self.raw) >= 8:
            self.epoch = struct.unpack("!I", self.raw[4:8])[0]
        if len(self.raw) == 12:
            self.address = str(ipaddress.IPv4Address(self.raw[8:12]))
        if len(self.raw) == 16:
            self.port, self.external, self.lifetime = struct.unpack("!HHI", self.raw[8:16])


class PortControlClient:
    """On a LAN host with the address `own`; asks the router at `server`."""

    def __init__(self, host, own, server, timeout=0.5):
        self.host, self.own, self.server, self.timeout = host, own, server, timeout
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        self.socket = host.socket(family, socket.SOCK_DGRAM)
        scope = host.interface() if ipaddress.ip_address(own).is_link_local else 0
        self.socket.bind((own, 0, 0, scope) if family == socket.AF_INET6 else (own, 0))
        self.to = (server, SERVER, 0, scope) if family == socket.AF_INET6 else (server, SERVER)
        self.socket.settimeout(timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def ready(self):
        """When it is answered, which over IPv6 takes the daemon a moment."""
        wait_until(lambda: self.ask(header(0, 0, self.own), 0.2), 5, f"PCP at {self.server}")
        return self

    # -- packets -----------------------------------------------------------------------------------

    def ask(self, packet, timeout=None):
        """Returns what comes back from the address that was asked; None: nothing."""
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:  # what came too late for its question
                self.socket.recv(2048)
        self.socket.settimeout(timeout or self.timeout)
        self.socket.sendto(packet, self.to)
        with contextlib.suppress(TimeoutError, ConnectionRefusedError):
            answer, sender = self.socket.recvfrom(2048)
            assert sender[:2] == self.to[:2], sender
            return answer
        return None

    def more(self, timeout=None):
        """Returns what else comes from there; None: nothing."""
        self.socket.settimeout(timeout or self.timeout)
        with contextlib.suppress(TimeoutError, ConnectionRefusedError):
            return self.socket.recv(2048)
        return None

    def insist(self, packet):
        """Asks again while there is no answer, as clients do (RFC 6886 section 3.1, RFC 6887
        section 8.1.1). The router drops what a host sends too often, and tests are fast."""
        for _ in range(4):
            if (answer := self.ask(packet)) is not None:
                return answer
        raise AssertionError("no answer")

    def pcp(self, packet):
        """The reply to this kind of request: one to an earlier request may come late."""
        reply = PcpReply(self.insist(packet))
        while reply.opcode & 0x7F != packet[1] & 0x7F and (late := self.more()):
            reply = PcpReply(late)
        return reply

    def pmp(self, packet):
        return PmpReply(self.insist(packet))

    # -- PCP ---------------------------------------------------------------------------------------

    def map_packet(
        self,
        protocol,
        port,
        lifetime=3600,
        external=0,
        address="::",
        options=b"",
        nonce=NONCE,
        client=None,
    ):
        return (
            header(MAP, lifetime, client or self.own)
            + map_fields(protocol, port, external, address, nonce)
            + options
        )

    def map(
        self,
        protocol,
        port,
        lifetime=3600,
        external=0,
        address="::",
        options=b"",
        nonce=NONCE,
        client=None,
    ):
        return self.pcp(
            self.map_packet(protocol, port, lifetime, external, address, options, nonce, client)
        )

    def unmap(self, protocol, port, **changes):
        return self.map(protocol, port, 0, **changes)

    def peer(
        self,
        protocol,
        port,
        remote,
        remote_port,
        lifetime=3600,
        external=0,
        address="::",
        options=b"",
        nonce=NONCE,
    ):
        return self.pcp(
            header(PEER, lifetime, self.own)
            + map_fields(protocol, port, external, address, nonce)
            + struct.pack("!Hxx", remote_port)
            + wire(remote)
            + options
        )

    def announce(self, client=None, lifetime=0, options=b""):
        return self.pcp(header(ANNOUNCE, lifetime, client or self.own) + options)

    # -- NAT-PMP -----------------------------------------------------------------------------------

    def external_address(self):
        return self.pmp(b"\0\0")

    def pmp_map(self, protocol, port, external=0, lifetime=3600, reserved=0):
        return self.pmp(
            struct.pack(
                "!BBHHHI", 0, 2 if protocol == TCP else 1, reserved, port, external, lifetime
            )
        )

    def pmp_unmap(self, protocol, port, external=0):
        return self.pmp_map(protocol, port, external, 0)

    def forget(self):
        """Deletes whatever this client has by NAT-PMP, and by PCP with the usual nonce."""
        self.unmap(0, 0)
        if ":" not in self.server:
            for protocol in TCP, UDP:
                self.pmp_unmap(protocol, 0)


class Announcements:
    """Collects what a host hears on port 5350 of 224.0.0.1, or of ff02::1: time, sender and octets
    of each."""

    def __init__(self, host, family=socket.AF_INET, port=CLIENT):
        self.socket = host.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            group = socket.inet_pton(family, "ff02::1") + struct.pack("@I", host.interface())
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        else:
            self.socket.setsockopt(socket.IPPROTO_IP, 12, 1)  # IP_RECVTTL
        self.socket.bind(("", port))
        self.socket.setblocking(False)
        # struct timespec by SO_TIMESTAMPNS: the kernel's time of arrival, whatever the test does
        # meanwhile.
        self.socket.setsockopt(socket.SOL_SOCKET, 35, 1)
        self.heard = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def listen(self):
        """Takes in what has arrived."""
        with contextlib.suppress(BlockingIOError):
            while True:
                octets, control, _, sender = self.socket.recvmsg(2048, 256)
                values = {kind: data for _, kind, data in control}
                seconds, nanoseconds = struct.unpack("@qq", values[35][:16])
                hops = next(
                    (
                        struct.unpack("@i", data[:4])[0]
                        for level, kind, data in control
                        if level in (socket.IPPROTO_IP, socket.IPPROTO_IPV6)
                    ),
                    None,
                )
                self.heard.append(
                    (seconds + nanoseconds / 1e9, sender[0].partition("%")[0], octets, hops)
                )
        return self.heard

    def of(self, version):
        return [entry for entry in self.listen() if entry[2][0] == version]

    def wait_for(self, version, count, timeout):
        return wait_until(
            lambda: len(self.of(version)) >= count and self.of(version),
            timeout,
            f"{count} announcements of version {version} in {self.heard}",
        )


def other_nonce():
    return os.urandom(12)
