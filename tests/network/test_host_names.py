# SPDX-License-Identifier: GPL-2.0-or-later
"""Openings bear the names of their hosts: as a DHCP server was told them, else as the name server
knows them. Nobody waits for a name server, and what a host calls itself harms nobody."""

import contextlib
import json
import pathlib
import shutil
import tempfile
import time

import pytest

from lab import LAN1, LAN2, ROUTER_LAN, ControlPoint, Lab, wait_until
from lab.toolbox import Toolbox
from test_external_address import with_file
from test_upnpctl import Ctl


class Names:
    """A daemon, upnpctl, and the lease file that the daemon reads."""

    def __init__(self, lab, folder):
        self.lab, self.leases = lab, folder / "leases"
        self.leases.write_text("", encoding="ascii")
        self.daemon = lab.daemon(host_names=str(self.leases)).start()
        self.ctl = Ctl(lab, self.daemon)
        self.point = ControlPoint(lab.lan1, LAN1)

    def listed(self):
        answer = self.ctl("-j", "list")
        assert answer.returncode == 0, answer.stderr
        return {each["external_port"]: each for each in json.loads(answer.stdout)["mappings"]}

    def name_of(self, port):
        return self.listed()[port]["client"]["name"]

    def write(self, text):
        self.leases.write_text(text, encoding="latin-1")


@pytest.fixture
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="upnpd-names-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def names(folder):
    with Lab() as lab:
        yield Names(lab, folder)


def mac_of(host):
    shown = json.loads(host.run("ip", "-j", "link", "show", "dev", "eth0").stdout)
    return shown[0]["address"]


def test_dnsmasq_is_told_a_name(names, folder):
    lab, leases = names.lab, folder / "dnsmasq"
    assert names.point.add("UDP", 40001, 5000).ok
    assert names.name_of(40001) is None
    names.daemon.read_again(host_names=str(leases))
    with Toolbox(lab.router, ("dnsmasq-base",)) as tools:
        tools.background(
            *("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root"),
            *("--interface=br-lan", "--bind-interfaces", f"--dhcp-leasefile={leases}"),
            *(f"--dhcp-range={ROUTER_LAN},static", f"--dhcp-host={mac_of(lab.lan1)},{LAN1}"),
        )
        lab.lan1.run(
            *("busybox", "udhcpc", "-i", "eth0", "-f", "-q", "-n", "-t", "10", "-T", "1"),
            *("-s", "/bin/true", "-x", "hostname:Living-Room_Console"),
        )
        wait_until(lambda: leases.exists() and leases.read_text(), 5, "the lease")
    wait_until(lambda: names.name_of(40001) == "Living-Room_Console", 15, "its name")
    row = names.listed()[40001]
    assert row["client"] == {
        "name": "Living-Room_Console",
        "mac": mac_of(lab.lan1),
        "present": True,
    }


def test_a_row_tells_who_since_when_and_how_much(names):
    lab = names.lab
    lab.echo(lab.lan1, 5000)
    names.write(f"{LAN1} nas.lan nas\n")
    before = int(time.time())
    assert names.point.add("UDP", 40001, 5000, LeaseDuration=600).ok
    row = names.listed()[40001]
    assert row["client"]["name"] == "nas.lan"
    assert row["client"]["mac"] == mac_of(lab.lan1)
    assert before - 1 <= row["made"] <= before + 10
    assert row["made"] + 598 <= row["expires"] <= row["made"] + 602
    assert (row["packets"], row["bytes"]) == (0, 0)
    for _ in range(3):
        assert lab.reaches("UDP", 40001)
    time.sleep(1.1)  # the kernel is asked once a second
    row = names.listed()[40001]
    assert row["packets"] == 6 and row["bytes"] > 6 * 28

    lab.router.run("nft", "delete", "table", "inet", "upnpd")
    names.daemon.wait_for_log("put back")
    assert lab.reaches("UDP", 40001)
    time.sleep(1.1)
    assert names.listed()[40001]["packets"] == 8, "counted on after a repair"


def test_the_name_server_is_not_waited_for(names):
    """No file names the host, and the name server does not answer: 192.0.2.1 is nobody"""
    names.daemon.stop()
    with_file(names.daemon, "resolv.conf", "nameserver 192.0.2.1\n").start()
    assert names.point.add("UDP", 40001, 5000).ok
    begin = time.monotonic()
    assert names.name_of(40001) is None
    assert time.monotonic() - begin < 1


def test_what_no_file_names_is_looked_up(names):
    names.daemon.stop()
    with_file(names.daemon, "hosts", f"{LAN1} attic.lan\n").start()
    assert names.point.add("UDP", 40001, 5000).ok
    wait_until(lambda: names.name_of(40001) == "attic.lan", 15, "its name")


def test_hostile_names_do_no_harm(names):
    names.write(
        f"{LAN1} \x1b[31m<script>alert(1)</script>\n"
        f"{LAN2} {ROUTER_LAN}\n"
        "80.100.100.9 outside\n" + f"{LAN1}\n" * 50_000 + "\xff" * 100_000
    )
    assert names.point.add("UDP", 40001, 5000).ok
    assert names.name_of(40001) == "31mscriptalert1script"
    wait_until(lambda: not readers(names.daemon), 3, "the end of whoever reads them")


def readers(daemon):
    found = []
    for process in daemon.processes():
        with contextlib.suppress(OSError):
            line = pathlib.Path(f"/proc/{process}/cmdline").read_text(encoding="ascii")
            found += [process] if "--read-names" in line else []
    return found
