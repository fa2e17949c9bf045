# SPDX-License-Identifier: GPL-2.0-or-later
"""The costs of processes: memory, wake-ups, system calls, context switches."""

import contextlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SETTLED = 2  # seconds in which nobody has asked


def called(name, pids):
    """Returns those with a name that begins so."""
    return [pid for pid in pids if _name(pid).startswith(name)]


def _name(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    return ""


def memory(pid, kind):
    """kB: `Pss` or `Rss`."""
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(kind + ":"))


def processor_time(pids):
    """Microseconds that their first threads have run; others come and go."""
    return sum(
        int(pathlib.Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])
        for pid in pids
    ) / 1000


def switches(pids):
    """How often they have been put on a processor: by waiting and by being pushed aside."""
    return sum(
        int(line.split()[1])
        for pid in pids
        for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status")
        for line in path.read_text(encoding="ascii").splitlines()
        if "ctxt_switches" in line
    )


def switches_of(pids, work):
    before = switches(pids)
    work()
    return switches(pids) - before


def wakeups(pids, seconds):
    """A minute of idleness."""
    time.sleep(SETTLED)
    return switches_of(pids, lambda: time.sleep(seconds)) * 60 / seconds


def calls_of(pids, work):
    """How many system calls they make while `work` is done."""
    if shutil.which("strace") is None:
        sys.exit("strace is missing: apt-get install strace")
    with tempfile.NamedTemporaryFile("r") as written:
        tracer = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", written.name, *(f"-p{pid}" for pid in pids)]
        )
        try:
            time.sleep(SETTLED)
            before = len(written.readlines())
            work()
        finally:
            tracer.terminate()
            tracer.wait()
        written.seek(0)
        lines = [line for line in written.readlines()[before:] if " resumed>" not in line]
        return sum("(" in line for line in lines)
