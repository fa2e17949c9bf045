# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that take what they need and say nothing: upnpc's version 2 and IPv6 sides, libtorrent,
Transmission, aMule. None of them is configured for this daemon."""

import contextlib
import re
import socket
import subprocess
import sys
import tempfile

import pytest

from lab import LAN1, LAN1_6, LAN2, ROUTER_LAN6, ControlPoint, Lab, wait_until
from lab.toolbox import Toolbox


@pytest.fixture
def lab():
    with Lab(forward="nft-drop") as network:
        network.add_ipv6()
        network.daemon().start()
        yield network


@pytest.fixture
def witness(lab):
    """Another host that looks at the list."""
    return ControlPoint(lab.lan2, LAN2)


def upnpc(lab, *words):
    done = lab.lan1.run("upnpc", *words, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def connects(lab, port):
    """From the Internet to a program that listens on the LAN host."""
    with lab.wan.socket(socket.AF_INET, socket.SOCK_STREAM) as probe, contextlib.suppress(OSError):
        probe.settimeout(0.5)
        probe.connect(("80.100.100.1", port))
        return True
    return False


def mapped(witness):
    return {
        (entry["NewProtocol"], int(entry["NewExternalPort"]))
        for entry in witness.listing()
        if entry["NewInternalClient"] == LAN1
    }


def test_upnpc_gets_another_port(lab, witness):
    """upnpc -n: AddAnyPortMapping; -N: DeletePortMappingRange"""
    lab.echo(lab.lan1, 5000)
    assert witness.add("TCP", 40001).ok
    text = upnpc(lab, "-n", LAN1, 5000, 40001, "TCP", 3600)
    port = int(re.search(r"external 80\.100\.100\.1:(\d+) TCP is redirected", text).group(1))
    assert port != 40001 and lab.reaches("TCP", port)
    assert "UPNP_DeletePortMappingRange() returned : 0" in upnpc(lab, "-N", 40000, 40010, "TCP", 0)
    assert not lab.reaches("TCP", port) and witness.specific("TCP", 40001).ok


def test_upnpc_opens_a_pinhole(lab):
    """upnpc -A, -U, -K, -C, -D, -S"""
    lab.echo(lab.lan1, 5000, socket.AF_INET6)
    lab.lan1.ping(ROUTER_LAN6)
    assert "Firewall Enabled: Yes" in upnpc(lab, "-S")
    assert not lab.reaches("UDP", 5000, LAN1_6)
    number = re.search(
        r"Pinhole ID = (\d+)", upnpc(lab, "-A", "", 0, LAN1_6, 5000, 17, 3600)
    ).group(1)
    assert lab.reaches("UDP", 5000, LAN1_6)
    assert "with Lease Time: 100" in upnpc(lab, "-U", number, 100)
    assert re.search(r"PinholePackets = [1-9]", upnpc(lab, "-C", number) + upnpc(lab, "-K", number))
    assert "UPNP_DeletePinhole() returned : 0" in upnpc(lab, "-D", number)
    assert not lab.reaches("UDP", 5000, LAN1_6)


def test_upnpc_over_ipv6(lab):
    """upnpc -6: finds the gateway at its link-local address"""
    text = upnpc(lab, "-6", "-s")
    assert "Found valid IGD : http://[fe80::" in text and "ExternalIPAddress = 80.100.100.1" in text


LIBTORRENT = """
import libtorrent, sys, time
session = libtorrent.session({"listen_interfaces": "192.168.50.10:6881",
                              "enable_upnp": True, "enable_natpmp": False,
                              "enable_dht": False, "enable_lsd": False,
                              "alert_mask": libtorrent.alert.category_t.port_mapping_notification})
done = 0
while done < 2:
    session.wait_for_alert(1000)
    for alert in session.pop_alerts():
        print(alert, flush=True)
        done += isinstance(alert, libtorrent.portmap_alert)
print("mapped", flush=True)
sys.stdin.readline()
del session
"""


def test_libtorrent(lab, witness):
    """The heirs of Azureus: TCP and UDP, and a peer from outside gets through"""
    pytest.importorskip("libtorrent", reason="python3-libtorrent is not to be had")
    with subprocess.Popen(
        lab.lan1.command(sys.executable, "-c", LIBTORRENT),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        try:
            while "mapped\n" != (line := client.stdout.readline()):
                assert line, "libtorrent ended"
            assert mapped(witness) == {("TCP", 6881), ("UDP", 6881)}
            assert connects(lab, 6881)
            client.stdin.write("\n")
            client.stdin.close()
            wait_until(lambda: not mapped(witness), 10, "the end of the mappings")
            assert not connects(lab, 6881)
        finally:
            client.kill()


def running(lab, *words):
    return subprocess.Popen(
        lab.lan1.command(*words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_transmission(lab, witness):
    """transmission-cli -m"""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        client = running(
            lab,
            "env",
            f"HOME={home}",
            "transmission-cli",
            "-m",
            "-p",
            "51413",
            "-w",
            home,
            "magnet:?xt=urn:btih:" + "a" * 40,
        )
        try:
            wait_until(
                lambda: mapped(witness) == {("TCP", 51413), ("UDP", 51413)}, 30, "the mappings"
            )
            assert connects(lab, 51413)
        finally:
            client.kill()
            client.wait()


AMULE = """[eMule]
Port=4662
UDPPort=4672
UPnPEnabled=1
UPnPTCPPort=50000
Autoconnect=0
ConnectToKad=0
ConnectToED2K=0
TempDir=/var/amule/Temp
IncomingDir=/var/amule/Incoming
[ExternalConnect]
AcceptExternalConnections=1
ECPassword=5ebe2294ecd0e0f08eab7690d2a6ee69
"""
AMULE_PACKAGES = [
    "amule-daemon",
    "amule-common",
    "libcrypto++8|libcrypto++8t64",
    "libwxbase3.2-1|libwxbase3.2-1t64",
    "libpcre2-32-0",
]


def test_amule(lab, witness):
    """A control point made with libupnp, which compares types with those of version 1: eMule's
    HighID"""
    with Toolbox(lab.lan1, AMULE_PACKAGES) as tools:
        tools.run("mkdir", "-p", "/var/amule/.aMule", "/var/amule/Temp", "/var/amule/Incoming")
        tools.write("/var/amule/.aMule/amule.conf", AMULE)
        tools.background("env", "HOME=/var/amule", "amuled")
        wait_until(
            lambda: mapped(witness) == {("TCP", 4662), ("UDP", 4665), ("UDP", 4672)},
            30,
            "the mappings",
        )
        wait_until(lambda: connects(lab, 4662), 5, "a peer to get through")
