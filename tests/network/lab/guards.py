# SPDX-License-Identifier: GPL-2.0-or-later
"""Layouts' guards: each takes a Case, a ruleset on the router with the daemon running and four
openings granted, and asserts one thing that must hold there."""

import contextlib
import errno
import itertools
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from . import segments
from .control_point import WAN_IP2, ControlPoint
from .port_control import TCP, UDP, PortControlClient
from .topology import LAN1, LAN1_6, LAN2, LAN2_6, ROUTER_LAN6, ROUTER_WAN
from .waiting import wait_until

PORT, INTERNAL = 40001, 5000
WAYS = {  # protocol and port of what is granted, and the address to reach it at
    "tcp": ("TCP", PORT, ROUTER_WAN),
    "udp": ("UDP", PORT, ROUTER_WAN),
    "tcp6": ("TCP", INTERNAL, LAN1_6),
    "udp6": ("UDP", INTERNAL, LAN1_6),
}
LISTED, LISTED6 = "80.100.100.66", "2a0a:100::66"
REMOTE = "90.1.2.3"  # behind the WAN host
NOT_AUTHORIZED = 606
SILENCE, PATIENCE = 0.25, 1.0


class Case:
    """A layout on the router, with the daemon running."""

    def __init__(self, lab, daemon, world, before):
        self.lab, self.daemon, self.before = lab, daemon, before
        self.programs = (world, world.replace("ip", "ip6", 1))
        self.point = ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2)

    def reached(self, ways, **options):
        """Whether each is reached; all are tried at once."""
        with ThreadPoolExecutor(len(ways)) as pool:
            return list(pool.map(lambda way: self.lab.reaches(*way, **options), ways))

    def grant(self):
        """Asks for all four; the codes that were answered, 0 for success."""
        codes = {kind.lower(): self.point.add(kind, PORT, INTERNAL).code for kind in ("TCP", "UDP")}
        codes["tcp6"] = self.point.pinhole(LAN1_6, INTERNAL, TCP).code
        with PortControlClient(self.lab.lan1, LAN1_6, ROUTER_LAN6) as client:
            codes["udp6"] = client.ready().map(UDP, INTERNAL, external=INTERNAL).code
        return codes


# -- what the rules keep out ---------------------------------------------------------------------


def listed(case):
    """A source of the block list stays out, whatever is mapped."""
    assert case.reached([WAYS["tcp"], WAYS["udp"]], from_address=LISTED, timeout=SILENCE) == [
        False,
        False,
    ]


def listed6(case):
    listed(case)
    assert case.reached([WAYS["tcp6"], WAYS["udp6"]], from_address=LISTED6, timeout=SILENCE) == [
        False,
        False,
    ]


def never_arrives(flags):
    """A segment with these flags alone comes to no client, by a mapping or by a pinhole."""

    def guard(case):
        lab, numbers = case.lab, itertools.count(1000)
        with segments.Arrivals(lab.lan1) as arrivals:
            for host, port in (ROUTER_WAN, PORT), (LAN1, INTERNAL), (LAN1_6, INTERNAL):
                segments.send(lab.wan, host, port, flags, next(numbers))
            for host in LAN1, LAN1_6:  # the bridge has no rules
                number = next(numbers)
                segments.send(lab.lan2, host, INTERNAL, flags, number)
                arrivals.wait_for(number)
            time.sleep(0.05)
            assert not arrivals.numbers() & {1000, 1001, 1002}

    return guard


invalid = never_arrives(segments.SYN_FIN)
without_syn = never_arrives(segments.ACK)


def rate(case):
    """No more than twenty of sixty new flows at once arrive, and five a second."""
    case.lab.echoes[0].received.clear()
    for _ in range(60):
        with case.lab.wan.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.sendto(b"new", (ROUTER_WAN, PORT))
    time.sleep(0.1)
    assert case.lab.echoes[0].received.count(b"new") <= 35


def connections(case):
    """No more than three of six connections at once are made."""
    with contextlib.ExitStack() as stack:
        probes = [
            stack.enter_context(case.lab.wan.socket(socket.AF_INET, socket.SOCK_STREAM))
            for _ in range(6)
        ]
        for probe in probes:
            probe.setblocking(False)
            probe.connect_ex((ROUTER_WAN, PORT))

        def made():
            answers = [probe.connect_ex((ROUTER_WAN, PORT)) for probe in probes]
            return sum(answer in (0, errno.EISCONN) for answer in answers)

        wait_until(made, 1, "a connection")
        time.sleep(0.1)
        assert made() <= 3


def clamped(case):
    """Both ends of a connection to a mapped port send segments that fit the line."""
    lab = case.lab
    assert case.point.add("TCP", PORT + 2, 5002).ok
    with (
        lab.lan1.socket(socket.AF_INET, socket.SOCK_STREAM) as server,
        lab.wan.socket(socket.AF_INET, socket.SOCK_STREAM) as probe,
    ):
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((LAN1, 5002))
        server.listen()
        server.settimeout(PATIENCE)
        probe.settimeout(PATIENCE)
        probe.connect((ROUTER_WAN, PORT + 2))
        with server.accept()[0] as accepted:
            for end in accepted, probe:
                assert end.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) <= 1300


# -- what must not suffer ------------------------------------------------------------------------


def counts(*counter):
    """The administrator's counter takes in packets of mappings."""

    def value(case):
        said = case.lab.router.run("nft", "list", "counter", *counter).stdout
        return int(said.split("packets ")[1].split()[0])

    def guard(case):
        before = value(case)
        assert case.reached([WAYS["tcp"]]) == [True] and value(case) > before

    return guard


def from_the_second_line(case):
    way = [WAYS["tcp"], WAYS["udp"]]
    assert case.reached(way, from_address=REMOTE, timeout=PATIENCE) == [True, True]


def untouched(*tables):
    """Nothing is written to these tables."""

    def guard(case):
        for table in tables:
            listed_now = case.lab.router.run("nft", "-s", "list", "table", *table.split()).stdout
            assert listed_now in case.before[0]

    return guard


def rule_in_named_chain(case):
    """The rule is in the chain that was named, and in no other."""
    for program in case.programs:
        said = case.lab.router.run(f"{program}-save").stdout.splitlines()
        ours = [line for line in said if "upnpd" in line.lower() and line.startswith("-A ")]
        assert any(line.startswith("-A forwardUPnP ") for line in ours)
        assert not [line for line in ours if line.startswith("-A FORWARD ")]


# -- what is refused besides ---------------------------------------------------------------------


def another_port(case):
    """AddAnyPortMapping finds a port that leads to the client."""
    point = case.point
    for kind in "TCP", "UDP":
        answer = point.add_any(kind, PORT, INTERNAL)
        assert answer.ok, answer
        port = int(answer["NewReservedPort"])
        assert port != PORT and case.lab.reaches(kind, port, timeout=PATIENCE)


def shut_port(case):
    """An internal port that is shut for everybody gets no mapping and no pinhole."""
    assert case.point.add("TCP", PORT + 5, 6667).code == NOT_AUTHORIZED
    assert case.point.add("UDP", PORT + 5, 6667).ok
    assert case.point.pinhole(LAN1_6, 6667, TCP).code == NOT_AUTHORIZED


def shut_client(case):
    """A client that is shut off gets no mapping and no pinhole."""
    point = ControlPoint(case.lab.lan2, LAN2, case.point.location, WAN_IP2)
    assert point.add("TCP", PORT + 5, INTERNAL).code == NOT_AUTHORIZED
    assert point.add("UDP", PORT + 5, INTERNAL).code == NOT_AUTHORIZED
    assert point.pinhole(LAN2_6, INTERNAL, TCP).code == NOT_AUTHORIZED
