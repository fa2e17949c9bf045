# SPDX-License-Identifier: GPL-2.0-or-later
"""Each answer of `upnpctl -j` is as man/upnpctl.schema.json says."""

import json
import pathlib
import subprocess

import jsonschema
import pytest

from lab import LAN1, LAN1_6, LAN2, ROUTER_LAN, WAN_HOST, ControlPoint, Lab, PortControlClient
from lab.port_control import UDP
from test_upnpctl import program

SCHEMA = json.loads(
    (pathlib.Path(__file__).resolve().parents[2] / "man/upnpctl.schema.json").read_text("utf-8")
)
PORT = 40001


@pytest.fixture(scope="module")
def running():
    with Lab() as lab:
        lab.add_ipv6()
        daemon = lab.daemon().start()
        point = ControlPoint(lab.lan1, LAN1)
        assert point.add("TCP", PORT, 5000, LeaseDuration=600).ok
        assert point.pinhole(LAN1_6, 5000).ok
        with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
            assert client.peer(UDP, 5001, WAN_HOST, 53).code == 0
            assert client.map(UDP, 5000).code == 0
        assert daemon.ctl("add", "tcp:443", f"[{LAN1_6}]", "--comment", "web").returncode == 0
        yield lab, daemon
        assert daemon.stop() == 0


def validate(name, answer):
    schema = {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(answer)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for wrong in {}, {"ok": True, "schema": 1, "deleted": "one"}:
        with pytest.raises(jsonschema.ValidationError):
            validate("del", wrong)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("status", ["status"]),
        ("list", ["list"]),
        ("explain", ["explain", LAN1, "udp", "3074"]),
        ("explain", ["explain", LAN1, "tcp", "22"]),
        ("explain", ["acl", LAN1, "tcp", "22"]),
        ("config", ["config"]),
        ("check", ["check", str(PORT)]),
        ("top", ["top", "-n", "1", "--every", "1"]),
        ("metrics", ["metrics"]),
        ("add", ["add", "tcp:41000", LAN1, "--dry-run"]),
        ("add", ["add", "tcp:41000", LAN1]),
        ("error", ["add", "tcp:1900", LAN1]),
        ("error", ["add", "tcp:41000", LAN2]),
        ("del", ["del", "tcp:41000"]),
        ("error", ["del", "tcp:41000"]),
        ("error", ["show", "4294967295"]),
        ("error", ["explain"]),
        ("error", ["fly"]),
        ("approve", ["approve"]),
        ("error", ["approve", LAN1]),
        ("done", ["log", "2"]),
        ("done", ["sync"]),
        ("reload", ["reload"]),
        ("version", ["version"]),
        ("help", ["help"]),
        ("error", ["-s", "/nowhere", "status"]),
    ],
)
def test_an_answer_is_as_it_says(running, name, words):
    _, daemon = running
    said = daemon.ctl("-j", *words)
    lines = said.stdout.splitlines()
    assert len(lines) == 1, said
    validate(name, json.loads(lines[0]))


def test_an_opening_by_its_id(running):
    _, daemon = running
    listed = json.loads(daemon.ctl("-j", "list").stdout)
    ids = [one["id"] for kind in ("mappings", "pinholes") for one in listed[kind] if "id" in one]
    for number in ids:
        answer = json.loads(daemon.ctl("-j", "show", str(number)).stdout)
        validate("show", answer)
        assert answer["opening"]["id"] == number
    assert ids


def test_events_are_as_it_says(running):
    lab, daemon = running
    process = subprocess.Popen(
        lab.router.command(program(), "-s", daemon.control_socket, "-j", "watch", "--initial"),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        seen = {json.loads(process.stdout.readline())["event"] for _ in range(5)}
        assert seen == {"present"}
        point = ControlPoint(lab.lan1, LAN1)
        assert point.add("TCP", PORT + 1, 5000).ok and not point.add("TCP", 22, 22).ok
        assert point.delete("TCP", PORT + 1).ok
        assert daemon.ctl("reload").returncode == 0
        while "reloaded" not in seen:
            event = json.loads(process.stdout.readline())
            validate("watch", event)
            seen.add(event["event"])
        assert {"granted", "refused", "ended"} <= seen
    finally:
        process.kill()
        process.wait()
