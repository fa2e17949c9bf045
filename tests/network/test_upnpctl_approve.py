# SPDX-License-Identifier: GPL-2.0-or-later
"""`upnpctl approve` shows who waits and says yes; `block` takes it back."""

import json

from lab import LAN1, ControlPoint
from test_upnpctl import OK, REFUSED

PORT = 40001


def test_a_host_waits_is_approved_and_blocked(lab):
    daemon = lab.daemon(approve="new-hosts").start()
    point = ControlPoint(lab.lan1, LAN1)
    assert daemon.ctl("approve").stdout == "nobody waits\n"
    assert not point.add("TCP", PORT, 5000).ok
    shown = daemon.ctl("approve", "--list").stdout
    assert LAN1 in shown and f"tcp {PORT} -> {LAN1}:5000" in shown
    approved = daemon.ctl("approve", LAN1)
    assert approved.returncode == OK and "1 request(s) waited" in approved.stdout
    assert point.add("TCP", PORT, 5000).ok
    (host,) = json.loads(daemon.ctl("-j", "approve").stdout)["hosts"]
    assert host["host"] in daemon.ctl("approve").stdout
    blocked = daemon.ctl("block", LAN1)
    assert blocked.returncode == OK and "1 opening(s) ended" in blocked.stdout
    assert not point.add("TCP", PORT, 5000).ok
    assert daemon.ctl("block", "10.9.9.9").returncode == REFUSED
    assert daemon.stop() == 0
