# SPDX-License-Identifier: GPL-2.0-or-later
"""on_change: a program without rights hears of each change, and holds up nobody."""

import json
import pathlib
import pwd
import tempfile
import time

import pytest

from lab import LAN1, ControlPoint, wait_until
from lab.daemon import USER

PORT = 40001
TELLS = """#!/bin/sh
cat >> {place}/told
id -u > {place}/user
grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status > {place}/rights
tr '\\0' '\\n' < /proc/self/environ > {place}/environment
"""

SLOW = """#!/bin/sh
sleep 60 &
echo $! > {place}/sleeper
cat >> {place}/told
wait
"""


@pytest.fixture
def place():
    """A folder that everybody may write. pytest's own are root's, and each pytest that starts
    makes them so again."""
    with tempfile.TemporaryDirectory(prefix="upnpd-hook-") as folder:
        pathlib.Path(folder).chmod(0o755)
        open_to_all = pathlib.Path(folder) / "told"
        open_to_all.mkdir()
        open_to_all.chmod(0o777)
        yield open_to_all


def program(place, text):
    path = place.parent / "program"
    path.write_text(text.format(place=place), encoding="utf-8")
    path.chmod(0o755)
    return path


def written(path):
    return path.read_text(encoding="utf-8") if path.exists() else ""


def told(place):
    """The events so far; an object is on one line."""
    return [json.loads(line) for line in written(place / "told").splitlines()]


def words(place):
    return [event["event"] for event in told(place)]


def test_it_hears_of_each_change(lab, place):
    daemon = lab.daemon(on_change=program(place, TELLS)).start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("UDP", PORT, 5000, PortMappingDescription="a <game>").ok
    wait_until(lambda: words(place) == ["granted"], 5, "the grant")
    assert point.add("TCP", 22, 22).code
    assert point.delete("UDP", PORT).ok
    wait_until(lambda: words(place) == ["granted", "refused", "ended"], 5, "the others")
    granted, refused, ended = told(place)
    assert granted["opening"]["external_port"] == PORT
    assert granted["opening"]["description"] == "a <game>"
    assert refused["error"] == "not-authorized" and "below 1024" in refused["reason"]
    assert ended["cause"] == "client" and LAN1 in ended["reason"]
    assert daemon.stop() == 0


def test_it_has_no_rights(lab, place):
    daemon = lab.daemon(on_change=program(place, TELLS)).start()
    assert ControlPoint(lab.lan1, LAN1).add("UDP", PORT, 5000).ok
    wait_until(lambda: "=" in written(place / "environment"), 5, "its run")
    rights = (place / "rights").read_text(encoding="utf-8").split()
    assert rights == ["CapEff:", "0" * 16, "NoNewPrivs:", "1", "Seccomp:", "2"]
    user = int((place / "user").read_text(encoding="utf-8"))
    assert user != 0
    accounts = {account.pw_name: account.pw_uid for account in pwd.getpwall()}
    assert user == accounts.get("upnpd-front-end", accounts[USER])
    environment = written(place / "environment").split()
    assert [line.partition("=")[0] for line in environment if "=" in line][0] == "PATH"
    assert daemon.stop() == 0


def test_a_slow_one_holds_up_nobody(lab, place):
    slow = program(place, SLOW)
    daemon = lab.daemon(on_change=slow).start()
    point = ControlPoint(lab.lan1, LAN1)
    start = time.monotonic()
    for i in range(5):
        assert point.add("UDP", PORT + i, 5000 + i).ok
    assert time.monotonic() - start < 2
    wait_until(lambda: len(told(place)) == 1, 5, "the first run")
    time.sleep(0.5)
    assert len(told(place)) == 1, "one at a time"
    assert daemon.stop() == 0
    sleeper = (place / "sleeper").read_text(encoding="utf-8").strip()
    wait_until(lambda: not pathlib.Path(f"/proc/{sleeper}").exists(), 5, "the end of all of it")


def test_a_failure_is_said_once(lab, place):
    daemon = lab.daemon(on_change=program(place, "#!/bin/sh\nexit 3\n")).start()
    point = ControlPoint(lab.lan1, LAN1)
    for i in range(3):
        assert point.add("UDP", PORT + i, 5000 + i).ok
    wait_until(lambda: "ended with status 3" in daemon.log, 5, "the log line")
    time.sleep(0.3)
    warnings = [line for line in daemon.log.splitlines() if "warning on_change" in line]
    assert len(warnings) == 1
    assert daemon.stop() == 0


@pytest.mark.parametrize(
    ("mode", "fault"),
    [(0o777, "others than root may write it"), (0o700, "not everybody may run it")],
)
def test_a_program_of_others_is_refused(lab, place, mode, fault):
    path = program(place, TELLS)
    path.chmod(mode)
    daemon = lab.daemon(on_change=path)
    checked = daemon.check()
    assert checked.returncode == 2
    assert f"{daemon.line_of('on_change')}: error: on_change = {path}: {fault}" in checked.stderr
    path.unlink()
    assert "there is no such program" in daemon.check().stderr


def test_a_reload_changes_it(lab, place):
    daemon = lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("UDP", PORT, 5000).ok
    daemon.configure(on_change=program(place, TELLS))
    daemon.hang_up()
    assert point.add("UDP", PORT + 1, 5001).ok
    wait_until(lambda: "granted" in words(place), 5, "the grant")
    daemon.configure()
    daemon.hang_up()
    before = len(told(place))
    assert point.add("UDP", PORT + 2, 5002).ok
    time.sleep(0.5)
    assert len(told(place)) <= before + 1, "the reload itself at most"
    assert daemon.stop() == 0
