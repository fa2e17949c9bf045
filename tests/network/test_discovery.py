# SPDX-License-Identifier: GPL-2.0-or-later
"""SSDP on the LAN: every search target of the tree, what must stay unanswered, advertisements and
byebyes."""

import re

import pytest

from lab import LAN1, ROUTER_LAN, Capture, ControlPoint, Lab, search, search_many, wait_until
from lab.control_point import WAN_PPP
from lab.ssdp import message

DEVICES = ("InternetGatewayDevice", "WANDevice", "WANConnectionDevice")
SERVICES = (
    "Layer3Forwarding",
    "WANCommonInterfaceConfig",
    "WANIPConnection",
    "WANIPv6FirewallControl",
)
V1_ONLY = ("Layer3Forwarding", "WANCommonInterfaceConfig", "WANIPv6FirewallControl")


def types(version):
    """The types of the tree, as the search for them names them."""
    return [f"urn:schemas-upnp-org:device:{name}:{version}" for name in DEVICES] + [
        f"urn:schemas-upnp-org:service:{name}:{1 if name in V1_ONLY else version}"
        for name in SERVICES
    ]


IGD2 = types(2)[0]
ANNOUNCED = types(1)[:-1]  # as version 1, which has no pinholes
ROWS = 10  # UDA 1.1 section 1.2.2: 3 + 2 * 2 embedded devices + 3 services


def udns(point):
    return re.findall(r"<UDN>(uuid:[^<]+)</UDN>", point.description)


@pytest.mark.parametrize("how", ["multicast", "unicast"])
def test_every_target_is_answered_once(point, how):
    """SSDP-MSEARCH-01, 03, 06, 18, 23, 24"""
    targets = ["upnp:rootdevice", *udns(point), *sorted({*types(1), *types(2)}), WAN_PPP]
    options = {"mx": 1} if how == "multicast" else {"to": (ROUTER_LAN, 1900), "mx": None}
    for target, answers in search_many(point.host, targets, **options).items():
        assert len(answers) == 1, (target, answers)
        answer = answers[0]
        assert answer["start"] == "HTTP/1.1 200 OK"
        assert answer["st"] == target
        assert answer["usn"].startswith("uuid:") and answer["usn"].endswith(target)
        path = "rootDesc"  # SSDP-MSEARCH-04, 08: of version 1, unless version 2 was asked for
        if target.endswith(":2") or "IPv6" in target:
            path = "rootDesc2"
        if target == WAN_PPP:
            path = "rootDescPPP"
        assert answer["location"] == f"http://{ROUTER_LAN}:{point.port}/{path}.xml", target
        assert answer["ext"] == ""
        assert int(answer["cache-control"].partition("=")[2]) >= 1800
        assert answer["from"][0] == ROUTER_LAN


@pytest.mark.parametrize("how", ["multicast", "unicast"])
def test_a_search_for_all_gets_each_row_once(point, how):
    """SSDP-MSEARCH-02"""
    options = {"mx": 1} if how == "multicast" else {"to": (ROUTER_LAN, 1900), "mx": None}
    answers = search(point.host, "ssdp:all", **options)
    assert sorted(answer["st"] for answer in answers) == sorted(
        ["upnp:rootdevice", *udns(point), *ANNOUNCED]
    )
    assert len(answers) == ROWS
    assert {answer["location"] for answer in answers} == {
        f"http://{ROUTER_LAN}:{point.port}/rootDesc.xml"
    }


def test_a_unicast_search_may_name_the_routers_own_address(point):
    """SSDP-MSEARCH-19; Windows sends this."""
    assert search(
        point.host,
        "upnp:rootdevice",
        to=(ROUTER_LAN, 1900),
        host=f"{ROUTER_LAN}:1900",
        mx=None,
        expect=1,
    )


def test_what_we_are_not_is_not_answered(point):
    """SSDP-MSEARCH-03, 07, 09"""
    strangers = [
        "uuid:00000000-0000-0000-0000-000000000000",
        "urn:schemas-upnp-org:device:MediaServer:1",
        "urn:schemas-upnp-org:device:InternetGatewayDevice:3",
        "urn:schemas-upnp-org:device:WAN:1",
        "urn:schemas-upnp-org:service:WANIPConn",
        "urn:schemas-upnp-org:service:WANIPConnection:1abc",
        "urn:schemas-upnp-org:service:WANIPConnection:0",
        "x:all",
    ]
    assert not any(search_many(point.host, strangers).values())


@pytest.mark.parametrize(
    "datagram",
    [
        pytest.param(message("upnp:rootdevice", man=None), id="without MAN"),
        pytest.param(message("upnp:rootdevice", mx="x"), id="MX not a number"),
        pytest.param(message("upnp:rootdevice").replace(b"HTTP/1.1", b"HTTP/1.0"), id="HTTP/1.0"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"M", id="one octet"),
        pytest.param(b"\0" * 1400, id="zeros"),
        pytest.param(message("uuid:" + "a" * 2000), id="long ST"),
        pytest.param(message("uuid:schemas:device:"), id="odd uuid"),
        pytest.param(b"M-SEARCH * HTTP/1.1\r\nST: upnp:rootdevice", id="without an end"),
    ],
)
def test_a_bad_search_is_ignored_and_harms_nothing(point, daemon, datagram):
    """SSDP-MSEARCH-11, 14, 25, 26, 27"""
    before = daemon.processes()
    assert not search(point.host, "bad", datagram=datagram, timeout=0.3)
    assert search(point.host, "upnp:rootdevice", to=(ROUTER_LAN, 1900), mx=None, expect=1)
    assert daemon.processes() == before


ROUTES = {
    "default route by the WAN": ([], True),
    "no default route": ([], False),
    "a route for 239.0.0.0/8": (["route add 239.0.0.0/8 dev br-lan"], True),
}


@pytest.mark.parametrize("routes", ROUTES)
def test_advertisements_go_to_the_lan_whatever_the_routes(routes):
    """SSDP-NOTIFY-01, 05, 06, 07, 11, 17, SEC-WAN-11: all rows on the LAN, none on the WAN, at
    start and end"""
    commands, default_route = ROUTES[routes]
    with Lab(default_route=default_route) as lab:
        if commands:
            lab.router.ip(*commands)
        with Capture(lab.lan1) as lan, Capture(lab.wan) as wan:
            daemon = lab.daemon().start()
            location = f"http://{ROUTER_LAN}:{ControlPoint(lab.lan1, LAN1).port}/rootDesc.xml"
            wait_until(
                lambda: len(lan.notifications("ssdp:alive")) >= 2 * ROWS, 5, "two sets of NOTIFYs"
            )
            check_alive(lan, location)
            assert daemon.stop() == 0
            wait_until(
                lambda: len({item["usn"] for item in lan.notifications("ssdp:byebye")}) == ROWS,
                3,
                f"a byebye for each: {lan.notifications('ssdp:byebye')}",
            )
            assert not wan.notifications()
            assert not [datagram for datagram in wan.datagrams() if datagram[3] == 1900]


def check_alive(capture, location):
    for item in capture.notifications("ssdp:alive"):
        assert item["start"] == "NOTIFY * HTTP/1.1"
        assert item["host"] == "239.255.255.250:1900"
        assert item["location"] == location
    sources = {
        datagram[0] for datagram in capture.datagrams() if datagram[4].startswith(b"NOTIFY ")
    }
    assert sources == {ROUTER_LAN}
    assert len({item["usn"] for item in capture.notifications("ssdp:alive")}) == ROWS


def test_the_very_first_search_after_ready_is_answered(lab):
    """Readiness means what it says: "Advertisements Sent" stands for a device that can be found."""
    lab.daemon().start()
    assert search(lab.lan1, "upnp:rootdevice", mx=1, expect=1)
