# SPDX-License-Identifier: GPL-2.0-or-later
"""UPnP, NAT-PMP and PCP on one table (RFC 6970): what one has made the others see, and each one's
rules protect it."""

import concurrent.futures
import re

import pytest

from conftest import BACKENDS
from lab import LAN1, LAN2, ROUTER_LAN, ControlPoint, Lab, PortControlClient, Subscriber, wait_until
from lab import rules
from lab.control_point import WAN_IP2
from lab.port_control import (
    CANNOT_PROVIDE_EXTERNAL,
    FOREVER,
    NONCE,
    NOT_AUTHORIZED,
    PREFER_FAILURE,
    SUCCESS,
    TCP,
    UDP,
    filter_option,
    option,
)

EXACTLY = option(PREFER_FAILURE)
OTHER = b"another one!"


def ends(lab, external):
    return rules.count(lab.router, "UDP", external)


def test_pcp_finds_what_upnp_has_made(ports, point):
    """IWF-01, 02: it ends nothing of UPnP's, and what it is granted there lasts no longer than
    UPnP's at first"""
    assert point.add("TCP", 5000, LeaseDuration=1000).ok
    refused = ports.unmap(TCP, 5000)
    assert refused.code == NOT_AUTHORIZED and 990 <= refused.lifetime <= 1000
    reply = ports.map(TCP, 5000, 7200, external=5555)
    assert (reply.code, reply.external) == (SUCCESS, 5000) and 990 <= reply.lifetime <= 1000
    assert 990 <= int(point.specific("TCP", 5000)["NewLeaseDuration"]) <= 1000
    assert ports.unmap(TCP, 5000).code == SUCCESS
    assert 990 <= int(point.specific("TCP", 5000)["NewLeaseDuration"]) <= 1000
    assert point.delete("TCP", 5000).ok


def test_one_without_an_end(lab):
    """IWF-01: in version 1 of the gateway a lease of 0 is for ever, and so is what the
    administrator has mapped; what others are granted on it is not"""
    lab.daemon(igd_version=1, lines=[f"mapping = udp 5001 {LAN1}"]).start()
    point = ControlPoint(lab.lan1, LAN1)
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports:
        assert point.add("TCP", 5000).ok
        assert ports.map(TCP, 5000, 3600).lifetime == 3600
        assert ports.pmp_map(TCP, 5000, 0, 600).lifetime == 600, (
            "NAT-PMP never has more than it asked for"
        )
        assert point.specific("TCP", 5000)["NewLeaseDuration"] == "0"
        assert ports.map(UDP, 5001, 3600).lifetime == FOREVER


@pytest.mark.parametrize("first_to_go", ["pcp", "upnp"])
@pytest.mark.parametrize("face", ["pcp", "nat-pmp"])
def test_upnp_shares_what_is_there(shared_lab, ports, point, face, first_to_go):
    """IWF-03: the rule stays until both leases have ended"""

    def ask(lifetime):
        return (
            ports.map(UDP, 5000, lifetime, external=6000)
            if face == "pcp"
            else ports.pmp_map(UDP, 5000, 6000, lifetime)
        )

    def leave():
        return ports.unmap(UDP, 5000).code if face == "pcp" else ports.pmp_unmap(UDP, 5000).code

    assert ask(1000).external == 6000
    assert point.add("UDP", 6000, 5000, LeaseDuration=2000, PortMappingDescription="both of us").ok
    assert 1990 <= int(point.specific("UDP", 6000)["NewLeaseDuration"]) <= 2000
    assert len(point.listing()) == 1
    if first_to_go == "pcp":
        assert leave() == 0
        assert point.specific("UDP", 6000)["NewPortMappingDescription"] == "both of us"
        assert leave() == 2, "it is UPnP's now"
        assert point.delete("UDP", 6000).ok
    else:
        assert point.delete("UDP", 6000).ok
        assert ends(shared_lab, 6000) == 1 and point.specific("UDP", 6000).ok
        assert ask(1000).external == 6000 and leave() == 0
    assert ends(shared_lab, 6000) == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_shorter_lease_ends_and_packets_go_on(backend):
    """IWF-03, by packets; and the share of UPnP outlives a restart (IWF-10)"""
    with Lab(forward="nft-drop") as lab:
        daemon = lab.daemon(firewall_backend=backend, pcp_lease_min=1).start()
        lab.echo(lab.lan1, 5000)
        point = ControlPoint(lab.lan1, LAN1)
        with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports:
            assert ports.map(UDP, 5000, 1, external=6000).code == SUCCESS
            assert point.add("UDP", 6000, 5000, LeaseDuration=600).ok
            wait_until(
                lambda: ports.map(UDP, 5000, nonce=OTHER).code == SUCCESS,
                3,
                "the end of PCP's lease",
            )
            assert lab.reaches("UDP", 6000)
            assert ports.map(TCP, 5000, 600, external=6001).code == SUCCESS
            assert point.add("TCP", 6001, 5000, LeaseDuration=500).ok
            assert daemon.stop() == 0
            daemon.start()
            point = ControlPoint(lab.lan1, LAN1)
            assert lab.reaches("TCP", 6001) and lab.reaches("UDP", 6000)
            assert point.delete("TCP", 6001).ok and lab.reaches("TCP", 6001)
            assert ports.unmap(TCP, 5000).code == SUCCESS and not lab.reaches("TCP", 6001)


def test_without_the_nonce_upnp_changes_nothing(ports, point, point2, daemon):
    """PCP-Spoof-01: the same host, but another internal port, or the end"""
    assert ports.map(UDP, 5000, external=6000).code == SUCCESS
    before = daemon.state()
    assert point.add("UDP", 6000, 5001).code == 718
    assert point.delete("UDP", 6000).code == 714
    assert point2.delete("UDP", 6000).code == 606
    assert point2.delete_range("UDP", 6000, 6000).code == 606
    assert daemon.state() == before


def test_nat_pmp_has_no_nonce(ports, point, point2, daemon, shared_lab):
    """IGD-DeletePortMapping-06: the same host may end its own by UPnP; PCP's, above and here, it
    may not"""
    for version in point, point2:
        assert ports.pmp_map(UDP, 5000, 6000).external == 6000
        assert version.delete("UDP", 6000).ok and ends(shared_lab, 6000) == 0
    assert ports.map(UDP, 5000, external=6000).code == SUCCESS
    assert point2.delete("UDP", 6000).code == 606 and ends(shared_lab, 6000) == 1


def test_conflicts_are_conflicts_across_protocols(ports, other_ports, point, other, other2):
    """IWF-04, 05"""
    assert ports.map(UDP, 5000, external=6000).code == SUCCESS
    assert other.add("UDP", 6000).code == 718
    assert other_ports.pmp_map(UDP, 5000, 6000).external != 6000
    assert point.add("UDP", 7000, 5001).ok
    assert (
        other_ports.map(UDP, 5001, external=7000, options=EXACTLY).code == CANNOT_PROVIDE_EXTERNAL
    )
    assert other_ports.map(UDP, 5001, external=7000).external not in (0, 7000)
    assert int(other2.add_any("UDP", 6000)["NewReservedPort"]) not in (6000, 7000)


def test_the_endpoint_decides_not_the_suggestion(ports, point):
    """IWF-06, 12"""
    assert point.add("TCP", 7000, 5000).ok
    assert ports.map(TCP, 5000, external=8000).external == 7000
    assert point.add("TCP", 7001, 5001, Enabled=0).ok
    assert point.specific("TCP", 7001)["NewEnabled"] == "0"
    assert ports.map(TCP, 5001, external=8001).external == 7001
    assert point.specific("TCP", 7001)["NewEnabled"] == "1"


def test_upnp_lists_what_the_others_have_made(ports, point):
    """IGD-Map-17, 18, IGD-GetGeneric-08: once, by the name of the protocol and without the nonce"""
    assert (
        ports.map(UDP, 5000, external=6000).code == SUCCESS
        and ports.pmp_map(TCP, 5001, 6001).external == 6001
    )
    for other in 0, 47, 132:
        ports.map(other, 0 if other == 0 else 5002)
    listed = {
        (entry["NewProtocol"], entry["NewExternalPort"], entry["NewInternalPort"]): entry[
            "NewPortMappingDescription"
        ]
        for entry in point.listing()
    }
    assert len(point.listing()) == 2 and set(listed) == {
        ("UDP", "6000", "5000"),
        ("TCP", "6001", "5001"),
    }
    by_pcp, by_nat_pmp = listed["UDP", "6000", "5000"], listed["TCP", "6001", "5001"]
    assert "PCP" in by_pcp and "NAT-PMP" in by_nat_pmp
    assert not re.search("[0-9a-f]{8}", by_pcp + by_nat_pmp, re.IGNORECASE)
    assert NONCE.hex() not in by_pcp and NONCE.decode() not in by_pcp


def test_how_filters_are_listed(ports, point):
    """IWF-07"""
    assert (
        ports.map(UDP, 5000, external=6000, options=filter_option("80.100.100.9/32")).code
        == SUCCESS
    )
    assert point.specific("UDP", 6000, "80.100.100.9")["NewInternalPort"] == "5000"
    assert ports.map(UDP, 5000, options=filter_option("80.100.200.0/24")).code == SUCCESS
    entry = point.specific("UDP", 6000)
    assert "filtered" in entry["NewPortMappingDescription"]
    assert point.entry(0)["NewRemoteHost"] == ""


def test_upnp_is_told(point2, ports):
    """IWF-08, GENA-EVENT-10: number of mappings and SystemUpdateID, of both protocols"""
    with Subscriber(point2) as subscriber:
        subscriber.subscribe(WAN_IP2)
        subscriber.wait_for(lambda e: "SystemUpdateID" in e.values, "the first event", 2)
        for step, number in (
            (lambda: ports.map(UDP, 5000), "1"),
            (lambda: ports.pmp_map(UDP, 5001), "2"),
            (lambda: ports.unmap(UDP, 5000), "1"),
            (lambda: ports.pmp_unmap(UDP, 5001), "0"),
        ):
            assert step().code == 0
            event = subscriber.wait_for(
                lambda e, n=number: (
                    e.values.get("PortMappingNumberOfEntries") == n and e.sequence > 0
                ),
                number,
                2,
            )
            assert "SystemUpdateID" in event.values


def test_one_winner(lab):
    """IWF-09: the last port, asked for by both at once, many times"""
    lab.daemon(lines=["allow 40000 any 1024-65535", "deny 0-65535 any 0-65535"]).start()
    two = ControlPoint(lab.lan2, LAN2, wan_ip=WAN_IP2)
    with (
        PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports,
        concurrent.futures.ThreadPoolExecutor(2) as pool,
    ):
        for _ in range(30):
            by_pcp = pool.submit(ports.map, UDP, 5000, external=40000)
            by_upnp = pool.submit(two.add_any, "UDP", 40000, 5000)
            pcp, upnp = by_pcp.result().code == SUCCESS, by_upnp.result().ok
            assert pcp != upnp
            assert ends(lab, 40000) == 1
            assert ports.unmap(UDP, 5000).code == SUCCESS if pcp else two.delete("UDP", 40000).ok


def test_nat_pmp_becomes_pcp(ports):
    """IWF-11: from then on the nonce protects it, whatever becomes of what NAT-PMP was granted"""
    assert ports.pmp_map(UDP, 5000, 6000).external == 6000
    assert ports.map(UDP, 5000, external=7000).external == 6000
    assert ports.pmp_unmap(UDP, 5000).code == 0
    assert (
        ports.map(UDP, 5000, nonce=OTHER).code
        == ports.unmap(UDP, 5000, nonce=OTHER).code
        == NOT_AUTHORIZED
    )
    assert ports.pmp_unmap(UDP, 5000).code == 2, "nothing of its own is left there"
    assert ports.pmp_map(UDP, 5000).external == 6000 and ports.pmp_unmap(UDP, 5000).code == 0
    assert ports.unmap(UDP, 5000).code == SUCCESS
