# SPDX-License-Identifier: GPL-2.0-or-later
"""SSDP, HTTP, SOAP and eventing over IPv6 on the LAN, at link-local and global scope, and none of
it on the WAN."""

import contextlib
import socket
import struct

import pytest

from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    LAN2_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ControlPoint,
    Lab,
    Subscriber,
    request,
    search,
    wait_until,
)
from lab.control_point import PINHOLES, WAN_IP2
from lab.ssdp import headers
from test_discovery import ANNOUNCED, IGD2

LINK, SITE = "ff02::c", "ff05::c"
GROUPS = {LINK: "[FF02::C]:1900", SITE: "[FF05::C]:1900"}


@pytest.fixture(scope="module")
def running():
    with Lab() as lab:
        lab.add_ipv6()
        daemon = lab.daemon().start()
        yield lab, daemon
        assert daemon.stop() == 0


@pytest.fixture
def lab(running):
    return running[0]


def routers(lab):
    """Its link-local address, and the global one."""
    return {LINK: lab.router.link_local("br-lan"), SITE: ROUTER_LAN6}


def found(lab, group, st="upnp:rootdevice", **options):
    return search(lab.lan1, st, to=(group, 1900), host=GROUPS[group], expect=1, **options)


@pytest.mark.parametrize("group", GROUPS)
def test_searches_to_the_groups(lab, group):
    """SSDP-MSEARCH-34, SSDP-NOTIFY-08, 09: LOCATION is of the scope of the one who asks"""
    answer = found(lab, group)[0]
    asked_from = "fe80" if group == LINK else "2a0a"
    assert answer["location"] == f"http://[{routers(lab)[group]}]:49152/rootDesc.xml", asked_from
    assert answer["from"][0].partition("%")[0] == routers(lab)[group] and answer["from"][1] == 1900


def test_every_target_over_ipv6(lab):
    """SSDP-MSEARCH-02: ssdp:all by unicast to the router's address, and each row once"""
    answers = search(
        lab.lan1, "ssdp:all", to=(ROUTER_LAN6, 1900), host=f"[{ROUTER_LAN6}]:1900", mx=None
    )
    assert set(ANNOUNCED) <= {answer["st"] for answer in answers}
    assert len({answer["usn"] for answer in answers}) == len(answers) == 10
    newest = search(
        lab.lan1,
        IGD2,
        to=(ROUTER_LAN6, 1900),
        mx=None,
        expect=1,
        host=f"[{ROUTER_LAN6}]:1900",
    )
    assert newest[0]["location"].endswith("/rootDesc2.xml")
    assert not search(
        lab.lan1,
        "ssdp:all",
        to=(ROUTER_LAN6, 1900),
        host="[2a0a:200::99]:1900",
        mx=None,
        timeout=0.3,
    )


def point_at(lab, own, router):
    return ControlPoint(lab.lan1, own, f"http://[{router}]:49152/rootDesc2.xml", wan_ip=WAN_IP2)


@pytest.mark.parametrize("scope", GROUPS)
def test_description_control_and_events(lab, scope):
    """DESC-26, GENA-EVENT-17, GENA-CALLSTRANGER-05: everything works at both scopes"""
    own = lab.lan1.link_local() if scope == LINK else LAN1_6
    point = point_at(lab, own, routers(lab)[scope])
    assert ROUTER_LAN not in point.description
    assert point.call("GetStatusInfo", service=WAN_IP2)["NewConnectionStatus"] == "Connected"
    with Subscriber(point) as subscriber:
        response = subscriber.subscribe(PINHOLES)
        assert response.status == 200
        event = subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
        assert event.values == {
            "FirewallEnabled": "1",
            "InboundPinholeAllowed": "1",
        }  # GENA-EVENT-08
        assert subscriber.subscribe(PINHOLES, callback=f"<http://[{LAN2_6}]:5000/>").status == 412
        assert subscriber.unsubscribe(PINHOLES, response.headers["sid"]).status == 200


@pytest.fixture
def second(lab):
    """A second global address of the first host."""
    address = LAN1_6 + "0"
    lab.lan1.ip(f"addr add {address}/64 dev eth0 nodad")
    yield address
    lab.lan1.ip(f"addr del {address}/64 dev eth0")


def test_a_callback_at_another_address_of_the_host(lab, second):
    """A control point of two families, or with two addresses of one, may listen at either; the
    router need not have seen that address before"""
    lab.router.ip("neigh flush all")
    six = point_at(lab, LAN1_6, ROUTER_LAN6)
    four = ControlPoint(lab.lan1, LAN1)
    for point, own in (six, LAN1), (six, second), (four, second):
        with Subscriber(Elsewhere(point, own)) as subscriber:
            assert subscriber.subscribe(PINHOLES).status == 200, own
            subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
            for other in (f"[{LAN2_6}]", LAN2, ROUTER_LAN, "80.100.100.9"):
                callback = f"<http://{other}:5000/>"
                assert subscriber.subscribe(PINHOLES, callback=callback).status == 412, other


class Elsewhere:
    """A control point that listens for events at `own`."""

    def __init__(self, point, own):
        self.host, self.own, self.services, self.request = (
            point.host,
            own,
            point.services,
            point.request,
        )


def test_a_pinhole_for_the_address_that_asks(lab):
    """IGD-6FC-06, 17"""
    point = point_at(lab, LAN1_6, ROUTER_LAN6)
    number = point.pinhole(LAN1_6, 5000)["UniqueID"]
    assert point.pinhole(LAN2_6, 5000).code == 606
    assert point.of_pinhole("DeletePinhole", number).ok


@pytest.mark.parametrize("scope", GROUPS)
def test_mappings_over_ipv6(lab, scope):
    """Whoever speaks IPv6 is told by its hardware address, and maps for its own IPv4 address
    alone"""
    lab.router.run("ip", "neigh", "flush", "dev", "br-lan")  # it is asked for
    point = point_at(lab, lab.lan1.link_local() if scope == LINK else LAN1_6, routers(lab)[scope])
    assert point.add("TCP", 5000, client=LAN1).ok
    assert (
        point.add("TCP", 5001, InternalClient="").ok
        and point.specific("TCP", 5001)["NewInternalClient"] == LAN1
    )
    assert point.add("TCP", 5002, client="192.168.50.11").code == 606
    assert point.delete("TCP", 5000).ok and point.delete("TCP", 5001).ok


@pytest.mark.parametrize(
    "host", ["[2a0a:200::99]:49152", "[2a0a:100::1]:49152", "evil.example", ROUTER_LAN]
)
def test_another_hosts_name_is_refused(lab, host):
    """DESC-21, IGD-Quirk-27"""
    assert (
        request(lab.lan1, ROUTER_LAN6, 49152, "GET", "/rootDesc.xml", {"HOST": host}).status == 403
    )


def test_nothing_on_the_wan(lab):
    """SEC-WAN-01, 02, 03, 05: neither at the WAN address nor at the LAN's from there"""
    for address in "2a0a:100::1", ROUTER_LAN6:
        with pytest.raises(OSError):
            request(lab.wan, address, 49152, "GET", "/rootDesc.xml", timeout=0.5)
        assert not search(
            lab.wan, "ssdp:all", to=(address, 1900), host=f"[{address}]:1900", mx=None, timeout=0.3
        )
    assert not search(lab.wan, "ssdp:all", to=(LINK, 1900), host=GROUPS[LINK], timeout=1.2)


def listening(host, group):
    listener = host.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("::", 1900))
    membership = socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", host.interface())
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, membership)
    listener.settimeout(0.2)
    return listener


def heard(listener, kind, seen):
    """Adds the NOTIFYs that have come; returns how many different USNs there are of `kind`."""
    with contextlib.suppress(TimeoutError):
        while True:
            datagram, sender = listener.recvfrom(4096)
            if datagram.startswith(b"NOTIFY "):
                seen.append({**headers(datagram), "from": sender[0].partition("%")[0]})
    return len({item["usn"] for item in seen if item["nts"] == kind})


@pytest.mark.parametrize("group", GROUPS)
def test_advertisements(group):
    """SSDP-NOTIFY-01, 02, 03, 04, 05, 07, 08, 09, 11, 16, 17: at start and end, from the address
    that LOCATION names"""
    with Lab() as lab:
        lab.add_ipv6()
        seen = []
        with listening(lab.lan1, group) as listener:
            daemon = lab.daemon().start()
            wait_until(lambda: heard(listener, "ssdp:alive", seen) == 10, 5, "every row")
            wait_until(
                lambda: (
                    heard(listener, "", seen) == 0
                    and len([item for item in seen if item["nts"] == "ssdp:alive"]) >= 20
                ),
                3,
                "the second copy",
            )
            kinds = [item["nts"] for item in seen]
            taken = {item["usn"] for item in seen[: kinds.index("ssdp:alive")]}
            assert len(taken) == 10, "an earlier run is taken back first"
            assert len({item["bootid.upnp.org"] for item in seen}) == 1
            for item in seen:
                if item["nts"] != "ssdp:alive":
                    continue
                assert "UPnP/1.1" in item["server"] and item["configid.upnp.org"].isdigit()
                assert item["start"] == "NOTIFY * HTTP/1.1" and item["host"] == GROUPS[group]
                assert item["from"] == routers(lab)[group]
                assert item["location"] == f"http://[{routers(lab)[group]}]:49152/rootDesc.xml"
                assert int(item["cache-control"].partition("=")[2]) >= 1800
            seen.clear()
            assert daemon.stop() == 0
            wait_until(lambda: heard(listener, "ssdp:byebye", seen) == 10, 3, "a byebye for each")


def test_an_address_that_comes_later(lab, running):
    """SSDP-NOTIFY-19: it is served and announced as soon as the router has it, and no more when it
    goes"""
    new = "2a0a:200::7"
    with pytest.raises(OSError):
        request(lab.lan1, new, 49152, "GET", "/rootDesc.xml", timeout=0.5)
    lab.router.ip(f"addr add {new}/64 dev br-lan nodad")

    def served():
        with contextlib.suppress(OSError):
            return request(lab.lan1, new, 49152, "GET", "/rootDesc.xml", timeout=1).status == 200

    wait_until(served, 3, "the description at the new address")
    lab.router.ip(f"addr del {new}/64 dev br-lan")
    wait_until(lambda: not served(), 3, "its end")
    assert request(lab.lan1, ROUTER_LAN6, 49152, "GET", "/rootDesc.xml").status == 200


def test_pinholes_of_a_dead_prefix_are_closed(lab):
    """IGD-6FC-31"""
    lab.router.ip("addr add 2a0a:300::1/64 dev br-lan nodad")
    lab.lan1.ip("addr add 2a0a:300::10/64 dev eth0 nodad")
    point = point_at(lab, "2a0a:300::10", "2a0a:300::1")

    def number():
        return (
            point_at(lab, LAN1_6, ROUTER_LAN6).pinhole("2a0a:300::10", 5000).values.get("UniqueID")
        )

    lab.lan1.ping("2a0a:300::1", "-I", "2a0a:300::10")
    opened = wait_until(number, 3, "a pinhole in the new prefix")
    assert point.host is lab.lan1
    lab.router.ip("addr del 2a0a:300::1/64 dev br-lan")
    wait_until(
        lambda: (
            point_at(lab, LAN1_6, ROUTER_LAN6).of_pinhole("GetPinholePackets", opened).code == 704
        ),
        3,
        "the end of the pinhole",
    )
