# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian system in a folder as the lab's router: changes go to a layer above it and are
forgotten. systemd runs as its first process, or none does, as on a system with SysV's scripts.
"""

import contextlib
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import tempfile

from .systemd_host import JOIN, NAMESPACES, make_control_group, remove_control_group
from .waiting import wait_until

DEVICES = """
mount --make-rprivate /
cd "$0"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
for each in null zero full random urandom tty; do
    touch "dev/$each" && mount --bind "/dev/$each" "dev/$each"
done
"""
CHANGE_ROOT = """
mkdir -p mnt
pivot_root . mnt
cd /
umount -l /mnt
"""
WITH_SYSTEMD = f"""{DEVICES}
mount -t cgroup2 cgroup2 sys/fs/cgroup
{CHANGE_ROOT}
export container=lab
exec /lib/systemd/systemd --system --unit=multi-user.target --show-status=false
"""
WITHOUT = f"{DEVICES}{CHANGE_ROOT}exec sleep infinity"
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND": "noninteractive",
    "LC_ALL": "C.UTF-8",
}
# The machine itself writes these, and the tools for accounts copy their files.
PASSING = "dev", "proc", "sys", "run", "tmp", "mnt", "var/log", "var/cache", "var/tmp"
COPIES = {f"etc/{name}-" for name in ("passwd", "group", "shadow", "gshadow")}


class DebianRoot:
    """`base` and everything in `layers` above it, each an older DebianRoot's changes."""

    def __init__(self, base, *layers):
        self._place = pathlib.Path(tempfile.mkdtemp(prefix="upnpd-root-", dir="/var/tmp"))
        self.path = self._place / "root"
        self.changes = self._place / "changes"
        for name in "root", "changes", "work":
            (self._place / name).mkdir()
        below = ":".join(str(each.changes) for each in reversed(layers))
        lower = f"{below}:{base}" if below else str(base)
        options = f"lowerdir={lower},upperdir={self.changes},workdir={self._place}/work"
        subprocess.run(
            ["mount", "-t", "overlay", "-o", options, "overlay", self.path], check=True
        )

    def run(self, *words):
        """In the host's own network, to install what is asked for."""
        subprocess.run(
            ["chroot", self.path, *words],
            env=ENVIRONMENT,
            check=True,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )

    def close(self):
        subprocess.run(["umount", "--lazy", self.path], check=False)
        subprocess.run(["rm", "-rf", "--one-file-system", self._place], check=False)

    def files(self):
        """Each file with its kind, mode and owner; with its text below /etc."""
        return dict(self._entries(pathlib.Path()))

    def _entries(self, folder):
        for entry in os.scandir(self.path / folder):
            name = str(folder / entry.name)
            if name in PASSING or name in COPIES:
                continue
            status = entry.stat(follow_symlinks=False)
            text = ""
            if name.startswith("etc/") and entry.is_file(follow_symlinks=False):
                text = hashlib.sha256(pathlib.Path(entry.path).read_bytes()).hexdigest()
            yield name, (oct(status.st_mode), status.st_uid, status.st_gid, text)
            if entry.is_dir(follow_symlinks=False):
                yield from self._entries(folder / entry.name)


class DebianHost:
    def __init__(self, lab, root, systemd):
        self.root = root
        self._router = lab.router
        self._group = make_control_group(root.path.parent.name)
        lab.at_close(self.remove)
        become = "unshare", *NAMESPACES, "sh", "-ec", WITH_SYSTEMD if systemd else WITHOUT
        with (root.path.parent / "first.log").open("wb") as log:
            self._outer = subprocess.Popen(
                ["sh", "-ec", JOIN, self._group, *lab.router.command(*become, root.path)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(self._is_up if systemd else self._first, 30, "the first process")

    def _first(self):
        """The number of the first process, once it has changed its root."""
        name = self.root.path.parent
        with contextlib.suppress(OSError, ValueError):
            words = (self._outer.pid,)
            while words:
                pid = int(words[0])
                if os.readlink(f"/proc/{pid}/ns/pid") != os.readlink("/proc/self/ns/pid"):
                    comm = pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip()
                    return pid if comm in ("systemd", "sleep") else None
                children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
                words = children.read_text(encoding="ascii").split()
        if self._outer.poll() is not None:
            raise RuntimeError((name / "first.log").read_text(encoding="utf-8"))
        return None

    def _is_up(self):
        return self._first() and self.run("systemctl", "is-system-running").stdout.strip() in (
            "running",
            "degraded",
        )

    def run(self, *words):
        """A command there; returns subprocess.CompletedProcess with text. It waits until nobody
        has the pipe any more, as programs do that call apt: no daemon may keep it."""
        everything = "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"
        return subprocess.run(
            ["nsenter", *everything, "--target", str(self._first()), *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
            text=True,
            timeout=60,
            check=False,
        )

    def daemons(self):
        """The processes of upnpd, without those that only wait to be noticed."""
        shown = self.run("sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null").stdout
        return set(re.findall(r"(\d+) \(upnpd\) [^ZX]", shown))

    def remove(self):
        self._outer.send_signal(signal.SIGKILL)
        self._outer.wait()
        wait_until(lambda: remove_control_group(self._group), 20, "the end of all processes")
