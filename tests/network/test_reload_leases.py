# SPDX-License-Identifier: GPL-2.0-or-later
"""A reload with shorter leases: whatever lasts longer than a lease of now may is shortened, as it
would be at a start."""

import socket

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    LAN1_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ControlPoint,
    Lab,
    PortControlClient,
    wait_until,
)
from lab.port_control import SUCCESS, TCP, UDP

LONG = {"igd_version": 1, "lease_max": 86400, "pcp_lease_max": 7200}


def leases(point):
    return {
        int(entry["NewExternalPort"]): int(entry["NewLeaseDuration"]) for entry in point.listing()
    }


@pytest.fixture(params=BACKENDS)
def laid(request):
    """UPnP's mappings 40001 (a day), 40002 (no end) and 40003 (a minute), PCP's 40004 and a
    pinhole, of two hours both."""
    with Lab(forward="nft-drop") as lab:
        lab.add_ipv6().echo(lab.lan1, 5000, socket.AF_INET6)
        daemon = lab.daemon(firewall_backend=request.param, **LONG).start()
        point = ControlPoint(lab.lan1, LAN1)
        for port, lease in (40001, 86400), (40002, 0), (40003, 60):
            assert point.add("TCP", port, 5000, LeaseDuration=lease).ok
        with (
            PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as four,
            PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as six,
        ):
            assert (
                four.map(UDP, 5000, 7200, external=40004).code
                == six.ready().map(UDP, 5000, 7200).code
                == SUCCESS
            )
            assert six.map(TCP, 5000, 600).code == SUCCESS
            yield lab, daemon, point, four, {"firewall_backend": request.param, "igd_version": 1}


def test_they_are_shortened(laid):
    """And end then, while those without an end and the short ones stay; clients of PCP are told to
    ask again (RFC 6887 section 8.5)"""
    lab, daemon, point, four, settings = laid
    wait_until(lambda: four.announce().epoch >= 2, 5, "two seconds of epoch")
    daemon.read_again(**settings, lease_max=3600, pcp_lease_max=1200)
    wait_until(lambda: four.announce().epoch < 2, 2, "an epoch that begins anew")
    told = leases(point)
    assert (
        told[40002] == 0
        and 3590 <= told[40001] <= 3600
        and 0 < told[40003] <= 60
        and 1190 <= told[40004] <= 1200
    )
    assert "3 lease(s) that were longer than one may be now" in daemon.log
    daemon.read_again(**settings, lease_max=2, pcp_lease_min=1, pcp_lease_max=2)
    wait_until(lambda: set(leases(point)) == {40002}, 5, "the end of the others")
    wait_until(lambda: not lab.reaches("UDP", 5000, LAN1_6), 3, "the end of the pinhole")
    assert lab.reaches("TCP", 40002)
    assert (
        not lab.reaches("TCP", 40001)
        and not lab.reaches("UDP", 40004)
        and not lab.reaches("TCP", 5000, LAN1_6)
    )
    assert daemon.stop() == 0


def test_longer_ones_change_nothing(laid):
    lab, daemon, point, four, settings = laid
    wait_until(lambda: four.announce().epoch >= 2, 5, "two seconds of epoch")
    before = daemon.state()
    for longest in LONG, {"lease_max": 604800, "pcp_lease_max": 86400}:
        daemon.read_again(**{**settings, **longest})
    assert daemon.state() == before and four.announce().epoch >= 2
    assert 86380 <= leases(point)[40001] <= 86400 and lab.reaches("UDP", 5000, LAN1_6)


def test_the_duration_counts_too(laid):
    """Who asked for no time got that of `duration`, which may be longer than lease_max"""
    _, daemon, point, _, settings = laid
    daemon.read_again(**settings, duration=50000, lease_max=3600, pcp_lease_max=7200)
    assert point.add("TCP", 40005, 5000).ok
    daemon.read_again(**settings, duration=50000, lease_max=1800, pcp_lease_max=7200)
    assert 49980 <= leases(point)[40005] <= 50000
    daemon.read_again(**settings, duration=900, lease_max=1800, pcp_lease_max=7200)
    assert leases(point)[40005] <= 1800 and leases(point)[40002] == 0


def test_in_the_lease_file(laid):
    """A killed daemon's are as short at the next start"""
    _, daemon, point, _, settings = laid
    daemon.read_again(**settings, lease_max=1800, pcp_lease_max=1200)
    daemon.kill()
    daemon.configure(**settings, lease_max=86400, pcp_lease_max=86400)
    daemon.start()
    told = leases(point := ControlPoint(point.host, LAN1))
    assert 1700 <= told[40001] <= 1800 and 1100 <= told[40004] <= 1200
