# SPDX-License-Identifier: GPL-2.0-or-later
"""`upnpctl config` tells which value counts, and which line says so; `page-password` keeps a
hash."""

import json
import os
import pty
import select

import pytest

from lab import Lab
from test_upnpctl import MISUSED, NOT_PERMITTED, OK, REFUSED, program


@pytest.fixture(scope="module")
def running():
    with Lab() as lab:
        daemon = lab.daemon(
            lines=["deny 22 0.0.0.0/0 22", "lease_max = 60", "lease_max = 3600", "upnp = on"]
        ).start()
        yield lab, daemon
        assert daemon.stop() == 0


def settings(daemon, *words):
    answer = json.loads(daemon.ctl("-j", "config", *words).stdout)
    return answer["running"], answer["settings"]


def of(key, found):
    return [(each["value"], each["place"]) for each in found if each["key"] == key]


def test_the_value_in_force_and_its_place(running):
    _, daemon = running
    is_running, found = settings(daemon)
    assert is_running and len(found) > 60
    assert of("external_interface", found) == [("wan0", "command line")]
    assert of("lease_max", found) == [("3600", daemon.line_of("lease_max = 3600"))]
    assert of("deny", found) == [("22 0.0.0.0/0 22", daemon.line_of("deny"))]
    assert of("lease_min", found) == [("1", "default")]


def test_what_differs_from_the_default(running):
    _, daemon = running
    keys = {each["key"] for each in settings(daemon, "--changed")[1]}
    assert {"lease_max", "deny", "external_interface"} <= keys
    assert not {"upnp", "lease_min", "uuid"} & keys
    assert "lease_max = 3600" in daemon.ctl("config", "--changed").stdout


def test_a_value_counts_when_it_is_in_force(running):
    _, daemon = running
    text = daemon.configuration.read_text(encoding="utf-8")
    daemon.configuration.write_text(text.replace("= 3600", "= 7200"), encoding="utf-8")
    assert of("lease_max", settings(daemon)[1])[0][0] == "3600"
    assert daemon.ctl("reload").returncode == OK
    assert of("lease_max", settings(daemon)[1])[0][0] == "7200"


def test_the_file_counts_where_no_daemon_runs(running, tmp_path):
    lab, _ = running
    file = tmp_path / "upnpd.conf"
    file.write_text(
        "external_interface = wan0\ninternal_interface = br-lan\nlease_max = 60\n"
        f"control_socket = {tmp_path}/sock\n",
        encoding="utf-8",
    )
    said = lab.router.run(program(), "-j", "-c", file, "config", "--changed", check=False)
    answer = json.loads(said.stdout)
    assert said.returncode == OK and not answer["running"]
    assert of("lease_max", answer["settings"]) == [("60", f"{file}:3")]
    file.write_text("lease_mx = 60\n", encoding="utf-8")
    said = lab.router.run(program(), "-c", file, "config", check=False)
    assert said.returncode == MISUSED and f"{file}:1: error" in said.stderr


@pytest.fixture
def page(running, tmp_path):
    """A configuration with a place for the password; yields a command, and that place."""
    lab, _ = running
    file, place = tmp_path / "upnpd.conf", tmp_path / "page-password"
    file.write_text(
        f"external_interface = wan0\ninternal_interface = br-lan\npage_password = {place}\n"
        f"control_socket = {tmp_path}/sock\n",
        encoding="utf-8",
    )
    return lab.router.command(program(), "-c", file, "page-password"), place


def typed(command, lines):
    """Runs a command on a terminal of its own; returns its exit status and what was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    shown = b""
    for line in lines:
        while not shown.rstrip(b" ").endswith(b":"):
            assert select.select([terminal], [], [], 10)[0], shown
            shown += os.read(terminal, 1024)
        os.write(terminal, line.encode() + b"\n")
        shown += b"\n"
    while True:
        try:
            more = os.read(terminal, 1024)
        except OSError:  # the end of the terminal
            break
        if not more:
            break
        shown += more
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def test_a_password_is_typed_twice_and_not_shown(page):
    command, place = page
    status, shown = typed(command, ["open sesame", "open sesame"])
    assert status == OK, shown
    assert "sesame" not in shown and str(place) in shown
    first = place.read_text(encoding="ascii")
    assert first.startswith("$y$") and first.count("\n") == 1
    assert place.stat().st_mode & 0o777 == 0o640 and place.stat().st_uid == 0
    status, shown = typed(command, ["open sesame", "open sesami"])
    assert status == REFUSED and "not the same" in shown
    assert place.read_text(encoding="ascii") == first


def test_a_password_from_a_program(running, page):
    lab, _ = running
    command, place = page
    words = command[4:]
    said = lab.router.run(*words, "--stdin", input="correct horse\n", check=False)
    assert said.returncode == OK and place.read_text(encoding="ascii").startswith("$y$")
    short = lab.router.run(*words, "--stdin", input="short\n", check=False)
    assert short.returncode == REFUSED
    assert lab.router.run(*words, input="", check=False).returncode == MISUSED, "no terminal"
    nobody = ["setpriv", "--reuid", "65533", "--clear-groups", *words, "--stdin"]
    assert lab.router.run(*nobody, input="correct horse\n", check=False).returncode in (
        MISUSED,  # it cannot read the configuration
        NOT_PERMITTED,
    )
