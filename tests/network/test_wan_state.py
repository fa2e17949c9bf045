# SPDX-License-Identifier: GPL-2.0-or-later
"""The external interface comes, goes and changes its address: status, events and rules follow."""

import pytest

from conftest import BACKENDS
from lab import LAN1, ROUTER_WAN, WAN_HOST, ControlPoint, Lab, Subscriber, wait_until
from lab.control_point import WAN_COMMON, WAN_IP

NEW_ADDRESS = "80.100.100.2"


@pytest.fixture
def point(lab):
    lab.daemon().start()
    return ControlPoint(lab.lan1, LAN1)


def status(point):
    return (
        point.call("GetStatusInfo")["NewConnectionStatus"],
        point.call("GetExternalIPAddress")["NewExternalIPAddress"],
        point.call("GetCommonLinkProperties", service=WAN_COMMON)["NewPhysicalLinkStatus"],
    )


def test_the_link_goes_down_and_up(lab, point):
    """IGD-GetStatusInfo-02, GENA-EVENT-07"""
    with Subscriber(point) as subscriber:
        subscriber.subscribe(WAN_COMMON)
        assert status(point) == ("Connected", ROUTER_WAN, "Up")
        lab.wan.ip("link set eth0 down")  # carrier is lost at the router
        wait_until(
            lambda: status(point)[0] != "Connected" and status(point)[2] == "Down",
            2,
            "the loss to be seen",
        )
        subscriber.wait_for(lambda e: e.values.get("PhysicalLinkStatus") == "Down", "Down", 2)
        lab.wan.ip("link set eth0 up")
        wait_until(
            lambda: status(point) == ("Connected", ROUTER_WAN, "Up"), 2, "the return to be seen"
        )
        subscriber.wait_for(
            lambda e: e.values.get("PhysicalLinkStatus") == "Up" and e.sequence > 0, "Up", 2
        )


def test_the_address_goes_and_comes(lab, point):
    """IGD-GetExternalIP-02, 03, 04, IGD-GetStatusInfo-04, 05: no address is an empty one, in action
    and event alike"""
    with Subscriber(point) as subscriber:
        subscriber.subscribe(WAN_IP)
        lab.router.ip(f"addr del {ROUTER_WAN}/24 dev wan0")
        wait_until(
            lambda: status(point) == ("Disconnected", "", "Up"), 2, "the loss of the address"
        )
        gone = subscriber.wait_for(
            lambda e: e.values.get("ConnectionStatus") == "Disconnected", "Disconnected", 2
        )
        assert gone.values.get("ExternalIPAddress") == ""
        assert point.call("GetStatusInfo")["NewUptime"] == "0"
        lab.router.ip(f"addr add {NEW_ADDRESS}/24 brd + dev wan0")
        wait_until(lambda: status(point) == ("Connected", NEW_ADDRESS, "Up"), 2, "the new address")
        subscriber.wait_for(
            lambda e: e.values.get("ExternalIPAddress") == NEW_ADDRESS, NEW_ADDRESS, 2
        )


def test_the_address_is_the_one_that_the_route_uses(lab, point):
    lab.router.ip(f"addr add {NEW_ADDRESS}/24 dev wan0")
    assert status(point) == ("Connected", ROUTER_WAN, "Up")
    with Subscriber(point) as subscriber:
        subscriber.subscribe(WAN_IP)
        lab.router.ip(f"route replace default via {WAN_HOST} src {NEW_ADDRESS}")
        wait_until(lambda: status(point) == ("Connected", NEW_ADDRESS, "Up"), 2, "the new source")
        subscriber.wait_for(
            lambda e: e.values.get("ExternalIPAddress") == NEW_ADDRESS, NEW_ADDRESS, 2
        )


@pytest.mark.parametrize("backend", BACKENDS)
def test_mappings_follow_a_new_address(lab, backend):
    """IGD-Map-19"""
    lab.echo(lab.lan1, 5000)
    lab.daemon(firewall_backend=backend).start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001, 5000).ok and lab.reaches("TCP", 40001)
    lab.router.ip(f"addr del {ROUTER_WAN}/24 dev wan0", f"addr add {NEW_ADDRESS}/24 brd + dev wan0")
    wait_until(lambda: lab.reaches("TCP", 40001, NEW_ADDRESS), 3, "the mapping at the new address")
    assert len(point.listing()) == 1


def test_the_interface_comes_late(lab):
    """ppp0 after a dial-in: the daemon runs before, and the mapping made meanwhile works
    afterwards"""
    lab.echo(lab.lan1, 5000)
    lab.router.ip("link set wan0 down", "link set wan0 name later0")
    lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    assert status(point)[:2] == ("Disconnected", "")
    assert point.add("TCP", 40001, 5000).ok  # IGD-AddPortMapping-12
    lab.router.ip("link set later0 name wan0", "link set wan0 up")
    wait_until(lambda: status(point) == ("Connected", ROUTER_WAN, "Up"), 3, "wan0")
    wait_until(lambda: lab.reaches("TCP", 40001), 3, "the mapping")


def test_the_lan_address_comes_late():
    """Start order does not matter: the LAN gets its address after the start (heritage, "after
    reboot")"""
    with Lab() as lab:
        lab.router.ip("addr del 192.168.50.1/24 dev br-lan")
        daemon = lab.daemon()
        daemon.launch()
        lab.router.ip("addr add 192.168.50.1/24 brd + dev br-lan")
        daemon.wait_until_ready()
        assert ControlPoint(lab.lan1, LAN1).call("GetStatusInfo").ok
