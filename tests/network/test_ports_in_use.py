# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports that are not to be had: the router's own, the administrator's, and those that no line
permits."""

import socket

import pytest

from lab import LAN1, ROUTER_LAN, ROUTER_WAN, ControlPoint, PortControlClient
from lab.control_point import WAN_IP2
from lab.port_control import CANNOT_PROVIDE_EXTERNAL, PREFER_FAILURE, SUCCESS, TCP, UDP, option

DENY_ALL = "deny 0-65535 any 0-65535"
DNAT = """table ip admin {
    chain prerouting {
        type nat hook prerouting priority dstnat;
        iifname "wan0" tcp dport 6100-6109 dnat to 192.168.50.11
        iifname "wan0" udp dport 6100-6109 dnat to 192.168.50.11
    }
}
"""


def assert_conflict(lab, kind, port):
    """IGD-Map-14: whoever asks for exactly that port is refused, others get another port"""
    for code, version in (718, {}), (729, {"wan_ip": WAN_IP2}):
        point = ControlPoint(lab.lan1, LAN1, **version)
        assert point.add(kind, port, 5000).code == code
    assert int(point.add_any(kind, port, 5000)["NewReservedPort"]) != port
    assert point.delete_range(kind, 1024, 65535).ok
    protocol = TCP if kind == "TCP" else UDP
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        for ask in client.pmp_map, client.map:
            reply = ask(protocol, 5000, external=port)
            assert reply.code == SUCCESS and reply.external not in (0, port)
            client.forget()
        exactly = client.map(protocol, 5000, external=port, options=option(PREFER_FAILURE))
        assert exactly.code == CANNOT_PROVIDE_EXTERNAL


@pytest.mark.parametrize("kind", ["TCP", "UDP"])
@pytest.mark.parametrize("address", [ROUTER_WAN, "80.100.100.2", "0.0.0.0"])
def test_a_service_of_the_router_keeps_its_port(lab, kind, address):
    """IGD-Map-14: on any address of the external interface"""
    lab.router.ip("addr add 80.100.100.2/24 dev wan0")
    lab.daemon().start()
    with lab.router.socket(
        socket.AF_INET, getattr(socket, f"SOCK_{'STREAM' if kind == 'TCP' else 'DGRAM'}")
    ) as own:
        own.bind((address, 6000))
        if kind == "TCP":
            own.listen()
        assert_conflict(lab, kind, 6000)


def test_a_service_that_no_packet_from_outside_reaches_is_none(lab):
    lab.daemon().start()
    with lab.router.socket(socket.AF_INET, socket.SOCK_STREAM) as own:
        own.bind(("127.0.0.1", 6000))
        own.listen()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", 6000).ok


@pytest.mark.parametrize("kind", ["TCP", "UDP"])
@pytest.mark.parametrize("world", ["nft", "legacy"])
def test_the_administrators_own_forward_keeps_its_port(lab, kind, world):
    """IGD-Map-14"""
    if world == "nft":
        lab.router.run("nft", "-f", "-", input=DNAT)
    else:
        for protocol in "tcp", "udp":
            lab.router.run(
                "iptables-legacy",
                "-t",
                "nat",
                "-A",
                "PREROUTING",
                "-i",
                "wan0",
                "-p",
                protocol,
                "--dport",
                "6100:6109",
                "-j",
                "DNAT",
                "--to-destination",
                "192.168.50.11",
            )
    lab.daemon().start()
    assert_conflict(lab, kind, 6105)
    assert ControlPoint(lab.lan1, LAN1).add(kind, 6110).ok


def test_a_port_that_is_not_permitted_is_replaced(lab):
    """IGD-AddAny-06: port 80 is not granted, and what is granted is told, permitted, and works"""
    daemon = lab.daemon(lines=["allow 7000-7001 any 5000", DENY_ALL]).start()
    lab.echo(lab.lan1, 5000)
    point = ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2)
    assert point.add("TCP", 80, 5000).code == 606
    port = int(point.add_any("TCP", 80, 5000)["NewReservedPort"])
    assert port in (7000, 7001) and lab.reaches("TCP", port) and not lab.reaches("TCP", 80)
    assert point.add_any("TCP", 80, 5001).code == 606, "no port is permitted for that one"
    daemon.read_again()
    assert int(point.add_any("UDP", 80, 5000)["NewReservedPort"]) >= 1024
