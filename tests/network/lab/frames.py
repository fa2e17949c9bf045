# SPDX-License-Identifier: GPL-2.0-or-later
"""Ethernet frames by hand: packets from forged addresses, and what is asked of neighbours on a
link."""

import contextlib
import socket
import struct

from .port_control import SERVER
from .topology import ROUTER_LAN

ALL = 0x0003  # ETH_P_ALL: what leaves, too
IPV6 = b"\x86\xdd"
ICMP6, SOLICITATION = 58, 135


def hardware_address(host, interface="eth0"):
    """The hardware address of an interface of a namespace, as text."""
    return host.run("cat", f"/sys/class/net/{interface}/address").stdout.strip()


def _octets(mac):
    return bytes.fromhex(mac.replace(":", ""))


def _checksum(header):
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


class Forger:
    """Sends UDP packets from `host` to the router, from whatever address a test likes."""

    def __init__(self, lab, host):
        router, own = hardware_address(lab.router, "br-lan"), hardware_address(host)
        self._link = _octets(router) + _octets(own) + b"\x08\0"
        self._socket = host.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self._socket.bind(("eth0", 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, source, payload, port=SERVER):
        udp = struct.pack("!HHHH", 40000, port, 8 + len(payload), 0) + payload
        ends = socket.inet_aton(source), socket.inet_aton(ROUTER_LAN)
        ip = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, *ends))
        ip[10:12] = struct.pack("!H", _checksum(ip))
        self._socket.send(self._link + bytes(ip) + udp)


class Solicitations:
    """The neighbour solicitations of IPv6 that pass an interface, by the address that is looked
    for."""

    def __init__(self, host, interface):
        self._socket = host.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind((interface, ALL))
        self._socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def heard(self):
        """Returns the targets asked for since the last call."""
        targets = []
        with contextlib.suppress(BlockingIOError):
            while True:
                frame = self._socket.recv(2048)
                if frame[12:14] == IPV6 and frame[20] == ICMP6 and frame[54] == SOLICITATION:
                    targets.append(socket.inet_ntop(socket.AF_INET6, frame[62:78]))
        return targets
