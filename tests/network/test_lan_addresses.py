# SPDX-License-Identifier: GPL-2.0-or-later
"""Every address that the router has on an internal interface is served, and so are clients behind
an inner router."""

import contextlib
import json
import socket

import pytest

from lab import (
    INNER,
    LAN1,
    ROUTER_LAN,
    ROUTER_SECOND,
    SECOND,
    Announcements,
    Capture,
    ControlPoint,
    Lab,
    PortControlClient,
    Subscriber,
    request,
    search,
    wait_until,
)
from lab.control_point import WAN_IP
from lab.port_control import TCP, UDP
from lab.ssdp import headers

VIRTUAL = "192.168.50.254"  # as VRRP and CARP have them
SUCCESS = 0


def add_second(lab):
    lab.router.ip(f"addr add {ROUTER_SECOND}/24 brd + dev br-lan")


@pytest.fixture(scope="module")
def network():
    """Two networks on one wire, from the start"""
    with Lab() as lab:
        add_second(lab.renumber())
        lab.echo(lab.lan1, 5000)
        lab.echo(lab.lan2, 5000)
        lab.daemon().start()
        yield lab


HOSTS = {"first": (LAN1, ROUTER_LAN), "second": (SECOND, ROUTER_SECOND)}


@pytest.fixture(params=HOSTS)
def client(request, network):
    """The namespace, the host's own address and the router's in its network"""
    return (network.lan1 if request.param == "first" else network.lan2, *HOSTS[request.param])


def found_at(host, **options):
    """The addresses in the locations of the answers to a search."""
    answers = wait_until(
        lambda: search(host, "upnp:rootdevice", **options), 5, "an answer to a search"
    )
    return {answer["location"].split("/")[2].partition(":")[0] for answer in answers}


def test_a_search_finds_the_address_in_ones_own_network(client):
    host, _, router = client
    assert found_at(host) == {router}
    assert found_at(host, to=(router, 1900), mx=None) == {router}


def test_description_and_mapping(network, client):
    host, own, router = client
    point = ControlPoint(host, own, router=router)
    assert point.address == router and "InternetGatewayDevice" in point.description
    port = 41001 if own == LAN1 else 41002
    assert point.add("TCP", port, 5000).ok
    assert network.reaches("TCP", port)
    assert point.delete("TCP", port).ok


def test_only_the_address_itself_is_a_name_of_it(network, client):
    """DESC-21: HOST is the address that was connected to"""
    host, own, router = client
    port = ControlPoint(host, own, router=router).port
    for name, status in (f"{router}:{port}", 200), (f"192.168.99.1:{port}", 403):
        assert request(host, router, port, "GET", "/rootDesc.xml", {"HOST": name}).status == status


def test_nat_pmp_and_pcp(network, client):
    host, own, router = client
    with PortControlClient(host, own, router) as asking:
        mapped = asking.pmp_map(TCP, 5000, 0)
        assert mapped.code == SUCCESS and network.reaches("TCP", mapped.external)
        mapped = asking.map(UDP, 5000)
        assert mapped.code == SUCCESS and network.reaches("UDP", mapped.external)
        asking.forget()


def test_events_come_from_the_address_that_was_subscribed_to(network, client):
    host, own, router = client
    point = ControlPoint(host, own, router=router)
    with Subscriber(point) as subscriber:
        assert subscriber.subscribe(WAN_IP).status == 200
        subscriber.wait_for(lambda event: event.sequence == 0, "the first one")
        assert subscriber.senders == {router}


def test_each_address_announces(network):
    """NAT-PMP and PCP, when the external address changes"""
    with Announcements(network.lan1) as announcements:
        network.router.ip(
            "addr del 80.100.100.1/24 dev wan0", "addr add 80.100.100.2/24 brd + dev wan0"
        )
        for version in 0, 2:
            wait_until(
                lambda v=version: (
                    {sender for _, sender, *_ in announcements.of(v)} == {ROUTER_LAN, ROUTER_SECOND}
                ),
                3,
                "announcements from both addresses",
            )
        network.router.ip(
            "addr del 80.100.100.2/24 dev wan0",
            "addr add 80.100.100.1/24 brd + dev wan0",
            "route replace default via 80.100.100.9",
        )


def test_each_network_hears_of_the_device():
    """Once, however many addresses the router has in it; and at the end of its end"""
    with Lab() as lab:
        add_second(lab.renumber())
        lab.router.ip("addr add 192.168.70.2/24 dev br-lan", f"addr add {VIRTUAL}/32 dev br-lan")
        with Capture(lab.lan2) as capture:
            daemon = lab.daemon().start()

            def places(kind):
                return {
                    (source, note["location"].split("/")[2].partition(":")[0])
                    for source, *_, note in notes(capture)
                    if note.get("nts") == kind and "location" in note
                }

            both = {(ROUTER_LAN, ROUTER_LAN), (ROUTER_SECOND, ROUTER_SECOND)}
            wait_until(
                lambda: places("ssdp:alive") == both, 3, f"both networks in {places('ssdp:alive')}"
            )
            assert daemon.stop() == 0
            wait_until(
                lambda: (
                    {source for source, note in notes(capture) if note["nts"] == "ssdp:byebye"}
                    == {ROUTER_LAN, ROUTER_SECOND}
                ),
                3,
                "a goodbye in both networks",
            )


def notes(capture):
    """The sender of each NOTIFY, and its headers."""
    return [
        (source, headers(payload))
        for source, *_, payload in capture.datagrams()
        if payload.startswith(b"NOTIFY ")
    ]


# -- addresses that come and go --------------------------------------------------------------------


@pytest.fixture
def changing():
    """A lab and a running daemon that serves one address; the front end stays the same
    throughout"""
    with Lab() as lab:
        lab.echo(lab.lan1, 5000)
        daemon = lab.daemon().start()
        before = daemon.front_ends()
        yield lab, daemon
        assert daemon.front_ends() == before, daemon.log
        assert daemon.stop() == 0


def answers(host, own, router, port=49152):
    """Returns what of the router answers there: SSDP, HTTP, port control."""
    found = set()
    if search(host, "upnp:rootdevice", to=(router, 1900), mx=None, expect=1, timeout=0.4):
        found.add("ssdp")
    with (
        contextlib.suppress(OSError),
        host.socket(socket.AF_INET, socket.SOCK_STREAM) as connection,
    ):
        connection.settimeout(0.5)
        connection.connect((router, port))
        connection.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
        if connection.recv(1):
            found.add("http")
    with PortControlClient(host, own, router, timeout=0.3) as asking:
        if asking.ask(b"\0\0"):
            found.add("port control")
    return found


ALL = {"ssdp", "http", "port control"}


def test_a_virtual_address_comes_and_goes(changing):
    lab, daemon = changing
    assert not answers(lab.lan1, LAN1, VIRTUAL)
    lab.router.ip(f"addr add {VIRTUAL}/32 dev br-lan")
    wait_until(lambda: answers(lab.lan1, LAN1, VIRTUAL) == ALL, 5, "answers at the virtual address")
    point = ControlPoint(lab.lan1, LAN1, router=VIRTUAL)
    assert point.address == VIRTUAL
    assert point.add("TCP", 41003, 5000).ok and lab.reaches("TCP", 41003)
    with PortControlClient(lab.lan1, LAN1, VIRTUAL) as asking:
        assert asking.map(TCP, 5000).code == SUCCESS
    assert found_at(lab.lan1) == {ROUTER_LAN}, "a search to all finds the router's own"
    lab.router.ip(f"addr del {VIRTUAL}/32 dev br-lan")
    wait_until(lambda: not answers(lab.lan1, LAN1, VIRTUAL), 5, "silence at the virtual address")
    assert answers(lab.lan1, LAN1, ROUTER_LAN) == ALL
    assert lab.reaches("TCP", 41003), "the mapping is the host's, not the address's"


def test_a_second_network_comes_and_goes(changing):
    lab, daemon = changing
    lab.renumber()
    add_second(lab)
    lab.echo(lab.lan2, 5000)
    wait_until(
        lambda: answers(lab.lan2, SECOND, ROUTER_SECOND) == ALL, 5, "answers in the second network"
    )
    point = ControlPoint(lab.lan2, SECOND, router=ROUTER_SECOND)
    assert point.add("UDP", 41004, 5000).ok and lab.reaches("UDP", 41004)
    served = json.loads(daemon.ctl("-j", "status").stdout)
    assert f"{ROUTER_SECOND}/24" in json.dumps(served)
    lab.router.ip(
        f"addr del {ROUTER_SECOND}/24 dev br-lan", f"addr add {ROUTER_SECOND}/32 dev br-lan"
    )
    daemon.wait_for_log(f"{ROUTER_SECOND}/32")
    assert not answers(lab.lan2, SECOND, ROUTER_SECOND), (
        "it is of no network of the router any more"
    )


# -- behind an inner router ------------------------------------------------------------------------


def test_a_client_behind_an_inner_router(changing):
    lab, daemon = changing
    way = lab.add_inner()
    lab.echo(lab.inner, 5000)
    assert not answers(lab.inner, INNER, ROUTER_LAN), "before the router knows the way"
    lab.router.ip(f"route add {way}")
    wait_until(
        lambda: answers(lab.inner, INNER, ROUTER_LAN) == ALL, 5, "answers behind the inner router"
    )
    point = ControlPoint(lab.inner, INNER, router=ROUTER_LAN)
    assert point.address == ROUTER_LAN
    assert point.add("TCP", 41005, 5000).ok and lab.reaches("TCP", 41005)
    with PortControlClient(lab.inner, INNER, ROUTER_LAN) as asking:
        by_pmp, by_pcp = asking.pmp_map(TCP, 5000, 0), asking.map(UDP, 5000)
        assert by_pmp.code == by_pcp.code == SUCCESS
        assert lab.reaches("TCP", by_pmp.external) and lab.reaches("UDP", by_pcp.external)
    lab.router.ip(f"route del {way}")
    wait_until(lambda: not answers(lab.inner, INNER, ROUTER_LAN), 5, "silence without the route")


def test_the_address_that_was_first_goes():
    """The second one takes its place, and is announced"""
    with Lab() as lab:
        add_second(lab.renumber())
        daemon = lab.daemon().start()
        before = daemon.front_ends()
        lab.router.ip(f"addr del {ROUTER_LAN}/24 dev br-lan")
        daemon.wait_for_log(f"br-lan has {ROUTER_SECOND}/24 now")
        wait_until(
            lambda: search(lab.lan2, "upnp:rootdevice", timeout=1.2),
            10,
            "an answer in the second network",
        )
        assert found_at(lab.lan2) == {ROUTER_SECOND}
        assert daemon.front_ends() == before
        assert daemon.stop() == 0
