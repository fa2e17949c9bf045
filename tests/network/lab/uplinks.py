# SPDX-License-Identifier: GPL-2.0-or-later
"""A router with two lines to the Internet, and how soon all know which of them is in use."""

import contextlib
import json
import selectors
import socket
import time

from .control_point import WAN_IP
from .gena import Subscriber
from .port_control import Announcements, PcpReply, PmpReply
from .topology import ROUTER_WAN, WAN_HOST, Lab

SOON = 15
HOLD = 5
OTHER, OTHER_HOST = "80.100.101.1", "80.100.101.9"
MAPPINGS = range(40000, 40050)  # TCP and UDP in turns
BOTH = {
    "interfaces": (),
    "external_interface": "wan0 wan1",
    "internal_interface": "br-lan",
    "mappings_per_client": 100,
}


@contextlib.contextmanager
def two_lines(backend):
    """A lab whose firewall drops, with a default route by each line."""
    with Lab(forward="nft-drop" if backend == "nftables" else "legacy-drop") as lab:
        lab.backend = backend
        lab.other_end = lab.add_line("wan1", OTHER, OTHER_HOST)
        lab.router.ip(
            "route del default",
            f"route add default via {WAN_HOST} metric 100",
            f"route add default via {OTHER_HOST} metric 200",
        )
        # Where a program takes the routes of a line away that has no carrier, this is not needed.
        lab.router.sysctl(net__ipv4__conf__wan0__ignore_routes_with_linkdown=1)
        lab.echo(lab.lan1, 5000)
        yield lab


def external(daemon):
    return json.loads(daemon.ctl("-j", "status").stdout)["external"]


def in_use(daemon):
    return external(daemon)["interface"]


def protocol_of(port):
    return "TCP" if port % 2 else "UDP"


class Probes:
    """Asks all mappings at one address until each has answered, and says when it did."""

    def __init__(self, source, address):
        self._source, self._address = source, address
        self._selector = selectors.DefaultSelector()
        self.answered = {}

    def run(self, ports, timeout):
        end = time.monotonic() + timeout
        with self._source.entered():
            while time.monotonic() < end and len(self.answered) < len(ports):
                missing = [port for port in ports if port not in self.answered]
                self._round(missing)
        return self.answered

    def _round(self, ports):
        """Nobody is asked again before the others have had their time."""
        for port in ports:
            kind = socket.SOCK_STREAM if protocol_of(port) == "TCP" else socket.SOCK_DGRAM
            probe = socket.socket(socket.AF_INET, kind)
            probe.setblocking(False)
            probe.connect_ex((self._address, port))
            if kind == socket.SOCK_DGRAM:
                probe.send(b"probe of a mapping")
            self._selector.register(
                probe,
                selectors.EVENT_WRITE if kind == socket.SOCK_STREAM else selectors.EVENT_READ,
                port,
            )
        end = time.monotonic() + 0.1
        while time.monotonic() < end and self._selector.get_map():
            for key, _ in self._selector.select(0.02):
                self._answer(key)
        for key in list(self._selector.get_map().values()):
            self._forget(key.fileobj)

    def _answer(self, key):
        probe = key.fileobj
        try:
            if key.events == selectors.EVENT_WRITE:
                probe.send(b"probe of a mapping")
                self._selector.modify(probe, selectors.EVENT_READ, key.data)
            elif probe.recv(100):
                self.answered.setdefault(key.data, time.monotonic())
                self._forget(probe)
        except OSError:
            self._forget(probe)

    def _forget(self, probe):
        self._selector.unregister(probe)
        probe.close()


class Watch:
    """Says when clients of each protocol have been told an address."""

    def __init__(self, lab, point):
        self.subscriber = Subscriber(point)
        self.announcements = Announcements(lab.lan1)

    def __enter__(self):
        self.subscriber.__enter__()
        self.subscriber.subscribe(WAN_IP)
        self.forget()
        return self

    def __exit__(self, *_):
        self.subscriber.__exit__()
        self.announcements.__exit__()

    def forget(self):
        self.announcements.listen()
        self.announcements.heard.clear()
        self.subscriber.events.clear()

    def missing(self, address):
        """The protocols by which nobody was told."""
        heard = self.announcements
        heard.listen()
        told = {
            "UPnP": any(
                each.values.get("ExternalIPAddress") == address for each in self.subscriber.events
            ),
            "NAT-PMP": any(
                PmpReply(packet).address == address for _, _, packet, _ in heard.of(0)
            ),
            "PCP": any(PcpReply(packet).epoch <= 1 for _, _, packet, _ in heard.of(2)),
        }
        return [name for name, is_told in told.items() if not is_told]

    def times(self, address, since, timeout=SOON):
        """Seconds until each was told."""
        times = {}
        while len(times) < 3:
            assert time.monotonic() < since + timeout, f"{self.missing(address)} of {address}"
            for name in {"UPnP", "NAT-PMP", "PCP"} - set(self.missing(address)):
                times.setdefault(name, time.monotonic() - since)
            time.sleep(0.005)
        self.forget()
        return times


def map_all(point):
    for port in MAPPINGS:
        assert point.add(protocol_of(port), port, 5000).ok


def reached(lab, address, since):
    """Seconds until each mapping has answered there."""
    answered = Probes(lab.wan, address).run(MAPPINGS, SOON)
    assert len(answered) == len(MAPPINGS), f"{len(answered)} of {len(MAPPINGS)} at {address}"
    return sorted(moment - since for moment in answered.values())


def pull(lab, how):
    if how == "carrier":
        lab.wan.ip("link set eth0 down")
    elif how == "address":
        lab.router.ip("addr flush dev wan0")
    elif how == "route":
        lab.router.ip(f"route del default via {WAN_HOST} metric 100")
    else:
        lab.router.ip("link set wan0 down")


def plug(lab, how):
    if how == "carrier":
        lab.wan.ip("link set eth0 up")
    elif how == "address":
        lab.router.ip(f"addr add {ROUTER_WAN}/24 brd + dev wan0")
    elif how == "link":
        lab.router.ip("link set wan0 up")
    if how != "carrier":
        lab.router.ip(f"route add default via {WAN_HOST} metric 100")


def figures(what, seconds):
    return f"{what} {seconds[0]:.2f} to {seconds[-1]:.2f} s"
