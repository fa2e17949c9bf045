# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that ask by NAT-PMP or PCP: libnatpmp's natpmpc, libtorrent; not configured for this
daemon."""

import re
import subprocess
import sys

import pytest

from conftest import BACKENDS
from lab import LAN2, ROUTER_LAN, ROUTER_WAN, ControlPoint, Lab, wait_until
from test_real_programs import LIBTORRENT, connects, mapped


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


def test_libtorrent(lab):
    """Without UPnP: it asks by PCP first"""
    pytest.importorskip("libtorrent", reason="python3-libtorrent is not to be had")
    witness = ControlPoint(lab.lan2, LAN2)
    script = LIBTORRENT.replace(
        '"enable_upnp": True, "enable_natpmp": False', '"enable_upnp": False, "enable_natpmp": True'
    )
    with subprocess.Popen(
        lab.lan1.command(sys.executable, "-c", script),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        try:
            while "mapped\n" != (line := client.stdout.readline()):
                assert line, "libtorrent ended"
            assert mapped(witness) == {("TCP", 6881), ("UDP", 6881)}
            assert {entry["NewPortMappingDescription"] for entry in witness.listing()} == {"PCP"}
            assert connects(lab, 6881)
            client.stdin.write("\n")
            client.stdin.close()
            wait_until(lambda: not mapped(witness), 10, "the end of the mappings")
            assert not connects(lab, 6881)
        finally:
            client.kill()


def test_miniupnpc_lists_what_natpmpc_made(lab):
    """One table"""
    natpmpc(lab, "-a", 40001, 5000, "udp", 3600)
    listed = lab.lan2.run("upnpc", "-l").stdout
    assert re.search(r"UDP 40001->192\.168\.50\.10:5000\s+'NAT-PMP'", listed), listed
