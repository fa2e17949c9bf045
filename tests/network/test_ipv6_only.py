# SPDX-License-Identifier: GPL-2.0-or-later
"""A LAN without IPv4: the router has a link-local and a global address there, and everything that
IPv6 can have is served from the first second; IPv4 may come and go."""

import contextlib
import json
import socket

import pytest

from lab import (
    LAN1,
    LAN1_6,
    LAN2_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ROUTER_WAN,
    ControlPoint,
    Lab,
    PortControlClient,
    Subscriber,
    search,
    wait_until,
)
from lab.control_point import PINHOLES, WAN_IP2
from lab.port_control import ADDRESS_MISMATCH, SUCCESS, TCP, UDP, UNSUPP_VERSION
from test_ipv6 import GROUPS, LINK, SITE, found, heard, listening, point_at, routers

ROWS = 10  # of the tree that is announced


def without_ipv4(lab):
    lab.add_ipv6()
    for host, interface in (lab.router, "br-lan"), (lab.lan1, "eth0"), (lab.lan2, "eth0"):
        host.run("ip", "-4", "addr", "flush", "dev", interface)
    return lab


@pytest.fixture(scope="module")
def running():
    with Lab(forward="nft-drop") as lab, contextlib.ExitStack() as stack:
        without_ipv4(lab)
        lab.echo(lab.lan1, 5000, socket.AF_INET6)
        notices = {group: [] for group in GROUPS}
        listeners = {group: stack.enter_context(listening(lab.lan2, group)) for group in GROUPS}
        daemon = lab.daemon().start()
        for group, seen in notices.items():
            wait_until(
                lambda g=group, s=seen: heard(listeners[g], "ssdp:alive", s) == ROWS, 5, group
            )
        yield lab, daemon, notices
        assert daemon.stop() == 0
        for group, seen in notices.items():
            seen.clear()
            assert heard(listeners[group], "ssdp:byebye", seen) == ROWS, group


@pytest.fixture
def lab(running):
    return running[0]


@pytest.fixture
def point(lab):
    return point_at(lab, LAN1_6, ROUTER_LAN6)


@pytest.mark.parametrize("group", GROUPS)
def test_it_is_announced(running, group):
    """SSDP-NOTIFY-01, 08, 09, 16: every row, twice, from the address that LOCATION names"""
    lab, _, notices = running
    router = routers(lab)[group]
    seen = [item for item in notices[group] if item["host"] == GROUPS[group]]
    alive = [item for item in seen if item["nts"] == "ssdp:alive"]
    assert len(alive) >= ROWS and {item["from"] for item in alive} == {router}
    assert {item["location"] for item in alive} == {f"http://[{router}]:49152/rootDesc.xml"}
    taken = [item for item in seen if item["nts"] == "ssdp:byebye"]
    assert len({item["usn"] for item in taken}) == ROWS, "an earlier run is taken back first"


@pytest.mark.parametrize("group", GROUPS)
def test_it_is_found(lab, group):
    """SSDP-MSEARCH-34"""
    for _ in range(3):
        answer = found(lab, group)[0]
        assert answer["location"] == f"http://[{routers(lab)[group]}]:49152/rootDesc.xml"
    everything = search(lab.lan1, "ssdp:all", to=(group, 1900), host=GROUPS[group])
    assert len({answer["usn"] for answer in everything}) == ROWS


@pytest.mark.parametrize("scope", GROUPS)
def test_actions_and_events(lab, scope):
    own = lab.lan1.link_local() if scope == LINK else LAN1_6
    point = point_at(lab, own, routers(lab)[scope])
    assert point.call("GetExternalIPAddress", service=WAN_IP2)["NewExternalIPAddress"] == ROUTER_WAN
    with Subscriber(point) as subscriber:
        assert subscriber.subscribe(PINHOLES).status == 200
        subscriber.wait_for(lambda event: event.sequence == 0, "the first one")


def test_pinholes(lab, point):
    """IGD-6FC-06: by UPnP, for the address that asks"""
    assert not lab.reaches("UDP", 5000, LAN1_6)
    number = point.pinhole(f"[{LAN1_6}]", 5000, 17)["UniqueID"]
    assert lab.reaches("UDP", 5000, LAN1_6) and not lab.reaches("TCP", 5000, LAN1_6)
    assert point.pinhole(LAN2_6, 5000).code == 606
    assert point.of_pinhole("DeletePinhole", number).ok
    assert not lab.reaches("UDP", 5000, LAN1_6)


def test_pcp(lab):
    """PCP-V6-01: MAP opens pinholes; NAT-PMP is of IPv4 alone (PMP-Sock-06), and a mapping of IPv4
    is for whoever asks from that address"""
    with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as client:
        assert client.map(TCP, 5000).code == SUCCESS and lab.reaches("TCP", 5000, LAN1_6)
        assert client.unmap(TCP, 5000).code == SUCCESS and not lab.reaches("TCP", 5000, LAN1_6)
        assert client.pcp(client.map_packet(UDP, 5000, client=LAN1)).code == ADDRESS_MISMATCH
        assert client.ask(b"\0\0")[3] == UNSUPP_VERSION
    with PortControlClient(lab.lan1, lab.lan1.link_local(), routers(lab)[LINK]) as client:
        assert client.announce().code == SUCCESS


@pytest.mark.parametrize("client", [LAN1, LAN1_6, ""])
def test_nothing_can_be_mapped(running, point, client):
    """AddPortMapping is of IPv4, and the log says what is missing"""
    _, daemon, _ = running
    assert point.add("TCP", 5000, InternalClient=client).code == 600
    assert point.add_any("TCP", 5000, InternalClient=client).code == 600
    daemon.wait_for_log("no-ipv4: ")
    assert point.listing() == []


def test_no_tool_calls_it_a_fault(running):
    _, daemon, _ = running
    tried = daemon.check()
    assert tried.returncode == 0 and "br-lan" in tried.stdout and not tried.stderr
    status = daemon.ctl("status").stdout
    assert f"br-lan {ROUTER_LAN6}/64, HTTP port 49152" in status and "NOT" not in status, status
    assert "nat-pmp" not in status and "          pcp      IPv6\n" in status
    checks = json.loads(daemon.ctl("-j", "check").stdout)["checks"]
    of_lan = {item["code"]: item["verdict"] for item in checks if item["code"].startswith("LAN")}
    assert {"LAN-02", "LAN-03", "LAN-04", "LAN-05", "LAN-08"} <= set(of_lan), checks
    assert set(of_lan.values()) <= {"ok", "note"}, checks
    assert f"br-lan has {ROUTER_LAN6}" in daemon.log or f"[{ROUTER_LAN6}]:49152" in daemon.log


def found_over_ipv4(lab):
    to = (ROUTER_LAN, 1900)
    return search(lab.lan1, "upnp:rootdevice", to=to, mx=None, expect=1, timeout=0.3)


def test_ipv4_comes_and_goes():
    """It is the same device, found by both families, and nobody who uses it over IPv6 loses
    anything"""
    with Lab(forward="nft-drop") as lab:
        without_ipv4(lab).echo(lab.lan1, 5000)
        lab.lan1.ip(f"addr add {LAN1}/24 brd + dev eth0", f"route replace default via {ROUTER_LAN}")
        daemon = lab.daemon().start()
        before = daemon.front_ends()
        point = point_at(lab, LAN1_6, ROUTER_LAN6)
        with Subscriber(point) as subscriber:
            assert subscriber.subscribe(WAN_IP2).status == 200
            subscriber.wait_for(lambda event: event.sequence == 0, "the first one")
            lab.router.ip(f"addr add {ROUTER_LAN}/24 brd + dev br-lan")
            four = wait_until(lambda: found_over_ipv4(lab), 5, "an answer over IPv4")[0]
            six = found(lab, SITE)[0]
            for name in "usn", "bootid.upnp.org", "configid.upnp.org":
                assert four[name] == six[name], name
            assert ControlPoint(lab.lan1, LAN1).add("TCP", 5000).ok and lab.reaches("TCP", 5000)
            subscriber.wait_for(
                lambda event: event.values.get("PortMappingNumberOfEntries") == "1", "the mapping"
            )
            lab.router.ip(f"addr del {ROUTER_LAN}/24 dev br-lan")
            daemon.wait_for_log(f"br-lan has {ROUTER_LAN6}/64 now")
            wait_until(lambda: not found_over_ipv4(lab), 5, "silence over IPv4")
            assert found(lab, LINK) and found(lab, SITE)
            lab.router.ip(f"addr add {ROUTER_LAN}/24 brd + dev br-lan")
            wait_until(lambda: found_over_ipv4(lab), 5, "an answer over IPv4")
            assert lab.reaches("TCP", 5000), "it has waited"
        assert daemon.front_ends() == before
        assert daemon.stop() == 0
