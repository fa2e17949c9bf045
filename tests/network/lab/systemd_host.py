# SPDX-License-Identifier: GPL-2.0-or-later
"""systemd as the first process of namespaces of its own, on the lab's router, with a journal and
with upnpd.service of the build tree."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

from .daemon import binary
from .init_host import ACCOUNT
from .waiting import wait_until

SYSTEMD = pathlib.Path("/lib/systemd/systemd")
PROGRAMS = "upnpd", "upnpd-front-end", "upnpd-advertiser", "upnpd-lease-store"
UNITS = {
    "basic.target": "[Unit]\nDefaultDependencies=no\n",
    "sysinit.target": "[Unit]\nDefaultDependencies=no\n",
    "shutdown.target": "[Unit]\nDefaultDependencies=no\n",
    "lab.target": "[Unit]\nWants=systemd-journald.service\n",
    "systemd-journald.socket": """[Unit]
DefaultDependencies=no
[Socket]
ListenStream=/run/systemd/journal/stdout
ListenDatagram=/run/systemd/journal/socket
SocketMode=0666
PassCredentials=yes
Service=systemd-journald.service
""",
    "systemd-journald.service": """[Unit]
DefaultDependencies=no
Requires=systemd-journald.socket
After=systemd-journald.socket
[Service]
Type=notify
ExecStart=/lib/systemd/systemd-journald
Sockets=systemd-journald.socket
StandardOutput=null
""",
    "upnpd.service.d/lab.conf": "[Service]\nEnvironmentFile=/run/lab/options\n",
}
JOURNAL = "[Journal]\nStorage=volatile\nAudit=no\nReadKMsg=no\n"
# `ip netns exec` hides the control groups: a process joins its own before.
JOIN = 'echo $$ >"$0/cgroup.procs" && exec "$@"'
NAMESPACES = "--cgroup", "--pid", "--mount", "--uts", "--ipc", "--fork", "--kill-child"
MOUNTS = """
mount --make-rprivate /
mount -t proc proc /proc
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for each in passwd group; do mount --bind "$0/$each" "/etc/$each"; done
for each in /run /var/lib /var/log; do mount -t tmpfs -o mode=755 tmpfs "$each"; done
mkdir -p /run/lab /run/systemd/journald.conf.d
mount --bind "$0" /run/lab
cp /run/lab/journald.conf /run/systemd/journald.conf.d/lab.conf
export container=lab SYSTEMD_UNIT_PATH=/run/lab/units
exec /lib/systemd/systemd --system --unit=lab.target --show-status=false --log-target=console
"""


class SystemdHost:
    def __init__(self, lab, daemon):
        self.daemon = daemon
        self.directory = daemon.directory
        self._write()
        self._group = make_control_group(daemon.directory.name)
        lab.at_close(self.remove)
        become = "unshare", *NAMESPACES, "sh", "-ec", MOUNTS, self.directory
        with (self.directory / "systemd.log").open("wb") as log:
            self._outer = subprocess.Popen(
                ["sh", "-ec", JOIN, self._group, *lab.router.command(*become)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            wait_until(self._is_up, 10, "systemd")
        except AssertionError:
            pytest.skip("this machine does not let systemd run in namespaces of its own")

    def _write(self):
        for name, text in UNITS.items():
            path = self.directory / "units" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (self.directory / "journald.conf").write_text(JOURNAL, encoding="utf-8")
        unit = pathlib.Path(binary()).parents[2] / "init/upnpd.service"
        text = re.sub(r"(?m)^(Exec\w+=)/usr/s?bin/", r"\1/run/lab/", unit.read_text("utf-8"))
        (self.directory / "units/upnpd.service").write_text(text, encoding="utf-8")
        for name in PROGRAMS:
            shutil.copy(pathlib.Path(binary()).with_name(name), self.directory)
        shutil.copy(pathlib.Path(binary()).parents[1] / "upnpctl/upnpctl", self.directory)
        for name, entry in ("passwd", f"x:{ACCOUNT}:{ACCOUNT}::/:/bin/false"), (
            "group",
            f"x:{ACCOUNT}:",
        ):
            known = pathlib.Path("/etc", name).read_text(encoding="utf-8")
            (self.directory / name).write_text(f"{known}upnpd:{entry}\n", encoding="utf-8")
        (self.directory / "options").write_text(
            'UNUSED=\nUPNPD_OPTS="-c /run/lab/upnpd.conf wan0 br-lan"\n', encoding="utf-8"
        )

    def _first(self):
        """The number of the process that is systemd."""
        for pid in self.daemon.router.processes():
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/exe") == str(SYSTEMD.resolve()):
                    return pid
        return None

    def _is_up(self):
        if self._outer.poll() is not None:
            raise AssertionError("it has ended")
        if self._first() is None:
            return False
        return self.run("systemctl", "is-active", "systemd-journald.service").returncode == 0

    def run(self, *words):
        everything = "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"
        return subprocess.run(
            ["nsenter", *everything, "--target", str(self._first()), *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def systemctl(self, *words):
        return self.run("systemctl", *words)

    def journal(self, *words):
        """The entries of upnpd."""
        shown = self.run("journalctl", "--quiet", "--output=json", "-t", "upnpd", *words).stdout
        return [json.loads(line) for line in shown.splitlines()]

    def remove(self):
        self._outer.send_signal(signal.SIGKILL)
        self._outer.wait()
        wait_until(lambda: remove_control_group(self._group), 10, "the end of its services")


def remove_control_group(group):
    """Whether the group is gone; while one of its processes ends, it stays."""
    folders = [group, *(each for each in group.rglob("*") if each.is_dir())]
    try:
        for folder in sorted(folders, reverse=True):
            folder.rmdir()
    except OSError:
        return False
    return True


def make_control_group(name):
    """A new group of version 2."""
    mounts = pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    place = next((line.split()[4] for line in mounts if " - cgroup2 " in line), None)
    if place is None or not SYSTEMD.exists():
        pytest.skip("there is no systemd, or no control group of version 2")
    group = pathlib.Path(place, name)
    try:
        group.mkdir()
    except OSError as refused:
        pytest.skip(f"no control group can be made: {refused}")
    return group
