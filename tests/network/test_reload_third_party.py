# SPDX-License-Identifier: GPL-2.0-or-later
"""Leave to map for other hosts that is taken back by a reload: what was made by it ends, by
packets, and nothing else does."""

import socket

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    LAN2_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ControlPoint,
    Lab,
    PortControlClient,
)
from lab.port_control import SUCCESS, TCP, THIRD_PARTY, UDP, option, wire

KINDS = ("TCP", "UDP")


@pytest.fixture(params=BACKENDS)
def laid(request):
    """A lab behind FORWARD chains that drop, and the settings of its daemon."""
    with Lab(forward="nft-drop") as lab:
        lab.add_ipv6()
        for host in lab.lan1, lab.lan2:
            host.ping(ROUTER_LAN6)
            lab.echo(host, 5000, socket.AF_INET6)  # and of IPv4
        yield lab, {"firewall_backend": request.param}


def named(address):
    return option(THIRD_PARTY, wire(address))


def pcp(host, own):
    return PortControlClient(host, own, ROUTER_LAN6 if ":" in own else ROUTER_LAN).ready()


def open_ports(lab):
    """Returns which of those that the tests map are open: external ports of IPv4, and pinholes."""
    four = {
        (kind, port)
        for kind in KINDS
        for port in range(40001, 40005)
        if lab.reaches(kind, port, timeout=0.2)
    }
    six = {
        (kind, host)
        for kind in KINDS
        for host in (LAN1_6, LAN2_6)
        if lab.reaches(kind, 5000, host, timeout=0.2)
    }
    return four, six


def map_by_upnp(lab):
    """The first host for itself and for the second, and the second for itself, which the first
    renews."""
    first, second = ControlPoint(lab.lan1, LAN1), ControlPoint(lab.lan2, LAN2)
    assert (
        first.add("TCP", 40001, 5000, InternalClient=LAN2).ok and first.add("TCP", 40002, 5000).ok
    )
    assert (
        second.add("UDP", 40003, 5000).ok and first.add("UDP", 40003, 5000, InternalClient=LAN2).ok
    )
    assert (
        first.add("UDP", 40004, 5000, InternalClient=LAN2).ok and second.add("UDP", 40004, 5000).ok
    )
    assert first.pinhole(LAN2_6, 5000, TCP).ok and first.pinhole(LAN1_6, 5000, TCP).ok
    number = second.pinhole(LAN2_6, 5000, UDP)["UniqueID"]
    assert first.of_pinhole("UpdatePinhole", number, NewLeaseTime=3600).ok
    assert first.pinhole(LAN2_6, 5000, UDP)["UniqueID"] == number
    taken = first.pinhole(LAN1_6, 5000, UDP)["UniqueID"]
    assert second.of_pinhole("UpdatePinhole", taken, NewLeaseTime=3600).ok


WITHOUT_UPNPS = (
    {("TCP", 40002), ("UDP", 40003), ("UDP", 40004)},
    {("TCP", LAN1_6), ("UDP", LAN2_6), ("UDP", LAN1_6)},
)


def test_of_upnp(laid):
    """One list for all protocols: a requester that is on it no more keeps nothing that it made for
    others"""
    lab, settings = laid
    daemon = lab.daemon(**settings, allow_third_party="yes").start()
    map_by_upnp(lab)
    everything = open_ports(lab)
    assert everything == (WITHOUT_UPNPS[0] | {("TCP", 40001)}, WITHOUT_UPNPS[1] | {("TCP", LAN2_6)})
    daemon.read_again(**settings, allow_third_party="yes")
    assert open_ports(lab) == everything
    daemon.read_again(**settings, pcp_third_party=f"{LAN1}, {LAN1_6}")
    assert open_ports(lab) == everything
    daemon.read_again(**settings, allow_third_party=f"{LAN2}, {LAN2_6}")
    assert open_ports(lab) == WITHOUT_UPNPS
    assert "1 mapping(s) and 1 pinhole(s) that are not permitted any more have ended" in daemon.log
    assert daemon.stop() == 0


def test_of_upnp_at_the_next_start(laid):
    """Taken back while the daemon did not run, and the prefix of IPv6 comes later than it"""
    lab, settings = laid
    daemon = lab.daemon(**settings, allow_third_party="yes").start()
    map_by_upnp(lab)
    assert daemon.stop() == 0
    daemon.configure(**settings)
    lab.router.ip(f"addr del {ROUTER_LAN6}/64 dev br-lan")
    daemon.start()
    lab.router.ip(f"addr add {ROUTER_LAN6}/64 dev br-lan nodad")
    lab.lan1.ping(ROUTER_LAN6)
    assert open_ports(lab) == WITHOUT_UPNPS
    assert daemon.stop() == 0


def map_by_pcp(lab):
    """Maps as by UPnP; what one host has made, another renews with the same nonce."""
    for agent, own, other in (
        (pcp(lab.lan1, LAN1), LAN1, LAN2),
        (pcp(lab.lan1, LAN1_6), LAN1_6, LAN2_6),
    ):
        with agent, pcp(lab.lan2, other) as second:
            assert agent.map(TCP, 5000, external=40001, options=named(other)).code == SUCCESS
            assert agent.map(TCP, 5000, external=40002).code == SUCCESS
            assert second.map(UDP, 5000, external=40003).code == SUCCESS
            assert agent.map(UDP, 5000, 7200, options=named(other)).code == SUCCESS
    with pcp(lab.lan1, LAN1) as agent, pcp(lab.lan2, LAN2) as second:
        assert agent.map(TCP, 5001, external=40004, options=named(LAN2)).code == SUCCESS
        assert second.map(TCP, 5001).code == SUCCESS


def test_of_pcp(laid):
    lab, settings = laid
    lab.echo(lab.lan2, 5001)
    daemon = lab.daemon(**settings, pcp_third_party=f"{LAN1}, {LAN1_6}").start()
    map_by_pcp(lab)
    kept = {("TCP", 40002), ("UDP", 40003), ("TCP", 40004)}, {("TCP", LAN1_6), ("UDP", LAN2_6)}
    assert open_ports(lab) == (kept[0] | {("TCP", 40001)}, kept[1] | {("TCP", LAN2_6)})
    daemon.read_again(**settings)
    assert open_ports(lab) == kept
    assert daemon.stop() == 0


def test_of_pcp_over_one_family(laid):
    """Each address has leave of its own"""
    lab, settings = laid
    lab.echo(lab.lan2, 5001)
    daemon = lab.daemon(**settings, pcp_third_party=f"{LAN1}, {LAN1_6}").start()
    map_by_pcp(lab)
    before = open_ports(lab)
    daemon.read_again(**settings, pcp_third_party=LAN1)
    assert open_ports(lab) == (before[0], before[1] - {("TCP", LAN2_6)})
    assert daemon.stop() == 0
