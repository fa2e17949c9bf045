# SPDX-License-Identifier: GPL-2.0-or-later
"""How a program finds the gateway, and what it is shown: read from the packets of its host."""

import re
import socket
import struct
import time

from lab import Capture

OUTGOING = 4  # PACKET_OUTGOING
DEVICE = re.compile(rb"<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:(\d)")
ACTION = re.compile(rb'SOAPACTION: *"?urn:schemas-upnp-org:service:(WAN\w+:\d)#Add', re.I)
AGENT = re.compile(rb"^USER-AGENT: *([^\r]*)", re.I | re.M)
TARGET = re.compile(rb"^ST: *(\S+)", re.I | re.M)
PORT_CONTROL = {0: "NAT-PMP", 2: "PCP"}


class Overheard(Capture):
    """Keeps no packets but what they say."""

    def __init__(self, host):
        self.targets = set()  # searched for
        self.agents = set()  # what it calls itself
        self.shown = set()  # versions of the gateway's description
        self.used = set()  # by name: services, and protocols of port control
        self._asked = self._found = None  # times
        super().__init__(host)

    def found_after(self):
        """Milliseconds from the first question until its answer was used, or came from a server
        of port control; None when it was not."""
        if not (self._asked and self._found):
            return None
        return round(1000 * (self._found - self._asked))

    def _keep(self, packet, kind):
        protocol, ports, payload = transport(packet)
        outgoing, now = kind == OUTGOING, time.monotonic()
        udp, tcp = protocol == socket.IPPROTO_UDP, protocol == socket.IPPROTO_TCP
        if udp and outgoing and ports[1] in (1900, 5351):
            self._asked = self._asked or now
            self.targets.update(TARGET.findall(payload))
        if udp and not outgoing and ports[0] == 5351 and ports[1] != 5350:
            self._found = self._found or now
            self.used.add(PORT_CONTROL.get(payload[0], "?"))
        if tcp and outgoing:
            if payload.startswith(b"GET "):
                self._found = self._found or now
                self.agents.update(AGENT.findall(payload))
            self.used.update(name.decode() for name in ACTION.findall(payload))
        if tcp and not outgoing:
            self.shown.update(int(version) for version in DEVICE.findall(payload))


def transport(packet):
    """Protocol, ports and payload of a packet of UDP or TCP; of any other, no protocol."""
    six = packet[0] >> 4 == 6
    protocol = packet[6 if six else 9]
    start = 40 if six else (packet[0] & 15) * 4
    if packet[0] >> 4 not in (4, 6) or protocol not in (socket.IPPROTO_UDP, socket.IPPROTO_TCP):
        return None, (), b""
    ports = struct.unpack_from("!HH", packet, start)
    head = 8 if protocol == socket.IPPROTO_UDP else (packet[start + 12] >> 4) * 4
    return protocol, ports, packet[start + head :]
