# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that are killed: the engine's mappings survive exactly once, a front end comes back."""

import os
import signal

import pytest

from conftest import BACKENDS
from lab import LAN1, ControlPoint, Lab, rules, search, wait_until
from lab.daemon import USER, binary
from lab.disk import fill, small_disk

MAPPINGS = 50


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_killed_engine_starts_again_with_its_leases(lab, backend):
    """IGD-Map-20; kill -9 with 50 mappings: none doubled, none stale, new ones accepted, nothing
    left at the end"""
    clean = rules.everything(lab.router)
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon(firewall_backend=backend).start()
    point = ControlPoint(lab.lan1, LAN1)
    for port in range(40000, 40000 + MAPPINGS):
        protocol = "TCP" if port % 2 else "UDP"
        assert point.add(protocol, port, 5000, LeaseDuration=3600 if port % 3 else 0).ok
    assert point.add("TCP", 41000, 5000, LeaseDuration=2).ok
    before = [entry for entry in point.listing() if entry["NewExternalPort"] != "41000"]
    daemon.kill()
    wait_until(
        lambda: not lab.router.run("pidof", "upnpd", check=False).stdout or not daemon.processes(),
        2,
        "end",
    )
    daemon.start()
    point = ControlPoint(lab.lan1, LAN1)
    wait_until(lambda: point.specific("TCP", 41000).code == 714, 4, "end of the short lease")
    check_restored(lab, point, before)
    assert point.add("TCP", 42000, 5000).ok and lab.reaches("TCP", 42000)
    assert point.delete("UDP", 40000).ok and not lab.reaches("UDP", 40000)
    assert daemon.stop() == 0
    assert rules.everything(lab.router) == clean


def check_restored(lab, point, before):
    after = point.listing()
    assert len(after) == MAPPINGS
    for old, new in zip(before, after):
        remaining = int(old.pop("NewLeaseDuration")) - int(new.pop("NewLeaseDuration"))
        assert 0 <= remaining <= 15
        assert old == new
        assert rules.count(lab.router, new["NewProtocol"], new["NewExternalPort"]) == 1
    assert rules.count(lab.router, "TCP", 41000) == 0
    assert lab.reaches("TCP", 40001) and lab.reaches("UDP", 40002)


@pytest.mark.parametrize("backend", BACKENDS)
def test_rules_of_a_killed_daemon_without_its_leases_are_cleaned(lab, backend):
    """A rule that the lease file no longer names is stale"""
    daemon = lab.daemon(firewall_backend=backend).start()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    daemon.kill()
    daemon.lease_file.unlink()
    daemon.start()
    assert rules.count(lab.router, "TCP", 40001) == 0
    assert ControlPoint(lab.lan1, LAN1).listing() == []


def test_a_bad_lease_file_is_no_obstacle(lab):
    """IGD-Map-21: bad lines are skipped and logged, good ones load"""
    daemon = lab.daemon().start()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    assert daemon.stop() == 0
    good = daemon.lease_file.read_bytes()
    daemon.lease_file.write_bytes(
        b"nonsense\n\xff\xfe\0\n" + good + b"open mapping tcp 99999 x\n" + b"a" * 100000
    )
    daemon.start()
    assert [entry["NewExternalPort"] for entry in ControlPoint(lab.lan1, LAN1).listing()] == [
        "40001"
    ]
    assert f"{daemon.lease_file}:1: 3 line(s)" in daemon.log


def test_a_full_disk(lab):
    """The lease file has what was granted and deleted meanwhile soon after there is room again,
    though nobody asks for anything more"""
    daemon = lab.daemon()
    with small_disk(daemon.directory / "disk", USER) as disk:
        lab.at_close(daemon.remove)  # before it is unmounted
        daemon.configure(lease_file=disk / "leases")
        daemon.start()
        point = ControlPoint(lab.lan1, LAN1)
        assert point.add("TCP", 40001, 5000).ok and point.add("TCP", 40002, 5000).ok
        fill(disk)
        for port in range(50000, 50500):  # the file's own last page has room for some
            assert point.add("UDP", port, 5000).ok and point.delete("UDP", port).ok
            if "do not survive a restart" in daemon.log:
                break
        assert point.add("TCP", 40003, 5000).ok and point.delete("TCP", 40001).ok
        (disk / "fill").unlink()
        daemon.wait_for_log("the lease file can be written again", 10)
        daemon.kill()
        daemon.start()
        assert sorted(entry["NewExternalPort"] for entry in point.listing()) == ["40002", "40003"]
        assert daemon.stop() == 0


def test_a_killed_front_end_comes_back(lab):
    """Within two seconds, while the mappings stay and carry packets"""
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001, 5000).ok
    old = daemon.front_ends()
    assert len(old) == 1
    os.kill(old[0], signal.SIGKILL)
    assert lab.reaches("TCP", 40001)
    wait_until(
        lambda: search(
            lab.lan1, "upnp:rootdevice", to=("192.168.50.1", 1900), mx=None, expect=1, timeout=0.2
        ),
        2,
        "an answer from the new front end",
    )
    assert daemon.front_ends() != old
    point = ControlPoint(lab.lan1, LAN1)
    assert point.specific("TCP", 40001).ok and lab.reaches("TCP", 40001)
    assert daemon.stop() == 0


@pytest.mark.parametrize("forward", ["accept", "nft-drop", "legacy-drop"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_cleanup_takes_out_what_a_killed_daemon_left(backend, forward):
    """upnpd --cleanup, without configuration; twice, and once where nothing ever was"""
    with Lab(forward=forward) as lab:
        clean = rules.everything(lab.router)
        lab.router.run(binary(), "--cleanup")
        assert rules.everything(lab.router) == clean
        daemon = lab.daemon(firewall_backend=backend).start()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
        daemon.kill()
        assert rules.everything(lab.router) != clean
        for _ in range(2):
            lab.router.run(binary(), "--cleanup")
            assert rules.everything(lab.router) == clean


def test_a_front_end_that_hangs_is_replaced(lab):
    """The engine has told it of another address, and hears nothing"""
    daemon = lab.daemon().start()
    (old,) = daemon.front_ends()
    os.kill(old, signal.SIGSTOP)
    lab.router.ip("addr add 192.168.50.2/24 dev br-lan")
    daemon.wait_for_log("the front end of br-lan hangs: it is killed", 30)
    wait_until(
        lambda: daemon.front_ends() not in ([], [old])
        and search(lab.lan1, "upnp:rootdevice", to=("192.168.50.1", 1900), mx=None, expect=1),
        5,
        "an answer from the new front end",
    )
    assert daemon.stop() == 0
