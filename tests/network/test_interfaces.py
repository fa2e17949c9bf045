# SPDX-License-Identifier: GPL-2.0-or-later
"""Interfaces that come, go and change while the daemon runs: everybody is told within a second, and
mappings work again."""

import contextlib
import json
import signal

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    ROUTER_LAN,
    ROUTER_WAN,
    Announcements,
    Capture,
    ControlPoint,
    PortControlClient,
    Subscriber,
    search,
    wait_until,
)
from lab.control_point import WAN_IP
from lab.ppp import PEER, Ppp
from lab.port_control import UDP, PcpReply, PmpReply
from lab.topology import BRIDGE_MAC

SECOND = 1
FIRST, OTHER = "80.100.200.1", "80.100.200.77"
PMP, PCP = 0, 2


def external(daemon):
    return json.loads(daemon.ctl("-j", "status").stdout)["external"]


@contextlib.contextmanager
def watched(lab, point):
    """A subscriber and a listener for announcements, both on the first LAN host."""
    with Subscriber(point) as subscriber, Announcements(lab.lan1) as announcements:
        subscriber.subscribe(WAN_IP)
        yield subscriber, announcements


def told(watching, address):
    """The event, and for an address the announcements of NAT-PMP, which names it, and of PCP."""
    subscriber, announcements = watching
    subscriber.wait_for(
        lambda e: e.values.get("ExternalIPAddress") == address, f"the address {address!r}", SECOND
    )
    status = "Connected" if address else "Disconnected"
    if subscriber.events[-1].values.get("ConnectionStatus"):
        assert [
            e.values["ConnectionStatus"]
            for e in subscriber.events
            if "ConnectionStatus" in e.values
        ][-1] == status
    if address:
        wait_until(
            lambda: any(
                PmpReply(packet).address == address for packet in heard(announcements, PMP)
            ),
            SECOND,
            f"NAT-PMP's announcement of {address}",
        )
        wait_until(
            lambda: any(PcpReply(packet).epoch <= 1 for packet in heard(announcements, PCP)),
            SECOND,
            "PCP's announcement of a new epoch",
        )
    subscriber.events.clear()
    announcements.heard.clear()


def heard(announcements, version):
    return [entry[2] for entry in announcements.of(version)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_line_that_is_dialled(lab, backend):
    """ppp0 is not there at the start, comes, changes its address, goes down, vanishes and comes
    back with another address"""
    lab.router.ip("route del default")
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon(interfaces=("ppp0", "br-lan"), firewall_backend=backend).start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.call("GetExternalIPAddress")["NewExternalIPAddress"] == ""
    assert point.add("TCP", 40001, 5000).ok and point.add("UDP", 40002, 5000).ok
    # A host of the Internet that reaches the router by the line alone.
    lab.wan.ip("addr del 80.100.100.9/24 dev eth0")

    def works(address):
        wait_until(
            lambda: lab.reaches("TCP", 40001, address) and lab.reaches("UDP", 40002, address),
            2 * SECOND,
            f"the mappings at {address}",
        )

    with watched(lab, point) as watching:
        with Ppp(lab.router, lab.wan, FIRST):
            told(watching, FIRST)
            works(FIRST)
            lab.router.ip(
                "addr flush dev ppp0",
                f"addr add {OTHER} peer {PEER} dev ppp0",
                "route replace default dev ppp0",
            )
            lab.wan.ip("addr flush dev ppp0", f"addr add {PEER} peer {OTHER} dev ppp0")
            told(watching, OTHER)
            works(OTHER)
            lab.router.ip("link set ppp0 down")
            told(watching, "")
            assert external(daemon)["address"] is None
            with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
                assert client.external_address().code == 3 and client.map(UDP, 5000).code == 7
            lab.router.ip("link set ppp0 up", "route replace default dev ppp0")
            told(watching, OTHER)
            works(OTHER)
        told(watching, "")  # vanished
        assert point.call("GetStatusInfo")["NewConnectionStatus"] == "Disconnected"
        assert len(point.listing()) == 2
        assert point.add("TCP", 40003, 5000).ok, "mapping goes on meanwhile"
        with Ppp(lab.router, lab.wan, FIRST):  # another interface of the same name
            told(watching, FIRST)
            works(FIRST)
            assert lab.reaches("TCP", 40003, FIRST)
            assert daemon.stop() == 0
            assert not lab.reaches("TCP", 40001, FIRST)


def boot_id(host, router):
    answers = search(host, "upnp:rootdevice", to=(router, 1900), mx=None, expect=1)
    return int(answers[0]["bootid.upnp.org"])


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_lan_is_renumbered_and_back(lab, backend):
    """Hosts hear byebye and alive, find the gateway at its new address, and the old mapping works
    once they are back; SSDP-NOTIFY-18, 19: each time BOOTID is greater"""
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon(firewall_backend=backend).start()
    boot = boot_id(lab.lan1, ROUTER_LAN)
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    with Capture(lab.lan2) as capture:
        lab.router.ip("addr flush dev br-lan", "addr add 192.168.70.1/24 brd + dev br-lan")
        lab.lan2.ip(
            "addr flush dev eth0",
            "addr add 192.168.70.11/24 brd + dev eth0",
            "route add default via 192.168.70.1",
        )
        wait_until(
            lambda: capture.notifications("ssdp:alive"),
            3 * SECOND,
            "the gateway at its new address",
        )
    wait_until(
        lambda: "Advertisements Sent" in daemon.log.split("its front end is ")[-1],
        5,
        "the new front end",
    )
    point = ControlPoint(lab.lan2, "192.168.70.11", router="192.168.70.1")
    assert point.location.startswith("http://192.168.70.1:")
    moved = boot_id(lab.lan2, "192.168.70.1")
    assert moved > boot
    assert point.add("TCP", 40002, 5000).ok and len(point.listing()) == 2
    lab.router.ip("addr flush dev br-lan", f"addr add {ROUTER_LAN}/24 brd + dev br-lan")
    wait_until(
        lambda: search(lab.lan1, "upnp:rootdevice", to=(ROUTER_LAN, 1900), expect=1, timeout=0.3),
        5,
        "the old address",
    )
    assert boot_id(lab.lan1, ROUTER_LAN) > moved
    wait_until(lambda: lab.reaches("TCP", 40001), 3, "the old mapping")
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    assert daemon.stop() == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_internal_interface_is_removed_and_comes_back(lab, backend):
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon(firewall_backend=backend).start()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    lab.router.ip("link del br-lan")
    wait_until(lambda: not daemon.front_ends(), 5, "the end of its front end")
    assert lab.router.run("ss", "-Hlun", "sport", "=", ":1900").stdout == ""
    lab.router.ip(
        f"link add br-lan address {BRIDGE_MAC} type bridge",
        "link set port1 master br-lan",
        "link set port2 master br-lan",
        f"addr add {ROUTER_LAN}/24 brd + dev br-lan",
        "link set br-lan up",
    )
    wait_until(
        lambda: search(lab.lan1, "upnp:rootdevice", to=(ROUTER_LAN, 1900), expect=1, timeout=0.3),
        5,
        "its return",
    )
    point = ControlPoint(lab.lan1, LAN1)
    assert len(point.listing()) == 1 and point.add("UDP", 40002, 5000).ok
    assert lab.reaches("TCP", 40001) and lab.reaches("UDP", 40002)
    assert daemon.stop() == 0


@pytest.mark.parametrize("order", [("wan0", "br-lan"), ("br-lan", "wan0")], ids="-then-".join)
def test_neither_interface_is_there_at_the_start(lab, order):
    """Whatever the order, it works in the end; the start itself is done at once, for nothing else
    is to be waited for"""
    lab.echo(lab.lan1, 5000)
    addresses = {"wan0": ROUTER_WAN, "br-lan": ROUTER_LAN}
    for name in order:
        lab.router.ip(f"link set {name} down", f"link set {name} name later-{name}")
    daemon = lab.daemon()
    daemon.launch()
    wait_until(daemon.pid_file.exists, 5, "the start")
    for name in order:
        lab.router.ip(f"link set later-{name} name {name}", f"link set {name} up")
        with contextlib.suppress(AssertionError):
            lab.router.ip(f"addr replace {addresses[name]}/24 brd + dev {name}")
    daemon.wait_until_ready()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001, 5000).ok
    wait_until(lambda: lab.reaches("TCP", 40001), 3, "the mapping")
    assert point.call("GetExternalIPAddress")["NewExternalIPAddress"] == ROUTER_WAN
    assert daemon.stop() == 0


def test_an_internal_interface_that_was_made_anew(lab):
    """Quicker than the daemon could see it gone, with the same name and address: its sockets are on
    one that is no more"""
    daemon = lab.daemon().start()
    daemon.process.send_signal(signal.SIGSTOP)
    lab.router.ip(
        "link del br-lan",
        f"link add br-lan address {BRIDGE_MAC} type bridge",
        "link set port1 master br-lan",
        "link set port2 master br-lan",
        f"addr add {ROUTER_LAN}/24 brd + dev br-lan",
        "link set br-lan up",
    )
    daemon.process.send_signal(signal.SIGCONT)
    wait_until(
        lambda: search(lab.lan1, "upnp:rootdevice", to=(ROUTER_LAN, 1900), mx=None, expect=1),
        10,
        f"an answer in\n{daemon.log}",
    )
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.map(UDP, 5001).code == 0


def test_a_lan_without_multicast_is_served(lab):
    """A tunnel, as WireGuard makes one: it is not advertised, which the log says once, and answers
    searches for its own address, HTTP and NAT-PMP"""
    lab.router.ip("link set br-lan multicast off")
    daemon = lab.daemon().start()
    assert "cannot do multicast" in daemon.log and "Advertisements Sent" not in daemon.log
    assert search(lab.lan1, "upnp:rootdevice", to=(ROUTER_LAN, 1900), mx=None, expect=1)
    point = ControlPoint(lab.lan1, LAN1, f"http://{ROUTER_LAN}:49152/rootDesc.xml")
    assert point.add("TCP", 40001, 5000).ok
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.pmp_map(UDP, 5001).code == 0
    lab.router.ip("link set br-lan multicast on")
    daemon.wait_for_log("br-lan is advertised now", 10)
    assert daemon.log.count("cannot do multicast") == 1
    assert daemon.stop() == 0
