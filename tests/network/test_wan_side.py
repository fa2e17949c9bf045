# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing answers on the WAN side, also when the WAN host has a route to the LAN address
(SEC-WAN-01 ... 06)."""

import socket

import pytest

from lab import ROUTER_LAN, ROUTER_WAN, Capture, request, search, wait_until
from lab.control_point import WAN_IP, envelope
from lab.ssdp import GROUP, message

ADDRESSES = [ROUTER_WAN, ROUTER_LAN]


@pytest.mark.parametrize("st", ["ssdp:all", "upnp:rootdevice"])
@pytest.mark.parametrize("to", [*ADDRESSES, GROUP[0]])
def test_no_search_is_answered(shared_lab, daemon, to, st):
    """SEC-WAN-05: a bare libupnp 1.8.4 answers 94 octets with 5183"""
    with Capture(shared_lab.wan) as wire:
        assert not search(shared_lab.wan, st, to=(to, 1900))
        assert not [datagram for datagram in wire.datagrams() if datagram[0] in ADDRESSES]


def test_no_search_with_a_forged_lan_source(shared_lab, daemon, point):
    """SEC-WAN-06: the interface decides, not the source address"""
    shared_lab.wan.ip("addr add 192.168.50.10/32 dev lo")
    try:
        with (
            Capture(shared_lab.lan1) as lan,
            shared_lab.wan.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger,
        ):
            forger.bind(("192.168.50.10", 0))
            for address in ADDRESSES:
                forger.sendto(message("upnp:rootdevice", mx=None), (address, 1900))
            assert search(point.host, "upnp:rootdevice", to=(ROUTER_LAN, 1900), mx=None, expect=1)
            answers = wait_until(
                lambda: [datagram for datagram in lan.datagrams() if datagram[1] == 1900],
                3,
                "the answer to who may ask, which is the last",
            )
            assert not [datagram for datagram in answers if datagram[3] == forger.getsockname()[1]]
    finally:
        shared_lab.wan.ip("addr del 192.168.50.10/32 dev lo")


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_http(shared_lab, point, address):
    """SEC-WAN-02, 03, IGD-Access-16: no answer, whether the port seems closed or silent"""
    for host in f"{address}:{point.port}", f"{ROUTER_LAN}:{point.port}":
        with pytest.raises(OSError):
            request(
                shared_lab.wan,
                address,
                point.port,
                "GET",
                "/rootDesc.xml",
                {"HOST": host},
                timeout=0.5,
            )


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_mapping_from_the_wan(shared_lab, point, daemon, address):
    before = daemon.state()
    body = envelope(WAN_IP, "AddPortMapping", point.arguments("TCP", 40001))
    with pytest.raises(OSError):
        request(
            shared_lab.wan,
            address,
            point.port,
            "POST",
            point.services[WAN_IP].control,
            {"SOAPACTION": f'"{WAN_IP}#AddPortMapping"', "HOST": f"{ROUTER_LAN}:{point.port}"},
            body,
            timeout=0.5,
        )
    assert daemon.state() == before


def test_every_listening_port_is_closed_to_the_wan(shared_lab, point, daemon):
    """SEC-WAN-01: also libupnp's own listener behind the gate, wherever it listens"""
    listed = shared_lab.router.run("ss", "-Hltn").stdout.split("\n")
    ports = {int(line.split()[3].rpartition(":")[2]) for line in listed if line}
    assert point.port in ports
    for port in ports:
        for address in ADDRESSES:
            with pytest.raises(OSError):
                request(shared_lab.wan, address, port, "GET", "/rootDesc.xml", timeout=0.5)


def test_the_routers_wan_address_serves_no_lan_host(shared_lab, point):
    """SEC-WAN-04"""
    with pytest.raises(OSError):
        request(shared_lab.lan1, ROUTER_WAN, point.port, "GET", "/rootDesc.xml", timeout=0.5)
    assert not search(
        shared_lab.lan1, "upnp:rootdevice", to=(ROUTER_WAN, 1900), mx=None, timeout=0.6
    )


def test_the_documents_do_not_tell_the_wan_address(point):
    """SEC-WAN-12"""
    assert ROUTER_WAN not in point.location + point.description
