# SPDX-License-Identifier: GPL-2.0-or-later
"""approve: what hosts ask for waits until the administrator says yes, by every protocol, and every
client is told that there is nothing at present."""

import pytest

from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    ROUTER_LAN,
    ROUTER_LAN6,
    ControlPoint,
    PortControlClient,
)
from lab.port_control import NO_RESOURCES, SHORT, SUCCESS, UDP

PORT = 40001
ACTION_FAILED = 501
PMP_OUT_OF_RESOURCES = 4


@pytest.fixture(params=["new-hosts", "all"])
def waiting(request, lab):
    daemon = lab.daemon(approve=request.param).start()
    yield daemon
    assert daemon.stop() == 0


def waits(daemon):
    return [(each["what"], each["via"]) for each in daemon.ask("approvals")["waiting"]]


def test_upnp_waits_for_a_yes(lab, waiting):
    lab.echo(lab.lan1, 5000)
    point = ControlPoint(lab.lan1, LAN1)
    for _ in range(2):
        assert point.add("TCP", PORT, 5000).code == ACTION_FAILED
    assert not lab.reaches("TCP", PORT)
    (entry,) = waiting.ask("approvals")["waiting"]
    assert entry["count"] == 2 and entry["address"] == LAN1
    assert entry["what"] == f"tcp {PORT} -> {LAN1}:5000"
    assert f"it waits for `upnpctl approve {LAN1}`" in waiting.log
    assert waiting.ask(f"approve {LAN1}") == {"ok": True, "schema": 1, "approved": 1}
    assert waits(waiting) == []
    assert point.add("TCP", PORT, 5000).ok and lab.reaches("TCP", PORT)
    other = ControlPoint(lab.lan2, LAN2)
    assert other.add("TCP", PORT + 1, 5000).code == ACTION_FAILED, "a yes is for one host"


def test_port_control_is_told_to_ask_again(lab, waiting):
    lab.echo(lab.lan1, 5000)
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        refused = client.map(UDP, 5000, external=PORT)
        assert (refused.code, refused.lifetime) == (NO_RESOURCES, SHORT)
        assert client.pmp_map(UDP, 5000, PORT).code == PMP_OUT_OF_RESOURCES
        assert [via for _, via in waits(waiting)] == ["nat-pmp"], "one port is one request"
        assert waiting.ask(f"approve {LAN1}")["approved"] == 1
        granted = client.map(UDP, 5000, external=PORT)
        assert granted.code == SUCCESS and lab.reaches("UDP", granted.external)


def test_pinholes_wait(lab):
    lab.add_ipv6()
    daemon = lab.daemon(approve="new-hosts").start()
    with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as client:
        assert client.map(UDP, 5000).code == NO_RESOURCES
        assert daemon.ask(f"approve {LAN1_6}")["approved"] == 1
        assert client.map(UDP, 5000).code == SUCCESS
    assert daemon.stop() == 0


def test_a_yes_outlasts_a_restart_and_is_taken_back(lab, waiting):
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("UDP", PORT, 5000).code == ACTION_FAILED
    assert waiting.ask(f"approve {LAN1}")["ok"]
    assert waiting.stop() == 0
    waiting.start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("UDP", PORT, 5000).ok
    (host,) = waiting.ask("approvals")["hosts"]
    assert waiting.ask(f"unapprove {host['host']}")["ended"] == 1
    assert point.listing() == [] and waiting.ask("approvals")["hosts"] == []
    assert point.add("UDP", PORT, 5000).code == ACTION_FAILED


def test_all_asks_for_each_port(lab):
    daemon = lab.daemon(approve="all").start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("UDP", PORT, 5000).code == ACTION_FAILED
    assert daemon.ask(f"approve {LAN1}")["approved"] == 1
    assert point.add("UDP", PORT, 5000).ok
    assert point.add("UDP", PORT + 1, 5001).code == ACTION_FAILED
    assert daemon.stop() == 0


def test_a_reload_begins_and_ends_it(lab):
    daemon = lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("UDP", PORT, 5000).ok
    daemon.configure(approve="new-hosts")
    daemon.hang_up()
    assert point.add("UDP", PORT, 5000).ok, "what stands is renewed"
    assert point.add("UDP", PORT + 1, 5001).code == ACTION_FAILED
    daemon.configure()
    daemon.hang_up()
    assert point.add("UDP", PORT + 1, 5001).ok
    refused = daemon.ask(f"approve {LAN1}")
    assert not refused["ok"] and "approve = off" in refused["text"]
    assert daemon.stop() == 0


def test_nobody_is_approved_by_a_bad_name(lab):
    daemon = lab.daemon(approve="new-hosts").start()
    for name in ("80.1.2.3", "nas", "192.168.50.1/24"):
        assert daemon.ask(f"approve {name}")["error"] == "not-found"
    assert daemon.stop() == 0
