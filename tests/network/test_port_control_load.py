# SPDX-License-Identifier: GPL-2.0-or-later
"""Fifty clients of NAT-PMP and PCP at full speed. Runs alone."""

import json
import os
import pathlib
import subprocess
import time

import pytest

from conftest import BACKENDS
from lab import LAN2, ROUTER_LAN, ROUTER_WAN, ControlPoint, Lab, wait_until

CLIENTS = 50
RATE = int(os.environ.get("UPNPD_LOAD_RATE", "10000"))
SECONDS = int(os.environ.get("UPNPD_LOAD_SECONDS", "5"))


def resident(daemon):
    """kB of all processes together."""
    total = 0
    for pid in daemon.processes():
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        total += int(status.split("VmRSS:")[1].split()[0])
    return total


@pytest.mark.parametrize("backend", BACKENDS)
def test_fifty_clients(backend):
    """No answer is wrong, none is lost, memory does not grow, and UPnP answers meanwhile. How many
    requests a second that is, and how long UPnP takes, is printed (pytest -s), not judged: machines
    differ."""
    with Lab() as lab:
        daemon = lab.daemon(
            firewall_backend=backend,
            debug_mode=1,
            mappings_per_client=2000,
            mappings_total=5000,
            port_requests_per_client=50000,
        ).start()  # the clients are one host with many addresses
        lab.lan1.ip(
            *(f"addr add 192.168.50.{100 + number}/24 dev eth0" for number in range(CLIENTS))
        )
        point = ControlPoint(lab.lan2, LAN2)

        def load(rate, seconds):
            command = lab.lan1.command(
                os.environ["UPNPD_LOAD"],
                ROUTER_LAN,
                ROUTER_WAN,
                "192.168.50.100",
                CLIENTS,
                rate,
                seconds,
            )
            return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

        with load(RATE, 2) as warm:  # every port has been mapped, every buffer used
            json.loads(warm.communicate(timeout=60)[0])
        before = resident(daemon)
        delays = []
        with load(RATE, SECONDS) as running:
            while running.poll() is None:
                begin = time.monotonic()
                assert point.add("TCP", 5000, LeaseDuration=60).ok
                assert point.delete("TCP", 5000).ok
                delays.append((time.monotonic() - begin) / 2)
            totals = json.loads(running.stdout.read())
        print(
            f"{backend}: {totals}, UPnP {len(delays) * 2} calls, "
            f"the slowest pair {max(delays) * 1000:.1f} ms a call, "
            f"resident {before} -> {resident(daemon)} kB"
        )
        assert totals["wrong"] == 0 and totals["answered"] > 0, totals
        assert totals["lost"] == 0, totals
        assert len(delays) > 5
        wait_until(
            lambda: resident(daemon) < before * 1.1 + 1024,
            5,
            f"memory as before: {before}, {resident(daemon)}",
        )
        assert daemon.running() and "started again" not in daemon.log
