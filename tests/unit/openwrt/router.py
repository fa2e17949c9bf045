# SPDX-License-Identifier: GPL-2.0-or-later
"""A folder that looks like OpenWrt's root to our scripts, with stand-ins for what they call."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
OPENWRT = HERE.parents[2] / "init/openwrt"
PLACES = {
    "upnpd.init": "etc/init.d/upnpd",
    "upnpd.hotplug": "etc/hotplug.d/iface/50-upnpd",
    "uci.sh": "usr/share/upnpd/uci.sh",
    "luci.upnp": "usr/libexec/rpcd/luci.upnp",
}
NETWORKS = """lan br-lan 192.168.1.1/24
guest br-guest 192.168.60.1/24
wan eth1 80.100.100.1/24
wan6 eth1
"""
PROGRAM = """#!/bin/sh
printf '%s\\n' "${0##*/} $*" >>"$CALLS"
folder=${0%/*}
[ ! -e "$folder/said" ] || cat "$folder/said"
[ ! -e "$folder/fails" ] || { echo "$3:7: error: so it is not" >&2; exit 2; }
"""


# OpenWrt's shell, where it is installed; else the one that is most like it.
SHELL = ["busybox", "ash"] if shutil.which("busybox") else ["dash"]


def sections(text):
    """Yields (name, type, options) of a file of UCI; options of a list are one text."""
    name, kind, options, number = None, None, {}, 0
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["config"]:
            if kind:
                yield name, kind, options
            kind, options = words[1], {}
            name = words[2] if len(words) > 2 else f"cfg{(number := number + 1):06x}"
        elif words[:1] == ["list"]:
            options[words[1]] = f"{options.get(words[1], '')} {words[2]}".strip()
        elif words:
            options[words[1]] = words[2]
    yield name, kind, options


def as_variables(text):
    lines, names = [], []
    for name, kind, options in sections(text):
        names.append(name)
        for option, value in {"TYPE": kind, **options}.items():
            lines.append(f"CONFIG_{name}_{option}={shlex.quote(value)}")
    return "\n".join([*lines, f"CONFIG_SECTIONS={shlex.quote(' '.join(names))}"]) + "\n"


class Router:
    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="upnpd-openwrt-"))
        for source, place in PLACES.items():
            (self.root / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(OPENWRT / source, self.root / place)
        (self.root / "lib/functions").mkdir(parents=True)
        shutil.copy(HERE / "network.sh", self.root / "lib/functions")
        for program in "usr/sbin/upnpd", "usr/bin/upnpctl", "bin/ubus":
            (self.root / program).parent.mkdir(parents=True, exist_ok=True)
            (self.root / program).write_text(PROGRAM)
            (self.root / program).chmod(0o755)
        if SHELL[0] == "busybox":
            (self.root / "bin/awk").symlink_to(shutil.which("busybox"))
        (self.root / "uci").mkdir()
        (self.root / "networks").write_text(NETWORKS)
        self.configuration = self.root / "var/etc/upnpd.conf"
        self.environment = {
            "PATH": f"{self.root}/bin:{os.environ['PATH']}",
            "IPKG_INSTROOT": str(self.root),
            "CALLS": str(self.root / "calls"),
            "NETWORKS": str(self.root / "networks"),
            "UCI": str(self.root / "uci"),
        }

    def close(self):
        shutil.rmtree(self.root)

    def configure(self, text):
        (self.root / "uci/upnpd").write_text(as_variables(text))

    def network(self, name, line):
        """Replaces the line of a network; "" takes it down."""
        text = re.sub(rf"^{name} .*\n", "", (self.root / "networks").read_text(), flags=re.M)
        (self.root / "networks").write_text(text + (f"{line}\n" if line else ""))

    def run(self, *words, stdin="", **variables):
        """Returns the exit status, what was printed, and the calls."""
        calls = self.root / "calls"
        calls.write_text("")
        ran = subprocess.run(
            [*SHELL, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=20,
            env={**self.environment, **variables},
            check=False,
        )
        made = calls.read_text().splitlines()
        assert not ran.stderr, ran.stderr
        assert not [line for line in made if line.startswith("misuse")], made
        return ran.returncode, ran.stdout, made

    def init(self, command):
        """Returns the calls of /etc/init.d/upnpd COMMAND."""
        script = self.root / PLACES["upnpd.init"]
        return self.run("-c", f". {HERE}/functions.sh; run_script {script} {command}")[2]

    def rpc(self, *words, arguments=None):
        """Returns the answer of the rpcd object, and the calls of programs."""
        text = json.dumps(arguments or {})
        status, said, calls = self.run(self.root / PLACES["luci.upnp"], *words, stdin=text)
        assert status == 0
        return json.loads(said), calls

    def says(self, program, text):
        """Decides what a program prints from now on."""
        (self.root / program).with_name("said").write_text(text)


class OnRouter(unittest.TestCase):
    def setUp(self):
        self.router = Router()
        self.addCleanup(self.router.close)
