# SPDX-License-Identifier: GPL-2.0-or-later
"""Control points made with GUPnP and with libupnp, over IPv4 and IPv6, on a machine whose
processors all are busy: each sees every change, and the first event of each new subscription."""

import contextlib
import os
import pathlib
import subprocess
import sys
import threading

import pytest

from lab import LAN2, ControlPoint, Lab, wait_until

PROGRAMS = pathlib.Path(__file__).resolve().parent / "clients/programs"
ROUNDS = 10


@contextlib.contextmanager
def all_processors_busy():
    """Two that never wait for each processor."""
    burners = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(2 * os.cpu_count())
    ]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


class Subscriber:
    """One of the control points, and what it says: the number of mappings that each event tells."""

    def __init__(self, host, *command):
        self.said = []
        self._process = subprocess.Popen(
            host.command(*command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._thread.join(5)
        self._process.stdin.close()
        self._process.stdout.close()

    def _listen(self):
        for line in self._process.stdout:
            self.said.append(line.strip())

    def again(self):
        """It ends its subscription and makes another."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def wait_for(self, said, what):
        wait_until(lambda: len(self.said) >= len(said), 10, f"{what}; it said {self.said}")
        assert self.said == said, what


def gupnp(host, own, version):
    address = own if version == "4" else host.link_local()
    return sys.executable, PROGRAMS / "gupnp_subscriber.py", address


def libupnp(_host, _own, version):
    return os.environ["UPNPD_SUBSCRIBER"], "eth0", version


KINDS = {
    f"{made_with.__name__} over IPv{version}": (made_with, version)
    for made_with in (gupnp, libupnp)
    for version in ("4", "6")
}


@pytest.fixture(scope="module")
def subscribers():
    """By name, each on a host of its own; and another's control point that makes the changes."""
    with Lab() as lab, contextlib.ExitStack() as stack:
        lab.add_ipv6()
        lab.daemon().start()
        point = ControlPoint(lab.lan2, LAN2)
        stack.enter_context(all_processors_busy())
        by_name = {}
        for number, (name, (command, version)) in enumerate(KINDS.items(), 3):
            host, own = lab.add_host(number)
            subscriber = Subscriber(host, *command(host, own, version))
            by_name[name] = stack.enter_context(subscriber)
        yield point, by_name


def test_each_change_is_seen(subscribers):
    """Ten changes by one subscription, and then ten subscriptions: the first event and a change"""
    point, by_name = subscribers
    said = []

    def all_have_heard(number, what):
        said.append(str(number))
        for name, subscriber in by_name.items():
            subscriber.wait_for(said, f"{what} of {number} by {name}")

    def change(number):
        assert point.add("UDP", 40000 + number).ok
        all_have_heard(number, "the change")

    all_have_heard(0, "the first event")
    for number in range(1, ROUNDS + 1):
        change(number)
    for number in range(ROUNDS, 2 * ROUNDS):
        for subscriber in by_name.values():
            subscriber.again()
        all_have_heard(number, "the first event of another subscription")
        change(number + 1)
