# SPDX-License-Identifier: GPL-2.0-or-later
"""Every IPv4 address of an internal interface is served, and every network that is reached over it."""

import urllib.parse

import pytest

from lab import LAN1, LAN2, ROUTER_LAN, ROUTER_WAN, ControlPoint, PortControlClient, search, wait_until
from lab.control_point import WAN_IP2
from lab.port_control import SUCCESS, UDP

SHARED = "192.168.50.2"  # as VRRP and CARP share one between two routers
SECOND, GUEST = "192.168.51.1", "192.168.51.10"  # of another network on the same link
BEHIND = "10.77.0.5"  # of a network behind the second host


def ask(host, own, server):
    return PortControlClient(host, own, server).ready()


def assert_served(lab, host, own, server):
    """By UPnP, NAT-PMP and PCP, each by packets."""
    found = search(host, "upnp:rootdevice", to=(server, 1900), mx=None, expect=1)
    place = urllib.parse.urlsplit(found[0]["location"])
    assert found[0]["from"][0] == server
    assert place.hostname in ({ROUTER_LAN, SHARED} if server != SECOND else {SECOND}), "where it can be reached"
    point = ControlPoint(host, own, f"http://{server}:{place.port}{place.path}", wan_ip=WAN_IP2)
    assert point.add("UDP", 40001, 5000).ok and lab.reaches("UDP", 40001)
    assert point.delete("UDP", 40001).ok
    with ask(host, own, server) as client:
        assert client.external_address().address == ROUTER_WAN
        assert client.pmp_map(UDP, 5000, 40002).external == 40002 and lab.reaches("UDP", 40002)
        assert client.pmp_unmap(UDP, 5000).code == 0
        assert client.map(UDP, 5000, external=40003).code == SUCCESS and lab.reaches("UDP", 40003)
        assert client.unmap(UDP, 5000).code == SUCCESS and not lab.reaches("UDP", 40003)


def test_an_address_that_routers_share(lab):
    lab.echo(lab.lan1, 5000)
    lab.router.ip(f"addr add {SHARED}/24 dev br-lan")
    daemon = lab.daemon().start()
    for server in ROUTER_LAN, SHARED:
        assert_served(lab, lab.lan1, LAN1, server)
    assert daemon.stop() == 0


def test_an_address_that_comes_later_and_goes(lab):
    """As at a failover: within a few seconds, without a word to the daemon, and no mapping suffers"""
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon().start()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40009, 5000).ok
    lab.router.ip(f"addr add {SHARED}/24 dev br-lan")
    wait_until(lambda: search(lab.lan1, "upnp:rootdevice", to=(SHARED, 1900), mx=None, expect=1, timeout=0.3), 5,
               f"an answer at {SHARED}\n{daemon.log}")
    assert_served(lab, lab.lan1, LAN1, SHARED)
    lab.router.ip(f"addr del {SHARED}/24 dev br-lan")
    assert_served(lab, lab.lan1, LAN1, ROUTER_LAN)
    assert lab.reaches("TCP", 40009) and daemon.stop() == 0


def test_a_second_network_on_the_same_link(lab):
    """Its hosts find the gateway in their own network, and map for themselves alone"""
    lab.router.ip(f"addr add {SECOND}/24 brd + dev br-lan")
    lab.lan2.ip("addr flush dev eth0", f"addr add {GUEST}/24 brd + dev eth0",
                f"route add default via {SECOND}")
    lab.echo(lab.lan2, 5000)
    daemon = lab.daemon().start()
    assert {answer["location"].split("/")[2].split(":")[0]
            for answer in search(lab.lan2, "upnp:rootdevice", mx=1)} == {SECOND}
    assert_served(lab, lab.lan2, GUEST, SECOND)
    guest = ControlPoint(lab.lan2, GUEST, router=SECOND, wan_ip=WAN_IP2)
    assert guest.add("UDP", 40001, 5000, client=LAN1).code == 606
    lab.echo(lab.lan1, 5000)
    assert_served(lab, lab.lan1, LAN1, ROUTER_LAN)
    assert daemon.stop() == 0


@pytest.mark.parametrize("when", ["before the start", "later"])
def test_a_network_behind_a_host_of_the_lan(lab, when):
    """The kernel routes it over the internal interface: its hosts may ask, with nothing to configure"""
    lab.lan2.sysctl(net__ipv4__ip_forward=1)
    lab.lan2.ip(f"addr add {BEHIND}/32 dev lo")
    lab.echo(lab.lan2, 5000)
    route = f"route add 10.77.0.0/24 via {LAN2} dev br-lan"
    if when == "before the start":
        lab.router.ip(route)
    daemon = lab.daemon().start()
    if when == "later":
        with PortControlClient(lab.lan2, BEHIND, ROUTER_LAN, timeout=0.3) as client:
            assert client.ask(b"\0\0") is None, "nobody's network yet"
        lab.router.ip(route)
    with PortControlClient(lab.lan2, BEHIND, ROUTER_LAN) as client:
        wait_until(lambda: client.ask(b"\0\0", 0.3), 5, f"an answer\n{daemon.log}")
        assert client.pmp_map(UDP, 5000, 40002).external == 40002 and lab.reaches("UDP", 40002)
        assert client.map(UDP, 5000).external == 40002
        assert client.pmp_unmap(UDP, 5000).code == 0 and client.unmap(UDP, 5000).code == SUCCESS
        assert not lab.reaches("UDP", 40002)
    assert daemon.stop() == 0
