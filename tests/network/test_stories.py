# SPDX-License-Identifier: GPL-2.0-or-later
"""Ten stories of people who run upnpd, each at the administrator's terminal with the programs that
they have; -s shows what they see."""

import contextlib
import json
import re
import signal
import subprocess

import pytest

from lab import CARRIER, LAN1, LAN2, ROUTER_LAN, ControlPoint, Lab, PortControlClient, wait_until
from lab.daemon import binary
from lab.port_control import SUCCESS, UDP
from test_upnpctl import OK, REFUSED, program

GAME, WEB = 3074, 8443
CONFLICT = 718


class Terminal:
    """A shell on the router; what is typed and printed is shown."""

    def __init__(self, lab, daemon=None):
        self.lab, self.daemon = lab, daemon

    def __call__(self, *words, status=OK, on=None):
        """Runs `words` and returns what they print; upnpd and upnpctl are those under test."""
        known = {"upnpd": [binary()], "upnpctl": [program()]}
        if self.daemon is not None:
            known["upnpctl"] += ["-s", str(self.daemon.control_socket)]
        first, *rest = map(str, words)
        done = (on or self.lab.router).run(*known.get(first, [first]), *rest, check=False)
        said = done.stdout + done.stderr
        print(f"$ {' '.join([first, *rest])}\n{said}", end="")
        assert done.returncode == status, said
        return said

    @contextlib.contextmanager
    def following(self, *words, into):
        """A command that goes on beside the others; yields what reads its lines so far."""
        command = [program(), "-s", self.daemon.control_socket, *words]
        with into.open("w") as out:
            process = subprocess.Popen(self.lab.router.command(*command), stdout=out)
        print(f"$ upnpctl {' '.join(words)} &")
        try:
            yield lambda: into.read_text(encoding="utf-8")
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(5) == OK
            print(into.read_text(encoding="utf-8"), end="")

    def json(self, *words):
        return json.loads(self("upnpctl", "-j", *words))


@pytest.fixture(scope="module")
def router():
    """A router whose forward chain drops, with a service on each LAN host."""
    with Lab(forward="nft-drop") as lab:
        for host in lab.lan1, lab.lan2:
            lab.echo(host, 443)
            lab.echo(host, GAME)
        daemon = lab.daemon().start()
        yield Terminal(lab, daemon)
        if daemon.running():
            assert daemon.stop() == 0


@pytest.fixture
def points(router):
    lab = router.lab
    both = ControlPoint(lab.lan1, LAN1), ControlPoint(lab.lan2, LAN2)
    yield both
    router.daemon.configure()
    router.daemon.ctl("reload")
    router.daemon.ctl("del", "--all")
    for one in router.json("list")["mappings"]:
        router.daemon.ctl("del", f"{one['protocol']}:{one['external_port']}")


def test_from_nothing_to_open(tmp_path):
    """Dana builds a router, and nobody has told her the names of its sides."""
    with Lab(forward="nft-drop") as lab:
        terminal = Terminal(lab)
        settings = tmp_path / "upnpd.conf"
        settings.touch()
        assert "internal_interface" in terminal("upnpd", "-t", "-c", settings, status=2)
        suggested = terminal("upnpd", "--suggest")
        settings.write_text(suggested, encoding="utf-8")
        assert ": ok, " in terminal("upnpd", "-t", "-c", settings)
        daemon = lab.daemon().start()
        terminal.daemon = daemon
        lab.echo(lab.lan1, WEB)
        asked = terminal("upnpc", "-a", LAN1, WEB, WEB, "TCP", 3600, on=lab.lan1)
        assert "is redirected to internal" in asked and lab.reaches("TCP", WEB)
        assert "mappings  1" in terminal("upnpctl")
        assert f"{WEB}" in terminal("upnpctl", "list")
        terminal("upnpctl", "check", f"{WEB}/tcp")
        assert daemon.stop() == 0


def test_two_consoles_want_one_port(router, points):
    """The second one asks why, and gets another port."""
    first, second = points
    assert first.add("UDP", GAME, GAME).ok
    assert second.add("UDP", GAME, GAME).code == CONFLICT
    why = router("upnpctl", "explain", LAN2, "udp", GAME, status=REFUSED)
    assert f"held by {LAN1}" in why and "AddAnyPortMapping" in why
    with PortControlClient(router.lab.lan2, LAN2, ROUTER_LAN) as client:
        granted = client.map(UDP, GAME, external=GAME)
        assert granted.code == SUCCESS and granted.external != GAME
        assert router.lab.reaches("UDP", granted.external) and router.lab.reaches("UDP", GAME)
        client.forget()


def test_a_reload_of_the_firewall_that_nobody_announced(router, points, tmp_path):
    assert points[0].add("UDP", GAME, GAME).ok
    with router.following("watch", "--initial", into=tmp_path / "watched") as said:
        wait_until(lambda: f"udp {GAME}" in said(), 5, "the beginning")
        router("nft", "delete", "table", "inet", "upnpd")
        wait_until(lambda: " repaired" in said(), 5, f"the repair in {said()}")
        wait_until(lambda: router.lab.reaches("UDP", GAME), 3, "the mapping")
    assert "rules put back 1 time(s)" in router("upnpctl", "status")


def test_the_administrator_opens_a_port_for_the_nas(router, points):
    """It stays over a restart, no client takes it, and it goes when he says so."""
    assert "would be granted" in router("upnpctl", "add", f"tcp:{WEB}", f"{LAN1}:443", "--dry-run")
    router("upnpctl", "add", f"tcp:{WEB}", f"{LAN1}:443", "--for", "2h", "--comment", "my site")
    assert router.lab.reaches("TCP", WEB)
    assert points[1].add("TCP", WEB, 443).code == CONFLICT
    router.daemon.stop()
    router.daemon.start()
    assert '"my site"' in router("upnpctl", "list") and router.lab.reaches("TCP", WEB)
    router("upnpctl", "del", f"tcp:{WEB}")
    assert not router.lab.reaches("TCP", WEB)


def test_the_one_who_says_no(router):
    """Clients get what `acl` foretells."""
    daemon = router.daemon
    lines = [f"allow 80 {LAN1} 443 tcp", f"deny 0-65535 {LAN2} 0-65535"]
    daemon.configure(lines)
    router("upnpctl", "reload")
    probes = [(LAN1, "tcp", 80, 443), (LAN1, "udp", 80, 443), (LAN1, "tcp", 22, 22),
              (LAN1, "udp", 5000, 5000), (LAN2, "udp", 5000, 5000)]  # fmt: skip
    for client, protocol, external, internal in probes:
        host = router.lab.lan1 if client == LAN1 else router.lab.lan2
        point = ControlPoint(host, client)
        granted = point.add(protocol.upper(), external, internal).ok
        if granted:
            assert point.delete(protocol.upper(), external).ok
        router("upnpctl", "acl", client, protocol, external, internal,
               status=OK if granted else REFUSED)  # fmt: skip
    why = router("upnpctl", "explain", LAN2, "udp", "5000", status=REFUSED)
    assert daemon.line_of("deny") in why or re.search(r"upnpd\.conf:\d+", why)
    daemon.configure()
    router("upnpctl", "reload")


def test_a_yes_before_it_opens(router, points, tmp_path):
    daemon, point = router.daemon, points[0]
    daemon.configure(approve="new-hosts")
    router("upnpctl", "reload")
    with router.following("watch", into=tmp_path / "watched") as said:

        def is_told():
            """watch may begin to listen after the first request."""
            assert point.add("UDP", GAME, GAME).code
            return f"upnpctl approve {LAN1}" in said()

        wait_until(is_told, 5, "the refusal")
    assert f"udp {GAME}" in router("upnpctl", "approve", "--list")
    router("upnpctl", "approve", LAN1)
    assert point.add("UDP", GAME, GAME).ok and router.lab.reaches("UDP", GAME)
    router("upnpctl", "block", LAN1)
    assert not router.lab.reaches("UDP", GAME)
    daemon.configure()
    router("upnpctl", "reload")


def test_a_new_address_in_the_night(tmp_path):
    """And then the provider puts a NAT in front."""
    with Lab() as lab:
        router = Terminal(lab, lab.daemon().start())
        assert ControlPoint(lab.lan1, LAN1).add("UDP", GAME, GAME).ok
        with router.following("-j", "watch", "--initial", into=tmp_path / "watched") as said:
            wait_until(lambda: '"present"' in said(), 5, "the beginning")
            for address in "80.100.100.77", CARRIER:
                lab.router.ip("addr flush dev wan0", f"addr add {address}/24 dev wan0")
                wait_until(lambda address=address: address in said(), 5, f"{address} in {said()}")
        assert "carrier NAT" in router("upnpctl")
        assert "is a carrier's" in router("upnpctl", "check", status=REFUSED)
        assert router.daemon.stop() == 0


def test_a_broken_file_changes_nothing(router, points):
    assert points[0].add("UDP", GAME, GAME).ok
    router.daemon.configure(["hairpin = perhaps"])
    refused = router("upnpctl", "reload", status=REFUSED)
    assert re.search(r"upnpd\.conf:\d+: error: hairpin", refused)
    assert "REFUSED" in router("upnpctl", "status") and router.lab.reaches("UDP", GAME)
    router.daemon.configure(hairpin="no")
    router("upnpctl", "reload")
    assert re.search(r"hairpin +no", router("upnpctl", "config", "--changed").replace("=", " "))
    router.daemon.configure()
    router("upnpctl", "reload")


def test_numbers_for_the_graphs(router, points):
    before = router("upnpctl", "metrics")
    assert points[0].add("UDP", GAME, GAME).ok
    assert not points[0].add("TCP", 22, 22).ok
    after = router("upnpctl", "metrics")

    def value(text, series):
        return float(re.search(rf"^{re.escape(series)} (\S+)$", text, re.M)[1])

    for series in 'upnpd_granted_total{via="igd"}', 'upnpd_refused_total{reason="not-authorized"}':
        assert value(after, series) == value(before, series) + 1
    assert value(after, 'upnpd_openings{kind="mapping",protocol="udp",family="ipv4"}') == 1


def test_a_crash_and_the_morning_after(router, points):
    daemon = router.daemon
    assert points[0].add("UDP", GAME, GAME).ok
    before = router.json("list")["mappings"]
    daemon.kill()
    assert router.lab.reaches("UDP", GAME), "the rules are the kernel's"
    daemon.start()
    after = router.json("list")["mappings"]
    assert [one["external_port"] for one in after] == [one["external_port"] for one in before]
    (one,) = after
    shown = router("upnpctl", "show", one["id"])
    assert LAN1 in shown and str(GAME) in shown
    router("upnpctl", "del", one["id"])
    assert not router.lab.reaches("UDP", GAME)
