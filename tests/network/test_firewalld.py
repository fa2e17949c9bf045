# SPDX-License-Identifier: GPL-2.0-or-later
"""A real firewalld >= 2.2, in whose table nobody else writes: what clients were granted passes by
its own policy "upnpd". It is that of a Debian 13 in the folder $UPNPD_DEBIAN_13 (tests/README.md
says how to make one)."""

import contextlib
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import time

import pytest

from lab import (
    LAN1,
    LAN1_6,
    ROUTER_LAN6,
    ControlPoint,
    Lab,
    PortControlClient,
    firewalls,
    wait_until,
)
from lab.daemon import USER, binary
from lab.service_manager import Service
from lab.toolbox import System

DEBIAN_13 = os.environ.get("UPNPD_DEBIAN_13")
INIT = pathlib.Path(__file__).resolve().parents[2] / "init"
PORT = 40001
UDP = 17

pytestmark = pytest.mark.skipif(
    DEBIAN_13 is None, reason="UPNPD_DEBIAN_13 names no folder with a Debian 13 and firewalld"
)


class Case:
    def __init__(self, lab, firewalld):
        self.lab, self.firewalld = lab, firewalld
        self.point = None

    def make_policy(self):
        """The one that the installation brings"""
        text = (INIT / "upnpd.policy.xml").read_text(encoding="utf-8")
        self.firewalld.tools.write("/etc/firewalld/policies/upnpd.xml", text)

    def start_polkit(self, *rules):
        """In a system whose accounts call the daemon's "upnpd" """
        tools = self.firewalld.tools
        number = pwd.getpwnam(USER).pw_uid
        tools.run("sed", "-i", f"1i upnpd:x:{number}:{number}::/:/bin/false", "/etc/passwd")
        for rule in rules:
            text = (INIT / rule).read_text(encoding="utf-8")
            tools.write(f"/usr/share/polkit-1/rules.d/{rule}", text)
        bus = "DBUS_SYSTEM_BUS_ADDRESS=" + firewalls.BUS_ADDRESS
        tools.background("env", bus, "/usr/lib/polkit-1/polkitd", "--no-debug")
        name = "org.freedesktop.PolicyKit1"
        ask = ("env", bus, "dbus-send", "--system", "--print-reply", "--dest=" + name)
        ping = (*ask, "/" + name.replace(".", "/"), "org.freedesktop.DBus.Peer.Ping")
        wait_until(lambda: tools.run(*ping, check=False).returncode == 0, 10, "polkit")

    def serve(self, bus=firewalls.BUS_ADDRESS, root=True):
        """A daemon that has begun, and a client of it; without `root` as systemd starts it"""
        daemon = self.lab.daemon() if root else Service(self.lab.router)
        daemon.prefix = ["env", "DBUS_SYSTEM_BUS_ADDRESS=" + bus]
        daemon.start()
        self.point = ControlPoint(self.lab.lan1, LAN1)
        return daemon

    def restart_firewalld(self):
        self.firewalld.stop()
        self.firewalld.start()

    def opened(self):
        """The pinhole's id"""
        return self.point.pinhole(LAN1_6, 5000, UDP)["UniqueID"]

    def reaches_pinhole(self, protocol="UDP"):
        return self.lab.reaches(protocol, 5000, LAN1_6)

    def reaches_mapping(self, protocol="TCP"):
        return self.lab.reaches(protocol, PORT)

    def rules(self):
        return self.firewalld.cmd("--policy=upnpd", "--list-rich-rules").stdout.strip().splitlines()

    def table(self):
        return self.firewalld.tools.run("nft", "list", "table", "inet", "firewalld").stdout


@contextlib.contextmanager
def lay(*changes, start=True, policy=True):
    """changes: of firewalld.conf, by key"""
    with Lab(masquerade=False) as lab, System(lab.router, DEBIAN_13) as tools:
        lab.add_ipv6()
        lab.echo(lab.lan1, 5000, socket.AF_INET6)
        lab.lan1.ping(ROUTER_LAN6)
        for key, value in changes:
            tools.run("sed", "-i", f"s/^{key}=.*/{key}={value}/", "/etc/firewalld/firewalld.conf")
        case = Case(lab, firewalls.Firewalld(tools))
        if policy:
            case.make_policy()
        if start:
            case.firewalld.start()
        yield case


def lines_of(daemon):
    """The lines about the firewall that an administrator reads"""
    return [
        line
        for line in daemon.log.splitlines()
        if "firewall" in line and "debug" not in line and "info" not in line
    ]


@pytest.mark.parametrize("strict", ["no", "yes"])
def test_openings_pass_and_nothing_else(strict):
    with lay(("StrictForwardPorts", strict)) as case:
        before = case.table()
        assert "flags owner,persist" in before
        daemon = case.serve()
        assert not case.reaches_pinhole() and not case.reaches_mapping()
        unique_id = case.opened()
        assert case.reaches_pinhole() and not case.reaches_pinhole("TCP")
        assert case.point.add("TCP", PORT, 5000).ok
        assert case.reaches_mapping() and not case.reaches_mapping("UDP")
        assert not case.lab.reaches("TCP", PORT + 1)
        assert len(case.rules()) == (2 if strict == "yes" else 1)
        assert case.point.add("TCP", PORT, 5000).ok  # a renewal
        assert case.point.delete("TCP", PORT).ok
        assert case.point.of_pinhole("DeletePinhole", unique_id).ok
        wait_until(lambda: not case.reaches_pinhole(), 3, "the pinhole's end")
        wait_until(lambda: not case.reaches_mapping(), 3, "the mapping's end")
        wait_until(lambda: case.table() == before, 3, "the table as it was")
        assert len(lines_of(daemon)) < 4, lines_of(daemon)
        assert daemon.stop() == 0


@pytest.mark.parametrize("strict", ["no", "yes"])
def test_a_reload_and_a_restart_lose_nothing(strict):
    with lay(("StrictForwardPorts", strict)) as case:
        daemon = case.serve()
        case.opened()
        assert case.point.add("TCP", PORT, 5000).ok
        lines = len(lines_of(daemon))
        for again in case.firewalld.reload, case.restart_firewalld, case.firewalld.reload:
            again()
            wait_until(case.reaches_pinhole, 5, "the pinhole")
            wait_until(case.reaches_mapping, 5, "the mapping")
            assert case.opened()  # a renewal
        assert len(lines_of(daemon)) - lines <= 15, lines_of(daemon)
        assert daemon.stop() == 0
        assert case.rules() == []
        assert not case.reaches_pinhole() and not case.reaches_mapping()


def test_firewalld_may_come_later():
    with lay(start=False) as case:
        daemon = case.serve()
        case.opened()
        assert case.reaches_pinhole()
        case.firewalld.start()
        wait_until(case.reaches_pinhole, 5, "the pinhole")
        assert not case.reaches_pinhole("TCP")
        assert len(case.rules()) == 1
        assert len(lines_of(daemon)) < 8, lines_of(daemon)


def test_what_a_killed_daemon_left_is_taken_over_or_cleaned_up():
    with lay() as case:
        daemon = case.serve()
        case.opened()
        daemon.kill()
        assert len(case.rules()) == 1
        daemon.lease_file.unlink()
        daemon.start()
        wait_until(lambda: case.rules() == [], 3, "an empty policy")
        case.point = ControlPoint(case.lab.lan1, LAN1)
        case.opened()
        daemon.kill()
        assert len(case.rules()) == 1
        case.lab.router.run(*daemon.prefix, binary(), "--cleanup")
        assert case.rules() == []


def test_pcp_over_ipv6():
    with lay() as case:
        daemon = case.serve()
        with PortControlClient(case.lab.lan1, LAN1_6, ROUTER_LAN6) as client:
            assert client.map(UDP, 5000).code == 0
            assert case.reaches_pinhole() and not case.reaches_pinhole("TCP")
        assert daemon.stop() == 0


def test_many_clients_wait_together():
    """firewalld takes some 30 ms for each change, and the loop none"""
    with lay() as case:
        case.serve()
        for port in range(6000, 6020):
            begun = time.monotonic()
            assert case.point.pinhole(LAN1_6, port, UDP).ok
            assert time.monotonic() - begun < 1
        assert len(case.rules()) == 20


def test_one_that_does_not_answer_holds_up_nobody_else():
    with lay() as case:
        daemon = case.serve()
        case.opened()
        case.firewalld.process.send_signal(signal.SIGSTOP)
        try:
            begun = time.monotonic()
            assert not case.point.pinhole(LAN1_6, 5001, UDP).ok
            assert 1 < time.monotonic() - begun < 3
            begun = time.monotonic()
            assert not case.point.pinhole(LAN1_6, 5001, UDP).ok
            assert case.point.add("TCP", PORT, 5000).ok and case.reaches_mapping()
            assert time.monotonic() - begun < 1
            assert daemon.log.count("it does not answer") == 1
        finally:
            case.firewalld.process.send_signal(signal.SIGCONT)
        wait_until(lambda: case.point.pinhole(LAN1_6, 5001, UDP).ok, 10, "its answers")
        assert len(case.rules()) == 2


def test_without_the_policy_what_can_be_is_served():
    with lay(policy=False) as case:
        daemon = case.serve()
        assert case.point.add("TCP", PORT, 5000).ok and case.reaches_mapping()
        for _ in range(3):
            assert not case.point.pinhole(LAN1_6, 5000, UDP).ok
        assert daemon.log.count("firewall-cmd --permanent --new-policy=upnpd") == 1
        assert "firewalld policy upnpd" in daemon.ctl("status").stdout
        for command in (
            "--new-policy=upnpd",
            "--policy=upnpd --set-priority=32767",
        ):
            case.firewalld.cmd("--permanent", *command.split())
        case.firewalld.reload()
        wait_until(lambda: case.point.pinhole(LAN1_6, 5000, UDP).ok, 5, "the pinhole")
        assert case.reaches_pinhole()


def test_without_the_bus_what_can_be_is_served():
    """A caller whom firewalld does not let is as good as none"""
    with lay() as case:
        daemon = case.serve("unix:abstract=nobody-there")
        assert case.point.add("TCP", PORT, 5000).ok and case.reaches_mapping()
        for _ in range(3):
            assert not case.point.pinhole(LAN1_6, 5000, UDP).ok
        assert daemon.log.count("firewall: firewalld stops packets") == 1
        assert daemon.stop() == 0


def test_one_that_was_never_root_asks_where_polkit_lets_it():
    with lay() as case:
        case.start_polkit("upnpd.rules")
        daemon = case.serve(root=False)
        case.opened()
        assert case.reaches_pinhole() and len(case.rules()) == 1
        daemon.kill()
        clean_up = daemon.unprivileged(daemon.program, "--cleanup")
        subprocess.run([*daemon.prefix, *clean_up], check=True)
        assert case.rules() == [] and not case.reaches_pinhole()


def test_without_polkits_leave_what_can_be_is_served():
    with lay() as case:
        case.start_polkit()
        daemon = case.serve(root=False)
        assert case.point.add("TCP", PORT, 5000).ok and case.reaches_mapping()
        for _ in range(3):
            assert not case.point.pinhole(LAN1_6, 5000, UDP).ok
        assert daemon.log.count("install polkit and its rule") == 1


def test_the_rules_follow_the_interface():
    with lay() as case:
        case.serve()
        case.opened()
        case.firewalld.cmd("--zone=public", "--change-interface=wan0")
        wait_until(case.reaches_pinhole, 5, "the pinhole in the other zone")
        case.firewalld.cmd("--zone=public", "--remove-interface=wan0")
        wait_until(case.reaches_pinhole, 5, "the pinhole in no zone")


DENY = """<policy target="CONTINUE" priority="10">
<ingress-zone name="external"/><egress-zone name="ANY"/>
<rule family="ipv6"><port port="5000" protocol="udp"/><drop/></rule></policy>
"""


def test_what_the_administrator_denies_stays_denied():
    with lay(("StrictForwardPorts", "yes"), start=False) as case:
        case.firewalld.tools.write("/etc/firewalld/policies/deny.xml", DENY)
        case.firewalld.start()
        case.serve()
        assert not case.point.pinhole(LAN1_6, 5000, UDP).ok
        assert case.point.pinhole(LAN1_6, 5001, UDP).ok
        assert not case.reaches_pinhole()
        assert not case.point.add("TCP", firewalls.ADMIN_PORT, 5000).ok
        assert case.point.add("TCP", PORT, 5000).ok and case.reaches_mapping()
