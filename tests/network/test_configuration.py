# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration beside the host that it is for."""

import time

import pytest

from lab import LAN1, ROUTER_LAN, ROUTER_WAN, ControlPoint, search, wait_until
from lab.daemon import binary
from lab.faulty import situations


def test_all_well(lab):
    """-t sums up both sides"""
    checked = lab.daemon().check()
    assert checked.returncode == 0 and checked.stderr == ""
    assert checked.stdout.endswith(f": ok, wan0 (up, public {ROUTER_WAN}) -> br-lan\n")


def test_a_lan_is_named_by_its_address(lab):
    """miniupnpd's listening_ip: the interface that has the address is served"""
    daemon = lab.daemon(interfaces=(), lines=["ext_ifname=wan0", f"listening_ip={ROUTER_LAN}/24"])
    assert daemon.check().stdout.endswith("-> br-lan\n")
    daemon.start()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    assert daemon.stop() == 0


def test_an_address_of_a_lan_is_waited_for(lab):
    """No interface has it at the start: it is served as soon as one has"""
    lab.router.ip(f"addr del {ROUTER_LAN}/24 dev br-lan")
    daemon = lab.daemon(interfaces=(), lines=["ext_ifname=wan0", f"listening_ip={ROUTER_LAN}/24"])
    checked = daemon.check()
    assert checked.returncode == 0 and f"{ROUTER_LAN}/24 (on no interface yet)" in checked.stdout
    assert f"no interface has an address of {ROUTER_LAN}/24 yet" in checked.stderr
    daemon.launch()
    wait_until(daemon.pid_file.exists, 5, "the start")
    lab.router.ip(f"addr add {ROUTER_LAN}/24 brd + dev br-lan")
    wait_until(
        lambda: search(lab.lan1, "upnp:rootdevice", to=(ROUTER_LAN, 1900), expect=1, timeout=0.3),
        5,
        f"an answer in\n{daemon.log}",
    )
    assert "br-lan has come: it is served" in daemon.log
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    daemon.hang_up()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40002, 5000).ok
    assert daemon.stop() == 0


def test_a_port_of_the_bridge_is_no_lan(lab):
    daemon = lab.daemon(interfaces=("wan0", "port1"))
    assert "warning: port1 is a port of bridge br-lan: name br-lan" in daemon.check().stderr


@pytest.mark.parametrize("situation", situations(), ids=lambda each: each.title)
def test_a_faulty_file_is_told_in_words(shared_lab, tmp_path, situation):
    """The table faulty.txt: one mistake, one message, and no other"""
    file = tmp_path / "upnpd.conf"
    file.write_text("\n".join(situation.lines) + "\n", encoding="utf-8")
    options = situation.options or ["-t", "-c", file]
    said = shared_lab.router.run(binary(), *options, check=False).stderr.splitlines()
    if situation.options is None:
        assert [line.replace(str(file), "FILE") for line in said] == situation.said
    else:
        assert said[0] == situation.said[0]


def test_a_configuration_is_proposed(lab):
    """--suggest finds both sides of the router, and its file is a good one"""
    proposed = lab.router.run(binary(), "--suggest", check=False)
    assert proposed.returncode == 0 and "\nexternal_interface = wan0\n" in proposed.stdout
    assert "\ninternal_interface = br-lan\n" in proposed.stdout
    daemon = lab.daemon(interfaces=(), lines=proposed.stdout.splitlines())
    assert daemon.check().stdout.endswith(f"wan0 (up, public {ROUTER_WAN}) -> br-lan\n")


def test_files_of_miniupnpd_are_taken_over(lab):
    """Its configuration is read as it is, its leases carry packets, its old file is kept, and the
    next start reads our own"""
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon(interfaces=(), lines=["ext_ifname=wan0", "listening_ip=br-lan"])
    lease = f"TCP:40001:{LAN1}:5000:{int(time.time()) + 600}:a game\n"
    daemon.lease_file.write_text(lease, encoding="utf-8")
    daemon.start()
    point = ControlPoint(lab.lan1, LAN1)
    (entry,) = point.listing()
    assert entry["NewPortMappingDescription"] == "a game"
    assert 500 < int(entry["NewLeaseDuration"]) <= 600
    assert lab.reaches("TCP", 40001)
    assert daemon.stop() == 0
    kept = daemon.lease_file.with_name(daemon.lease_file.name + ".miniupnpd")
    assert kept.read_text() == lease
    assert daemon.lease_file.read_text().startswith("# upnpd leases")
    daemon.start()
    assert len(point.listing()) == 1 and lab.reaches("TCP", 40001)
    assert daemon.stop() == 0


def test_a_file_is_imported(lab, tmp_path):
    """--import prints it in the names of today, and notices what means nothing here"""
    file = tmp_path / "miniupnpd.conf"
    file.write_text(f"ext_ifname=wan0\nlistening_ip={ROUTER_LAN}/24\nsystem_uptime=yes\n")
    imported = lab.router.run(binary(), "--import", file, check=False)
    assert imported.returncode == 0 and "system_uptime has no effect" in imported.stderr
    assert "\nexternal_interface = wan0\n" in imported.stdout
    assert "\ninternal_interface = br-lan\n" in imported.stdout
    daemon = lab.daemon(interfaces=(), lines=imported.stdout.splitlines())
    assert daemon.check().returncode == 0
