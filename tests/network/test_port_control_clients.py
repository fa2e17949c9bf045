# SPDX-License-Identifier: GPL-2.0-or-later
"""The options of libnatpmp's natpmpc. test_clients.py has more programs."""

import re

import pytest

from conftest import BACKENDS
from lab import ROUTER_LAN, ROUTER_WAN, Lab


@pytest.fixture(params=BACKENDS)
def lab(request):
    with Lab(forward="nft-drop") as network:
        network.daemon(firewall_backend=request.param).start()
        yield network


def natpmpc(lab, *words):
    done = lab.lan1.run("natpmpc", "-g", ROUTER_LAN, *words, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_natpmpc(lab, protocol):
    lab.echo(lab.lan1, 5000)
    assert f"Public IP address : {ROUTER_WAN}" in natpmpc(lab)
    for lifetime in 60, 3600:  # made, and renewed
        text = natpmpc(lab, "-a", 40001, 5000, protocol, lifetime)
        assert re.search(
            rf"Mapped public port 40001 protocol {protocol.upper()} "
            rf"to local port 5000 li\w+ {lifetime}\b",
            text,
        ), text
        assert lab.reaches(protocol, 40001)
    natpmpc(lab, "-a", 40001, 5000, protocol, 0)
    assert not lab.reaches(protocol, 40001)


def test_miniupnpc_lists_what_natpmpc_made(lab):
    """One table"""
    natpmpc(lab, "-a", 40001, 5000, "udp", 3600)
    listed = lab.lan2.run("upnpc", "-l").stdout
    assert re.search(r"UDP 40001->192\.168\.50\.10:5000\s+'NAT-PMP'", listed), listed
