# SPDX-License-Identifier: GPL-2.0-or-later
"""Several internal networks: each has a front end that hears and answers it alone, and no client
maps into another one."""

import socket

import pytest

from lab import (
    GUEST,
    LAN1,
    ROUTER_GUEST,
    ROUTER_LAN,
    Capture,
    ControlPoint,
    Lab,
    PortControlClient,
    search,
    wait_until,
)
from lab.control_point import WAN_IP2
from lab.port_control import UDP, option, wire

BOTH = ("wan0", "br-lan", "port2")
REFUSED = 2  # NOT_AUTHORIZED of PCP
THIRD_PARTY = 1


def both_ready(daemon):
    wait_until(
        lambda: all(f"Advertisements Sent on {name}" in daemon.log for name in BOTH[1:]),
        10,
        daemon.log,
    )
    return daemon


@pytest.fixture(scope="module")
def network():
    """With everything allowed that the configuration can allow"""
    with Lab() as lab:
        lab.split().echo(lab.lan1, 5000)
        lab.echo(lab.lan2, 5000)
        both_ready(
            lab.daemon(interfaces=BOTH, allow_third_party="yes", delete_mappings="all").start()
        )
        yield lab


@pytest.fixture
def home(network):
    yield (point := ControlPoint(network.lan1, LAN1, wan_ip=WAN_IP2))
    forget(point)


@pytest.fixture
def guest(network):
    yield (point := ControlPoint(network.lan2, GUEST, wan_ip=WAN_IP2, router=ROUTER_GUEST))
    forget(point)


def forget(point):
    for entry in point.listing():
        point.delete(entry["NewProtocol"], entry["NewExternalPort"], entry["NewRemoteHost"])


def test_each_network_finds_its_own_gateway(network):
    for host, own in (network.lan1, ROUTER_LAN), (network.lan2, ROUTER_GUEST):
        answers = search(host, "ssdp:all")
        assert answers and all(f"//{own}:" in answer["location"] for answer in answers)


def test_nothing_of_one_network_is_heard_on_the_other():
    with Lab() as lab:
        lab.split()
        with Capture(lab.lan1) as home, Capture(lab.lan2) as guests:
            daemon = both_ready(lab.daemon(interfaces=BOTH).start())
            assert daemon.stop() == 0
            for capture, own in (home, ROUTER_LAN), (guests, ROUTER_GUEST):
                sent = wait_until(
                    lambda c=capture: (
                        c.notifications("ssdp:byebye") and c.notifications("ssdp:alive")
                    ),
                    3,
                    "both kinds",
                )
                assert all(f"//{own}:" in message["location"] for message in sent)
                assert {source for source, *_ in capture.datagrams() if _[2] == 1900} == {own}


def test_the_address_of_the_other_network_answers_nothing(network, guest):
    """Not SSDP, not HTTP, not NAT-PMP: also to who asks for it by its address, which the router
    has"""
    assert not search(network.lan1, "upnp:rootdevice", to=(ROUTER_GUEST, 1900), timeout=0.8)
    with network.lan1.socket(socket.AF_INET, socket.SOCK_STREAM) as client, pytest.raises(OSError):
        client.settimeout(1)
        client.connect((ROUTER_GUEST, guest.port))
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        if not client.recv(1):
            raise ConnectionResetError
    with PortControlClient(network.lan1, LAN1, ROUTER_GUEST, timeout=0.3) as client:
        for _ in range(3):
            assert client.ask(b"\0\0") is None


def test_each_maps_for_itself_and_conflicts_are_conflicts(network, home, guest):
    assert home.add("TCP", 40001, 5000).ok and guest.add("TCP", 40002, 5000).ok
    assert network.reaches("TCP", 40001) and network.reaches("TCP", 40002)
    assert guest.add("TCP", 40001, 5000).code == 718
    assert [entry["NewInternalClient"] for entry in home.listing()] == [LAN1, GUEST]


def test_nobody_maps_for_a_host_of_the_other_network(network, home, guest):
    """Although allow_third_party is on: that is for hosts of one's own network"""
    assert home.add("TCP", 40001, 5000, client=GUEST).code == 606
    assert guest.add("TCP", 40001, 5000, client=LAN1).code == 606
    assert home.add("TCP", 40001, 5000, client="192.168.50.77").ok, "of one's own, it may"
    with PortControlClient(network.lan1, LAN1, ROUTER_LAN) as client:
        reply = client.map(UDP, 5000, external=40003, options=option(THIRD_PARTY, wire(GUEST)))
        assert reply.code == REFUSED and not network.reaches("UDP", 40003)
    assert len(guest.listing()) == 1


def test_nobody_ends_a_mapping_of_the_other_network(network, home, guest):
    assert guest.add("TCP", 40002, 5000).ok
    assert home.delete("TCP", 40002).code == 606
    assert home.delete_range("TCP", 40000, 40010, manage=1).code == 606
    assert network.reaches("TCP", 40002)
