# SPDX-License-Identifier: GPL-2.0-or-later
"""external_interface = auto: the default route says which interface is external. It moves while
openings are in use: rules, clients and people follow within a second."""

import contextlib
import json
import socket

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    LAN1_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ROUTER_WAN,
    WAN_HOST,
    WAN_HOST6,
    Announcements,
    ControlPoint,
    Lab,
    PortControlClient,
    Subscriber,
    wait_until,
)
from lab.control_point import WAN_IP
from lab.port_control import UDP, PcpReply, PmpReply

SOON = 10
AUTO = ("auto", "br-lan")
OTHER, OTHER_HOST = "80.100.101.1", "80.100.101.9"
OTHER6, OTHER_HOST6 = "2a0a:101::1", "2a0a:101::9"


@pytest.fixture
def lines():
    with Lab() as lab:
        lab.add_line("wan1", OTHER, OTHER_HOST)
        yield lab


def external(daemon):
    return json.loads(daemon.ctl("-j", "status").stdout)["external"]


@contextlib.contextmanager
def watched(lab, point):
    with Subscriber(point) as subscriber, Announcements(lab.lan1) as announcements:
        subscriber.subscribe(WAN_IP)
        announcements.heard.clear()
        yield subscriber, announcements


def told(watching, address):
    """The event, and the announcements of NAT-PMP and of PCP, with a new epoch."""
    subscriber, announcements = watching
    subscriber.wait_for(
        lambda e: e.values.get("ExternalIPAddress") == address, f"the address {address}", SOON
    )

    def heard(version):
        return [entry[2] for entry in announcements.of(version)]

    wait_until(
        lambda: any(PmpReply(packet).address == address for packet in heard(0)),
        SOON,
        f"NAT-PMP's announcement of {address}",
    )
    wait_until(
        lambda: any(PcpReply(packet).epoch <= 1 for packet in heard(2)),
        SOON,
        "PCP's announcement of a new epoch",
    )
    subscriber.events.clear()
    announcements.heard.clear()


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_default_route_moves(lines, backend):
    """Openings stay, and are reached by the other line; not by the first any more"""
    lines.echo(lines.lan1, 5000)
    daemon = lines.daemon(interfaces=AUTO, firewall_backend=backend).start()
    assert external(daemon)["interface"] == "wan0"
    point = ControlPoint(lines.lan1, LAN1)
    assert point.add("TCP", 40001, 5000).ok and lines.reaches("TCP", 40001)
    with PortControlClient(lines.lan1, LAN1, ROUTER_LAN) as client:
        assert client.map(UDP, 5000, external=40002).code == 0
    with watched(lines, point) as watching:
        for default, address in (OTHER_HOST, OTHER), (WAN_HOST, ROUTER_WAN):
            lines.router.ip(f"route replace default via {default}")
            told(watching, address)
            wait_until(
                lambda to=address: (
                    lines.reaches("TCP", 40001, to) and lines.reaches("UDP", 40002, to)
                ),
                SOON,
                f"the mappings at {address}",
            )
            other = OTHER if address == ROUTER_WAN else ROUTER_WAN
            assert not lines.reaches("TCP", 40001, other)
            assert external(daemon)["address"] == address
    assert len(point.listing()) == 2
    assert "the default route leaves by wan1" in daemon.log
    assert daemon.stop() == 0


def test_the_line_that_goes_down_gives_way_to_the_next(lines):
    """Two default routes: the one of the lowest metric, as long as it is there"""
    lines.echo(lines.lan1, 5000)
    lines.router.ip("route del default")
    lines.router.ip(
        f"route add default via {OTHER_HOST} metric 200",
        f"route add default via {WAN_HOST} metric 100",
    )
    daemon = lines.daemon(interfaces=AUTO).start()
    point = ControlPoint(lines.lan1, LAN1)
    assert point.add("UDP", 40001, 5000).ok and lines.reaches("UDP", 40001)
    lines.router.ip("link set wan0 down")  # its routes vanish without a word
    wait_until(lambda: external(daemon)["interface"] == "wan1", SOON, "the other line")
    wait_until(lambda: lines.reaches("UDP", 40001, OTHER), SOON, "the mapping there")
    lines.router.ip("link set wan0 up", f"route add default via {WAN_HOST} metric 100")
    wait_until(lambda: external(daemon)["address"] == ROUTER_WAN, SOON, "the first line")
    wait_until(lambda: lines.reaches("UDP", 40001), SOON, "the mapping there")


def test_the_route_comes_late_and_tables_of_others_do_not_count(lines):
    lines.echo(lines.lan1, 5000)
    lines.router.ip("route del default", f"route add default via {OTHER_HOST} table 100")
    daemon = lines.daemon(interfaces=AUTO).start()
    status = daemon.ctl("status").stdout
    assert "auto (no default route yet)" in status
    assert "no default route leads to the Internet yet" in daemon.check().stderr
    assert "no default route leaves by an interface" in daemon.ctl("check").stdout
    point = ControlPoint(lines.lan1, LAN1)
    assert point.call("GetExternalIPAddress")["NewExternalIPAddress"] == ""
    assert point.add("TCP", 40001, 5000).ok
    lines.router.ip("route add default dev br-lan metric 5")  # an internal one is never chosen
    lines.router.ip(f"route add default via {WAN_HOST} metric 10")
    wait_until(lambda: external(daemon)["address"] == ROUTER_WAN, SOON, "the line")
    lines.router.ip("route del default dev br-lan")
    wait_until(lambda: lines.reaches("TCP", 40001), SOON, "the mapping")
    assert "wan0" in daemon.ctl("status").stdout
    lines.router.ip("route del default")
    assert external(daemon)["interface"] == "wan0", "it stays until there is another"


def test_the_address_is_the_one_that_the_route_uses(lines):
    daemon = lines.daemon(interfaces=AUTO).start()
    lines.router.ip("addr add 80.100.101.2/24 dev wan1")
    lines.router.ip(f"route replace default via {OTHER_HOST} src 80.100.101.2")
    wait_until(lambda: external(daemon)["address"] == "80.100.101.2", SOON, "the source")


def test_what_auto_means_is_shown(lines):
    daemon = lines.daemon(
        interfaces=(), external_interface="auto", internal_interface="br-lan"
    ).start()
    settings = json.loads(daemon.ctl("-j", "config").stdout)["settings"]
    found = {each["key"]: each for each in settings}["external_interface"]
    assert (found["value"], found["found"]) == ("auto", "wan0")
    assert "external_interface = auto" in daemon.ctl("config").stdout
    assert ", now wan0" in daemon.ctl("config").stdout
    assert "chosen by the default route" in daemon.ctl("status").stdout
    assert "auto: wan0 (up, public 80.100.100.1) -> br-lan" in daemon.check().stdout


def test_a_reload_names_another_interface(lines):
    """Without a restart: rules and clients follow as they do with auto"""
    lines.echo(lines.lan1, 5000)
    daemon = lines.daemon(
        interfaces=(), external_interface="wan0", internal_interface="br-lan"
    ).start()
    point = ControlPoint(lines.lan1, LAN1)
    assert point.add("TCP", 40001, 5000).ok and lines.reaches("TCP", 40001)
    lines.router.ip(f"route replace default via {OTHER_HOST}")
    daemon.configure(external_interface="wan1", internal_interface="br-lan")
    daemon.hang_up()
    assert external(daemon)["address"] == OTHER and "counts from the next start" not in daemon.log
    assert lines.reaches("TCP", 40001, OTHER) and not lines.reaches("TCP", 40001)
    assert point.call("GetExternalIPAddress")["NewExternalIPAddress"] == OTHER


@pytest.mark.parametrize("backend", BACKENDS)
def test_pinholes_by_a_line_of_their_own(backend):
    """DS-Lite, 6in4: IPv6 comes by another interface, which is named or found"""
    with Lab(forward="nft-drop" if backend == "nftables" else "legacy-drop") as lab:
        end = lab.add_ipv6().add_line("wan1", OTHER, OTHER_HOST)
        lab.router.ip(f"addr add {OTHER6}/64 dev wan1 nodad", f"route del default via {WAN_HOST6}")
        lab.wan.ip(
            f"addr add {OTHER_HOST6}/64 dev {end} nodad",
            f"route replace 2a0a:200::/64 via {OTHER6}",
        )
        lab.router.ip(f"route add default via {OTHER_HOST6}")
        lab.echo(lab.lan1, 5000, socket.AF_INET6)
        lab.echo(lab.lan1, 5002)
        lab.lan1.ping(ROUTER_LAN6)
        settings = {
            "interfaces": (),
            "external_interface": "wan0",
            "internal_interface": "br-lan",
            "firewall_backend": backend,
        }
        daemon = lab.daemon(external_interface6="auto", **settings).start()
        point = ControlPoint(lab.lan1, LAN1)
        assert point.pinhole(LAN1_6, 5000, 6).ok and point.add("TCP", 40001, 5002).ok
        wait_until(lambda: lab.reaches("TCP", 5000, LAN1_6), SOON, "the pinhole by wan1")
        assert lab.reaches("TCP", 40001)
        assert not lab.reaches("TCP", 5001, LAN1_6)
        assert "IPv6 by wan1" in daemon.ctl("status").stdout
        # Without the key pinholes are for wan0 alone.
        daemon.configure(**{key: settings[key] for key in settings if key != "interfaces"})
        daemon.hang_up()
        wait_until(lambda: not lab.reaches("TCP", 5000, LAN1_6), SOON, "the end by wan1")
        daemon.configure(
            external_interface6="wan1",
            **{key: settings[key] for key in settings if key != "interfaces"},
        )
        daemon.hang_up()
        wait_until(lambda: lab.reaches("TCP", 5000, LAN1_6), SOON, "the pinhole by wan1")
        assert daemon.stop() == 0 and not lab.reaches("TCP", 5000, LAN1_6)
