# SPDX-License-Identifier: GPL-2.0-or-later
"""uplinks = all: mapped ports are reached by each of several lines at once, and answers leave by
the line they came in on."""

import re
import time

import pytest

from conftest import BACKENDS
from lab import LAN1, LAN2, ROUTER_LAN, ROUTER_WAN, WAN_HOST, ControlPoint, PortControlClient
from lab import wait_until
from lab.port_control import UDP
from lab.uplinks import (
    BOTH,
    MAPPINGS,
    OTHER,
    OTHER_HOST,
    SOON,
    external,
    map_all,
    plug,
    protocol_of,
    pull,
    reached,
    two_lines,
)

ALL = {**BOTH, "uplinks": "all", "mark_bits": "0x00ff0000"}
TABLES = (("101", WAN_HOST, "wan0", "0x00010000"), ("102", OTHER_HOST, "wan1", "0x00020000"))

@pytest.fixture(params=BACKENDS)
def lines(request):
    with two_lines(request.param) as lab:
        yield lab


@pytest.fixture
def routed(lines):
    """Policy routing as the manual has it."""
    for table, gateway, line, mark in TABLES:
        lines.router.ip(
            f"route add default via {gateway} dev {line} table {table}",
            f"rule add fwmark {mark}/0x00ff0000 lookup {table}",
        )
    return lines


def sent(lab, line):
    """Packets that the router has sent by a line."""
    text = lab.router.run("cat", f"/sys/class/net/{line}/statistics/tx_packets").stdout
    return int(text)


def reply_leaves_by(lab, protocol, port, address, line, other):
    """The mapping answers at `address`, and its packets leave by `line` alone. (ARP is known.)"""
    assert lab.reaches(protocol, port, address), "the neighbours are known then"
    before = sent(lab, line), sent(lab, other)
    for _ in range(10):
        assert lab.reaches(protocol, port, address)
    assert sent(lab, line) - before[0] >= 10, f"answers by {line}"
    assert sent(lab, other) - before[1] <= 3, f"no answers by {other}"


def test_each_mapping_is_reached_by_all_lines_at_once(routed):
    """And its answers leave by the line they came in on"""
    daemon = routed.daemon(firewall_backend=routed.backend, **ALL).start()
    point = ControlPoint(routed.lan1, LAN1)
    map_all(point)
    for address in ROUTER_WAN, OTHER:
        seconds = reached(routed, address, time.monotonic())
        print(f"\n{routed.backend}: all at {address} within {seconds[-1]:.2f} s")
    for protocol, port in ("UDP", 40002), ("TCP", 40001):
        reply_leaves_by(routed, protocol, port, ROUTER_WAN, "wan0", "wan1")
        reply_leaves_by(routed, protocol, port, OTHER, "wan1", "wan0")
    known = routed.router.run("cat", "/proc/net/nf_conntrack").stdout
    assert f"dst={OTHER} " in known and "mark=0 " in known
    assert not [line for line in known.splitlines() if " mark=" in line and "mark=0 " not in line]
    for port in MAPPINGS:
        assert point.delete(protocol_of(port), port).ok
    for address in ROUTER_WAN, OTHER:
        wait_until(lambda at=address: not routed.reaches("TCP", 40001, at), SOON, "the end")
        assert not routed.reaches("UDP", 40002, address)
    assert daemon.stop() == 0
    assert "upnpd" not in routed.router.run("nft", "list", "ruleset").stdout
    assert "UPNPD" not in routed.router.run("iptables-legacy-save").stdout


def test_hosts_inside_reach_mappings_at_each_address(routed):
    """Hairpin: answers that stay inside are not sent out by a table of a line"""
    routed.daemon(firewall_backend=routed.backend, **ALL).start()
    assert ControlPoint(routed.lan1, LAN1).add("UDP", 40002, 5000).ok
    for address in ROUTER_WAN, OTHER:
        wait_until(
            lambda at=address: routed.reaches("UDP", 40002, at, source=routed.lan2),
            SOON,
            f"the mapping at {address} from inside",
        )


def test_pcp_tells_the_address_of_the_line_that_a_client_takes(routed):
    routed.router.ip(f"rule add from {LAN1} lookup 102")
    routed.daemon(firewall_backend=routed.backend, **ALL).start()
    with PortControlClient(routed.lan1, LAN1, ROUTER_LAN) as client:
        reply = client.map(UDP, 5000, external=40002)
        assert reply.code == 0 and reply.address == OTHER
    with PortControlClient(routed.lan2, LAN2, ROUTER_LAN) as client:
        assert client.map(UDP, 5000, external=40004).address == ROUTER_WAN
    point = ControlPoint(routed.lan1, LAN1)
    assert point.call("GetExternalIPAddress")["NewExternalIPAddress"] == ROUTER_WAN


def test_a_line_of_several_comes_and_goes(routed):
    """The other one serves on, and one of them is told"""
    daemon = routed.daemon(firewall_backend=routed.backend, **ALL).start()
    point = ControlPoint(routed.lan1, LAN1)
    assert point.add("UDP", 40002, 5000).ok
    pull(routed, "link")
    wait_until(lambda: external(daemon)["address"] == OTHER, SOON, "the other address")
    wait_until(lambda: routed.reaches("UDP", 40002, OTHER), SOON, "the mapping there")
    plug(routed, "link")
    routed.router.ip(f"route add default via {WAN_HOST} dev wan0 table 101")
    wait_until(lambda: routed.reaches("UDP", 40002), SOON, "the mapping at the first line")
    assert routed.reaches("UDP", 40002, OTHER)


def test_the_administrators_port_on_any_line_is_not_ours(routed):
    routed.router.run(
        "nft",
        "-f",
        "-",
        input="table ip site { chain pre { type nat hook prerouting priority dstnat; "
        'iifname "wan1" tcp dport 40001 dnat to 192.168.50.11:80; }; }',
    )
    routed.daemon(firewall_backend=routed.backend, **ALL).start()
    point = ControlPoint(routed.lan1, LAN1)
    assert not point.add("TCP", 40001, 5000).ok
    assert point.add("TCP", 40003, 5000).ok


def test_check_names_the_rule_of_routing_that_is_missing(lines):
    daemon = lines.daemon(firewall_backend=lines.backend, **ALL).start()
    said = daemon.ctl("check").stdout
    assert "answers to what comes in by wan1 leave by another interface" in said
    assert "ip rule add fwmark 0x20000/0xff0000 lookup 102" in said
    lines.router.ip(
        f"route add default via {OTHER_HOST} dev wan1 table 102",
        "rule add fwmark 0x00020000/0x00ff0000 lookup 102",
    )
    assert "answers to what comes in by wan1 leave by it" in daemon.ctl("check").stdout
    assert ", all at once: wan0 wan1" in daemon.ctl("status").stdout


# He marks what hosts send, compares the mark when it is forwarded and behind that, and saves it.
SITE = """table ip site {
    chain prerouting {
        type filter hook prerouting priority mangle; policy accept;
        iifname "br-lan" meta mark set 0x00000001
    }
    chain forward {
        type filter hook forward priority mangle; policy accept;
        udp sport 5000 meta mark 0x00000001 counter comment "forwarded"
        udp sport 5000 meta mark != 0x00000001 counter comment "spoilt"
        ct mark set meta mark
    }
    chain postrouting {
        type filter hook postrouting priority mangle; policy accept;
        udp sport 5000 meta mark != 0x00000001 counter comment "spoilt"
        ct mark set meta mark
    }
}
"""


def test_others_see_their_own_marks_alone(routed):
    """Ours lives for one routing decision, beside theirs, and no connection keeps it"""
    routed.router.run("nft", "-f", "-", input=SITE)
    routed.daemon(firewall_backend=routed.backend, **ALL).start()
    assert ControlPoint(routed.lan1, LAN1).add("UDP", 40002, 5000).ok
    reply_leaves_by(routed, "UDP", 40002, OTHER, "wan1", "wan0")
    reply_leaves_by(routed, "UDP", 40002, ROUTER_WAN, "wan0", "wan1")
    listed = routed.router.run("nft", "list", "table", "ip", "site").stdout
    counted = re.findall(r'packets (\d+) bytes \d+ comment "(\w+)"', listed)
    assert all(int(count) == 0 for count, kind in counted if kind == "spoilt"), listed
    assert all(int(count) >= 20 for count, kind in counted if kind == "forwarded"), listed
    entries = routed.router.run("conntrack", "-L", "-p", "udp").stdout
    assert set(re.findall(r"mark=(\d+)", entries)) <= {"0", "1"}, entries
