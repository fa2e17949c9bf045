# SPDX-License-Identifier: GPL-2.0-or-later
"""Run by itself: as much of firewalld >= 2.2 as the daemon sees. Its table is its own, and stops
what comes in; its policy "upnpd" has the rich rules that it is told over D-Bus. Arguments: the
bus."""

import re
import subprocess
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.fedoraproject.FirewallD1"
PATH = "/org/fedoraproject/FirewallD1"
POLICY = "inet firewalld filter_FWD_policy_upnpd_allow"
TABLE = f"""add table inet firewalld {{ flags owner; }}
add chain inet firewalld filter_FORWARD {{ type filter hook forward priority 10; }}
add chain inet firewalld filter_FORWARD_POLICIES
add chain {POLICY}
add rule inet firewalld filter_FORWARD ct state established,related accept
add rule inet firewalld filter_FORWARD ct status dnat accept
add rule inet firewalld filter_FORWARD jump filter_FORWARD_POLICIES
add rule inet firewalld filter_FORWARD_POLICIES iifname br-lan accept
add rule inet firewalld filter_FORWARD_POLICIES iifname wan0 jump filter_FWD_policy_upnpd_allow
add rule inet firewalld filter_FORWARD_POLICIES reject
"""
RICH = re.compile(
    r'rule family="ipv6" destination address="(\S+)" port port="(\d+)" protocol="(\w+)" accept'
)


class Error(dbus.DBusException):
    _dbus_error_name = NAME + ".Exception"


class Firewalld(dbus.service.Object):
    def __init__(self, bus):
        super().__init__(dbus.service.BusName(NAME, bus), PATH)
        # The table belongs to the process that has made it, as long as it lives.
        self._nft = subprocess.Popen(["nft", "-i"], stdin=subprocess.PIPE, text=True)
        self._tell(TABLE)
        self._there = True

    def _tell(self, text):
        self._nft.stdin.write(text)
        self._nft.stdin.flush()

    @dbus.service.method(NAME + ".zone", "s", "s")
    def getZoneOfInterface(self, interface):
        return "external" if interface == "wan0" else ""

    @dbus.service.method(NAME + ".policy", "sa{sv}")
    def setPolicySettings(self, policy, settings):
        if policy != "upnpd" or not self._there:
            raise Error("INVALID_POLICY: " + policy)
        rules = [RICH.fullmatch(rule).groups() for rule in settings["rich_rules"]]
        assert settings["ingress_zones"] == (["external"] if rules else [])
        assert settings["egress_zones"] == (["ANY"] if rules else [])
        self._tell(f"flush chain {POLICY}\n")
        for host, port, protocol in rules:
            self._tell(f"add rule {POLICY} ip6 daddr {host} {protocol} dport {port} accept\n")
        # A real one has done it when it answers; nft reads its input when it likes.
        for _ in range(100):
            if self._listed().count("accept") == len(rules):
                break
            time.sleep(0.01)

    @staticmethod
    def _listed():
        done = subprocess.run(
            ["nft", "list", "chain", *POLICY.split()], capture_output=True, text=True, check=False
        )
        return done.stdout

    @dbus.service.method(NAME, "b")
    def reload(self, there):
        """`there`: the policy is, from now on."""
        self._there = there
        self._tell(f"flush chain {POLICY}\n")
        self.Reloaded()

    @dbus.service.signal(NAME)
    def Reloaded(self):
        pass


if __name__ == "__main__":
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    firewalld = Firewalld(dbus.bus.BusConnection(sys.argv[1]))
    GLib.MainLoop().run()
