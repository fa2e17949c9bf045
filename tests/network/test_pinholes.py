# SPDX-License-Identifier: GPL-2.0-or-later
"""WANIPv6FirewallControl:1 over the wire, and packets through its pinholes on both back ends."""

import socket

import pytest

from lab import LAN1, LAN1_6, LAN2_6, ROUTER_LAN6, WAN_HOST6, ControlPoint, Lab, wait_until
from lab import rules
from lab.control_point import PINHOLES

FIREWALLS = [
    ("nftables", "nft-drop"),
    ("nftables", "legacy-drop"),
    ("iptables", "legacy-drop"),
    ("iptables", "nft-drop"),
    ("nftables", "accept"),
    ("iptables", "accept"),
]
KINDS = {"TCP": 6, "UDP": 17}


@pytest.mark.parametrize("backend", ["nftables", "iptables"])
def test_they_outlive_a_restart(backend):
    """With their numbers, by which clients know them; not one more, and not longer"""
    with Lab(forward="nft-drop") as own:
        own.add_ipv6().echo(own.lan1, 5000, socket.AF_INET6)
        own.lan1.ping(ROUTER_LAN6)
        daemon = own.daemon(firewall_backend=backend).start()
        point = ControlPoint(own.lan1, LAN1)
        gone, kept = (
            point.pinhole(LAN1_6, 5000, protocol)["UniqueID"] for protocol in KINDS.values()
        )
        assert point.of_pinhole("DeletePinhole", gone).ok
        assert daemon.stop() == 0 and not own.reaches("UDP", 5000, LAN1_6)
        daemon.start()
        point = ControlPoint(own.lan1, LAN1)
        wait_until(lambda: own.reaches("UDP", 5000, LAN1_6), 3, "the pinhole")
        assert not own.reaches("TCP", 5000, LAN1_6)
        assert point.of_pinhole("UpdatePinhole", kept, NewLeaseTime=3600).ok
        assert point.pinhole(LAN1_6, 5001, 6)["UniqueID"] not in (gone, kept)
        assert point.of_pinhole("DeletePinhole", kept).ok and not own.reaches("UDP", 5000, LAN1_6)
        assert daemon.stop() == 0


@pytest.fixture(scope="module", params=FIREWALLS, ids=lambda pair: f"{pair[0]}, forward {pair[1]}")
def running(request):
    backend, forward = request.param
    with Lab(forward=forward) as lab:
        lab.add_ipv6()
        for host in lab.lan1, lab.lan2:
            host.ping(ROUTER_LAN6)
        before = rules.everything(lab.router)
        daemon = lab.daemon(firewall_backend=backend, allow_third_party="no").start()
        lab.echo(lab.lan1, 5000, socket.AF_INET6)
        lab.echo(lab.lan2, 5000, socket.AF_INET6)
        yield lab, forward, daemon
        assert daemon.stop() == 0
        assert rules.everything(lab.router) == before, "foreign rules byte for byte as before"


@pytest.fixture
def lab(running):
    return running[0]


@pytest.fixture
def drops(running):
    """Nothing comes in unless it is let in."""
    return running[1] != "accept"


@pytest.fixture
def point(lab):
    return ControlPoint(lab.lan1, LAN1)


def test_the_router_has_forgotten_whose_that_address_is(lab, point):
    """IGD-6FC-09: the kernel keeps hardware addresses for as long as it likes; the host is the
    same"""

    def forget():
        lab.router.run("ip", "-6", "neigh", "flush", "dev", "br-lan")

    forget()
    opened = point.pinhole(LAN1_6, 5000)
    assert opened.ok, opened
    for action, more in (
        ("UpdatePinhole", {"NewLeaseTime": 60}),
        ("GetPinholePackets", {}),
        ("DeletePinhole", {}),
    ):
        forget()
        answer = point.of_pinhole(action, opened["UniqueID"], **more)
        assert answer.ok, (action, answer)
    forget()
    assert point.pinhole(LAN2_6, 5000).code == 606


@pytest.mark.parametrize("protocol", KINDS)
def test_there_and_back_until_deleted(lab, point, drops, protocol):
    """IGD-6FC-02, 06, 09, 26, 27"""
    status = point.call("GetFirewallStatus", service=PINHOLES)
    assert list(status.values.items()) == [("FirewallEnabled", "1"), ("InboundPinholeAllowed", "1")]
    # Nothing has ever come to that port: where nothing is dropped, the last packets of an earlier
    # flow may come through a pinhole.
    unused = point.pinhole(LAN1_6, 5003, KINDS[protocol])["UniqueID"]
    assert point.of_pinhole("CheckPinholeWorking", unused).code == 709
    assert point.of_pinhole("DeletePinhole", unused).ok
    assert lab.reaches(protocol, 5000, LAN1_6) != drops
    number = point.pinhole(LAN1_6, 5000, KINDS[protocol])["UniqueID"]
    assert not drops or point.of_pinhole("CheckPinholeWorking", number).code == 709
    assert lab.reaches(protocol, 5000, LAN1_6)
    assert not drops or not lab.reaches(protocol, 5001, LAN1_6)
    assert not drops or not lab.reaches(protocol, 5000, LAN2_6)
    assert not drops or not lab.reaches("UDP" if protocol == "TCP" else "TCP", 5000, LAN1_6)
    assert int(point.of_pinhole("GetPinholePackets", number)["PinholePackets"]) >= 1
    assert point.of_pinhole("CheckPinholeWorking", number)["IsWorking"] == "1"
    assert point.of_pinhole("DeletePinhole", number).ok
    assert lab.reaches(protocol, 5000, LAN1_6) != drops
    assert point.of_pinhole("DeletePinhole", number).code == 704


def test_only_the_remote_that_was_named(lab, point, drops):
    """IGD-6FC-10"""
    lab.wan.ip("addr replace 2a0a:100::77/64 dev eth0 nodad")
    for remote, port, good, bad in (
        (WAN_HOST6, 0, 0, None),
        ("", 4444, 4444, 4445),
        (WAN_HOST6, 4446, 4446, 4447),
    ):
        number = point.pinhole(LAN1_6, 5000, 17, remote=remote, remote_port=port)["UniqueID"]
        lab.wan.run(
            "ip", "-6", "route", "replace", "2a0a:200::/64", "via", "2a0a:100::1", "src", WAN_HOST6
        )
        assert lab.reaches("UDP", 5000, LAN1_6, from_port=good), (remote, port)
        if bad:
            assert lab.reaches("UDP", 5000, LAN1_6, from_port=bad) != drops
        if remote:
            lab.wan.run(
                "ip",
                "-6",
                "route",
                "replace",
                "2a0a:200::/64",
                "via",
                "2a0a:100::1",
                "src",
                "2a0a:100::77",
            )
            assert lab.reaches("UDP", 5000, LAN1_6, from_port=good) != drops
        assert point.of_pinhole("DeletePinhole", number).ok
    lab.wan.run(
        "ip", "-6", "route", "replace", "2a0a:200::/64", "via", "2a0a:100::1", "src", WAN_HOST6
    )


def test_the_lease_ends_it(lab, point, drops):
    """IGD-6FC-16, 24, 25"""
    number = point.pinhole(LAN1_6, 5000, 17, lease=86400)["UniqueID"]
    assert point.of_pinhole("UpdatePinhole", number, NewLeaseTime=1).ok
    assert lab.reaches("UDP", 5000, LAN1_6)
    wait_until(
        lambda: point.of_pinhole("GetPinholePackets", number).code == 704, 4, "the end of the lease"
    )
    assert lab.reaches("UDP", 5000, LAN1_6) != drops
    again = point.pinhole(LAN1_6, 5000, 17, lease=1)["UniqueID"]
    assert again != number
    assert point.of_pinhole("DeletePinhole", again).ok


def test_asked_for_again_it_is_the_same(lab, point):
    """IGD-6FC-07, 08: and what it has let pass is not forgotten"""
    first = point.pinhole(LAN1_6, 5000, lease=100)["UniqueID"]
    assert lab.reaches("TCP", 5000, LAN1_6)
    passed = int(point.of_pinhole("GetPinholePackets", first)["PinholePackets"])
    assert passed >= 1
    assert point.pinhole(LAN1_6, 5000, lease=3600)["UniqueID"] == first
    assert point.pinhole(LAN1_6, 5000, lease=3600)["UniqueID"] == first
    assert int(point.of_pinhole("GetPinholePackets", first)["PinholePackets"]) >= passed
    other = point.pinhole(LAN1_6, 5001)["UniqueID"]
    assert other != first
    for number in first, other:
        assert point.of_pinhole("DeletePinhole", number).ok


def test_every_refusal_has_its_code(lab, point):
    """IGD-6FC-11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22"""
    for code, changes in (
        (706, {"port": 0}),
        (707, {"protocol": 65535}),
        (705, {"protocol": 132}),
        (708, {"client": ""}),
        (708, {"client": "*"}),
        (601, {"lease": 0}),
        (601, {"lease": 86401}),
        (606, {"client": LAN2_6}),
        (606, {"port": 1023}),
        (606, {"client": ROUTER_LAN6}),
        (606, {"client": "2a0a:300::1"}),
        (606, {"client": "ff02::1"}),
        (606, {"client": "::1"}),
        (606, {"client": "fe80::1"}),
        (606, {"client": "::ffff:192.168.50.10"}),
        (600, {"client": "192.168.50.10"}),
        (600, {"remote": "example.com"}),
        (402, {"port": 65536}),
        (402, {"LeaseTime": None}),
        (402, {"protocol": "TCP"}),
    ):
        answer = point.pinhole(**{"client": LAN1_6, "port": 5000, **changes})
        assert answer.code == code, (changes, answer)
    for action in "DeletePinhole", "GetPinholePackets", "CheckPinholeWorking":
        assert point.of_pinhole(action, 4711).code == 704
    assert point.of_pinhole("UpdatePinhole", 4711, NewLeaseTime=60).code == 704
    number = point.pinhole(LAN1_6, 1024)["UniqueID"]
    assert point.of_pinhole("UpdatePinhole", number, NewLeaseTime=0).code == 601
    assert point.of_pinhole("DeletePinhole", number).ok


def test_another_hosts_pinhole_stays(lab, point):
    """IGD-6FC-23"""
    number = point.pinhole(LAN1_6, 5000)["UniqueID"]
    other = ControlPoint(lab.lan2, "192.168.50.11", point.location)
    for action in "DeletePinhole", "GetPinholePackets", "CheckPinholeWorking":
        assert other.of_pinhole(action, number).code == 606
    assert other.of_pinhole("UpdatePinhole", number, NewLeaseTime=60).code == 606
    assert lab.reaches("TCP", 5000, LAN1_6)
    assert point.of_pinhole("DeletePinhole", number).ok


def test_the_time_that_silence_may_last(point):
    """IGD-6FC-29"""
    arguments = {
        "RemoteHost": "",
        "RemotePort": 0,
        "InternalClient": LAN1_6,
        "InternalPort": 5000,
        "Protocol": 17,
    }
    answer = point.call("GetOutboundPinholeTimeout", arguments, service=PINHOLES)
    assert 10 <= int(answer["OutboundPinholeTimeout"]) <= 3600
    assert (
        point.call(
            "GetOutboundPinholeTimeout", {**arguments, "Protocol": 132}, service=PINHOLES
        ).code
        == 705
    )


def test_flushed_rules_come_back(lab, point, drops, running):
    """Pinholes work again within two seconds, as mappings do, whoever flushes"""
    number = point.pinhole(LAN1_6, 5000)["UniqueID"]
    lab.router.run("nft", "delete", "table", "ip6", "upnpd", check=False)
    lab.router.run("ip6tables-legacy", "-F", "UPNPD", check=False)
    wait_until(lambda: lab.reaches("TCP", 5000, LAN1_6), 2.5, "the pinhole to work again")
    assert point.of_pinhole("DeletePinhole", number).ok
    wait_until(lambda: lab.reaches("TCP", 5000, LAN1_6) != drops, 2.5, "the end of the pinhole")
