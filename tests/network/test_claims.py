# SPDX-License-Identifier: GPL-2.0-or-later
"""Several protocols hold one opening: each has its own lease and filter, and none touches the
others'."""

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
    rules,
    wait_until,
)
from lab.control_point import WAN_IP2
from lab.port_control import FILTER, NOT_AUTHORIZED, SUCCESS, UDP, filter_option, option, wire

NOBODY = filter_option("80.100.200.0/24")  # the probes come from another network
NOBODY6 = filter_option("2a0a:999::/32")
ANYBODY = option(FILTER, bytes(4) + wire("::"))


@pytest.fixture(params=BACKENDS)
def laid(request):
    with Lab(forward="nft-drop") as lab:
        lab.add_ipv6().echo(lab.lan1, 5000)
        daemon = lab.daemon(firewall_backend=request.param).start()
        yield lab, daemon
        assert daemon.stop() == 0


@pytest.fixture
def lab(laid):
    return laid[0]


@pytest.fixture
def point(lab):
    return ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2)


@pytest.fixture
def ports(lab):
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        yield client


def is_there(point):
    """UPnP reads its mapping, by key and by index."""
    entry = point.specific("UDP", 6000)
    return entry.ok and entry["NewInternalPort"] == "5000" and len(point.listing()) == 1


def test_a_filter_of_pcp_takes_nothing_from_upnp(lab, point, ports):
    """And what is left of it is unfiltered"""
    assert ports.map(UDP, 5000, external=6000).code == SUCCESS
    assert point.add("UDP", 6000, 5000).ok
    assert ports.map(UDP, 5000, options=NOBODY).external == 6000
    assert is_there(point) and lab.reaches("UDP", 6000)
    assert point.add("UDP", 6000, 5000, PortMappingDescription="renewed").ok
    assert ports.unmap(UDP, 5000).code == SUCCESS
    assert is_there(point) and lab.reaches("UDP", 6000)
    assert point.specific("UDP", 6000)["NewPortMappingDescription"] == "renewed"
    assert point.delete("UDP", 6000).ok and not lab.reaches("UDP", 6000)
    assert rules.count(lab.router, "UDP", 6000) == 0


def test_a_filter_of_pcp_counts_once_upnp_has_gone(lab, point, ports):
    assert ports.map(UDP, 5000, external=6000, options=NOBODY).code == SUCCESS
    assert not lab.reaches("UDP", 6000)
    assert point.add("UDP", 6000, 5000).ok and lab.reaches("UDP", 6000)
    assert point.delete("UDP", 6000).ok and not lab.reaches("UDP", 6000)
    assert ports.map(UDP, 5000, options=ANYBODY).external == 6000
    assert lab.reaches("UDP", 6000)


@pytest.mark.parametrize("face", ["pcp", "nat-pmp"])
def test_what_is_granted_on_a_mapping_of_upnp_outlives_it(lab, point, ports, face):
    assert point.add("UDP", 6000, 5000, LeaseDuration=1000).ok
    ask, leave = {"pcp": (ports.map, ports.unmap), "nat-pmp": (ports.pmp_map, ports.pmp_unmap)}[
        face
    ]
    granted = ask(UDP, 5000)
    assert (granted.code, granted.external) == (SUCCESS, 6000)
    assert point.delete("UDP", 6000).ok
    assert lab.reaches("UDP", 6000), "it was granted"
    assert ask(UDP, 5000).external == 6000
    assert leave(UDP, 5000).code == SUCCESS
    assert not lab.reaches("UDP", 6000) and point.specific("UDP", 6000).code == 714


@pytest.mark.parametrize("face", ["pcp", "nat-pmp"])
def test_what_was_granted_on_a_mapping_of_upnp_goes_alone(lab, point, ports, face):
    """IWF-02: without a grant of its own PCP ends nothing; with one it ends that, and UPnP's
    stays"""
    assert point.add("UDP", 6000, 5000, LeaseDuration=1000).ok
    ask, leave = {"pcp": (ports.map, ports.unmap), "nat-pmp": (ports.pmp_map, ports.pmp_unmap)}[
        face
    ]
    assert leave(UDP, 5000).code == NOT_AUTHORIZED
    assert ask(UDP, 5000).external == 6000
    assert leave(UDP, 5000).code == SUCCESS
    assert is_there(point) and lab.reaches("UDP", 6000)
    assert 900 <= int(point.specific("UDP", 6000)["NewLeaseDuration"]) <= 1000
    assert leave(UDP, 5000).code == NOT_AUTHORIZED
    assert point.delete("UDP", 6000).ok and not lab.reaches("UDP", 6000)


def test_the_claims_outlive_a_restart(laid, point, ports):
    """IWF-10: each with its own lease and filter"""
    lab, daemon = laid
    assert point.add("UDP", 6000, 5000, LeaseDuration=1000).ok
    assert ports.map(UDP, 5000, 2000, options=NOBODY).external == 6000
    assert daemon.stop() == 0
    daemon.start()
    assert lab.reaches("UDP", 6000)
    assert 900 <= int(point.specific("UDP", 6000)["NewLeaseDuration"]) <= 1000
    assert point.delete("UDP", 6000).ok and not lab.reaches("UDP", 6000)
    assert ports.map(UDP, 5000, 2000, nonce=b"another one!").code == NOT_AUTHORIZED
    assert ports.map(UDP, 5000, options=ANYBODY).external == 6000 and lab.reaches("UDP", 6000)
    assert ports.unmap(UDP, 5000).code == SUCCESS and not lab.reaches("UDP", 6000)


def test_the_shorter_lease_ends_alone(laid, point, ports):
    lab, daemon = laid
    assert ports.map(UDP, 5000, external=6000, options=NOBODY).external == 6000
    assert point.add("UDP", 6000, 5000, LeaseDuration=2).ok and lab.reaches("UDP", 6000)
    wait_until(
        lambda: not lab.reaches("UDP", 6000, timeout=0.1),
        5,
        f"the end of UPnP's lease\n{daemon.log}",
    )
    again = ports.map(UDP, 5000, options=ANYBODY)
    assert again.external == 6000 and lab.reaches("UDP", 6000)


def test_a_filter_of_pcp_takes_nothing_from_a_pinhole(lab):
    """IGD-6FC-30: of IPv6 the same"""
    lab.echo(lab.lan1, 5001, socket.AF_INET6)
    lab.lan1.ping(ROUTER_LAN6)
    point = ControlPoint(lab.lan1, LAN1)
    with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as six:
        assert six.ready().map(UDP, 5001, options=NOBODY6).code == SUCCESS
        assert not lab.reaches("UDP", 5001, LAN1_6)
        number = point.pinhole(LAN1_6, 5001, UDP)["UniqueID"]
        assert lab.reaches("UDP", 5001, LAN1_6)
        assert six.map(UDP, 5001, options=NOBODY6).code == SUCCESS and lab.reaches(
            "UDP", 5001, LAN1_6
        )
        assert point.of_pinhole("DeletePinhole", number).ok
        assert not lab.reaches("UDP", 5001, LAN1_6)
        number = point.pinhole(LAN1_6, 5001, UDP)["UniqueID"]
        assert six.unmap(UDP, 5001).code == SUCCESS and lab.reaches("UDP", 5001, LAN1_6)
        assert point.of_pinhole("DeletePinhole", number).ok and not lab.reaches("UDP", 5001, LAN1_6)


# -- leases without an end -------------------------------------------------------------------------


def test_a_lease_without_an_end(laid, point):
    """IGD-Lease-01, 02, 03: for version 1 of the service as long as the host lives here"""
    lab, daemon = laid
    old = ControlPoint(lab.lan1, LAN1)

    def assert_leases():
        assert old.specific("UDP", 6000)["NewLeaseDuration"] == "0"
        assert 604700 <= int(point.specific("UDP", 6001)["NewLeaseDuration"]) <= 604800

    assert (
        old.add("UDP", 6000, 5000, LeaseDuration=0).ok
        and point.add("UDP", 6001, 5000, LeaseDuration=0).ok
    )
    assert_leases()
    assert lab.reaches("UDP", 6000)
    assert daemon.stop() == 0
    daemon.start()
    assert_leases()
    assert lab.reaches("UDP", 6000)
    assert point.add("UDP", 6000, 5000, LeaseDuration=0).ok
    assert 604700 <= int(point.specific("UDP", 6000)["NewLeaseDuration"]) <= 604800
