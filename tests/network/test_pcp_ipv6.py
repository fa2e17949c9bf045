# SPDX-License-Identifier: GPL-2.0-or-later
"""PCP MAP over IPv6: pinholes that packets pass, on both back ends and through FORWARD chains that
drop."""

import re
import socket

import pytest

from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    LAN2_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    WAN_HOST6,
    ControlPoint,
    Lab,
    PortControlClient,
    wait_until,
)
from lab import rules
from lab.port_control import (
    ADDRESS_MISMATCH,
    CANNOT_PROVIDE_EXTERNAL,
    FILTER,
    MALFORMED_OPTION,
    NETWORK_FAILURE,
    NOT_AUTHORIZED,
    PREFER_FAILURE,
    SUCCESS,
    TCP,
    UDP,
    filter_option,
    option,
    wire,
)

FIREWALLS = [
    ("nftables", "nft-drop"),
    ("nftables", "legacy-drop"),
    ("iptables", "legacy-drop"),
    ("iptables", "nft-drop"),
]
NAMES = {TCP: "TCP", UDP: "UDP"}
OTHER = b"another one!"
EXACTLY = option(PREFER_FAILURE)


@pytest.fixture(scope="module", params=FIREWALLS, ids=lambda pair: f"{pair[0]}, forward {pair[1]}")
def lab(request):
    backend, forward = request.param
    with Lab(forward=forward) as own, rules.unchanged(own.add_ipv6().router):
        daemon = own.daemon(firewall_backend=backend).start()
        own.echo(own.lan1, 5000, socket.AF_INET6)
        yield own
        assert daemon.stop() == 0


@pytest.fixture
def client(lab):
    with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as own:
        yield own.ready()
        own.forget()


@pytest.mark.parametrize("protocol", NAMES)
def test_there_and_back_until_deleted(lab, client, protocol):
    """PCP-V6-01, 02, 07"""
    name, another = NAMES[protocol], NAMES[TCP + UDP - protocol]
    assert not lab.reaches(name, 5000, LAN1_6)
    for suggestion in (
        {},
        {"external": 4711},
        {"address": WAN_HOST6},
        {"external": 5000, "address": LAN1_6, "options": EXACTLY},
    ):
        reply = client.map(protocol, 5000, **suggestion)
        assert (reply.code, reply.external, reply.address, reply.lifetime) == (
            SUCCESS,
            5000,
            LAN1_6,
            3600,
        )
    assert lab.reaches(name, 5000, LAN1_6)
    assert not lab.reaches(another, 5000, LAN1_6) and not lab.reaches(name, 5001, LAN1_6)
    assert not lab.reaches(name, 5000, LAN2_6)
    for _ in range(2):
        gone = client.unmap(protocol, 5000)
        assert (gone.code, gone.lifetime) == (SUCCESS, 0)
        assert not lab.reaches(name, 5000, LAN1_6)


def test_exactly_means_its_own(client):
    """PCP-V6-02, 09"""
    for suggestion in (
        {"external": 4711, "address": LAN1_6},
        {"external": 5000, "address": WAN_HOST6},
        {"external": 5000, "address": "80.100.100.1"},
    ):
        assert client.map(UDP, 5000, options=EXACTLY, **suggestion).code == CANNOT_PROVIDE_EXTERNAL
    assert client.map(UDP, 5000, address="80.100.100.1").address == LAN1_6


def test_the_nonce(lab, client):
    """PCP-V6-06"""
    assert client.map(UDP, 5000, 1000).code == SUCCESS
    for refused in client.map(UDP, 5000, nonce=OTHER), client.unmap(UDP, 5000, nonce=OTHER):
        assert refused.code == NOT_AUTHORIZED and 990 <= refused.lifetime <= 1000
    assert client.unmap(0, 0, nonce=OTHER).code == SUCCESS
    assert lab.reaches("UDP", 5000, LAN1_6), "none of that nonce"
    assert client.unmap(0, 0).code == SUCCESS
    assert not lab.reaches("UDP", 5000, LAN1_6)


def test_only_the_peers_that_are_let_in(lab, client):
    """PCP-V6-08, PCP-FLT-03, 04, 06, 07"""
    wan = lab.wan
    wan.ip("addr replace 2a0a:100:0:0:8000::1/64 dev eth0 nodad")

    def open_to(address, port=0):
        wan.ip(f"route replace 2a0a:200::/64 via 2a0a:100::1 src {address}")
        return lab.reaches("UDP", 5000, LAN1_6, from_port=port)

    near, far = "2a0a:100::/68", "2a0a:100:0:0:8000::/65"
    drop_all = option(FILTER, bytes(4) + wire("::"))
    assert client.map(UDP, 5000, options=filter_option(near)).code == SUCCESS
    assert open_to(WAN_HOST6) and not open_to("2a0a:100:0:0:8000::1")
    assert client.map(UDP, 5000, options=filter_option(far, 4444)).code == SUCCESS
    assert (
        open_to(WAN_HOST6)
        and open_to("2a0a:100:0:0:8000::1", 4444)
        and not open_to("2a0a:100:0:0:8000::1", 4445)
    )
    assert client.map(UDP, 5000, options=drop_all + filter_option(far)).code == SUCCESS
    assert open_to("2a0a:100:0:0:8000::1", 4446) and not open_to(WAN_HOST6)
    assert client.map(UDP, 5000, options=drop_all).code == SUCCESS
    assert open_to(WAN_HOST6)
    assert (
        client.map(UDP, 5000, options=option(FILTER, bytes([0, 129, 0, 0]) + wire("2a0a::"))).code
        == MALFORMED_OPTION
    )


def test_beside_a_pinhole_of_upnp(lab, client):
    """IGD-6FC-30: each ends with its own lease"""
    lab.lan1.ping(ROUTER_LAN6)
    point = ControlPoint(lab.lan1, LAN1)
    number = point.pinhole(LAN1_6, 5000, UDP)["UniqueID"]
    assert client.map(UDP, 5000).code == SUCCESS and client.unmap(UDP, 5000).code == SUCCESS
    assert lab.reaches("UDP", 5000, LAN1_6)
    assert client.map(UDP, 5000).code == SUCCESS and point.of_pinhole("DeletePinhole", number).ok
    assert lab.reaches("UDP", 5000, LAN1_6)
    assert client.unmap(UDP, 5000).code == SUCCESS
    assert not lab.reaches("UDP", 5000, LAN1_6)


def test_flushed_rules_come_back(lab, client):
    assert client.map(UDP, 5000).code == SUCCESS
    lab.router.run("nft", "delete", "table", "ip6", "upnpd", check=False)
    lab.router.run("ip6tables-legacy", "-F", "UPNPD", check=False)
    wait_until(lambda: lab.reaches("UDP", 5000, LAN1_6), 2.5, "the pinhole to work again")


def test_whose_address_it_is(lab, client):
    """PCP-V6-03, 04, 11, PCP-Order-07: link-local and unique local ones are of no use outside"""
    assert client.map(UDP, 5000, client=LAN2_6).code == ADDRESS_MISMATCH
    with PortControlClient(
        lab.lan1, lab.lan1.link_local(), lab.router.link_local("br-lan")
    ) as local:
        assert local.ready().announce().code == SUCCESS, "answered from the address that was asked"
        assert local.map(UDP, 5000).code == NOT_AUTHORIZED
    lab.router.ip("addr add fd00:50::1/64 dev br-lan nodad")
    lab.lan1.ip("addr add fd00:50::10/64 dev eth0 nodad")
    with PortControlClient(lab.lan1, "fd00:50::10", "fd00:50::1") as local:
        assert local.ready().map(UDP, 5000).code == NETWORK_FAILURE
    lab.router.ip("addr del fd00:50::1/64 dev br-lan")


def test_a_host_has_many_addresses(lab, client):
    """PCP-Spoof-06: each is an internal address of its own"""
    lab.lan1.ip("addr add 2a0a:200::1010/64 dev eth0 nodad")
    try:
        with PortControlClient(lab.lan1, "2a0a:200::1010", ROUTER_LAN6) as temporary:
            assert client.map(TCP, 5000).address == LAN1_6
            assert temporary.ready().map(TCP, 5000, nonce=OTHER).address == "2a0a:200::1010"
            assert lab.reaches("TCP", 5000, "2a0a:200::1010")
            assert temporary.unmap(TCP, 5000, nonce=OTHER).code == SUCCESS
        assert lab.reaches("TCP", 5000, LAN1_6) and not lab.reaches("TCP", 5000, "2a0a:200::1010")
    finally:
        lab.lan1.ip("addr del 2a0a:200::1010/64 dev eth0")


def test_a_host_with_many_addresses_holds_nobody_up():
    """The kernel is asked once whose each address is, not for its whole table of neighbours at each
    address and request"""
    with Lab() as own:
        own.add_ipv6()
        own.daemon().start()
        own.router.run(
            "ip",
            "-batch",
            "-",
            input="".join(
                f"neigh replace 2a0a:200::a:{i:x} "
                f"lladdr 02:00:00:00:{i >> 8:02x}:{i & 255:02x} dev br-lan\n"
                for i in range(1000)
            ),
        )
        addresses = [f"2a0a:200::b:{i:x}" for i in range(60)]
        own.lan1.run(
            "ip",
            "-batch",
            "-",
            input="".join(f"addr add {address}/64 dev eth0 nodad\n" for address in addresses),
        )
        for address in addresses:
            with PortControlClient(own.lan1, address, ROUTER_LAN6) as client:
                assert client.ready().map(UDP, 5000).code == SUCCESS
        with (
            PortControlClient(own.lan1, LAN1_6, ROUTER_LAN6) as client,
            PortControlClient(own.lan2, LAN2, ROUTER_LAN, 3) as other,
        ):
            for port in range(6000, 6400):
                client.socket.sendto(client.map_packet(UDP, port), client.to)
            assert other.map(UDP, 5000).code == SUCCESS


def test_the_ipv6_firewall_is_off():
    """PCP-V6-05"""
    with Lab() as own:
        own.add_ipv6()
        own.daemon(ipv6firewall_enabled="no").start()
        own.echo(own.lan1, 5000, socket.AF_INET6)
        with PortControlClient(own.lan1, LAN1_6, ROUTER_LAN6) as client:
            reply = client.ready().map(UDP, 5000)
            assert (reply.code, reply.external, reply.address, reply.lifetime) == (
                SUCCESS,
                5000,
                LAN1_6,
                3600,
            )
        assert own.reaches("UDP", 5000, LAN1_6)


def test_leases_outlive_a_restart():
    """IWF-10, of PCP over IPv6: nonce, filters and lease; and the prefix may come later than the
    daemon"""
    with Lab(forward="nft-drop") as own:
        own.add_ipv6()
        own.echo(own.lan1, 5000, socket.AF_INET6)
        daemon = own.daemon().start()
        with PortControlClient(own.lan1, LAN1_6, ROUTER_LAN6) as client:
            assert client.ready().map(UDP, 5000, 1000).code == SUCCESS
            assert (
                client.map(TCP, 5000, 1000, options=filter_option("2a0a:ffff::/32")).code == SUCCESS
            )
            assert daemon.stop() == 0 and not own.reaches("UDP", 5000, LAN1_6)
            own.router.ip(f"addr del {ROUTER_LAN6}/64 dev br-lan")
            daemon.start()
            own.router.ip(f"addr add {ROUTER_LAN6}/64 dev br-lan nodad")
            assert client.ready().map(UDP, 5000, nonce=OTHER).code == NOT_AUTHORIZED
            assert own.reaches("UDP", 5000, LAN1_6) and not own.reaches("TCP", 5000, LAN1_6)
            assert client.unmap(UDP, 5000).code == SUCCESS and not own.reaches("UDP", 5000, LAN1_6)


def test_renumbering():
    """PCP-V6-10, EPOCH-05: what is left behind is closed, and clients are told to ask again"""
    with Lab(forward="nft-drop") as own:
        own.add_ipv6()
        daemon = own.daemon().start()
        with (
            PortControlClient(own.lan1, LAN1_6, ROUTER_LAN6) as client,
            PortControlClient(own.lan1, LAN1, ROUTER_LAN) as four,
        ):
            assert client.ready().map(UDP, 5000).code == SUCCESS
            wait_until(lambda: four.announce().epoch >= 2, 5, "the epoch to count")
            own.router.ip(
                f"addr del {ROUTER_LAN6}/64 dev br-lan", "addr add 2a0a:201::1/64 dev br-lan nodad"
            )
            daemon.wait_for_log("its prefix is gone")
            wait_until(lambda: four.announce().epoch <= 1, 2, "the epoch to begin anew")
        assert not re.search(
            r"elements", own.router.run("nft", "list", "set", "ip6", "upnpd", "mapped").stdout
        )
