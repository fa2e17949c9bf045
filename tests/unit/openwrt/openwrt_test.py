# SPDX-License-Identifier: GPL-2.0-or-later
"""The start script and the hotplug script of OpenWrt's package: what they make of both layouts of
/etc/config/upnpd, and what they ask of procd."""

import os
import subprocess
import unittest

from router import OPENWRT, OnRouter

LEASES = "TCP:5001:192.168.1.9:5001:0:Game\n"
LAYOUT_2 = """
config upnpd settings
    option enabled '1'
    option enable_protocols 'pcp+nat-pmp'
    option internal_iface 'lan guest'
    option upnp_igd_compat 'igdv2'
    option allow_cgnat '1'
    option stun_host 'stun.example.org:3479'
    option allow_third_party_mapping 'upnp-igd'
    option log_output 'debug'
    option download_kbps '250000'
    option friendly_name 'The "attic" #1'
    option http_port '2869'
    option access_preset 'accept-web+high-ports'
    option accept_ports '22 600-610'
    option reject_ports '3389'

config acl_entry
    option action 'accept'
    option int_addr '192.168.1.9'
    option int_port '1-65535'
    option ext_port '80'
    option descr_filter '^game$'

config acl_entry
    option action 'ignore'
"""
EXPECTED_2 = """external_interface = "eth1"
internal_interface = "br-lan"
internal_interface = "br-guest"
ipv6_pinholes = "yes"
upnp = "no"
port_control = "both"
allow_third_party = "no"
igd_version = "2"
debug_mode = "3"
listenport = "2869"
downstream_bitrate = "250000000"
friendly_name = 'The "attic" #1'
external_address = "stun"
stun_server = "stun.example.org:3479"
deny 3389 any 0-65535
deny 0-65535 any 3389
allow 80 192.168.1.9 1-65535 "^game$"
allow 1024-65535 any 1024-65535
allow 80 any 80
allow 443 any 443
allow 22 any 22
allow 600-610 any 600-610
deny 0-65535 any 0-65535
"""
DEFAULTS = """external_interface = "eth1"
internal_interface = "br-lan"
ipv6_pinholes = "yes"
upnp = "yes"
port_control = "both"
allow_third_party = "no"
igd_version = "1"
debug_mode = "1"
listenport = "5000"
allow 1024-65535 0.0.0.0/0 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
"""
NETWORKS_APART = """
config upnpd settings
    option enabled '1'

config internal_network
    option interface 'lan'
    option access_preset 'accept-all-ports'
    option reject_ports ' '

config internal_network
    option interface 'guest'
    option acl_preset 'accept-high-ports+web+dns'
    option ignore_acl '1'

config perm_rule
    option action 'deny'
    option ext_ports '2000:3000'
"""
STARTED = [
    "procd command {root}/usr/sbin/upnpd -f --log-to syslog -c {file}",
    "procd file {file}",
    "procd reload_signal HUP",
    "procd respawn",
    "procd term_timeout 20",
    "procd end",
    "procd set",
]


class Configuration(OnRouter):
    def made_of(self, text):
        """Returns upnpd.conf, without its first line; the daemon, where it is built, takes it."""
        self.router.configure(text)
        self.calls = self.router.init("start")
        made = self.router.configuration
        if "UPNPD" in os.environ:
            checked = subprocess.run([os.environ["UPNPD"], "-t", "-c", made], capture_output=True)
            self.assertEqual(checked.returncode, 0, checked.stderr)
        return made.read_text(encoding="utf-8").partition("\n")[2]

    def logged(self):
        return [line for line in self.calls if line.startswith("log")]

    def test_the_file_of_the_package(self):
        """switched on by LuCI"""
        text = (OPENWRT / "upnpd.config").read_text(encoding="utf-8")
        self.assertEqual(self.made_of(text.replace("enabled '0'", "enabled '1'")), DEFAULTS)
        self.assertEqual(self.logged(), [])

    def test_the_layout_until_now(self):
        made = self.made_of(
            """
config upnpd 'config'
    option external_zone 'wan'
    option enable_natpmp '0'
    option secure_mode '0'
    option log_output '1'
    option download '1024'
    option upload '512'
    list internal_iface 'lan'
    list internal_iface 'absent'
    option port '2869'
    option use_stun '1'
    option stun_host 'stun.example.org'
    option stun_port '3479'
    option ipv6_disable '1'
    option ext_allow_private_ipv4 '1'
    option notify_interval '900'
    option uuid 'nocli'
    option presentation_url 'http://192.168.1.1/'
    option serial_number '0815'
    option model_number "7"
"""
        )
        self.assertEqual(
            made,
            """external_interface = "pppoe-wan"
internal_interface = "br-lan"
ipv6_pinholes = "no"
model_number = "7"
serial_number = "0815"
presentation_url = "http://192.168.1.1/"
uuid = "nocli"
upnp = "yes"
port_control = "none"
allow_third_party = "yes"
igd_version = "2"
debug_mode = "3"
listenport = "2869"
downstream_bitrate = "8388608"
upstream_bitrate = "4194304"
external_address = "stun"
stun_server = "stun.example.org:3479"
""",
        )
        (said,) = self.logged()
        self.assertIn("the network absent is not up", said)

    def test_layout_2(self):
        self.assertEqual(self.made_of(LAYOUT_2), EXPECTED_2)
        (said,) = self.logged()
        self.assertIn("upnpd has one list for all protocols; nobody may", said)

    def test_networks_with_lists_of_their_own(self):
        """A network that ignores the access list is decided before it; guests get no other port"""
        made = self.made_of(NETWORKS_APART)
        lines = made[made.index("deny") :].splitlines()
        guests = [line for line in lines if "192.168.60.0/24" in line]
        self.assertEqual(guests, lines[: len(guests)])
        self.assertEqual(guests[0], "deny 21 192.168.60.0/24 0-65535")
        self.assertEqual(
            guests[12:],
            [
                "allow 1024-65535 192.168.60.0/24 1024-65535",
                "allow 53 192.168.60.0/24 53",
                "allow 80 192.168.60.0/24 80",
                "allow 443 192.168.60.0/24 443",
                "deny 0-65535 192.168.60.0/24 0-65535",
            ],
        )
        rest = lines[len(guests) :]
        self.assertEqual(rest[12], "deny 2000-3000 any 0-65535")
        self.assertEqual(
            rest[13:15],
            [
                "allow 0-65535 192.168.1.0/24 0-65535",
                "deny 0-65535 192.168.1.0/24 0-65535",
            ],
        )
        self.assertEqual(rest[-1], "deny 0-65535 any 0-65535")

    def test_a_subnet_that_ends_within_an_octet(self):
        self.router.network("guest", "guest br-guest 10.9.255.254/22")
        self.assertIn(" 10.9.252.0/22 ", self.made_of(NETWORKS_APART))

    def test_values_that_are_none(self):
        made = self.made_of(
            "config upnpd config\n option upload 'fast'\n option use_stun '1'\n option port ''\n"
        )
        self.assertNotIn("upstream_bitrate", made)
        self.assertNotIn("stun", made)
        upload, stun = self.logged()
        self.assertIn("upload 'fast' is no number", upload)
        self.assertIn("STUN needs stun_host", stun)

    def test_leases_of_miniupnpd(self):
        """are copied once into a folder that can be the daemon's own"""
        old, new = self.router.root / "var/run/leases", self.router.root / "var/run/upnpd/leases"
        old.parent.mkdir(parents=True)
        old.write_text(LEASES)
        text = "config upnpd config\n option upnp_lease_file '/var/run/leases'\n"
        self.assertIn('lease_file = "/var/run/upnpd/leases"', self.made_of(text))
        self.assertEqual(new.read_text(), LEASES)
        new.write_text("ours")
        self.made_of(text)
        self.assertEqual(new.read_text(), "ours")
        own = "config upnpd config\n option upnp_lease_file '/etc/upnpd/leases'\n"
        self.assertIn('lease_file = "/etc/upnpd/leases"', self.made_of(own))


class Service(OnRouter):
    ENABLED = "config upnpd config\n option enabled '1'\n"

    def setUp(self):
        super().setUp()
        self.router.configure(self.ENABLED)

    def started(self, file=None):
        file = file or self.router.configuration
        return [line.format(root=self.router.root, file=file) for line in STARTED]

    def without_check(self, calls):
        return [line for line in calls if not line.startswith("upnpd -t")]

    def test_start(self):
        """The file is checked before procd hears of it"""
        calls = self.router.init("start")
        self.assertEqual(calls[0], f"upnpd -t -c {self.router.configuration}.new")
        self.assertEqual(calls[1:], self.started())

    def test_disabled(self):
        for text in "config upnpd config\n option enabled '0'\n", "config upnpd settings\n":
            self.router.configure(text)
            for command in "start", "reload":
                self.assertEqual(self.router.init(command), ["procd set"], "no instance: it ends")

    def test_a_configuration_that_cannot_be_used(self):
        """is said in the log; the first start does not happen, a reload leaves all as it is"""
        (self.router.root / "usr/sbin/fails").touch()
        said = f"log daemon.err {self.router.configuration}.new:7: error: so it is not"
        for command in "start", "reload":
            self.assertEqual(self.router.init(command)[1:], [said, "procd set"])
        (self.router.root / "usr/sbin/fails").unlink()
        self.router.init("start")
        good = self.router.configuration.read_text()
        (self.router.root / "usr/sbin/fails").touch()
        self.router.configure(self.ENABLED + " option port '1'\n")
        calls = self.without_check(self.router.init("reload"))
        self.assertEqual([line for line in calls if not line.startswith("log")], self.started())
        self.assertEqual(self.router.configuration.read_text(), good)

    def test_reload(self):
        """A signal does for most; what the daemon reads at its start alone needs a restart"""
        self.router.init("start")
        self.router.configure(self.ENABLED + " option port '2869'\n")
        self.assertEqual(self.without_check(self.router.init("reload")), self.started())
        self.assertIn('listenport = "2869"', self.router.configuration.read_text())
        self.router.configure(self.ENABLED + " option ipv6_disable '1'\n")
        calls = self.without_check(self.router.init("reload"))
        self.assertEqual(calls, ["procd delete", *self.started()])

    def test_a_file_of_the_administrator(self):
        self.router.configure(self.ENABLED + " option config_file '/etc/linuxigd/upnpd.conf'\n")
        for command in "start", "reload":
            calls = self.router.init(command)
            self.assertEqual(calls, self.started("/etc/linuxigd/upnpd.conf"))

    def test_the_way_to_the_internet_comes_later(self):
        """Nothing starts before, and nothing ends when it goes"""
        for name in "wan", "wan6":
            self.router.network(name, "")
        (said, end) = self.router.init("start")
        self.assertIn("the network to the Internet is not up", said)
        self.assertEqual(end, "procd set")
        self.router.network("wan", "wan eth1 80.100.100.1/24")
        self.assertEqual(self.without_check(self.router.init("reload")), self.started())
        self.router.network("wan", "")
        calls = self.router.init("reload")
        self.assertEqual([line for line in calls if not line.startswith("log")], self.started())

    def test_ipv6_over_another_device(self):
        """is named: pinholes are made for it"""
        self.router.network("wan6", "wan6 6in4")
        self.router.init("start")
        self.assertIn('ext_ifname6 = "6in4"', self.router.configuration.read_text())

    def test_triggers(self):
        self.assertEqual(self.router.init("service_triggers"), ["trigger upnpd firewall"])

    def test_hotplug(self):
        """A network that comes is a reload, if the service is enabled; nothing else is"""
        script = self.router.root / "etc/init.d/upnpd"
        script.write_text('#!/bin/sh\necho "$1" >>"$CALLS"\n[ "$1" != enabled ] || [ -z "$OFF" ]\n')
        script.chmod(0o755)
        hotplug = self.router.root / "etc/hotplug.d/iface/50-upnpd"

        def calls(**variables):
            return self.router.run("-c", f"( . {hotplug} )", **variables)[2]

        self.assertEqual(calls(ACTION="ifup", INTERFACE="wan"), ["enabled", "reload"])
        self.assertEqual(calls(ACTION="ifup", INTERFACE="wan", OFF="1"), ["enabled"])
        for action in "ifdown", "ifupdate", "free":
            self.assertEqual(calls(ACTION=action, INTERFACE="wan"), [])


if __name__ == "__main__":
    unittest.main()
