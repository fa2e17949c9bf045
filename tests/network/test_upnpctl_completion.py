# SPDX-License-Identifier: GPL-2.0-or-later
"""bash completes upnpctl's words with what the daemon has open."""

import pathlib

import pytest

from lab import LAN1, LAN1_6, ControlPoint, Lab
from test_upnpctl import program

COMPLETION = pathlib.Path(__file__).resolve().parents[2] / "etc/upnpctl.bash"
SCRIPT = """
source {completion}
upnpctl() {{ {program} "$@"; }}
COMP_LINE=$1 COMP_POINT=${{#1}}
_upnpctl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(scope="module")
def running():
    with Lab() as lab:
        lab.add_ipv6()
        daemon = lab.daemon().start()
        assert ControlPoint(lab.lan1, LAN1).add("UDP", 3074, 5000).ok
        assert daemon.ctl("add", "tcp:443", f"[{LAN1_6}]").returncode == 0
        yield lab
        assert daemon.stop() == 0


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("upnpctl wat", ["watch"]),
        ("upnpctl del udp:", ["3074"]),
        ("upnpctl check u", ["udp:3074"]),
        ("upnpctl del tcp:[", [f"[{LAN1_6}]:443"]),
        (f"upnpctl list --client {LAN1[:-1]}", [LAN1]),
        (f"upnpctl explain {LAN1} t", ["tcp"]),
    ],
)
def test_words_of_the_daemon(running, line, offered):
    script = SCRIPT.format(completion=COMPLETION, program=program())
    said = running.router.run("bash", "-c", script, "bash", line).stdout.splitlines()
    # bash wants what comes behind the last colon that was typed.
    assert said == offered
