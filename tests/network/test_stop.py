# SPDX-License-Identifier: GPL-2.0-or-later
"""Stopping: nothing of ours is left, everything of others is, and the LAN hears byebye."""

import os
import signal
import time

import pytest

from conftest import BACKENDS
from lab import LAN1, Capture, ControlPoint, Lab, rules, wait_until
from test_discovery import ROWS

FOREIGN_NFT = """table ip admin {
    map ports {
        type inet_service : ipv4_addr
        elements = { 8080 : 192.168.50.11 }
    }
    chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        iifname "wan0" tcp dport 2222 dnat to 192.168.50.11:22 comment "admin's own"
    }
}
"""
FOREIGN_LEGACY = """*nat
:PREROUTING ACCEPT
:INPUT ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
-A PREROUTING -i wan0 -p tcp -m tcp --dport 2223 -j DNAT --to-destination 192.168.50.11:23
-A POSTROUTING -o wan0 -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT
:FORWARD DROP
:OUTPUT ACCEPT
:firewall -
-A FORWARD -j firewall
-A firewall -i br-lan -j ACCEPT
-A firewall -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A firewall -j DROP
COMMIT
"""


def with_mappings(lab, backend, number=40):
    daemon = lab.daemon(firewall_backend=backend).start()
    point = ControlPoint(lab.lan1, LAN1)
    for port in range(40000, 40000 + number):
        assert point.add("UDP", port, 5000).ok
    return daemon


@pytest.mark.parametrize("backend", BACKENDS)
def test_foreign_rules_are_as_before(backend):
    """Byte for byte after a start-stop cycle with mappings, in both worlds at once"""
    with Lab(forward="nft-drop") as lab:
        lab.router.run("nft", "-f", "-", input=FOREIGN_NFT)
        lab.router.run("iptables-legacy-restore", input=FOREIGN_LEGACY)
        before = rules.everything(lab.router)
        daemon = with_mappings(lab, backend, 3)
        assert rules.everything(lab.router) != before
        assert daemon.stop() == 0
        assert rules.everything(lab.router) == before


@pytest.mark.parametrize("backend", BACKENDS)
def test_killall_leaves_no_rule_and_says_goodbye(lab, backend):
    """TERM to every process at once, as killall does; SSDP-NOTIFY-17"""
    before = rules.everything(lab.router)
    lab.echo(lab.lan1, 5000)
    daemon = with_mappings(lab, backend)
    assert lab.reaches("UDP", 40000)
    with Capture(lab.lan2) as wire:
        for pid in daemon.processes():
            os.kill(pid, signal.SIGTERM)
        assert daemon.wait_for_end() == 0
        wait_until(
            lambda: len({item["usn"] for item in wire.notifications("ssdp:byebye")}) == ROWS,
            2,
            "byebyes",
        )
    assert rules.everything(lab.router) == before
    assert not lab.reaches("UDP", 40000)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT], ids=lambda sign: sign.name)
def test_two_signals_do_no_harm(lab, backend, sign):
    """Two or more, until it has ended; heritage B: 40 mappings, no rule left"""
    before = rules.everything(lab.router)
    daemon = with_mappings(lab, backend)
    daemon.process.send_signal(sign)
    deadline = time.monotonic() + 15
    while daemon.process.poll() is None and time.monotonic() < deadline:
        daemon.process.send_signal(sign)
        time.sleep(0.0005)  # the very thing tested: one comes at each moment of the end
    assert daemon.wait_for_end() == 0
    assert not daemon.pid_file.exists()
    assert rules.everything(lab.router) == before


def test_a_clean_stop_keeps_the_leases_for_the_next_start(lab):
    """IGD-Map-20"""
    daemon = with_mappings(lab, "nftables", 3)
    assert daemon.stop() == 0
    daemon.start()
    assert len(ControlPoint(lab.lan1, LAN1).listing()) == 3


def test_stopping_is_quick_under_load(lab):
    """With clients that keep asking, the end comes within five seconds"""
    daemon = with_mappings(lab, "nftables")
    point = ControlPoint(lab.lan1, LAN1)
    daemon.process.send_signal(signal.SIGTERM)
    end = time.monotonic() + 5
    while daemon.running() and time.monotonic() < end:
        try:
            point.call("GetStatusInfo")
        except OSError:
            pass
    assert daemon.wait_for_end(1) == 0


def test_each_stop_is_in_order(lab):
    """Ten times, also right after the start: no process has to be killed, and byebye is the last
    word"""
    daemon = lab.daemon()
    with Capture(lab.lan1) as wire:
        for number in range(10):
            daemon.launch()
            if number % 2:
                daemon.wait_until_ready()
            else:
                wait_until(daemon.pid_file.exists, 5, "the start")
            assert daemon.stop() == 0
            assert "killed" not in daemon.log
        kinds = [item["nts"] for item in wire.notifications()]
        wait_until(
            lambda: [item["nts"] for item in wire.notifications()][-2 * ROWS :]
            == ["ssdp:byebye"] * (2 * ROWS),
            3,
            f"byebye twice at the end of {kinds[-40:]}",
        )
