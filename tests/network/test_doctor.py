# SPDX-License-Identifier: GPL-2.0-or-later
"""Broken set-ups of one router, and what `upnpctl check` says of each. Before: packets do not pass,
and check fails with the code. Then its advice is typed as printed, and packets pass."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    ROUTER_LAN,
    ROUTER_LAN6,
    WAN_HOST,
    WAN_HOST6,
    ControlPoint,
    Lab,
    PortControlClient,
    search,
    wait_until,
)
from lab.daemon import binary
from lab.port_control import TCP
from lab.topology import ROUTER_WAN6

PORT = 40001
REMOTE = "81.2.69.142"  # behind the WAN host: reached by the default route alone
SILENCE = 0.15
INTERFACES = ("external_interface = wan0", "internal_interface = br-lan")


# -- whether packets pass ------------------------------------------------------------------------


def tcp(lab, timeout):
    return lab.reaches("TCP", PORT, timeout=timeout, from_address=REMOTE)


def udp(lab, timeout):
    return lab.reaches("UDP", PORT, timeout=timeout, from_address=REMOTE)


def near(lab, timeout):
    return lab.reaches("TCP", PORT, timeout=timeout)


def pinhole(lab, timeout):
    return lab.reaches("TCP", 5000, LAN1_6, timeout=timeout)


def hairpin(lab, timeout):
    return lab.reaches("UDP", PORT, source=lab.lan1, timeout=timeout)


def out(lab, timeout):
    return lab.reaches("UDP", 7, host=WAN_HOST, source=lab.lan1, timeout=timeout)


def searched(lab, timeout):
    return search(lab.lan1, "upnp:rootdevice", to=(ROUTER_LAN, 1900), expect=1, timeout=timeout)


def sought(lab, timeout):
    return search(lab.lan1, "upnp:rootdevice", expect=1, timeout=timeout)


def page(lab, timeout):
    with lab.lan1.socket() as client:
        client.settimeout(timeout)
        try:
            client.connect((ROUTER_LAN, 49152))
            client.send(b"GET / HTTP/1.1\r\nHost: 192.168.50.1:49152\r\n\r\n")
            return client.recv(1)
        except OSError:
            return None


def nat_pmp(lab, timeout):
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        return client.ask(b"\0\0", timeout)


def pcp6(lab, timeout):
    with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as client:
        return client.ask(b"\2\0" + bytes(22), timeout)


def loopback(lab, timeout):
    with lab.router.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind(("127.0.0.1", 0))
        own.settimeout(timeout)
        own.sendto(b"x", own.getsockname())
        try:
            return own.recv(1)
        except OSError:
            return None


# -- the table -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Broken:
    by: tuple  # lines that break it, as root types them
    code: str
    says: str
    passes: Callable = tcp
    verdict: str = "FAIL"
    undo: tuple = ()  # where the advice leaves something behind
    mend: tuple = ()  # by other means than a line that check prints


def chain(hook, rule, kind="filter", family="inet", priority="0"):
    """A table of the administrator's, with one rule."""
    return (
        f"nft 'add table {family} his; add chain {family} his {hook.split()[0]} "
        f"{{ type {kind} hook {hook} priority {priority}; }}; "
        f"add rule {family} his {hook.split()[0]} {rule}'",
    )


def sysctl(*settings):
    return tuple(f"sysctl -qw {setting}" for setting in settings)


UNDO = ("nft delete table inet his", "nft delete table ip his", "nft delete table netdev his")
FLUSHED = ("iptables-nft -F", "iptables-nft -t raw -F")
MASQUERADED = (
    "nft delete table ip nat",
    "nft 'add table ip lab_nat; add chain ip lab_nat postrouting "
    "{ type nat hook postrouting priority srcnat; }; "
    'add rule ip lab_nat postrouting oifname "wan0" masquerade\'',
)
GATEWAY = (f"ip route replace default via {WAN_HOST}",)
STRICT = (  # answers leave by wan0 for their mark, which the filter does not see
    "nft 'add table ip his; "
    "add chain ip his marking { type filter hook prerouting priority -150; }; "
    "add rule ip his marking iifname br-lan meta mark set 1'",
    "ip rule add fwmark 1 lookup 100",
    f"ip route add default via {WAN_HOST} table 100",
    f"ip route replace default via {LAN2} dev br-lan",
    *sysctl("net.ipv4.conf.wan0.rp_filter=1"),
)
NOT_STRICT = (
    "ip rule del fwmark 1 lookup 100",
    "ip route flush table 100",
    *GATEWAY,
    *sysctl("net.ipv4.conf.wan0.rp_filter=0"),
)
LEFT = f"dport {PORT}"

BROKEN = {
    "forwarding is off": Broken(sysctl("net.ipv4.ip_forward=0"), "FWD-01", "forwarding is off"),
    "forwarding is off, the mapping": Broken(
        sysctl("net.ipv4.ip_forward=0"), "MAP-01", "is not reached: IP forwarding is off"
    ),
    "one interface does not forward": Broken(
        sysctl("net.ipv4.conf.wan0.forwarding=0"), "FWD-01", "off on wan0"
    ),
    "no default route": Broken(("ip route del default",), "WAN-03", "no route", undo=GATEWAY),
    "default route elsewhere": Broken(
        (f"ip route replace default via {LAN2} dev br-lan",),
        "WAN-03",
        "leave by br-lan, not by wan0",
        undo=GATEWAY,
    ),
    "reverse path filter": Broken(STRICT, "WAN-04", "rp_filter=1", undo=NOT_STRICT),
    "a blackhole": Broken(
        (f"ip route add blackhole {LAN1}",),
        "MAP-01",
        "blackhole",
        mend=(f"ip route del blackhole {LAN1}",),
    ),
    "the port of the client": Broken(
        chain("forward", "tcp dport 5000 drop"), "MAP-01", "inet his forward rule 1"
    ),
    "the client": Broken(
        chain("forward", f"ip daddr {LAN1} drop"), "MAP-01", f"ip daddr {LAN1} drop"
    ),
    "answers of the client": Broken(
        chain("forward", f"ip saddr {LAN1} tcp sport 5000 drop"), "MAP-01", "its answers are"
    ),
    "a late table": Broken(
        chain("forward", "tcp dport 5000 drop", priority="300"), "MAP-01", "inet his forward"
    ),
    "raw": Broken(
        chain("prerouting", f"udp {LEFT} drop", priority="-300"), "MAP-01", "his prerouting", udp
    ),
    "notrack": Broken(
        chain("prerouting", f"tcp {LEFT} notrack", priority="-300"), "MAP-01", "his prerouting"
    ),
    "answers in raw": Broken(
        chain("prerouting", 'iifname "br-lan" tcp sport 5000 drop', priority="-300"),
        "MAP-01",
        "its answers are STOPPED by inet his prerouting",
    ),
    "ingress": Broken(
        chain("ingress device wan0", f"tcp {LEFT} drop", family="netdev"), "MAP-01", "netdev his"
    ),
    "egress": Broken(
        chain("egress device br-lan", "tcp dport 5000 drop", family="netdev"),
        "MAP-01",
        "netdev his",
    ),
    "behind routing": Broken(
        chain("postrouting", "tcp dport 5000 drop"), "MAP-01", "inet his postrouting"
    ),
    "a forward of the administrator's": Broken(
        chain("prerouting", f"tcp {LEFT} dnat to {LAN2}:7000", "nat", "ip", "-100"),
        "MAP-01",
        f"sends it to {LAN2}:7000: ip his prerouting rule 1: tcp {LEFT} dnat",
    ),
    "a redirect": Broken(
        chain("prerouting", f"tcp {LEFT} redirect to :22", "nat", "ip", "-100"),
        "MAP-01",
        "sends it to the router itself",
    ),
    "iptables": Broken(
        ("iptables-nft -I FORWARD -p tcp --dport 5000 -j DROP",),
        "MAP-01",
        "ip filter FORWARD rule 1",
        undo=FLUSHED,
    ),
    "raw of iptables": Broken(
        (f"iptables-nft -t raw -A PREROUTING -p tcp --{LEFT} -j DROP",),
        "MAP-01",
        "ip raw PREROUTING rule 1",
        undo=FLUSHED,
    ),
    "no masquerade": Broken(
        ("nft flush chain ip lab_nat postrouting",), "NAT-01", "not masqueraded", out
    ),
    "no masquerade, no table": Broken(
        ("nft delete table ip lab_nat",),
        "NAT-01",
        "not masqueraded",
        out,
        undo=MASQUERADED,
    ),
    "nothing gets out": Broken(
        chain("forward", 'iifname "br-lan" ct state new drop'), "NAT-01", "his forward", out
    ),
    "searches": Broken(
        chain("input", "ip daddr != 239.0.0.0/8 udp dport 1900 drop"), "LAN-02", "his input",
        searched,
    ),
    "searches by multicast": Broken(
        chain("input", "ip daddr 239.0.0.0/8 drop"), "LAN-03", "his input", sought
    ),
    "HTTP": Broken(chain("input", "tcp dport 49152 drop"), "LAN-04", "his input", page),
    "NAT-PMP": Broken(
        ("iptables-nft -A INPUT -i br-lan -p udp --dport 5351 -j DROP",),
        "LAN-05",
        "ip filter INPUT rule 1",
        nat_pmp,
        undo=FLUSHED,
    ),
    "PCP over IPv6": Broken(
        chain("input", "ip6 nexthdr udp udp dport 5351 drop"), "LAN-05", "by IPv6", pcp6
    ),
    "loopback": Broken(
        chain("input", 'iifname "lo" drop'), "LAN-09", "his input", loopback, verdict="note"
    ),
    "a bridge that is filtered": Broken(
        sysctl("net.bridge.bridge-nf-call-iptables=1"),
        "LAN-07",
        "behind one port of the bridge",
        hairpin,
        verdict="note",
    ),
    "a pinhole": Broken(
        chain("forward", f"ip6 daddr {LAN1_6} tcp dport 5000 drop"), "PIN-01", "his", pinhole
    ),
    "forwarding of IPv6": Broken(
        sysctl("net.ipv6.conf.all.forwarding=0"), "PIN-01", "forwarding of IPv6 is off", pinhole
    ),
    "the client is not there": Broken(
        ("ip link set port1 down",),
        "MAP-01",
        f"no host answers there as {LAN1}",
        mend=("ip link set port1 up",),
    ),
    "the line is down": Broken(
        ("ip link set wan0 down",),
        "WAN-01",
        "wan0 is down",
        near,
        undo=(
            *GATEWAY,
            f"ip -6 addr replace {ROUTER_WAN6}/64 dev wan0 nodad",
            f"ip -6 route replace default via {WAN_HOST6}",
        ),
    ),
    "legacy iptables": Broken(
        (f"iptables-legacy -t raw -A PREROUTING -p tcp --{LEFT} -j DROP",),
        "MAP-01",
        "legacy raw PREROUTING rule 1",
        undo=("iptables-legacy -t raw -F",),
    ),
}


# -- the router ----------------------------------------------------------------------------------


def type_all(lab, *lines, check=True):
    for line in lines:
        lab.router.run("sh", "-c", line, check=check)


@pytest.fixture(scope="module")
def lab():
    with Lab().add_ipv6() as lab:
        type_all(lab, *sysctl("net.bridge.bridge-nf-call-iptables=0"))
        lab.wan.ip(f"addr add {REMOTE}/32 dev eth0")
        lab.echo(lab.lan1, 5000, socket.AF_INET6)
        lab.echo(lab.wan, 7)
        lab.lan1.ping(ROUTER_LAN6)
        lab.shared = lab.daemon()
        lab.shared.configure(INTERFACES)
        lab.shared.start()
        point = ControlPoint(lab.lan1, LAN1)
        assert point.add("TCP", PORT, 5000).ok and point.add("UDP", PORT, 5000).ok
        assert point.pinhole(LAN1_6, 5000, TCP).ok
        yield lab
        assert lab.shared.stop() == 0


def check(lab):
    """The findings, and the exit status."""
    said = lab.shared.ctl("-c", lab.shared.configuration, "-j", "check")
    return json.loads(said.stdout)["checks"], said.returncode


def passes(case, lab):
    wait_until(lambda: case.passes(lab, SILENCE), 3, "packets that pass")
    return True


def failures(checks):
    return [item for item in checks if item["verdict"] == "FAIL"]


def test_a_router_that_is_well(lab):
    checks, status = check(lab)
    assert status == 0 and not failures(checks), failures(checks)
    assert {"WAN-03", "WAN-04", "LAN-08", "MAP-01", "PIN-01"} <= {
        item["code"] for item in checks if item["verdict"] == "ok"
    }
    for probe in (tcp, udp, pinhole, hairpin, out, searched, page, nat_pmp, pcp6, loopback):
        wait_until(lambda probe=probe: probe(lab, SILENCE), 3, probe.__name__)


@pytest.mark.parametrize("name", BROKEN)
def test_broken(lab, name):
    case = BROKEN[name]
    type_all(lab, *case.by)
    try:
        assert not case.passes(lab, SILENCE), "nothing is broken"
        checks, status = check(lab)
        found = [
            item
            for item in checks
            if (item["code"], item["verdict"]) == (case.code, case.verdict)
            and case.says in item["text"]
        ]
        assert found, [item for item in checks if item["verdict"] != "ok"]
        assert status == (1 if case.verdict == "FAIL" else 0)
        advice = case.mend or (found[0]["command"],)
        assert all(advice), found
        type_all(lab, *advice)
        assert passes(case, lab), advice
        about = found[0]["text"].split("  ")[0]
        left = [item["text"] for item in check(lab)[0] if item["code"] == case.code]
        assert not [text for text in left if text.startswith(about) and case.says in text]
    finally:
        type_all(lab, *UNDO, *case.undo, check=False)


def test_a_front_end_that_hangs(lab):
    """Its sockets are open, and nobody answers"""
    stopped = lab.shared.front_ends()[0]
    os.kill(stopped, signal.SIGSTOP)
    try:
        checks, status = check(lab)
        assert status == 1
        assert any(item["code"] == "LAN-08" for item in failures(checks)), checks
    finally:
        os.kill(stopped, signal.SIGCONT)
    wait_until(lambda: not failures(check(lab)[0]), 3, "a router that is well")


# -- check --live --------------------------------------------------------------------------------


def live(lab, *words, send=lambda: None):
    """The text and the exit status, of a packet that `send` sends while check waits for it."""
    command = lab.router.command(
        pathlib.Path(binary()).parents[1] / "upnpctl/upnpctl",
        *("-s", lab.shared.control_socket, "check", "--live", *words),
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as waiting:
        first = waiting.stdout.readline()
        assert "waiting for a packet to wan0" in first
        end = time.monotonic() + 5
        while waiting.poll() is None and time.monotonic() < end:
            send()
            time.sleep(0.1)
        said = waiting.stdout.read()
        return said, waiting.wait(5)


def test_a_packet_is_followed(lab):
    said, status = live(lab, f"{PORT}/tcp", send=lambda: tcp(lab, 0.4))
    assert status == 0, said
    for words in (
        f" -> 80.100.100.1:{PORT} arrived at wan0",
        f"translated to {LAN1}:5000, it left by br-lan",
        "answered, and the answer left by wan0",
    ):
        assert words in said, said


def test_a_packet_is_kept_back(lab):
    type_all(lab, *chain("forward", "udp dport 5000 drop"))
    try:
        said, status = live(lab, str(PORT), send=lambda: udp(lab, 0.1))
    finally:
        type_all(lab, *UNDO, check=False)
    assert status == 1
    assert "STOPPED by inet his forward rule 1: udp dport 5000 drop" in said


def test_a_packet_that_never_comes(lab):
    before = time.monotonic()
    said, status = live(lab, "--wait", "1", f"{PORT}/udp")
    assert status == 1 and "LIVE-01  FAIL     nothing arrived at wan0" in said
    assert time.monotonic() - before < 3


def test_the_start_warns_of_forwarding(lab):
    type_all(lab, *sysctl("net.ipv4.ip_forward=0"))
    try:
        assert lab.shared.stop() == 0
        lab.shared.start()
        assert "system: IP forwarding is off" in lab.shared.log
    finally:
        type_all(lab, *sysctl("net.ipv4.ip_forward=1"))
