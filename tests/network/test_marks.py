# SPDX-License-Identifier: GPL-2.0-or-later
"""Marks of packets: ours opens openings and nothing else, nobody else sees it, and a mark of the
administrator's opens nothing."""

import re
import socket

import pytest

from lab import LAN1, LAN1_6, LAN2_6, Lab
from test_firewall_backends import Driver

OTHER_BITS = 0x30000000

# He marks what comes in, and at the end he saves the mark in the connection and shapes by it.
SITE = """table inet site {{
    chain prerouting {{
        type filter hook prerouting priority mangle; policy accept;
        iifname "wan0" meta mark set {mark:#010x}
    }}
    chain postrouting {{
        type filter hook postrouting priority mangle; policy accept;
        ct mark set meta mark
        oifname "br-lan" meta mark {mark:#010x} counter comment "shaped"
    }}
}}
"""


@pytest.fixture
def lab():
    with Lab(forward="nft-drop") as own:
        own.add_ipv6()
        own.echo(own.lan1, 7000, socket.AF_INET6)  # both families
        yield own


@pytest.fixture
def driver(lab, request):
    own = Driver(lab.router).open("nftables", *getattr(request, "param", ()))
    own.ok("replaceall")
    yield own
    own.close()


def mark(lab, value):
    lab.router.run("nft", "-f", "-", input=SITE.format(mark=value))


def open_both(driver):
    driver.ok("add", "udp", 80, LAN1, 7000)
    driver.ok("pinhole", "udp", LAN1_6, 7000)


def test_a_mark_of_others_opens_nothing(lab, driver):
    mark(lab, 0x00FF0000)
    open_both(driver)
    assert lab.reaches("udp", 80) and lab.reaches("udp", 7000, host=LAN1_6)
    lab.echo(lab.lan2, 7000, socket.AF_INET6)
    assert not lab.reaches("tcp", 7000, host=LAN1_6), "another protocol"
    assert not lab.reaches("udp", 7000, host=LAN2_6), "another host"


def test_others_see_their_own_mark_alone(lab, driver):
    """Exact-mark shaping gets the packets of openings, and no connection keeps our bits"""
    mark(lab, 1)
    open_both(driver)
    for host in "80.100.100.1", LAN1_6:
        assert lab.reaches("udp", 80 if host != LAN1_6 else 7000, host=host)
    listed = lab.router.run("nft", "list", "chain", "inet", "site", "postrouting").stdout
    assert int(re.search(r"counter packets (\d+).*shaped", listed)[1]) >= 2, listed
    for family in "ipv4", "ipv6":
        entries = lab.router.run("conntrack", "-L", "-f", family, "-p", "udp").stdout
        assert entries and set(re.findall(r"mark=(\d+)", entries)) <= {"0", "1"}, entries


@pytest.mark.parametrize("driver", [(f"marks={OTHER_BITS}",)], indirect=True)
def test_the_administrator_names_the_bits(lab, driver):
    mark(lab, 0x00800000)
    open_both(driver)
    assert not lab.reaches("tcp", 7000, host=LAN1_6), "no bit of ours"
    assert lab.reaches("udp", 80) and lab.reaches("udp", 7000, host=LAN1_6)
    listed = lab.router.run("nft", "list", "chain", "inet", "site", "postrouting").stdout
    assert int(re.search(r"counter packets (\d+).*shaped", listed)[1]) >= 2, listed
