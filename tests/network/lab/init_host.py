# SPDX-License-Identifier: GPL-2.0-or-later
"""The router as an init system finds it: a /run and a /dev/log of its own, the accounts, and the
start files of the build tree for a daemon of the lab."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess

from .daemon import binary
from .reader import Reader
from .waiting import wait_until

MOUNTS = """
for each in null zero random urandom tty; do
    touch "$0/dev/$each" && mount --bind "/dev/$each" "$0/dev/$each"
done
mount --rbind "$0/dev" /dev && mount --bind "$0/run" /run
mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/group" /etc/group
touch "$0/mounted"
exec sleep infinity
"""
ACCOUNT = 65124


class Datagrams(Reader):
    """Notes what arrives at a socket, as /dev/log and the journal's are."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        own.bind(str(path))
        path.chmod(0o666)
        self.heard = []
        super().__init__([own], self._listen)

    def _listen(self, own):
        self.heard.append(own.recv(65536).decode("utf-8", "replace").rstrip("\0"))

    def wait_for(self, text, count=1, timeout=15):
        wait_until(
            lambda: sum(text in each for each in list(self.heard)) >= count,
            timeout,
            f"{text!r} in\n" + "\n".join(self.heard),
        )

class InitHost:
    def __init__(self, lab, daemon):
        self.router = lab.router
        self.daemon = daemon
        self.directory = daemon.directory / "host"
        for name in "dev", "run", "init.d", "conf.d":
            (self.directory / name).mkdir(parents=True)
        for name, entry in ("passwd", f"x:{ACCOUNT}:{ACCOUNT}::/:/bin/false"), (
            "group",
            f"x:{ACCOUNT}:",
        ):
            known = pathlib.Path("/etc", name).read_text(encoding="utf-8")
            (self.directory / name).write_text(f"{known}upnpd:{entry}\n", encoding="utf-8")
        self.syslog = Datagrams(self.directory / "dev/log")
        self.journal = Datagrams(self.directory / "run/systemd/journal/socket")
        self._holder = subprocess.Popen(
            self.router.command("sh", "-ec", MOUNTS, self.directory), stdout=subprocess.DEVNULL
        )
        lab.at_close(self.remove)
        wait_until(lambda: (self.directory / "mounted").exists(), 10, "the mounts")

    @property
    def pid_file(self):
        return self.directory / "run/upnpd/upnpd.pid"

    def pid(self):
        """The engine's; None while there is none."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(self.pid_file.read_text(encoding="ascii"))
            return pid if pid in self.daemon.processes() else None

    def command(self, *words):
        return ["nsenter", "--mount", "--net", "--target", str(self._holder.pid), *map(str, words)]

    def run(self, *words, environment=None, timeout=60):
        """A command there, to its end, with the output in files' place: a daemon may keep it."""
        output = self.directory / "output"
        with output.open("wb") as file:
            status = subprocess.run(
                self.command(*words),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={**os.environ, **(environment or {})},
                timeout=timeout,
                check=False,
            ).returncode
        return status, output.read_text(encoding="utf-8", errors="replace")

    def script(self, name):
        """The start file of that name, for the program of the build tree."""
        built = pathlib.Path(binary()).parents[2] / "init" / name
        path = self.directory / "init.d/upnpd"
        text = built.read_text(encoding="utf-8")
        path.write_text(text.replace("/usr/sbin/upnpd", binary()), encoding="utf-8")
        path.chmod(0o755)
        return path

    def remove(self):
        self._holder.send_signal(signal.SIGKILL)
        self._holder.wait()
        for each in self.syslog, self.journal:
            each.close()
