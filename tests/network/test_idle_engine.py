# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine does not poll. This file runs alone: iptables commands of other tests touch the lock file that the engine
watches, and each of those wakes it."""

import pathlib
import time

import pytest

from conftest import BACKENDS
from lab import wait_until
from test_mends import running


@pytest.mark.parametrize("backend", BACKENDS)
def test_idle_costs_next_to_nothing(backend):
    """No polling of the rules: an engine without requests wakes up a few times a second at most"""
    with running(backend, "accept") as (_, daemon, _):
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status")

        def wakeups():
            return int(status.read_text(encoding="ascii").split("voluntary_ctxt_switches:")[1].split()[0])

        begin, before = time.monotonic(), wakeups()
        wait_until(lambda: time.monotonic() - begin > 3, 5, "three seconds")
        assert wakeups() - before <= 12
