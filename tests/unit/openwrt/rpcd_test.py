# SPDX-License-Identifier: GPL-2.0-or-later
"""The rpcd object "luci.upnp": it answers what the page of luci-app-upnp expects of it."""

import json
import time
import unittest

from router import OnRouter

OPENINGS = {
    "ok": True,
    "schema": 1,
    "mappings": [
        {
            "protocol": "tcp",
            "external_port": 40001,
            "internal_address": "192.168.1.9",
            "internal_port": 5000,
            "remote_host": None,
            "lease": 0,
            "via": "igd",
            "description": "O'Neill's } \\ `x` {\"game\"}\nsecond, [line]: é",
            "claims": [{"via": "pcp", "lease": 7, "from": [], "description": "another"}],
            "enabled": True,
        },
        {
            "protocol": "udp",
            "external_port": 40002,
            "internal_address": "192.168.1.10",
            "internal_port": 40002,
            "lease": 3725,
            "via": "nat-pmp",
            "description": "",
        },
        {
            "protocol": "udp",
            "external_port": 5060,
            "internal_address": "192.168.1.11",
            "internal_port": 5060,
            "lease": 0,
            "via": "static",
            "description": "the phone",
        },
    ],
    "pinholes": [
        {
            "protocol": "sctp",
            "internal_address": "2001:db8:1::9",
            "internal_port": 8443,
            "lease": 60,
            "via": "igd",
        }
    ],
    "flows": [],
}
HINTS = {
    "02:00:00:00:00:09": {
        "name": "console",
        "ipaddrs": ["192.168.1.9"],
        "ip6addrs": ["2001:db8:1::9"],
    },
    "02:00:00:00:00:0a": {"ipaddrs": ["192.168.1.10"], "ip6addrs": []},
}


def page(rule):
    """Returns the row that the page shows of a rule, and the token of its button."""
    left = rule.get("expires") or 0
    hours, minutes, seconds = left // 3600, left % 3600 // 60, left % 60
    expires = f"{seconds}s" if left else ""
    if hours or minutes:
        expires = (f"{hours}h " if hours else "") + f"{minutes:02}m {seconds:02}s"
    return (
        rule.get("host_hint") or "Unknown",
        rule["intaddr"],
        rule["intport"],
        rule["extport"],
        rule["proto"],
        expires,
        rule["descr"],
        rule["num"],
    )


class Object(OnRouter):
    def test_methods(self):
        """as rpcd asks for them when it starts"""
        methods, _ = self.router.rpc("list")
        self.assertEqual(methods, {"get_status": {}, "delete_rule": {"token": "token"}})

    def test_status(self):
        self.router.says("usr/bin/upnpctl", json.dumps(OPENINGS))
        self.router.says("bin/ubus", json.dumps(HINTS))
        answer, calls = self.router.rpc("call", "get_status")
        self.assertEqual(sorted(calls), ["ubus -S call luci-rpc getHostHints", "upnpctl -j list"])
        self.assertEqual(list(answer), ["rules"])
        game = "UPnP IGD / O'Neill's } \\ `x` {\"game\"}\nsecond, [line]: é"
        phone, pinhole, host6 = "Configuration / the phone", "UPnP IGDv2 IPv6", "2001:db8:1::9"
        left = "1h 02m 05s"
        self.assertEqual(
            [page(rule) for rule in answer["rules"]],
            [
                ("console", "192.168.1.9", 5000, 40001, "TCP", "", game, "tcp:40001"),
                ("Unknown", "192.168.1.10", 40002, 40002, "UDP", left, "NAT-PMP", "udp:40002"),
                ("Unknown", "192.168.1.11", 5060, 5060, "UDP", "", phone, "udp:5060"),
                ("console", host6, 8443, 8443, "SCTP", "01m 00s", pinhole, f"sctp:[{host6}]:8443"),
            ],
        )

    def test_a_daemon_that_does_not_run(self):
        self.assertEqual(self.router.rpc("call", "get_status")[0], {"rules": []})
        self.router.says("bin/ubus", json.dumps(HINTS))
        self.router.says("usr/bin/upnpctl", '{"error":"not-running","ok":false,"text":"no {"}\n')
        self.assertEqual(self.router.rpc("call", "get_status")[0], {"rules": []})

    def test_a_thousand_openings(self):
        """are not slower than the page asks, every five seconds"""
        mapping = {**OPENINGS["mappings"][0], "description": "x" * 60}
        mappings = [{**mapping, "external_port": port} for port in range(20000, 21000)]
        self.router.says("usr/bin/upnpctl", json.dumps({"mappings": mappings}, separators=",:"))
        began = time.monotonic()
        answer, _ = self.router.rpc("call", "get_status")
        self.assertLess(time.monotonic() - began, 3)
        self.assertEqual([rule["extport"] for rule in answer["rules"]], [*range(20000, 21000)])

    def test_deletion(self):
        """by the token of a rule, without a restart"""
        for token in "tcp:40001", "sctp:[2001:db8:1::9]:8443":
            answer, calls = self.router.rpc("call", "delete_rule", arguments={"token": token})
            self.assertEqual(answer, {"result": "OK"})
            self.assertEqual(calls, [f"upnpctl -j del {token}"])

    def test_deletion_of_what_is_not_there(self):
        (self.router.root / "usr/bin/upnpctl").write_text("#!/bin/sh\nexit 4\n")
        answer, _ = self.router.rpc("call", "delete_rule", arguments={"token": "tcp:1"})
        self.assertEqual(answer, {"result": "Not found"})

    def test_tokens_that_are_none(self):
        """Neither an option nor a place in a list, which may be another's by now"""
        for token in "", "1", "--all", "--client 192.168.1.9":
            answer, calls = self.router.rpc("call", "delete_rule", arguments={"token": token})
            self.assertEqual((answer, calls), ({"result": "Bad request"}, []))


if __name__ == "__main__":
    unittest.main()
