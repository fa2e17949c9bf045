# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine does not poll. It gets a lock file of its own: iptables commands of others on this
machine touch the one that it watches otherwise, and each of those wakes it."""

import pathlib
import time

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


def wakeups(daemon):
    status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="ascii")
    return int(status.split("voluntary_ctxt_switches:")[1].split()[0])


def test_an_engine_without_requests_sleeps():
    """No polling of the rules"""
    with running("nftables", "accept", OWN_LOCK) as (_, daemon, _):
        seen = [time.monotonic(), wakeups(daemon)]

        def slept():
            if (now := wakeups(daemon)) != seen[1]:
                seen[:] = time.monotonic(), now
            return time.monotonic() - seen[0] > 2.5

        wait_until(slept, 20, "a sleep of more than two seconds")


def test_legacy_tables_are_looked_at_every_second():
    """The kernel announces none of their changes"""
    with running("iptables", "accept", OWN_LOCK) as (_, daemon, _):
        begin, before = time.monotonic(), wakeups(daemon)
        wait_until(lambda: time.monotonic() - begin > 3, 5, "three seconds")
        assert wakeups(daemon) - before <= 12
