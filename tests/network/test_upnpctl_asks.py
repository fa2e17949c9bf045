# SPDX-License-Identifier: GPL-2.0-or-later
"""upnpctl asks the daemon that runs: whatever file it has, and wherever its socket is."""

import contextlib
import json
import subprocess
import sys

import pytest

from lab import LAN1, ControlPoint, Lab, wait_until
from test_upnpctl import MISUSED, NOT_RUNNING, OK, REFUSED, program

PORT = 40001
IMPOSTOR = """
import socket, time
place = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
place.bind("\\0upnpd")
place.listen(8)
print("taken", flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def running():
    """Started as `upnpd -c FILE wan0 br-lan`: FILE names no interface."""
    with Lab() as lab:
        daemon = lab.daemon(igd_version=1).start()
        yield lab, daemon
        assert daemon.stop() == 0


def ctl(lab, *words):
    return lab.router.run(program(), *words, check=False)


def test_without_a_word_about_files(running):
    lab, daemon = running
    assert ControlPoint(lab.lan1, LAN1).add("TCP", PORT, 5000).ok
    status = json.loads(ctl(lab, "-j", "status").stdout)
    assert status["pid"] == daemon.process.pid and status["uptime"] < 600
    settings = status["settings"]
    assert settings["file"] == str(daemon.configuration)
    assert settings["control_socket"] == str(daemon.control_socket)
    assert (settings["external_interface"], settings["internal_interfaces"]) == ("wan0", ["br-lan"])
    assert "wan0 80.100.100.1 (public)" in ctl(lab).stdout
    assert str(PORT) in ctl(lab, "list").stdout
    checked = ctl(lab, "check")
    assert checked.returncode == OK and "MAP-01" in checked.stdout and "br-lan" in checked.stdout
    assert ctl(lab, "reload").returncode == OK
    assert ctl(lab, "del", f"tcp:{PORT}").returncode == OK


DROP = """table ip theirs {{
    chain prerouting {{
        type filter hook prerouting priority raw;
        udp dport {port} drop
    }}
}}
"""


def test_what_is_stopped_afterwards_is_named(running):
    """A rule that comes after the grant, and that no opening of ours can help"""
    lab, daemon = running
    lab.echo(lab.lan1, PORT)
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("UDP", PORT).ok and lab.reaches("UDP", PORT)

    def mapping():
        return json.loads(ctl(lab, "-j", "list").stdout)["mappings"][0]

    assert mapping()["stopped_by"] is None
    lab.router.run("nft", "-f", "-", input=DROP.format(port=PORT))
    wait_until(lambda: mapping()["stopped_by"], 5, "the rule")
    assert not lab.reaches("UDP", PORT)
    assert "NOT REACHED" in ctl(lab, "list").stdout
    assert "theirs" in ctl(lab, "show", mapping()["id"]).stdout
    lab.router.run("nft", "delete", "table", "ip", "theirs")
    wait_until(lambda: mapping()["stopped_by"] is None, 5, "its end")
    assert lab.reaches("UDP", PORT) and point.delete("UDP", PORT).ok


def test_the_socket_of_a_file_without_interfaces(running):
    lab, daemon = running
    assert "wan0 80.100.100.1" in ctl(lab, "-c", daemon.configuration, "status").stdout
    assert ctl(lab, "-c", daemon.configuration, "check").returncode == OK


def test_a_port_of_both_protocols_is_checked(running):
    checks = json.loads(ctl(running[0], "-j", "check", "3074").stdout)["checks"]
    texts = [each["text"] for each in checks if each["code"] == "MAP-02"]
    assert len(texts) == 2 and "tcp" in texts[0] and "udp" in texts[1]


def test_what_is_wrong_with_the_file_is_said(running, tmp_path):
    lab, _ = running
    file = tmp_path / "upnpd.conf"
    file.write_text("external_interface = wan0\nfriendly_nam = x\n", encoding="utf-8")
    for command in "reload", "status", "check":
        said = ctl(lab, "-c", file, command)
        assert said.returncode == MISUSED and f"{file}:2: error:" in said.stderr, said
        assert "/run/upnpd" not in said.stderr
    said = ctl(lab, "-c", tmp_path / "absent", "status")
    assert said.returncode == MISUSED and "No such file" in said.stderr


def test_with_j_all_is_json(running):
    lab, daemon = running
    assert ControlPoint(lab.lan1, LAN1).add("TCP", PORT, 5000).ok

    def answer(status, *words):
        said = ctl(lab, "-j", *words)
        assert said.returncode == status, said
        return json.loads(said.stdout)

    assert answer(OK, "del", f"tcp:{PORT}") == {"ok": True, "schema": 1, "deleted": 1}
    assert answer(OK, "del", "--client", "fd77::11")["deleted"] == 0
    assert answer(OK, "del", "--all")["deleted"] == 0
    assert answer(REFUSED, "del", f"tcp:{PORT}")["error"] == "not-found"
    assert answer(MISUSED, "list", "--client")["error"] == "usage"
    assert answer(NOT_RUNNING, "-s", "/run/nobody", "status")["error"] == "not-running"
    daemon.configure(["lease_max = soon"])
    refused = answer(REFUSED, "reload")
    assert not refused["ok"] and f"{daemon.configuration}" in refused["text"]
    daemon.configure()


def test_an_interface_that_waits_says_why():
    with Lab() as lab:
        daemon = lab.daemon().start()
        assert "          nat-pmp  IPv4\n" in ctl(lab).stdout
        lab.router.ip("addr flush dev br-lan")
        wait_until(lambda: "br-lan (waiting for its address)" in ctl(lab).stdout, 5, "the reason")
        assert "nat-pmp  NOT SERVED" in ctl(lab).stdout
        daemon.wait_for_log("no address now: its front end is stopped until it has one")
        assert daemon.stop() == 0


def test_a_daemon_without_a_socket_file_answers_root():
    with Lab() as lab:
        daemon = lab.daemon(control_socket="none").start()
        assert ctl(lab, "status").returncode == OK and ctl(lab, "reload").returncode == OK
        said = ctl(lab, "-c", daemon.configuration, "status")
        assert said.returncode == NOT_RUNNING and "control_socket = none" in said.stderr


def test_nobody_answers_in_the_daemons_stead():
    """An ordinary user may take the place in the network namespace; upnpctl does not believe it"""
    with Lab() as lab, contextlib.ExitStack() as stack:
        impostor = subprocess.Popen(
            lab.router.command(
                "setpriv", "--reuid", "12345", "--clear-groups", sys.executable, "-c", IMPOSTOR
            ),
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.callback(impostor.wait)
        stack.callback(impostor.kill)
        assert impostor.stdout.readline() == "taken\n"
        said = ctl(lab, "status")
        assert said.returncode == NOT_RUNNING and "upnpd is not running" in said.stderr
        impostor.kill()
        wait_until(lambda: impostor.poll() is not None, 5, "the end of the impostor")
