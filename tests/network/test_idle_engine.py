# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine does not poll. It gets a lock file of its own: iptables commands of others on this
machine touch the one that it watches otherwise, and each of those wakes it."""

import pathlib
import time

import pytest

from conftest import BACKENDS
from lab import wait_until
from test_mends import running


OWN_LOCK = [
    "unshare",
    "--mount",
    "sh",
    "-c",
    "touch /run/xtables.lock && mount -t tmpfs none /mnt && touch /mnt/lock && "
    'mount --bind /mnt/lock /run/xtables.lock && exec "$@"',
    "sh",
]


@pytest.mark.parametrize("backend", BACKENDS)
def test_idle_costs_next_to_nothing(backend):
    """No polling of the rules: an engine without requests sleeps"""
    with running(backend, "accept", OWN_LOCK) as (_, daemon, _):
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status")

        def wakeups():
            return int(
                status.read_text(encoding="ascii").split("voluntary_ctxt_switches:")[1].split()[0]
            )

        begin, before = time.monotonic(), wakeups()
        wait_until(lambda: time.monotonic() - begin > 3, 5, "three seconds")
        # Legacy tables are looked at every second: the kernel announces none of their changes.
        assert wakeups() - before <= (12 if backend == "iptables" else 2)
