# SPDX-License-Identifier: GPL-2.0-or-later
"""SSDP as a LAN host sees it: searches and their answers, and a capture of what passes on a
link."""

import contextlib
import select
import socket
import struct
import threading
import time

from .reader import Reader

GROUP = ("239.255.255.250", 1900)
ETH_P_ALL = 3


def message(st, mx=1, host="239.255.255.250:1900", man='"ssdp:discover"'):
    """A search as text; None leaves a header out."""
    fields = {"HOST": host, "MAN": man, "MX": mx, "ST": st}
    lines = ["M-SEARCH * HTTP/1.1"] + [
        f"{name}: {value}" for name, value in fields.items() if value is not None
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def headers(datagram):
    """Returns the headers of an answer or a NOTIFY, names in lower case; `start` is the first
    line."""
    lines = datagram.decode("utf-8").split("\r\n")
    found = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines[1:])
    }
    return {"start": lines[0], **found}


def _open(host, six=False):
    if six:
        opened = host.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, host.interface())
        opened.bind(("::", 0))
        return opened
    opened = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
    with host.entered():
        index = socket.if_nametoindex("eth0")
    opened.setsockopt(
        socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("4s4si", b"", b"", index)
    )
    opened.bind(("0.0.0.0", 0))
    return opened


def search(asking, st, /, to=GROUP, timeout=1.6, expect=None, datagram=None, **fields):
    """The answers to one search, as header dicts with `from` and `length`. Waits `timeout` seconds,
    or less when `expect` answers have come."""
    text = datagram if datagram is not None else message(st, **fields)
    six = ":" in to[0]
    if six and len(to) == 2:
        to = (*to, 0, asking.interface())
    with _open(asking, six) as asker:
        asker.sendto(text, to)
        return _collect({asker: st}, timeout, expect)[st]


def newest_location(asking, router, timeout=1.1):
    """The LOCATION of the highest version that the gateway has; None: it does not answer. Answers
    to unicast searches come at once and in their order, so the first one is the one for version 2
    where there is one."""
    with _open(asking) as asker:
        asker.settimeout(timeout)
        for st in "urn:schemas-upnp-org:device:InternetGatewayDevice:2", "upnp:rootdevice":
            asker.sendto(message(st, mx=None), (router, 1900))
        with contextlib.suppress(TimeoutError):
            return headers(asker.recv(65536))["location"]
    return None


def search_first(asking, datagrams, timeout=1):
    """The first answer, as a header dict, to the first of these searches that gets one."""
    with _open(asking) as asker:
        asker.settimeout(timeout)
        for datagram in datagrams:
            asker.sendto(datagram, GROUP)
            with contextlib.suppress(TimeoutError):
                return headers(asker.recv(65536))
    raise AssertionError("no search is answered")


def search_many(asking, targets, /, to=GROUP, timeout=1.8, **fields):
    """The answers to searches that are sent together, by target."""
    with contextlib.ExitStack() as stack:
        askers = {stack.enter_context(_open(asking)): target for target in targets}
        for asker, target in askers.items():
            asker.sendto(message(target, **fields), to)
        return _collect(askers, timeout, None)


def _collect(askers, timeout, expect):
    answers = {target: [] for target in askers.values()}
    end = time.monotonic() + timeout
    while (left := end - time.monotonic()) > 0:
        for asker in select.select(list(askers), [], [], left)[0]:
            datagram, peer = asker.recvfrom(65536)
            answers[askers[asker]].append(
                {**headers(datagram), "from": peer, "length": len(datagram)}
            )
        if expect is not None and sum(map(len, answers.values())) >= expect:
            break
    return answers


class Capture(Reader):
    """UDP datagrams that pass `interface` of a host, in either direction, from now to close(). The
    reader is a thread, so what has just been sent may be missing for a moment: wait_until()."""

    def __init__(self, host, interface="eth0"):
        self._lock = threading.Lock()
        self._seen = []
        with host.entered():
            link = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
            link.bind((interface, ETH_P_ALL))
        super().__init__([link], self._take_packet)

    def datagrams(self):
        """(source address, source port, destination address, destination port, payload), oldest
        first."""
        with self._lock:
            return list(self._seen)

    def notifications(self, kind=None):
        """Headers of the NOTIFYs seen; `kind` is ssdp:alive or ssdp:byebye."""
        found = [
            headers(payload) for *_, payload in self.datagrams() if payload.startswith(b"NOTIFY ")
        ]
        return [item for item in found if kind in (None, item.get("nts"))]

    def _take_packet(self, link):
        packet, (_, _, kind, *_) = link.recvfrom(65536)
        self._keep(packet, kind)

    def _keep(self, packet, _kind):
        datagram = _udp(packet)
        if datagram:
            with self._lock:
                self._seen.append(datagram)


def _udp(packet):
    if len(packet) < 28 or packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_UDP:
        return None
    start = (packet[0] & 15) * 4
    source, destination, length = struct.unpack_from("!HHH", packet, start)
    return (
        socket.inet_ntoa(packet[12:16]),
        source,
        socket.inet_ntoa(packet[16:20]),
        destination,
        packet[start + 8 : start + length],
    )
