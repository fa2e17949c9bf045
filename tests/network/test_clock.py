# SPDX-License-Identifier: GPL-2.0-or-later
"""A wall clock that jumps, as that of a router without a battery does: leases run by the time that
really passes."""

import re
import time

from lab import LAN1, ControlPoint, wait_until

LEASE = 600


def left(point):
    return int(point.listing()[0]["NewLeaseDuration"])


def restart(daemon, clock, boot=None):
    """Under another wall clock (offset for faketime), and as after another boot of the machine."""
    assert daemon.stop() == 0
    if boot:
        text = daemon.lease_file.read_text(encoding="ascii")
        daemon.lease_file.write_text(
            re.sub(r"^(clock \d+ \d+) \S+", rf"\1 {boot}", text, flags=re.M), encoding="ascii"
        )
    daemon.start(clock=clock)


def test_a_restart_under_another_wall_clock(lab):
    """IGD-Lease-09: ten days ahead nothing has ended, fifty years back nothing is prolonged"""
    daemon = lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001, 5000, LeaseDuration=LEASE).ok
    for clock in "+10d", "-50y", "+0d":
        restart(daemon, clock)
        point = ControlPoint(lab.lan1, LAN1)
        assert LEASE - 60 <= left(point) <= LEASE


def test_after_a_boot_without_a_battery(lab):
    """The clock shows 1976 until the network has told it the time: the lease neither ends nor
    grows, before and after"""
    daemon = lab.daemon().start()
    begin = time.monotonic()
    wait_until(
        lambda: time.monotonic() > begin + 1.5,
        3,
        "a lease that is younger than the file's first line",
    )
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000, LeaseDuration=LEASE).ok
    restart(daemon, "-50y", boot="another-boot")
    assert LEASE - 60 <= left(ControlPoint(lab.lan1, LAN1)) <= LEASE
    restart(daemon, None, boot="a-third-boot")  # that run never learnt the time
    assert LEASE - 60 <= left(ControlPoint(lab.lan1, LAN1)) <= LEASE


def test_time_passes_while_the_router_is_off(lab):
    daemon = lab.daemon().start()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000, LeaseDuration=LEASE).ok
    restart(daemon, "+300s", boot="another-boot")
    assert LEASE - 360 <= left(ControlPoint(lab.lan1, LAN1)) <= LEASE - 299
    restart(daemon, "+1d", boot="a-third-boot")
    assert not ControlPoint(lab.lan1, LAN1).listing()


def test_the_file_follows_a_clock_that_is_set(lab):
    daemon = lab.daemon().start()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000, LeaseDuration=LEASE).ok

    def written():
        return re.search(r"^clock \d+ (\d+)", daemon.lease_file.read_text(encoding="ascii"), re.M)[
            1
        ]

    before = written()
    time.clock_settime(time.CLOCK_REALTIME, time.time())  # to what it shows
    wait_until(lambda: written() != before, 3, "the file in the new time")
    assert "open mapping tcp 40001" in daemon.lease_file.read_text(encoding="ascii")
