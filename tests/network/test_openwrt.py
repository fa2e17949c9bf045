# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenWrt's firewall is loaded anew: with the lines of our package in it, what was granted passes
all the time, though the daemon does nothing. The page of LuCI shows and ends what there is."""

import json
import os
import pathlib
import shutil
import signal
import socket

import pytest

from lab import LAN1, LAN1_6, ROUTER_LAN6, Lab, wait_until
from lab import layouts, rules
from lab.daemon import binary
from lab.guards import INTERNAL, PATIENCE, SILENCE, WAYS, Case

OPENWRT = pathlib.Path(__file__).resolve().parents[2] / "init/openwrt"
INCLUDE = OPENWRT / "forward.nft"
SHELL = ["busybox", "ash"] if shutil.which("busybox") else ["dash"]
END_OF_FORWARD = '''"!fw4: Handle wan IPv4/IPv6 forward traffic"
'''
# fw4 writes this only where the administrator has forwarded a port.
OF_A_FORWARD = '''        ct status dnat accept comment "!fw4: Accept port forwards"
'''
STRAYS = [("TCP", INTERNAL + 1, WAYS["tcp6"][2]), ("UDP", WAYS["udp"][1] + 1, WAYS["udp"][2])]


def ruleset(include):
    """Returns what `fw4 reload` loads in one transaction; `include` is at the end of the chain
    "forward", where files of chain-post/forward are."""
    text = (layouts.FOLDER / "openwrt-fw4.nft").read_text(encoding="utf-8")
    assert text.count(OF_A_FORWARD) == text.count(END_OF_FORWARD) == 1
    text = text.replace(OF_A_FORWARD, "").replace(END_OF_FORWARD, END_OF_FORWARD + include)
    return f"table inet fw4\nflush table inet fw4\n{text}"


@pytest.fixture(scope="module")
def lab():
    with Lab(masquerade=False) as own:
        own.add_ipv6()
        own.echo(own.lan1, INTERNAL, socket.AF_INET6)
        own.lan1.ping(ROUTER_LAN6)
        yield own


@pytest.fixture(params=["", INCLUDE.read_text(encoding="utf-8")], ids=["without", "with"])
def case(lab, request):
    lab.router.run("nft", "-f", "-", input=ruleset(request.param))
    lab.include = request.param
    before = rules.everything(lab.router)
    daemon = lab.daemon().start()
    yield Case(lab, daemon, "nft", before)
    assert daemon.stop() == 0
    assert rules.everything(lab.router) == before


def test_reload(case):
    """Packets of what was granted, and of what was not, while the daemon sleeps and after"""
    lab, ways = case.lab, list(WAYS.values())
    assert set(case.grant().values()) == {0}
    assert case.reached(ways, timeout=PATIENCE) == [True] * 4
    os.kill(case.daemon.process.pid, signal.SIGSTOP)
    try:
        lab.router.run("nft", "-f", "-", input=ruleset(lab.include))
        timeout = PATIENCE if lab.include else SILENCE
        assert case.reached(ways, timeout=timeout) == [bool(lab.include)] * 4
    finally:
        os.kill(case.daemon.process.pid, signal.SIGCONT)
    wait_until(lambda: all(case.reached(ways, timeout=SILENCE)), 2, "what was granted")
    assert case.reached(STRAYS, timeout=SILENCE) == [False, False]


def test_page(lab, tmp_path):
    """rpcd's object, with the real upnpctl: the rules of the page are the openings, and its button
    ends one of them, without a restart"""
    lab.router.run("nft", "-f", "-", input=ruleset(INCLUDE.read_text(encoding="utf-8")))
    daemon = lab.daemon().start()
    case = Case(lab, daemon, "nft", ())
    assert set(case.grant().values()) == {0}
    real = pathlib.Path(binary()).parents[1] / "upnpctl/upnpctl"
    program = tmp_path / "usr/bin/upnpctl"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {real} -s {daemon.control_socket} "$@"\n')
    program.chmod(0o755)

    def call(method, **arguments):
        words = ["env", f"IPKG_INSTROOT={tmp_path}", *SHELL, OPENWRT / "luci.upnp", "call", method]
        return json.loads(lab.router.run(*words, input=json.dumps(arguments)).stdout)

    shown = {rule["num"]: rule for rule in call("get_status")["rules"]}
    assert list(shown) == ["tcp:40001", "udp:40001", f"tcp:[{LAN1_6}]:5000", f"udp:[{LAN1_6}]:5000"]
    assert [rule["intaddr"] for rule in shown.values()] == [LAN1, LAN1, LAN1_6, LAN1_6]
    assert shown["tcp:40001"]["descr"].startswith("UPnP IGD / ")
    assert [rule["descr"] for rule in shown.values()][2:] == ["UPnP IGDv2 IPv6", "PCP"]
    for token in "tcp:40001", f"udp:[{LAN1_6}]:5000":
        assert call("delete_rule", token=token) == {"result": "OK"}
    assert call("delete_rule", token="tcp:40001") == {"result": "Not found"}
    left = case.reached(list(WAYS.values()), timeout=SILENCE)
    assert dict(zip(WAYS, left)) == {"tcp": False, "udp": True, "tcp6": True, "udp6": False}
    assert daemon.stop() == 0
