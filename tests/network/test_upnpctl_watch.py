# SPDX-License-Identifier: GPL-2.0-or-later
"""`upnpctl watch` and `top` tell what happens while it happens."""

import contextlib
import json
import re
import signal
import subprocess

import pytest

from lab import LAN1, ControlPoint, Lab, wait_until
from test_upnpctl import NOT_RUNNING, OK, program

PORT = 40001


@pytest.fixture(scope="module")
def running():
    with Lab() as lab:
        daemon = lab.daemon().start()
        yield lab, daemon
        if daemon.running():
            assert daemon.stop() == 0


@pytest.fixture
def point(running):
    control_point = ControlPoint(running[0].lan1, LAN1)
    yield control_point
    for entry in control_point.listing():
        control_point.delete(entry["NewProtocol"], entry["NewExternalPort"], entry["NewRemoteHost"])


@contextlib.contextmanager
def following(running, tmp_path, *words):
    """A command that goes on; yields its process and a function that reads what it has said."""
    lab, daemon = running
    said = tmp_path / "said"
    with said.open("w") as out:
        process = subprocess.Popen(
            lab.router.command(program(), "-s", daemon.control_socket, *words),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, lambda: said.read_text(encoding="utf-8")
    finally:
        process.kill()
        process.wait()


def renew_until(point, is_told):
    """The first request may come before watch has begun to listen."""

    def told():
        assert point.add("UDP", PORT, 5000, LeaseDuration=600).ok
        return is_told()

    wait_until(told, 10, "an event")


def test_a_line_an_event(running, point, tmp_path):
    with following(running, tmp_path, "watch") as (process, said):
        renew_until(point, lambda: f"udp {PORT} -> " in said())
        refused = point.add("TCP", 22, 22)
        assert not refused.ok
        assert point.delete("UDP", PORT).ok
        wait_until(lambda: " ended " in said(), 5, f"the end in {said()}")
        lines = said().splitlines()
        assert all(re.match(r"\d\d:\d\d:\d\d [a-z-]+ ", line) for line in lines), lines
        (line,) = [line for line in lines if " refused " in line]
        assert "tcp 22" in line and LAN1 in line
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == OK


def test_an_object_a_line_and_a_reload(running, point, tmp_path):
    lab, daemon = running
    assert point.add("TCP", PORT, 5000).ok
    with following(running, tmp_path, "-j", "watch", "--initial") as (process, said):
        renew_until(point, lambda: '"udp"' in said())
        events = [json.loads(line) for line in said().splitlines()]
        assert events[0]["event"] == "present"
        assert events[0]["opening"]["external_port"] == PORT
        assert lab.router.run(program(), "-s", daemon.control_socket, "reload").returncode == OK
        wait_until(lambda: '"reloaded"' in said(), 5, "the reload")
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == OK


def test_a_reader_that_goes_ends_it(running, point):
    lab, daemon = running
    process = subprocess.Popen(
        lab.router.command(program(), "-s", daemon.control_socket, "watch"), stdout=subprocess.PIPE
    )
    process.stdout.close()
    assert process.wait(5) == OK
    assert point.add("TCP", PORT, 5000).ok, "the daemon goes on"


def test_many_events_at_once_are_not_taken_for_an_end(running, point, tmp_path):
    _, daemon = running
    with following(running, tmp_path, "-j", "watch") as (process, said):
        renew_until(point, lambda: '"udp"' in said())
        process.send_signal(signal.SIGSTOP)
        for _ in range(2):
            for port in range(41000, 41300):
                point.add("TCP", port, 5000)
            daemon.ctl("del", "--all")
        process.send_signal(signal.SIGCONT)
        renew_until(point, lambda: said().rstrip().endswith("}") and '"lost"' in said())
        assert process.poll() is None


def test_top_once(running, point):
    lab, daemon = running
    assert point.add("TCP", PORT, 5000, PortMappingDescription="a service").ok
    command = (program(), "-s", daemon.control_socket)
    shown = lab.router.run(*command, "top", "-n", "1", "--every", "1").stdout
    assert "1 opening(s)" in shown and f"tcp {PORT} -> 5000" in shown and "a service" in shown
    shown = lab.router.run(*command, "-j", "top", "-n", "2", "--every", "1").stdout
    assert [len(json.loads(line)["openings"]) for line in shown.splitlines()] == [1, 1]


def test_the_end_of_the_daemon_is_told(running, tmp_path):
    _, daemon = running
    with following(running, tmp_path, "watch") as (process, said):
        wait_until(lambda: daemon.ctl("reload").returncode == OK and said(), 10, "an event")
        daemon.stop()
        assert process.wait(5) == NOT_RUNNING
        assert "upnpd has stopped" in said()
    assert daemon.ctl("watch").returncode == NOT_RUNNING
