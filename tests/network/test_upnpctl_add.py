# SPDX-License-Identifier: GPL-2.0-or-later
"""The administrator opens ports by hand, and is told what would come of it."""

import json

import pytest

from lab import LAN1, LAN1_6, LAN2, ControlPoint, Lab
from test_upnpctl import MISUSED, NOT_PERMITTED, OK, REFUSED, program

PORT = 8443


@pytest.fixture(scope="module")
def running():
    with Lab() as lab:
        lab.add_ipv6()
        lab.echo(lab.lan1, 443)
        daemon = lab.daemon().start()
        yield lab, daemon
        assert daemon.stop() == 0


@pytest.fixture(autouse=True)
def empty(running):
    yield
    _, daemon = running
    for one in mappings(daemon):
        daemon.ctl("del", f"{one['protocol']}:{one['external_port']}")


def mappings(daemon):
    return json.loads(daemon.ctl("-j", "list").stdout)["mappings"]


def test_a_port_is_opened_and_reached(running):
    lab, daemon = running
    added = daemon.ctl("add", f"tcp:{PORT}", f"{LAN1}:443", "--for", "2h", "--comment", "my  café")
    assert added.returncode == OK, added.stderr
    assert f"{LAN1}:443 <- 80.100.100.1:{PORT} tcp, 2h 00m" in added.stdout
    assert lab.reaches("TCP", PORT)
    (one,) = mappings(daemon)
    assert one["via"] == "admin" and one["description"] == "my  café"
    assert 7190 <= one["lease"] <= 7200
    taken = ControlPoint(lab.lan2, LAN2).add("TCP", PORT, 5000)
    assert taken.code == 718
    assert daemon.ctl("del", f"tcp:{PORT}").returncode == OK
    assert not lab.reaches("TCP", PORT)


def test_it_lasts_over_a_restart(running):
    lab, daemon = running
    assert daemon.ctl("add", "tcp", str(PORT), f"{LAN1}:443").returncode == OK
    daemon.stop()
    daemon.start()
    (one,) = mappings(daemon)
    assert one["external_port"] == PORT and one["lease"] == 0
    assert lab.reaches("TCP", PORT)


def test_a_dry_run_changes_nothing(running):
    lab, daemon = running
    said = daemon.ctl("add", f"tcp:{PORT}", f"{LAN1}:443", "--dry-run")
    assert said.returncode == OK and said.stdout.startswith("would be granted: ")
    assert mappings(daemon) == [] and not lab.reaches("TCP", PORT)
    said = daemon.ctl("add", "tcp:1900", LAN1, "--dry-run")
    assert said.returncode == REFUSED and "port 1900 is reserved" in said.stderr


def test_a_refusal_names_the_holder_and_a_free_port(running):
    _, daemon = running
    for port in PORT, PORT + 1:
        assert daemon.ctl("add", f"tcp:{port}", f"{LAN1}:443").returncode == OK
    refused = daemon.ctl("-j", "add", f"tcp:{PORT}", LAN2)
    assert refused.returncode == REFUSED
    assert f"refused: tcp {PORT} belongs to {LAN1}" in refused.stderr.replace(f"nas ({LAN1})", LAN1)
    answer = json.loads(refused.stdout)
    assert answer["error"] == "conflict" and answer["free_port"] == PORT + 2
    assert answer["holder"]["internal_address"] == LAN1


def test_a_host_of_ipv6_gets_a_pinhole(running):
    _, daemon = running
    added = daemon.ctl("-j", "add", "tcp:443", f"[{LAN1_6}]:443", "--comment", "web")
    assert added.returncode == OK, added.stderr
    opening = json.loads(added.stdout)["opening"]
    assert opening["kind"] == "pinhole" and opening["internal_address"] == LAN1_6
    assert "web" in daemon.ctl("list").stdout
    wrong = daemon.ctl("add", "tcp:80", f"[{LAN1_6}]:443")
    assert wrong.returncode == MISUSED and "nothing is translated" in wrong.stderr
    assert daemon.ctl("del", f"tcp:[{LAN1_6}]:443").returncode == OK


def test_a_name_of_the_resolver_will_do(running, tmp_path):
    lab, daemon = running
    names = tmp_path / "hosts"
    names.write_text(f"{LAN1} nas\n", encoding="ascii")
    script = f"mount --bind {names} /etc/hosts && exec {program()} -s {daemon.control_socket} "
    added = lab.router.run(
        "unshare", "-m", "sh", "-c", script + f"add tcp:{PORT} nas:443", check=False
    )
    assert added.returncode == OK, added.stderr
    assert mappings(daemon)[0]["internal_address"] == LAN1
    unknown = daemon.ctl("add", f"tcp:{PORT}", "no-such-host.invalid")
    assert unknown.returncode == REFUSED and "nobody knows a host" in unknown.stderr


def hardware_address(host):
    shown = host.run("ip", "-j", "link", "show", "dev", "eth0").stdout
    return json.loads(shown)[0]["address"]


def test_a_hardware_address_and_an_id_will_do(running):
    lab, daemon = running
    mac = hardware_address(lab.lan1)
    lab.router.ping(LAN1)
    added = daemon.ctl("add", f"tcp:{PORT}", f"{mac}:443")
    assert added.returncode == OK, added.stderr
    (one,) = mappings(daemon)
    assert one["internal_address"] == LAN1 and one["client"]["mac"] == mac
    assert added.stdout.startswith(f"{one['id']}  {LAN1}:443 <- ")
    shown = daemon.ctl("show", one["id"]).stdout
    assert mac in shown and f"tcp {PORT} -> {LAN1}:443" in shown
    listed = json.loads(daemon.ctl("-j", "list", "--client", mac).stdout)
    assert [each["id"] for each in listed["mappings"]] == [one["id"]]
    assert daemon.ctl("explain", mac, "tcp", "50000").returncode == OK
    assert daemon.ctl("del", one["id"]).returncode == OK
    assert mappings(daemon) == [] and daemon.ctl("del", one["id"]).returncode == REFUSED
    assert daemon.ctl("add", f"tcp:{PORT}", "02:00:5e:00:00:01").returncode == REFUSED


def test_what_may_not_be(running):
    lab, daemon = running
    elsewhere = daemon.ctl("add", f"tcp:{PORT}", "10.9.9.9:443")
    assert elsewhere.returncode == REFUSED and "not on a network" in elsewhere.stderr
    long = daemon.ctl("add", f"tcp:{PORT}", LAN1, "--comment", "x" * 256)
    assert long.returncode == MISUSED and "at most 255 octets" in long.stderr
    nobody = lab.router.run(
        "setpriv", "--reuid", "65533", "--clear-groups", program(), "-s", daemon.control_socket,
        "add", f"tcp:{PORT}", LAN1, check=False,
    )  # fmt: skip
    assert nobody.returncode == NOT_PERMITTED
    assert mappings(daemon) == []


def test_the_line_that_decides_is_one_line(running):
    _, daemon = running
    allowed = daemon.ctl("acl", LAN1, "tcp", str(PORT))
    assert allowed.returncode == OK and allowed.stdout.startswith(f"allowed: {LAN1} tcp {PORT}, by")
    for ports in [["22"], [str(PORT), "443"]]:
        refused = daemon.ctl("acl", LAN1, "tcp", *ports)
        assert refused.returncode == REFUSED and refused.stdout.startswith("refused: ")
        assert refused.stdout.count("\n") == 1
