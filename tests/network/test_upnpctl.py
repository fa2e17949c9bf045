# SPDX-License-Identifier: GPL-2.0-or-later
"""upnpctl beside the running daemon; what `check` says is compared with what packets do."""

import contextlib
import json
import os
import pathlib
import pwd
import socket

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    LAN2_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ROUTER_WAN,
    WAN_HOST6,
    ControlPoint,
    Lab,
    PortControlClient,
    firewalls,
    search,
    wait_until,
)
from lab.daemon import USER, binary
from lab.port_control import TCP, UDP, filter_option

PORT = 40001
ESP = 50
OK, REFUSED, MISUSED, NOT_RUNNING, NOT_PERMITTED = range(5)


def program():
    return pathlib.Path(binary()).parents[1] / "upnpctl/upnpctl"


class Ctl:
    def __init__(self, lab, daemon):
        self.lab, self.daemon = lab, daemon
        lab.router.run(
            "sh",
            "-c",
            "printf 'external_interface = wan0\\ninternal_interface = br-lan\\n' "
            f">> {daemon.configuration}",
        )

    def __call__(self, *words, user=None):
        prefix = (
            ["setpriv", "--reuid", str(pwd.getpwnam(user).pw_uid), "--clear-groups"] if user else []
        )
        return self.lab.router.run(
            *prefix, program(), "-c", self.daemon.configuration, *words, check=False
        )

    def check(self, *words):
        """The findings by code, and the exit status."""
        done = self("-j", "check", *words)
        return json.loads(done.stdout)["checks"], done.returncode

    def verdict(self, code, *words):
        checks, _ = self.check(*words)
        return next(item for item in checks if item["code"] == code)


@pytest.fixture(scope="module")
def running():
    with Lab() as lab:
        lab.echo(lab.lan1, 5000)
        daemon = lab.daemon(igd_version=1).start()
        yield lab, daemon, Ctl(lab, daemon)
        assert daemon.stop() == 0
        assert not daemon.control_socket.exists()


@pytest.fixture
def point(running):
    control_point = ControlPoint(running[0].lan1, LAN1)
    yield control_point
    for entry in control_point.listing():
        control_point.delete(entry["NewProtocol"], entry["NewExternalPort"], entry["NewRemoteHost"])


def test_status_names_what_there_is(running, point):
    _, _, ctl = running
    assert point.add("TCP", PORT, 5000).ok
    said = ctl()
    assert said.returncode == OK
    for words in (
        f"wan0 {ROUTER_WAN} (public)",
        "br-lan 192.168.50.1/24, HTTP port 49152",
        "nftables",
        "mappings  1",
    ):
        assert words in said.stdout
    assert json.loads(ctl("-j").stdout)["schema"] == 1


def test_list_and_delete(running, point):
    lab, daemon, ctl = running
    other = ControlPoint(lab.lan2, LAN2)
    assert point.add("TCP", PORT, 5000, LeaseDuration=3600, PortMappingDescription="Plex \u202e").ok
    assert point.add("UDP", PORT, 5000).ok and other.add("UDP", PORT + 1, 5000).ok
    listed = ctl("list").stdout
    assert (
        ("1h 00m" in listed or "59m" in listed) and "for ever" in listed and "\u202e" not in listed
    )
    assert len(ctl("list", "--client", LAN1).stdout.splitlines()) == 3
    assert len(ctl("list", "--proto", "udp").stdout.splitlines()) == 3
    assert ctl("del", f"tcp:{PORT}").returncode == OK
    assert not lab.reaches("TCP", PORT) and point.specific("TCP", PORT).code == 714
    assert "deleted by the administrator" in daemon.log
    assert ctl("del", f"tcp:{PORT}").returncode == REFUSED
    assert (
        ctl("del", "--client", LAN2).returncode == OK
        and other.specific("UDP", PORT + 1).code == 714
    )
    assert ctl("del", "--all").returncode == OK and point.listing() == []


def test_who_asked_and_the_pinholes():
    """One list for everything: UPnP, NAT-PMP, PCP, and pinholes of both kinds"""
    with Lab() as lab:
        lab.add_ipv6()
        daemon = lab.daemon().start()
        lab.lan1.ping(ROUTER_LAN6)
        point = ControlPoint(lab.lan1, LAN1)
        number = point.pinhole(LAN1_6, 5000, 17)["UniqueID"]
        assert point.add("TCP", PORT, 5000).ok
        with (
            PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as four,
            PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as six,
        ):
            assert four.pmp_map(UDP, 5001).code == 0 and four.map(UDP, 5002).code == 0
            six.ready()
            assert six.map(TCP, 5003, options=filter_option("2a0a:100::/64", 53)).code == 0

        ctl = Ctl(lab, daemon)
        listed = json.loads(ctl("-j", "list").stdout)
        assert {(each["internal_port"], each["via"]) for each in listed["mappings"]} == {
            (5000, "igd"),
            (5001, "nat-pmp"),
            (5002, "pcp"),
        }
        assert [
            (each["internal_port"], each["via"], each["from"], each.get("unique_id"))
            for each in listed["pinholes"]
        ] == [(5000, "igd", [], int(number)), (5003, "pcp", ["2a0a:100::/64@53"], None)]
        text = ctl("list").stdout
        assert "nat-pmp" in text and f"{LAN1_6}  5003  tcp" in text
        assert "pinholes  2" in ctl("status").stdout


@pytest.mark.parametrize("backend", BACKENDS)
def test_pinholes_are_deleted(backend):
    """By where they lead, with the claims of UPnP and PCP alike; and all of a client"""
    with Lab(forward="nft-drop") as lab:
        lab.add_ipv6()
        daemon = lab.daemon(firewall_backend=backend).start()
        ctl = Ctl(lab, daemon)
        lab.lan1.ping(ROUTER_LAN6)
        lab.echo(lab.lan1, 5000, socket.AF_INET6)
        point = ControlPoint(lab.lan1, LAN1)
        number, other = (point.pinhole(LAN1_6, 5000, kind)["UniqueID"] for kind in (UDP, TCP))
        assert point.pinhole(LAN1_6, 5000, UDP, remote=WAN_HOST6)["UniqueID"] != number
        with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as six:
            six.ready()
            assert (
                six.map(UDP, 5000).code == 0
                and six.map(TCP, 5001).code == 0
                and six.map(ESP, 0).code == 0
            )
        assert lab.reaches("UDP", 5000, LAN1_6) and lab.reaches("TCP", 5000, LAN1_6)
        pinhole = f"udp:[{LAN1_6}]:5000"
        assert ctl("del", pinhole, user="games").returncode == NOT_PERMITTED and lab.reaches(
            "UDP", 5000, LAN1_6
        )
        done = ctl("del", pinhole)
        assert (done.returncode, done.stdout) == (OK, "2 pinhole(s) deleted\n")
        assert not lab.reaches("UDP", 5000, LAN1_6) and lab.reaches("TCP", 5000, LAN1_6)
        assert point.of_pinhole("DeletePinhole", number).code == 704
        assert daemon.log.count("deleted by the administrator") == 2
        again = ctl("del", pinhole)
        assert again.returncode == REFUSED and "no such pinhole" in again.stderr
        assert ctl("del", f"[{LAN2_6}]:5000/tcp").returncode == REFUSED
        assert ctl("del", f"esp:[{LAN1_6}]").returncode == OK
        done = ctl("del", "--client", LAN1_6)
        assert (done.returncode, done.stdout) == (OK, "2 pinhole(s) deleted\n")
        assert (
            not lab.reaches("TCP", 5000, LAN1_6)
            and point.of_pinhole("DeletePinhole", other).code == 704
        )
        assert "pinholes  0" in ctl("status").stdout
        daemon.kill()
        assert "pinholes  0" in Ctl(lab, daemon.start())("status").stdout, (
            "nor are they in the lease file"
        )


def test_everybody_may_look_and_root_may_change(running, point):
    _, _, ctl = running
    assert point.add("TCP", PORT, 5000).ok
    assert str(PORT) in ctl("list", user="games").stdout
    for words in ("del", f"tcp:{PORT}"), ("del", "--all"), ("sync",):
        assert ctl(*words, user="games").returncode == NOT_PERMITTED
    assert point.specific("TCP", PORT).ok
    assert ctl("sync", user=USER).returncode == OK, "the daemon's own user may"


def test_a_long_list_comes_in_pages(running, point):
    _, _, ctl = running
    for port in range(50000, 50060):
        assert point.add("TCP", port, 5000).ok
    for port in range(50000, 50064):
        point.add("UDP", port, 5000)
    assert len(json.loads(ctl("-j", "list").stdout)["mappings"]) == len(point.listing())
    assert ctl("del", "--all").returncode == OK


@pytest.mark.parametrize(
    "words",
    [
        ("fly",),
        ("del",),
        ("del", "tcp:0"),
        ("del", "tcp:[::1]"),
        ("check", "5/sctp"),
        ("list", "--client"),
        ("-s",),
        ("status", "now"),
    ],
)
def test_wrong_usage(running, words):
    said = running[2](*words)
    assert said.returncode == MISUSED and said.stderr.startswith("upnpctl: ")


def test_strangers_bytes_do_no_harm(running):
    """Too long, empty, nonsense; sixteen idle connections keep nobody out"""
    _, daemon, ctl = running
    for text in (
        b"x" * 5000,
        b"list 99999999999",
        b"delete",
        b"\xff\xfe",
        b"list -1",
        b"clear now",
        b"close udp ::1",
        b"close udp 1 1",
    ):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stranger:
            stranger.connect(str(daemon.control_socket))
            stranger.send(text)
            stranger.settimeout(2)
            answer = stranger.recv(65536)
            assert answer == b"" if len(text) > 4096 else json.loads(answer)["error"] == "usage", (
                text,
                answer,
            )
    idle = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(40)]
    for item in idle:
        item.setblocking(False)
        item.connect_ex(str(daemon.control_socket))
    assert ctl().returncode == OK
    for item in idle:
        item.close()


def test_without_a_daemon():
    with Lab() as lab:
        daemon = lab.daemon()
        ctl = Ctl(lab, daemon)
        for words in (), ("list",), ("del", "--all"):
            said = ctl(*words)
            assert said.returncode == NOT_RUNNING and "upnpd is not running" in said.stderr
        checks, status = ctl.check()
        assert status == OK and any("not running" in item["text"] for item in checks)


def test_a_socket_left_by_a_killed_daemon_is_replaced(lab):
    daemon = lab.daemon().start()
    daemon.kill()
    assert daemon.control_socket.exists()
    daemon.start()
    assert Ctl(lab, daemon)().returncode == OK


# -- check -----------------------------------------------------------------------------------------


CLOSED = {
    "nft": (firewalls.nft_policy_drop, "inet filter forward policy"),
    "nft, a rule": (firewalls.nft_final_reject, "inet filter forward rule 4"),
    "nft, a chain": (firewalls.nft_shared_chain, "inet filter common rule 4"),
    "iptables-nft": (firewalls.policy_drop("iptables-nft"), "ip filter FORWARD policy"),
    "iptables-nft, a chain": (firewalls.shared_chain("iptables-nft"), "ip filter firewall rule 5"),
    "iptables-legacy": (firewalls.policy_drop("iptables-legacy"), "legacy filter FORWARD policy"),
    "iptables-legacy, a chain": (
        firewalls.shared_chain("iptables-legacy"),
        "legacy filter firewall rule 5",
    ),
    "ufw": (firewalls.ufw, "ip filter"),
    "firewalld": (firewalls.firewalld, "inet firewalld"),
    "Shorewall": (firewalls.shorewall, "ip filter"),
    "Docker": (firewalls.docker, "ip filter FORWARD policy"),
}


@pytest.mark.parametrize("name", CLOSED)
def test_check_agrees_with_packets(name):
    """For each firewall that the daemon has opened: what is said of a mapping is what packets do"""
    lay, _ = CLOSED[name]
    with Lab(masquerade=False) as lab, lay(lab):
        lab.echo(lab.lan1, 5000)
        ctl = Ctl(lab, lab.daemon().start())
        point = ControlPoint(lab.lan1, LAN1)
        assert point.add("TCP", PORT, 5000).ok and point.add("UDP", PORT, 5000).ok
        checks, status = ctl.check()
        mappings = [item for item in checks if item["code"] == "MAP-01"]
        assert [item["verdict"] for item in mappings] == ["ok", "ok"], mappings
        assert lab.reaches("TCP", PORT) and lab.reaches("UDP", PORT)
        assert status == 0, checks


@pytest.mark.parametrize("name", [name for name in CLOSED if name != "firewalld"])
def test_what_stays_closed_is_not_granted(name):
    """insert_forward_rules = no: clients are refused, and check names the rule that stops the
    packets. (firewalld forwards every translated flow by itself.)"""
    lay, stopped_by = CLOSED[name]
    with Lab(masquerade=False) as lab, lay(lab):
        ctl = Ctl(lab, lab.daemon(insert_forward_rules="no").start())
        assert ControlPoint(lab.lan1, LAN1).add("TCP", PORT, 5000).code in (606, 718)
        finding = ctl.verdict("MAP-02", f"{PORT}/tcp")
        assert finding["verdict"] == "FAIL" and f"STOPPED by {stopped_by}" in finding["text"]


def test_check_of_a_port_that_nobody_mapped():
    with Lab(forward="nft-drop") as lab:
        daemon = lab.daemon().start()
        ctl = Ctl(lab, daemon)
        finding = ctl.verdict("MAP-02", f"{PORT}/udp")
        assert (
            finding["verdict"] == "note"
            and "nobody mapped it" in finding["text"]
            and "reaches" in finding["text"]
        )
        daemon.stop()
        finding = ctl.verdict("MAP-02", f"{PORT}/udp")
        assert finding["verdict"] == "FAIL" and "inet filter forward policy" in finding["text"]


def test_check_says_unknown_and_never_guesses():
    """A match on chance decides: nobody can say beforehand"""
    with Lab() as lab:
        lab.router.run(
            "iptables-nft",
            "-A",
            "FORWARD",
            "-m",
            "statistic",
            "--mode",
            "random",
            "--probability",
            "0.5",
            "-j",
            "DROP",
        )
        daemon = lab.daemon(insert_forward_rules="no").start()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", PORT, 5000).ok
        finding = Ctl(lab, daemon).verdict("MAP-01")
        assert finding["verdict"] == "unknown" and "--probability" in finding["text"]
        lab.router.run("iptables-nft", "-I", "FORWARD", "-j", "DROP")
        assert Ctl(lab, daemon).verdict("MAP-01")["verdict"] == "FAIL", (
            "what cannot be judged does not matter here"
        )


def test_check_finds_what_else_stops_traffic():
    with Lab(masquerade=False) as lab:
        daemon = lab.daemon().start()
        ctl = Ctl(lab, daemon)
        assert ctl.verdict("NAT-01")["verdict"] == "FAIL"
        lab.router.run(
            "nft",
            "add table ip n; add chain ip n p { type nat hook postrouting priority srcnat; }; "
            'add rule ip n p oifname "wan0" masquerade',
        )
        assert ctl.verdict("NAT-01")["verdict"] == "ok"
        assert ctl.verdict("FWD-01")["verdict"] == "ok"
        lab.router.sysctl(net__ipv4__ip_forward=0)
        assert ctl.verdict("FWD-01")["verdict"] == "FAIL"
        assert ctl.verdict("WAN-02")["verdict"] == "ok"
        for address, kind in ("10.1.2.3", "RFC 1918"), ("100.71.3.4", "RFC 6598"):
            lab.router.ip("addr flush dev wan0", f"addr add {address}/24 dev wan0")
            finding = ctl.verdict("WAN-02")
            assert finding["verdict"] == "FAIL" and kind in finding["text"]
        lab.router.ip("addr flush dev wan0")
        assert ctl.verdict("WAN-01")["verdict"] == "FAIL"


@pytest.mark.parametrize(
    "port, code",
    [
        ("1900/udp", "LAN-02"),
        ("1900/udp", "LAN-03"),
        ("49152/tcp", "LAN-04"),
        ("5351/udp", "LAN-05"),
    ],
)
def test_check_finds_a_closed_lan_side(port, code):
    number, protocol = port.split("/")
    with Lab() as lab:
        daemon = lab.daemon().start()
        ctl = Ctl(lab, daemon)
        assert ctl.verdict(code)["verdict"] == "ok"
        lab.router.run(
            "iptables-nft",
            "-A",
            "INPUT",
            "-i",
            "br-lan",
            "-p",
            protocol,
            "--dport",
            number,
            "-j",
            "REJECT",
        )
        finding = ctl.verdict(code)
        assert finding["verdict"] == "FAIL" and "ip filter INPUT rule 1" in finding["text"]
        assert f"-I INPUT -i br-lan -p {protocol} --dport {number} -j ACCEPT" in finding["remedy"]


def test_check_without_the_right_to_read_rules(running, point):
    _, _, ctl = running
    assert point.add("TCP", PORT, 5000).ok
    said = ctl("check", user="games")
    assert "can be judged by root only" in said.stdout and "WAN-01" in said.stdout


def test_a_translation_of_the_administrators_own_is_told_apart():
    with Lab() as lab:
        daemon = lab.daemon().start()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", PORT, 5000).ok
        lab.router.run(
            "nft",
            "add table ip n; add chain ip n p { type nat hook prerouting priority dstnat; }; "
            f'add rule ip n p iifname "wan0" tcp dport {PORT} dnat to {LAN2}:7000',
        )
        finding = Ctl(lab, daemon).verdict("MAP-01")
        assert finding["verdict"] == "FAIL" and f"sends it to {LAN2}:7000" in finding["text"]


def hold(stack, lab, family, kind, port):
    """A program on the router has that port on every address."""
    other = stack.enter_context(lab.router.socket(family, kind))
    other.bind(("", port))
    if kind == socket.SOCK_STREAM:
        other.listen()


def test_ports_of_another_program_are_named_and_opened_when_they_are_free(lab):
    """For searches and for NAT-PMP, at the start; what could not be opened is opened by itself"""
    lab.add_ipv6()
    with contextlib.ExitStack() as stack:
        hold(stack, lab, socket.AF_INET6, socket.SOCK_DGRAM, 1900)
        hold(stack, lab, socket.AF_INET, socket.SOCK_DGRAM, 5351)
        daemon = lab.daemon().start()
        ctl = Ctl(lab, daemon)
        wait_until(lambda: "UDP port 1900 of ff02::c" in ctl("status").stdout, 3, "the searches")
        assert "UDP port 5351 of 192.168.50.1" in ctl("status").stdout
        found = [item for item in ctl.check()[0] if item["code"] == "LAN-06"]
        own = f"(pid {os.getpid()}) has it"
        assert len(found) >= 5 and all(own in item["text"] for item in found if "port" in item)
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        wait_until(lambda: client.ask(b"\0\0", 0.2), 10, "NAT-PMP")
    for group, host in ("239.255.255.250", "239.255.255.250:1900"), ("ff02::c", "[FF02::C]:1900"):
        sought = dict(to=(group, 1900), host=host, expect=1, timeout=0.5)
        wait_until(
            lambda how=sought: search(lab.lan1, "upnp:rootdevice", **how), 10, f"{group} in use"
        )
    wait_until(lambda: "tried again" not in ctl("status").stdout, 10, "the rest")
    failures = [line for line in daemon.log.splitlines() if "it is tried again" in line]
    assert failures and len(failures) == len(set(failures))
    assert "UDP port 5351 of 192.168.50.1 is open now" in daemon.log


def test_who_keeps_the_daemon_from_starting_is_named(lab):
    ctl = Ctl(lab, lab.daemon(listenport=49200))
    assert not [item for item in ctl.check()[0] if item["code"] == "LAN-06"]
    with contextlib.ExitStack() as stack:
        hold(stack, lab, socket.AF_INET, socket.SOCK_STREAM, 49200)
        text = ctl.verdict("LAN-06")["text"]
    assert "TCP port 49200" in text and f"(pid {os.getpid()}) has it" in text


def test_without_its_http_port_a_lan_has_nat_pmp(lab):
    """The port is taken when the interface gets its address, long after the daemon's start"""
    lab.router.ip("addr flush dev br-lan")
    daemon = lab.daemon(listenport=49200)
    daemon.launch()
    daemon.wait_for_log("waiting for its address")
    with contextlib.ExitStack() as stack:
        hold(stack, lab, socket.AF_INET, socket.SOCK_STREAM, 49200)
        lab.router.ip(f"addr add {ROUTER_LAN}/24 brd + dev br-lan")
        with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
            wait_until(lambda: client.ask(b"\0\0", 0.2), 5, "NAT-PMP")
        ctl = Ctl(lab, daemon)
        assert "TCP port 49200" in ctl("status").stdout
        assert f"pid {os.getpid()}" in ctl.verdict("LAN-06")["text"]
        assert len(daemon.front_ends()) == 1
    wait_until(
        lambda: search(lab.lan1, "upnp:rootdevice", to=(ROUTER_LAN, 1900), expect=1, timeout=0.5),
        10,
        "UPnP",
    )
    assert ControlPoint(lab.lan1, LAN1).port == 49200
    assert daemon.log.count("TCP port 49200") == 2, "once taken, once open"
