# SPDX-License-Identifier: GPL-2.0-or-later
"""The part that a service manager plays for the daemon: the socket it reports to, and the process
that its unit file describes - a plain user with two rights, and the system calls that the unit
allows."""

import functools
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import time

from .daemon import USER, Daemon, binary
from .reader import Reader
from .waiting import wait_until

RIGHTS = ("net_admin", "net_raw")
FILTER = pathlib.Path(__file__).with_name("system_calls.py")
# This script does what tmpfiles.d and ExecStartPre= do, in a /run of the daemon's own. (`ip netns
# exec` gives it its own mounts.)
PREPARE = """mount -t tmpfs -o mode=755 tmpfs /run
install -m 0640 -g "$1" /dev/null /run/xtables.lock
chgrp --silent "$1" /proc/net/ip_tables_names /proc/net/ip6_tables_names
shift
"""
# The process that becomes the daemon is the one that the watchdog is for.
BECOME = 'WATCHDOG_PID=$$ exec "$@"'


class ServiceManager(Reader):
    """Notes what arrives, and when."""

    def __init__(self, directory):
        self.path = pathlib.Path(directory) / "notify"
        self.heard = []  # (time, text) of each datagram
        own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        own.bind(str(self.path))
        self.path.chmod(0o666)
        super().__init__([own], self._listen)

    def _listen(self, own):
        self.heard.append((time.monotonic(), own.recv(4096).decode()))

    def lines(self, start=""):
        """(time, line) of all lines that begin so."""
        return [
            (when, line)
            for when, text in list(self.heard)
            for line in text.splitlines()
            if line.startswith(start)
        ]

    def has(self, line):
        return any(line == other for _, other in self.lines())

    def status(self):
        """The last one."""
        return ([""] + [line[len("STATUS=") :] for _, line in self.lines("STATUS=")])[-1]

    def wait_for(self, line, timeout=10):
        wait_until(
            lambda: self.has(line), timeout, f"{line!r} in {[text for _, text in self.heard]}"
        )

    def wait_for_status(self, status, timeout=5):
        wait_until(
            lambda: self.status() == status, timeout, f"{status!r}; the last was {self.status()!r}"
        )


class Service(Daemon):
    """A service is the daemon as the unit starts it. `watchdog`: its interval in s. `prepared`:
    lock and list of tables of legacy iptables may be read by its group. `filtered`: with the unit's
    SystemCallFilter=. `rights`: its capabilities."""

    def __init__(
        self, router, watchdog=30.0, prepared=True, filtered=True, rights=RIGHTS, **settings
    ):
        super().__init__(router, **settings)
        self.manager = ServiceManager(self.directory)
        self._environment = [
            f"NOTIFY_SOCKET={self.manager.path}",
            f"WATCHDOG_USEC={int(watchdog * 1e6)}",
        ]
        self._prepared = prepared
        self._filtered = filtered
        self._rights = ",".join(["-all", *(f"+{right}" for right in rights)])
        # The tree of the sources may be one that only root reads.
        self.program = self.directory / "upnpd"
        for name in "upnpd", "upnpd-front-end", "upnpd-advertiser", "upnpd-lease-store":
            shutil.copy(pathlib.Path(binary()).with_name(name), self.directory)
        self._filter = shutil.copy(FILTER, self.directory)

    def unprivileged(self, *words):
        """That command with what the unit leaves a process."""
        user = pwd.getpwnam(USER)
        prepare = ["sh", "-c", PREPARE + 'exec "$@"', "sh", user.pw_gid] if self._prepared else []
        only = ["/usr/bin/python3", self._filter, *allowed_calls()] if self._filtered else []
        return self.router.command(
            *prepare,
            "setpriv",
            "--reuid",
            user.pw_uid,
            "--regid",
            user.pw_gid,
            "--clear-groups",
            "--inh-caps",
            self._rights,
            "--ambient-caps",
            self._rights,
            "--bounding-set",
            self._rights,
            "--no-new-privs",
            *only,
            *words,
        )

    def command(self, *options):
        return self.unprivileged(
            "env",
            *self._environment,
            "sh",
            "-c",
            BECOME,
            "sh",
            self.program,
            *options,
            "-c",
            self.configuration,
            *self.interfaces,
        )

    def clean_up(self):
        """ExecStopPost="""
        return subprocess.run(
            self.unprivileged(self.program, "--cleanup"),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def remove(self):
        super().remove()
        self.manager.close()


@functools.cache
def allowed_calls():
    """The names of the system calls that the unit lets through."""
    unit = pathlib.Path(__file__).resolve().parents[3] / "init/upnpd.service.in"
    allowed = _members("@default")
    for line in unit.read_text(encoding="utf-8").splitlines():
        if not line.startswith("SystemCallFilter="):
            continue
        words = line.partition("=")[2]
        calls = set().union(*map(_members, words.lstrip("~").split()))
        allowed = allowed - calls if words.startswith("~") else allowed | calls
    return sorted(allowed)


@functools.cache
def _members(name):
    if not name.startswith("@"):
        return {name}
    shown = subprocess.run(
        ["systemd-analyze", "--no-pager", "syscall-filter", name],
        text=True,
        capture_output=True,
        check=True,
        env={**os.environ, "SYSTEMD_COLORS": "0"},
    ).stdout
    words = [
        line.strip()
        for line in shown.splitlines()[1:]
        if line.strip() and not line.strip().startswith("#")
    ]
    return set().union(*map(_members, words))
