# SPDX-License-Identifier: GPL-2.0-or-later
"""How the daemon speaks with a firewalld >= 2.2 over D-Bus, with a made-up one that has a table of
its own. test_firewalld.py tries a real one."""

import contextlib
import pathlib
import socket

from lab import LAN1, LAN1_6, ROUTER_LAN6, ControlPoint, Lab, firewalls, wait_until
from lab.toolbox import Toolbox

FAKE = pathlib.Path(firewalls.__file__).with_name("fake_firewalld.py")
UDP = 17


class Case:
    def __init__(self, lab, tools):
        self.lab, self.tools = lab, tools
        self.firewalld = firewalls.Firewalld(tools)

    def start_firewalld(self):
        self.process = self.tools.background(firewalls.PYTHON, FAKE, firewalls.BUS_ADDRESS)
        wait_until(lambda: "reject" in self.table(), 10, "the table")

    def reload(self, policy=True):
        name = "org.fedoraproject.FirewallD1"
        call = ("busctl", f"--address={firewalls.BUS_ADDRESS}", "call", name)
        there = str(policy).lower()
        self.tools.run(*call, "/" + name.replace(".", "/"), name, "reload", "b", there)

    def table(self):
        return self.lab.router.run("nft", "list", "table", "inet", "firewalld", check=False).stdout

    def opened(self):
        return self.table().count("udp dport")

    def reaches_pinhole(self, protocol="UDP"):
        return self.lab.reaches(protocol, 5000, LAN1_6)

    def serve(self):
        daemon = self.lab.daemon()
        daemon.prefix = ["env", "DBUS_SYSTEM_BUS_ADDRESS=" + firewalls.BUS_ADDRESS]
        daemon.start()
        return daemon, ControlPoint(self.lab.lan1, LAN1)


@contextlib.contextmanager
def lay():
    with Lab() as lab, Toolbox(lab.router, firewalls.FIREWALLD) as tools:
        lab.add_ipv6()
        lab.echo(lab.lan1, 5000, socket.AF_INET6)
        lab.lan1.ping(ROUTER_LAN6)
        yield Case(lab, tools)


def test_pinholes_pass_by_its_policy():
    with lay() as case:
        case.start_firewalld()
        assert "flags owner" in case.table()
        daemon, point = case.serve()
        assert point.add("TCP", 40001, 5000).ok and case.lab.reaches("TCP", 40001)
        assert not case.reaches_pinhole()
        unique_id = point.pinhole(LAN1_6, 5000, UDP)["UniqueID"]
        assert case.reaches_pinhole() and not case.reaches_pinhole("TCP")
        case.reload()
        wait_until(case.reaches_pinhole, 3, "the pinhole after the reload")
        assert point.of_pinhole("DeletePinhole", unique_id).ok
        wait_until(lambda: not case.reaches_pinhole(), 3, "the pinhole's end")
        assert point.pinhole(LAN1_6, 5001, UDP).ok and case.opened() == 1
        assert daemon.stop() == 0 and case.opened() == 0


def test_one_that_comes_later_is_asked_then():
    with lay() as case:
        daemon, point = case.serve()
        assert point.pinhole(LAN1_6, 5000, UDP).ok
        case.start_firewalld()
        wait_until(case.reaches_pinhole, 3, "the pinhole")
        daemon.kill()
        daemon.lease_file.unlink()
        daemon.start()
        wait_until(lambda: case.opened() == 0, 3, "the end of what was left")


def test_without_the_policy_the_remedy_is_named_once():
    with lay() as case:
        case.start_firewalld()
        case.reload(policy=False)
        daemon, point = case.serve()
        for _ in range(3):
            assert not point.pinhole(LAN1_6, 5000, UDP).ok
        assert daemon.log.count("firewall-cmd --permanent --new-policy=upnpd") == 1
        case.reload()
        wait_until(lambda: point.pinhole(LAN1_6, 5000, UDP).ok, 3, "the pinhole")
        assert case.reaches_pinhole()


def test_one_that_has_gone_grants_nothing():
    with lay() as case:
        case.start_firewalld()
        _, point = case.serve()
        assert point.pinhole(LAN1_6, 5000, UDP).ok
        case.process.terminate()
        case.process.wait(10)
        wait_until(lambda: not case.table(), 5, "the table's end")
        wait_until(lambda: point.pinhole(LAN1_6, 5002, UDP).ok, 5, "a pinhole without it")
