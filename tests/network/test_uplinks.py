# SPDX-License-Identifier: GPL-2.0-or-later
"""external_interface = wan0 wan1: one is in use, and the other one when that goes. Rules, clients
and people follow within a second, with packets on both back ends."""

import json
import selectors
import socket
import time

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    ROUTER_LAN,
    ROUTER_WAN,
    WAN_HOST,
    Announcements,
    ControlPoint,
    Lab,
    PortControlClient,
    Subscriber,
    wait_until,
)
from lab.control_point import WAN_IP
from lab.port_control import UDP, PcpReply, PmpReply

SOON = 15
SECOND = 1.0
HOLD = 5
OTHER, OTHER_HOST = "80.100.101.1", "80.100.101.9"
MAPPINGS = range(40000, 40050)  # TCP and UDP in turns
BOTH = {
    "interfaces": (),
    "external_interface": "wan0 wan1",
    "internal_interface": "br-lan",
    "mappings_per_client": 100,
}


@pytest.fixture(params=BACKENDS)
def lines(request):
    with Lab(forward="nft-drop" if request.param == "nftables" else "legacy-drop") as lab:
        lab.backend = request.param
        lab.far_end = "eth0"
        lab.add_line("wan1", OTHER, OTHER_HOST)
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


@pytest.mark.parametrize("how", ["carrier", "link", "address", "route"])
def test_fifty_mappings_move_when_the_line_goes(lines, how):
    """They are reached by the other line, and each protocol's clients know"""
    daemon = lines.daemon(firewall_backend=lines.backend, **BOTH).start()
    assert in_use(daemon) == "wan0"
    point = ControlPoint(lines.lan1, LAN1)
    map_all(point)
    assert reached(lines, ROUTER_WAN, time.monotonic())
    with Watch(lines, point) as watch:
        begin = time.monotonic()
        pull(lines, how)
        seconds = reached(lines, OTHER, begin)
        told = watch.times(OTHER, begin)
        print(
            f"\n{lines.backend}, {how}: {figures('reached after', seconds)}; told after",
            ", ".join(f"{name} {after:.2f} s" for name, after in sorted(told.items())),
        )
        begin = time.monotonic()
        plug(lines, how)
        seconds = reached(lines, ROUTER_WAN, begin)
        told = watch.times(ROUTER_WAN, begin)
        print(f"{lines.backend}, {how}: {figures('back after', seconds)}")
        assert seconds[0] >= HOLD - 0.5, "not before the time to hold back"
    assert len(point.listing()) == len(MAPPINGS)
    reason = {
        "carrier": "wan0 is down",
        "link": "wan0 is down",
        "address": "wan0 has no IPv4 address",
        "route": "no default route leaves by wan0",
    }[how]
    assert f"the external interface is wan1 now: {reason}" in daemon.log
    assert "the external interface is wan0 now: wan0 is preferred" in daemon.log
    assert daemon.stop() == 0


def test_a_line_that_flaps_moves_them_once(lines):
    daemon = lines.daemon(firewall_backend=lines.backend, **BOTH).start()
    point = ControlPoint(lines.lan1, LAN1)
    assert point.add("UDP", 40002, 5000).ok
    for _ in range(4):
        pull(lines, "link")
        wait_until(lambda: in_use(daemon) == "wan1", SOON, "the other line")
        plug(lines, "link")
        wait_until(lambda: external(daemon)["interface"] == "wan1", SOON, "no way back yet")
    assert daemon.log.count("the external interface is") == 1
    wait_until(lambda: in_use(daemon) == "wan0", SOON, "the way back")
    wait_until(lambda: lines.reaches("UDP", 40002), SOON, "the mapping there")
    assert daemon.log.count("the external interface is") == 2


def test_flows_of_the_line_that_was_left_end(lines):
    """A connection by the old line is not kept in the kernel, whoever waits for its packets"""
    daemon = lines.daemon(firewall_backend=lines.backend, **BOTH).start()
    point = ControlPoint(lines.lan1, LAN1)
    assert point.add("TCP", 40001, 5000).ok
    known = ("cat", "/proc/net/nf_conntrack")
    with lines.wan.socket(socket.AF_INET, socket.SOCK_STREAM) as remote:
        remote.settimeout(5)
        remote.connect((ROUTER_WAN, 40001))
        flow = f"dst={ROUTER_WAN} "
        assert flow in lines.router.run(*known).stdout
        pull(lines, "route")
        wait_until(lambda: in_use(daemon) == "wan1", SOON, "the other line")
        wait_until(
            lambda: flow not in lines.router.run(*known).stdout, SOON, "the end of its flow"
        )
    wait_until(lambda: lines.reaches("TCP", 40001, OTHER), SOON, "the mapping there")
    assert not lines.reaches("TCP", 40001), "the line is not in use, though it is up"


def test_nat_pmp_and_pcp_map_by_the_line_in_use(lines):
    daemon = lines.daemon(firewall_backend=lines.backend, **BOTH).start()
    pull(lines, "link")
    wait_until(lambda: in_use(daemon) == "wan1", SOON, "the other line")
    with PortControlClient(lines.lan1, LAN1, ROUTER_LAN) as client:
        reply = client.map(UDP, 5000, external=40002)
        assert reply.code == 0 and reply.address == OTHER
        assert lines.reaches("UDP", 40002, OTHER)


def test_a_reload_adds_a_line_and_takes_one_away(lines):
    one = {**BOTH, "external_interface": "wan0"}
    daemon = lines.daemon(firewall_backend=lines.backend, **one).start()
    point = ControlPoint(lines.lan1, LAN1)
    assert point.add("TCP", 40001, 5000).ok
    pull(lines, "link")
    wait_until(lambda: external(daemon)["address"] is None, SOON, "the end of the line")
    del one["interfaces"]
    daemon.read_again(
        firewall_backend=lines.backend, **{**one, "external_interface": "wan0, wan1"}
    )
    assert in_use(daemon) == "wan1" and lines.reaches("TCP", 40001, OTHER)
    plug(lines, "link")
    daemon.read_again(firewall_backend=lines.backend, **one)
    assert in_use(daemon) == "wan0"
    wait_until(lambda: lines.reaches("TCP", 40001), SOON, "the mapping there")
    assert not lines.reaches("TCP", 40001, OTHER)


def test_a_port_of_the_router_on_the_idle_line_is_not_mapped(lines):
    """It would be taken away from the router when that line comes into use"""
    daemon = lines.daemon(firewall_backend=lines.backend, **BOTH).start()
    point = ControlPoint(lines.lan1, LAN1)
    with lines.router.socket(socket.AF_INET, socket.SOCK_STREAM) as service:
        service.bind((OTHER, 40001))
        service.listen()
        assert not point.add("TCP", 40001, 5000).ok
        assert point.add("TCP", 40003, 5000).ok
    assert in_use(daemon) == "wan0"


def test_of_several_addresses_the_one_of_the_route_is_told(lines):
    daemon = lines.daemon(firewall_backend=lines.backend, **BOTH).start()
    second = "80.100.101.2"
    lines.router.ip(
        f"addr add {second}/24 dev wan1",
        f"route replace default via {OTHER_HOST} metric 200 src {second}",
    )
    pull(lines, "link")
    wait_until(lambda: external(daemon)["address"] == second, SOON, "the source of the route")


def test_what_is_in_use_is_shown(lines):
    daemon = lines.daemon(firewall_backend=lines.backend, **BOTH).start()
    settings = json.loads(daemon.ctl("-j", "config").stdout)["settings"]
    found = {each["key"]: each for each in settings}["external_interface"]
    assert (found["value"], found["found"]) == ("wan0 wan1", "wan0")
    assert "wan0 of wan0 wan1 (up, public 80.100.100.1) -> br-lan" in daemon.check().stdout
    assert ", one of wan0 wan1" in daemon.ctl("status").stdout
