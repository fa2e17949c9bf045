# SPDX-License-Identifier: GPL-2.0-or-later
"""A network namespace, and what runs inside it.

A socket belongs to the namespace that its thread was in when it was opened, so most of the tests
need no process of their own in there: they enter, open the socket and come back."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess

from .waiting import wait_until

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _setns(descriptor):
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def batch(lines):
    """Many `ip` commands in one process, all or an error."""
    subprocess.run(
        ["ip", "-batch", "-"],
        input="\n".join(lines) + "\n",
        text=True,
        check=True,
        capture_output=True,
    )


class Namespace:
    def __init__(self, name):
        """`name` exists already."""
        self.name = name
        self._descriptor = os.open(f"/run/netns/{name}", os.O_RDONLY | os.O_CLOEXEC)

    @contextlib.contextmanager
    def entered(self):
        """The calling thread, and what it starts, is inside meanwhile."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _setns(self._descriptor)
            try:
                yield
            finally:
                _setns(home)
        finally:
            os.close(home)

    def socket(self, *arguments):
        with self.entered():
            return socket.socket(*arguments)

    def interface(self, name="eth0"):
        """Its index: the scope of link-local addresses."""
        with self.entered():
            return socket.if_nametoindex(name)

    def link_local(self, name="eth0"):
        """The link-local address of an interface."""
        shown = self.run(
            "ip", "-6", "-o", "addr", "show", "dev", name, "scope", "link"
        ).stdout.split()
        return shown[3].partition("/")[0]

    def command(self, *words):
        return ["ip", "netns", "exec", self.name, *map(str, words)]

    def run(self, *words, timeout=30, check=True, **options):
        """A command inside, to its end; returns subprocess.CompletedProcess with text."""
        return subprocess.run(
            self.command(*words),
            timeout=timeout,
            check=check,
            text=True,
            capture_output=True,
            **options,
        )

    def ping(self, address, *options):
        """Until it answers: a new address takes a moment to be there, on a busy machine a long
        one."""
        command = ["ping", "-c", "1", "-W", "1", *options, address]
        wait_until(
            lambda: self.run(*command, check=False).returncode == 0, 10, f"an answer of {address}"
        )

    def ip(self, *lines):
        subprocess.run(
            ["ip", "-n", self.name, "-batch", "-"],
            input="\n".join(lines) + "\n",
            text=True,
            check=True,
            capture_output=True,
        )

    def sysctl(self, **values):
        """sysctl(net__ipv4__ip_forward=1): two underscores stand for a dot."""
        with self.entered():
            for key, value in values.items():
                with open("/proc/sys/" + key.replace("__", "/"), "w", encoding="ascii") as file:
                    file.write(str(value))

    def processes(self):
        """The ids of all processes inside, but not of threads of this one."""
        listed = subprocess.run(
            ["ip", "netns", "pids", self.name], text=True, capture_output=True, check=False
        )
        return [int(word) for word in listed.stdout.split() if int(word) != os.getpid()]

    def close(self):
        """Ends whatever is still inside and removes the namespace."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not self.processes(), 5, "end of the processes")
        os.close(self._descriptor)
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)
