# SPDX-License-Identifier: GPL-2.0-or-later
"""Hosts that are not there: forged ones, those that have left, and what looking for them costs."""

import struct
import time

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    LAN2_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    WAN_HOST,
    ControlPoint,
    Lab,
    PortControlClient,
    rules,
    wait_until,
)
from lab.control_point import WAN_IP2
from lab.frames import Forger, Solicitations
from lab.port_control import SUCCESS, TCP, THIRD_PARTY, UDP, option, wire


def point_of(host, own, **version):
    return ControlPoint(host, own, **version)


@pytest.fixture
def lab():
    with Lab(forward="nft-drop") as own:
        own.add_ipv6()
        # The kernel takes a silent neighbour for reachable for 45 s otherwise.
        own.router.run(
            "sysctl",
            "-qw",
            *(
                f"net.ipv{family}.neigh.br-lan.{setting}"
                for family in (4, 6)
                for setting in ("base_reachable_time_ms=1000", "delay_first_probe_time=1")
            ),
        )
        for host in own.lan1, own.lan2:
            host.ping(ROUTER_LAN6)
        yield own


def pmp_packet(port, lifetime=7200):
    return struct.pack("!BBHHHI", 0, 1, 0, port, 0, lifetime)


def flood(lab, sources=200, ports=6):
    """In the name of hosts that do not exist, more than there may be in all."""
    with Forger(lab, lab.lan1) as forger:
        for port in range(5000, 5000 + ports):
            for number in range(sources):
                forger.send(f"192.168.50.{30 + number}", pmp_packet(port))
            time.sleep(0.2)  # the pace of a flood, so that the socket's buffer drops nothing


def of_strangers(lab):
    return [entry for entry in rules.translations(lab.router) if entry[2] not in (LAN1, LAN2)]


@pytest.mark.parametrize("way", ["AddPortMapping", "AddPinhole", "NAT-PMP", "MAP"])
def test_forged_sources_do_not_fill_the_table(lab, way):
    """1,200 of them, when 1,024 are all: a host that is there gets what it asks for nevertheless"""
    lab.daemon(debug_mode=1).start()
    flood(lab)
    point = point_of(lab.lan2, LAN2, wan_ip=WAN_IP2)
    with PortControlClient(lab.lan2, LAN2, ROUTER_LAN, timeout=5) as client:
        answer = {
            "AddPortMapping": lambda: point.add("TCP", 40001),
            "NAT-PMP": lambda: client.pmp_map(UDP, 5001),
            "MAP": lambda: client.map(UDP, 5001),
            "AddPinhole": lambda: point.pinhole(LAN2_6, 5003),
        }[way]()
    assert answer.code == 0


def test_what_forged_sources_were_granted_ends(lab):
    """Although its lease goes on; that of a host that is there stays"""
    daemon = lab.daemon(firewall_backend="nftables", absent_host_timeout=10).start()
    assert point_of(lab.lan2, LAN2).add("TCP", 40001).ok
    flood(lab, sources=20, ports=2)
    wait_until(lambda: of_strangers(lab), 5, f"what strangers are granted\n{daemon.log[-4000:]}")
    wait_until(lambda: not of_strangers(lab), 60, f"its end\n{daemon.log[-4000:]}")
    assert [entry[2] for entry in rules.translations(lab.router)] == [LAN2]


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_an_absent_host_has_ends(lab, backend):
    """absent_host_timeout: although its lease goes on; a silent host that is there keeps its own"""
    daemon = lab.daemon(firewall_backend=backend, absent_host_timeout=10).start()
    for host, four, six in (lab.lan1, LAN1, LAN1_6), (lab.lan2, LAN2, LAN2_6):
        point = point_of(host, four)
        assert point.add("TCP", 40000 + int(four[-2:]), 5000, LeaseDuration=0).ok
        assert point.pinhole(six, 5000, TCP).ok
        with PortControlClient(host, four, ROUTER_LAN) as client:
            assert client.map(UDP, 5000).code == SUCCESS
            assert client.peer(UDP, 6000, WAN_HOST, 4000).code == SUCCESS
        with PortControlClient(host, six, ROUTER_LAN6) as client:
            assert client.ready().map(UDP, 5000).code == SUCCESS
    lab.lan1.ip("link set eth0 down")

    def clients():
        mapped = {entry[2] for entry in rules.translations(lab.router)}
        return mapped | {entry[0] for entry in rules.pinholes(lab.router)}

    assert clients() == {LAN1, LAN1_6, LAN2, LAN2_6}, "not at once"
    wait_until(
        lambda: not clients() & {LAN1, LAN1_6}, 60, f"the end of what it had\n{daemon.log[-4000:]}"
    )
    assert clients() == {LAN2, LAN2_6}
    assert len(rules.translations(lab.router)) == 2 and len(set(rules.pinholes(lab.router))) == 2
    assert LAN1 not in daemon.ctl("list").stdout and LAN2 in daemon.ctl("list").stdout
    assert LAN1_6 not in daemon.ctl("list").stdout


def test_a_host_that_comes_back_in_time_keeps_what_it_has(lab):
    # The kernel finds out sooner than it would by itself that a host is gone.
    neighbours = "net__ipv4__neigh__br-lan__"
    lab.router.sysctl(
        **{neighbours + "base_reachable_time_ms": 1000, neighbours + "delay_first_probe_time": 1}
    )
    daemon = lab.daemon(absent_host_timeout=20).start()
    lab.echo(lab.lan1, 5000)
    assert point_of(lab.lan1, LAN1).add("TCP", 40001, 5000).ok

    def looked_for_in_vain():
        lab.reaches("TCP", 40001, timeout=0.1)
        return "lladdr" not in lab.router.run("ip", "neigh", "show", LAN1).stdout

    for _ in range(3):
        lab.lan1.ip("link set eth0 down")
        wait_until(looked_for_in_vain, 15, "the kernel to find it gone")
        lab.lan1.ip("link set eth0 up", f"route replace default via {ROUTER_LAN}")
        wait_until(
            lambda: lab.reaches("TCP", 40001), 10, f"the host at its mapping\n{daemon.log[-4000:]}"
        )


@pytest.mark.parametrize(
    "value, good", [("never", True), ("10", True), ("24:00", True), ("soon", False)]
)
def test_how_long_a_host_may_be_away(lab, value, good):
    daemon = lab.daemon(absent_host_timeout=value)
    checked = daemon.check()
    assert (checked.returncode == 0) == good, checked.stderr
    assert good or f"{daemon.line_of('absent_host_timeout')}: error" in checked.stderr


# -- what looking for hosts costs ------------------------------------------------------------------

SILENT = [f"2a0a:200::5:{number:x}" for number in range(30)]


def test_nobody_is_asked_for_each_opening():
    """30 pinholes of hosts that do not answer: one request more asks for none of them"""
    with Lab() as lab:
        lab.add_ipv6()
        lab.daemon(
            allow_third_party="yes",
            mappings_per_client=2000,
            mappings_total=4000,
            debug_mode=1,
            port_requests_per_client=50000,
        ).start()
        with (
            PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6, timeout=5) as client,
            Solicitations(lab.router, "br-lan") as asked,
        ):
            client.ready()
            for address in SILENT:
                granted = client.map(UDP, 5000, options=option(THIRD_PARTY, wire(address)))
                assert granted.code == SUCCESS
            quiet_for(asked, 2.5, 60)
            assert client.map(UDP, 6000).code == SUCCESS
            begin, heard = time.monotonic(), []
            while time.monotonic() < begin + 1.5:
                heard += asked.heard()
                time.sleep(0.05)
            looked_for = {target for target in heard if target in SILENT}
            assert len(looked_for) < 5, f"{len(looked_for)} of {len(SILENT)}"


def quiet_for(asked, seconds, timeout):
    """Until nobody has been looked for in so many seconds: the kernel asks three times by
    itself."""
    last = [time.monotonic()]

    def quiet():
        if asked.heard():
            last[0] = time.monotonic()
        return time.monotonic() - last[0] > seconds

    wait_until(quiet, timeout, "an end of the solicitations")
