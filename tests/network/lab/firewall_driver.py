# SPDX-License-Identifier: GPL-2.0-or-later
"""The firewall's back ends without a daemon: tests/unit/firewall/firewall_driver.cpp."""

import os
import pathlib
import subprocess

from .topology import ROUTER_WAN


def driver_program():
    root = pathlib.Path(__file__).resolve().parents[3]
    return os.environ.get("UPNPD_FIREWALL_DRIVER") or str(
        root / "build/release/tests/unit/firewall/firewall_driver"
    )


class Driver:
    """firewall_driver on the router; a call is one line to it and its answer."""

    def __init__(self, host, *prefix):
        self._process = subprocess.Popen(
            host.command(*prefix, driver_program()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *words):
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def ok(self, *words):
        assert self(*words) == "ok", words

    def open(self, backend, *options):
        assert self("open", backend, "wan0", *options) == backend
        self.ok("external", ROUTER_WAN)
        return self

    def kill(self):
        self._process.kill()
        self._process.wait()

    def close(self):
        """Returns the log. A sanitizer's complaint is a status other than 0."""
        log = self._process.communicate(timeout=10)[1]
        assert self._process.returncode == 0, log
        return log
