# SPDX-License-Identifier: GPL-2.0-or-later
"""The job itself: packets from the WAN reach the LAN host through a mapping and come back, and no
others do."""

import pytest

from conftest import BACKENDS
from lab import LAN1, LAN2, WAN_HOST, ControlPoint, Echo, Lab, wait_until
from lab import rules

FORWARD = ("accept", "nft-drop", "legacy-drop")
PROTOCOLS = ("TCP", "UDP")


@pytest.fixture(
    scope="module",
    params=[(backend, forward) for backend in BACKENDS for forward in FORWARD],
    ids=lambda pair: f"{pair[0]}, forward {pair[1]}",
)
def running(request):
    """The network and the echo servers of its LAN hosts, for each back end and each FORWARD
    policy."""
    backend, forward = request.param
    with Lab(forward=forward) as lab:
        before = rules.everything(lab.router)
        daemon = lab.daemon(firewall_backend=backend).start()
        yield lab, lab.echo(lab.lan1, 5000), lab.echo(lab.lan2, 5000)
        assert daemon.stop() == 0
        assert rules.everything(lab.router) == before, "foreign rules byte for byte as before"


@pytest.fixture
def lab(running):
    return running[0]


@pytest.fixture
def point(lab):
    control_point = ControlPoint(lab.lan1, LAN1)
    yield control_point
    for entry in control_point.listing():
        control_point.delete(entry["NewProtocol"], entry["NewExternalPort"], entry["NewRemoteHost"])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_there_and_back_until_deleted(lab, point, protocol):
    """IGD-AddPortMapping-01, IGD-Map-10, 12, 13, IGD-DeletePortMapping-01"""
    assert not lab.reaches(protocol, 40001)
    assert point.add(protocol, 40001, 5000).ok
    assert lab.reaches(protocol, 40001)
    another = "UDP" if protocol == "TCP" else "TCP"
    assert not lab.reaches(another, 40001)
    assert point.delete(protocol, 40001).ok
    assert not lab.reaches(protocol, 40001)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_after_the_lease(lab, point, protocol):
    """IGD-Lease-05"""
    assert point.add(protocol, 40001, 5000, LeaseDuration=1).ok
    assert lab.reaches(protocol, 40001)
    wait_until(lambda: point.specific(protocol, 40001).code == 714, 3, "end of the lease")
    assert not lab.reaches(protocol, 40001)
    assert rules.count(lab.router, protocol, 40001) == 0


def test_a_disabled_mapping_forwards_nothing(lab, point):
    """IGD-Map-08, 09"""
    assert point.add("TCP", 40001, 5000, Enabled=0).ok
    assert not lab.reaches("TCP", 40001)
    assert point.add("TCP", 40001, 5000, Enabled=1).ok
    assert lab.reaches("TCP", 40001)
    assert point.add("TCP", 40001, 5000, Enabled=0).ok
    assert not lab.reaches("TCP", 40001)


def test_a_remote_host_is_the_only_one(lab, point):
    """IGD-Map-11"""
    assert point.add("TCP", 40001, 5000, RemoteHost=WAN_HOST).ok
    assert lab.reaches("TCP", 40001)
    assert point.delete("TCP", 40001, WAN_HOST).ok
    assert point.add("TCP", 40001, 5000, RemoteHost="80.100.100.77").ok
    assert not lab.reaches("TCP", 40001)


def test_an_overwritten_mapping_leads_to_the_new_place(lab, point):
    """IGD-Map-01, IGD-AddPortMapping-16: one rule, the new one"""
    with Echo(lab.lan1, 5999) as second:
        assert point.add("TCP", 40001, 5000).ok
        assert point.add("TCP", 40001, 5999).ok
        assert lab.reaches("TCP", 40001)
        assert second.received
        assert rules.count(lab.router, "TCP", 40001) == 1


def test_two_hosts_have_a_port_each(running, point):
    """Two consoles: each its own port, both reachable"""
    lab, first, second = running
    first.received.clear()
    other = ControlPoint(lab.lan2, LAN2)
    assert point.add("UDP", 3074, 5000).ok
    assert other.add("UDP", 3075, 5000).ok
    assert lab.reaches("UDP", 3074) and lab.reaches("UDP", 3075)
    assert len(first.received) == 1 and len(second.received) == 1
    assert other.delete("UDP", 3075).ok


def test_only_what_was_mapped_is_open(lab, point):
    """A mapping for one port opens no other port of that host, and no other host"""
    assert point.add("TCP", 40001, 5000).ok
    assert (
        not lab.reaches("TCP", 40000)
        and not lab.reaches("TCP", 40002)
        and not lab.reaches("TCP", 5000)
    )
