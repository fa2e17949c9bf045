# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody flushes, reloads or deletes: every mapping works again within two seconds, the log says
so once, and while nothing changes nothing is done."""

import contextlib
import signal
import socket
import time

import pytest

from conftest import BACKENDS
from lab import LAN1, LAN2, ROUTER_WAN, ControlPoint, Lab, rules, wait_until

PORT = 40001
MENDED = "put back, "
PATIENCE = 2
NEW_FIREWALL = """flush ruleset
table inet site {
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname "br-lan" oifname "wan0" accept
    }
}
"""
LEGACY_RESTORE = """*nat
:PREROUTING ACCEPT
:INPUT ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
COMMIT
"""


def nft(text):
    return lambda router: router.run("nft", "-f", "-", input=text)


def iptables(*words, program="iptables-legacy"):
    return lambda router: router.run(program, *words)


def our_rule_in(router, *chain):
    """The handle of the tagged rule in a chain of somebody else's."""
    for line in router.run("nft", "-a", "list", "chain", *chain).stdout.splitlines():
        if 'comment "upnpd' in line:
            return line.split()[-1]
    return None


def delete_our_rule(router):
    router.run(
        "nft",
        "delete",
        "rule",
        "inet",
        "filter",
        "forward",
        "handle",
        our_rule_in(router, "inet", "filter", "forward"),
    )


CAUSES = {
    "nft flush ruleset": ("nftables", "accept", nft("flush ruleset")),
    "our table deleted": ("nftables", "nft-drop", nft("delete table inet upnpd")),
    "a chain of ours flushed": ("nftables", "accept", nft("flush chain inet upnpd prerouting")),
    "our map emptied": ("nftables", "nft-drop", nft("flush map inet upnpd dnat4")),
    "one element deleted": (
        "nftables",
        "accept",
        nft(f"delete element inet upnpd dnat4 {{ tcp . {PORT} }}"),
    ),
    "our tagged rule deleted": ("nftables", "nft-drop", delete_our_rule),
    "another firewall loaded": ("nftables", "accept", nft(NEW_FIREWALL)),
    "our table deleted, others in legacy": (
        "nftables",
        "legacy-drop",
        nft("delete table inet upnpd"),
    ),
    "our legacy rule flushed": ("nftables", "legacy-drop", iptables("-F", "FORWARD")),
    "iptables-legacy policy DROP": ("nftables", "accept", iptables("-P", "FORWARD", "DROP")),
    "iptables-nft policy DROP": (
        "nftables",
        "accept",
        iptables("-P", "FORWARD", "DROP", program="iptables-nft"),
    ),
    "iptables -t nat -F": ("iptables", "accept", iptables("-t", "nat", "-F")),
    "iptables -t nat -F PREROUTING": (
        "iptables",
        "accept",
        iptables("-t", "nat", "-F", "PREROUTING"),
    ),
    "iptables -F": ("iptables", "legacy-drop", iptables("-F")),
    "iptables -F FORWARD": ("iptables", "legacy-drop", iptables("-F", "FORWARD")),
    "one rule deleted": ("iptables", "accept", iptables("-t", "nat", "-D", "UPNPD-TCP-0", "1")),
    "iptables-restore of an older save": (
        "iptables",
        "accept",
        lambda router: router.run("iptables-legacy-restore", input=LEGACY_RESTORE),
    ),
    "a policy that drops": ("iptables", "accept", iptables("-P", "FORWARD", "DROP")),
    "a dropping chain of nftables": (
        "iptables",
        "accept",
        nft(NEW_FIREWALL.replace("flush ruleset", "")),
    ),
    "nft flush ruleset, iptables": ("iptables", "nft-drop", nft(NEW_FIREWALL)),
}


@contextlib.contextmanager
def running(backend, forward, prefix=()):
    """With a mapping of each protocol; `prefix`: what runs the daemon."""
    with Lab(forward=forward) as lab:
        lab.echo(lab.lan1, 5000)
        daemon = lab.daemon(firewall_backend=backend)
        daemon.prefix = list(prefix)
        daemon.start()
        point = ControlPoint(lab.lan1, LAN1)
        assert (
            point.add("TCP", PORT, 5000, LeaseDuration=3600).ok and point.add("UDP", PORT, 5000).ok
        )
        yield lab, daemon, point
        assert daemon.stop() == 0
        assert not rules.ours(lab.router)


def works(lab):
    return lab.reaches("TCP", PORT) and lab.reaches("UDP", PORT)


@pytest.mark.parametrize("cause", CAUSES)
def test_every_mapping_works_again_within_two_seconds(cause):
    backend, forward, harm = CAUSES[cause]
    with running(backend, forward) as (lab, daemon, _):
        assert works(lab)
        harm(lab.router)
        begin = time.monotonic()
        daemon.wait_for_log(MENDED, PATIENCE)
        wait_until(lambda: works(lab), PATIENCE, "the mapping after the change")
        assert time.monotonic() - begin < PATIENCE
        assert daemon.log.count(MENDED) == 1 and "2 mapping(s)" in daemon.log


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_session_survives(backend):
    """Also one whose packets a dropping firewall would stop without our rules"""
    with running(backend, "nft-drop") as (lab, daemon, _):
        with (
            lab.wan.socket(socket.AF_INET, socket.SOCK_STREAM) as client,
            lab.lan1.socket(socket.AF_INET, socket.SOCK_STREAM) as listener,
        ):
            listener.bind((LAN1, 6000))
            listener.listen(1)
            assert ControlPoint(lab.lan1, LAN1).add("TCP", 41000, 6000).ok
            client.settimeout(3)
            client.connect((ROUTER_WAN, 41000))
            server, _ = listener.accept()
            lab.router.run("nft", "-f", "-", input=NEW_FIREWALL)
            lab.router.run("iptables-legacy", "-t", "nat", "-F")
            daemon.wait_for_log(MENDED, PATIENCE)
            client.sendall(b"still here")
            assert server.recv(64) == b"still here"
            server.close()


@pytest.mark.parametrize(
    "harm", [nft("flush ruleset"), nft("delete table inet upnpd")], ids=["flush", "delete"]
)
def test_a_request_right_after_a_flush_is_no_lie(harm):
    """Success means that the rule is in the kernel, and the other mappings are too"""
    with running("nftables", "accept") as (lab, _, point):
        harm(lab.router)
        assert point.add("TCP", PORT + 1, 5000).ok
        assert lab.reaches("TCP", PORT + 1)
        wait_until(lambda: works(lab), PATIENCE, "the older mappings")


@pytest.mark.parametrize("backend", BACKENDS)
def test_twenty_flushes(backend):
    """Five a second, one line a second at most, and all is well afterwards"""
    flush = CAUSES["nft flush ruleset" if backend == "nftables" else "iptables -t nat -F"][2]
    with running(backend, "accept") as (lab, daemon, point):
        begin = time.monotonic()
        for count in range(20):
            flush(lab.router)
            wait_until(
                lambda count=count: time.monotonic() >= begin + 0.2 * (count + 1),
                2,
                "the next flush",
            )
        wait_until(lambda: works(lab), PATIENCE, "the mapping after twenty flushes")
        assert 1 <= daemon.log.count(MENDED) <= time.monotonic() - begin + 2
        assert point.add("TCP", PORT + 1, 5000).ok


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_is_rewritten_while_ours_is_whole(backend):
    """Rules of others come and go; our table stays the one it is, and the log is silent"""
    with running(backend, "accept") as (lab, daemon, _):
        before = lab.router.run("nft", "-a", "list", "ruleset").stdout
        for count in range(3):
            lab.router.run(
                "nft",
                "-f",
                "-",
                input=f"table inet other{count} {{ chain c {{ counter accept; }}; }}",
            )
            lab.router.run(
                "iptables-legacy",
                "-A",
                "OUTPUT",
                "-p",
                "tcp",
                "--dport",
                f"{count + 1}",
                "-j",
                "ACCEPT",
            )
            lab.router.run("nft", "delete", "table", "inet", f"other{count}")
        lab.router.run("iptables-legacy", "-F", "OUTPUT")
        assert point_still_works(lab)
        assert MENDED not in daemon.log
        assert ours(lab.router.run("nft", "-a", "list", "ruleset").stdout) == ours(before)


def ours(ruleset):
    """Our table's handles: they change when it is laid again."""
    return [
        line.split("# handle")[1]
        for line in ruleset.splitlines()
        if "# handle" in line and "lab_nat" not in line
    ]


def point_still_works(lab):
    wait_until(lambda: works(lab), PATIENCE, "the mapping")
    return True


def test_a_hook_can_ask_for_a_look():
    """SIGUSR2: nothing to mend, nothing done, and the daemon lives"""
    with running("nftables", "nft-drop") as (lab, daemon, _):
        daemon.process.send_signal(signal.SIGUSR2)
        assert point_still_works(lab) and daemon.running() and MENDED not in daemon.log


@pytest.mark.parametrize("place", ["-I", "-A"])
def test_a_forward_that_the_administrator_adds_later_wins(place):
    """It wins as one that was there before: our chain is asked last again"""
    with running("iptables", "accept") as (lab, _, point):
        assert works(lab)
        forward = ["PREROUTING", "-i", "wan0", "-p", "tcp", "--dport", PORT]
        forward += ["-j", "DNAT", "--to-destination", f"{LAN2}:7000"]
        lab.router.run("iptables-legacy", "-t", "nat", place, *forward)
        wait_until(lambda: not lab.reaches("TCP", PORT), PATIENCE, "the administrator's forward")
        lab.echo(lab.lan2, 7000)
        assert lab.reaches("TCP", PORT), "to his host"
        assert lab.reaches("UDP", PORT), "and to ours"
        assert point.delete("TCP", PORT).ok and lab.reaches("TCP", PORT)
        lab.router.run("iptables-legacy", "-t", "nat", "-D", *forward)
