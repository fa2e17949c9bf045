# SPDX-License-Identifier: GPL-2.0-or-later
"""external_interface = wan0 wan1: one is in use, and the other one when that goes. Rules, clients
and people follow within a second, with packets on both back ends."""

import fcntl
import json
import socket
import time

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    LAN1_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ROUTER_WAN,
    WAN_HOST6,
    ControlPoint,
    PortControlClient,
    wait_until,
)
from lab.port_control import UDP
from lab.uplinks import (
    BOTH,
    HOLD,
    MAPPINGS,
    OTHER,
    OTHER_HOST,
    SOON,
    Watch,
    external,
    figures,
    in_use,
    map_all,
    plug,
    pull,
    reached,
    two_lines,
)
from test_idle_engine import OWN_LOCK


@pytest.fixture(params=BACKENDS)
def lines(request):
    with two_lines(request.param) as lab:
        yield lab


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
        assert seconds[-1] < HOLD, "nothing is held back where the line has gone"
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


def test_pinholes_move_by_the_routes_of_ipv6(lines):
    """And mappings stay where they are"""
    other6, other_host6 = "2a0a:101::1", "2a0a:101::9"
    lines.add_ipv6()
    lines.router.ip(
        f"addr add {other6}/64 dev wan1 nodad",
        f"route del default via {WAN_HOST6}",
        f"route add default via {WAN_HOST6} metric 100",
        f"route add default via {other_host6} metric 200",
    )
    lines.wan.ip(f"addr add {other_host6}/64 dev {lines.other_end} nodad")
    lines.echo(lines.lan1, 5002, socket.AF_INET6)
    lines.lan1.ping(ROUTER_LAN6)
    daemon = lines.daemon(
        firewall_backend=lines.backend, external_interface6="wan0 wan1", **BOTH
    ).start()
    point = ControlPoint(lines.lan1, LAN1)
    assert point.pinhole(LAN1_6, 5002, 6).ok and point.add("UDP", 40002, 5000).ok
    wait_until(lambda: lines.reaches("TCP", 5002, LAN1_6), SOON, "the pinhole by wan0")
    lines.router.ip(f"route del default via {WAN_HOST6} metric 100")
    lines.wan.ip(f"route replace 2a0a:200::/64 via {other6}")
    wait_until(lambda: lines.reaches("TCP", 5002, LAN1_6), SOON, "the pinhole by wan1")
    assert "; IPv6 by wan1" in daemon.ctl("status").stdout
    assert in_use(daemon) == "wan0" and lines.reaches("UDP", 40002)


def test_rules_follow_when_another_program_had_the_lock_of_iptables():
    with two_lines("iptables") as lab:
        daemon = lab.daemon(firewall_backend="iptables", **BOTH)
        daemon.prefix = OWN_LOCK
        daemon.start()
        assert ControlPoint(lab.lan1, LAN1).add("UDP", 40002, 5000).ok
        with open(f"/proc/{daemon.process.pid}/root/run/xtables.lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            pull(lab, "link")
            daemon.wait_for_log("they are for other interfaces", SOON)
            fcntl.flock(lock, fcntl.LOCK_UN)
        wait_until(lambda: lab.reaches("UDP", 40002, OTHER), SOON, "the mapping at the other line")
