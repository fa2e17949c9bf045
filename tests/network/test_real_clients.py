# SPDX-License-Identifier: GPL-2.0-or-later
"""The options of miniupnpc's upnpc, and gupnp-tools' gssdp-discover. test_clients.py has more
programs."""

import re
import socket

import pytest

from conftest import BACKENDS
from lab import LAN1, LAN1_6, LAN2, ROUTER_LAN6, ROUTER_WAN, ControlPoint, Lab, wait_until


@pytest.fixture(scope="module", params=BACKENDS)
def lab(request):
    with Lab(forward="nft-drop") as network:
        network.add_ipv6()
        network.echo(network.lan1, 5000, socket.AF_INET6)
        network.daemon(firewall_backend=request.param).start()
        yield network


@pytest.fixture(scope="module")
def location(lab):
    """For upnpc -u: it searches for two seconds each time that it is not told."""
    return ControlPoint(lab.lan1, LAN1).location


def upnpc(lab, *words):
    done = lab.lan1.run("upnpc", *words, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_upnpc_status(lab):
    """upnpc -s: discovery, status, external address, rates"""
    text = upnpc(lab, "-s")
    assert "Found valid IGD : http://192.168.50.1:" in text
    assert "Connection Type : IP_Routed" in text
    assert "Status : Connected" in text and "ERROR_NONE" in text
    assert f"ExternalIPAddress = {ROUTER_WAN}" in text


@pytest.mark.parametrize("protocol", ["TCP", "UDP"])
def test_upnpc_add_list_delete(lab, location, protocol):
    known = ("-u", location)
    assert "is redirected to internal" in upnpc(
        lab, *known, "-e", "a & b", "-a", LAN1, 5000, 40001, protocol, 3600
    )
    assert lab.reaches(protocol, 40001)
    listed = upnpc(lab, *known, "-l")
    # miniupnpc neither escapes what it sends nor unescapes what it reads.
    assert re.search(rf"{protocol} 40001->{LAN1}:5000\s+'a &amp; b' '' \d+", listed), listed
    assert "GetGenericPortMappingEntry() returned 713" in listed
    assert "UPNP_DeletePortMapping() returned : 0" in upnpc(lab, *known, "-d", 40001, protocol)
    assert not lab.reaches(protocol, 40001)
    assert "40001" not in upnpc(lab, *known, "-l")


def test_upnpc_lists_by_range(lab, location):
    """upnpc -L: GetListOfPortMappings of all ports, from 0 on (IGD-GetList-09)"""
    known = ("-u", location)
    for port, protocol in (40001, "TCP"), (40002, "TCP"), (40003, "UDP"):
        upnpc(lab, *known, "-e", "game", "-a", LAN1, 5000, port, protocol, 3600)
    listed = upnpc(lab, *known, "-L")
    for port, protocol in (40001, "TCP"), (40002, "TCP"), (40003, "UDP"):
        assert re.search(rf"{protocol} +{port}->{LAN1}:5000 +'game' '' \d+", listed), listed
        upnpc(lab, *known, "-d", port, protocol)
    assert f"->{LAN1}:" not in upnpc(lab, "-L")


def test_upnpc_redirects_several_at_once(lab, location):
    """upnpc -r, as programs of the MSN time did"""
    known = ("-u", location)
    upnpc(lab, *known, "-r", 5000, 40001, "TCP", 5000, 40001, "UDP", 5000, 40002, "TCP")
    assert lab.reaches("TCP", 40001) and lab.reaches("UDP", 40001) and lab.reaches("TCP", 40002)
    for port, protocol in (40001, "TCP"), (40001, "UDP"), (40002, "TCP"):
        upnpc(lab, *known, "-d", port, protocol)
    assert (
        not lab.reaches("TCP", 40001)
        and not lab.reaches("UDP", 40001)
        and not lab.reaches("TCP", 40002)
    )


def test_upnpc_asks_much_of_a_gate_with_its_defaults():
    """upnpc -r for 64 ports, which are some 200 requests, and -l of more mappings than it may ask
    for in a second: whoever waits for its answers is never refused"""
    with Lab() as lab:
        lab.daemon(
            requests_per_client=None, requests_total=None, mappings_per_client=500
        ).start()
        point = ControlPoint(lab.lan1, LAN1)
        words = (word for port in range(40001, 40065) for word in (port, "TCP"))
        assert "failed" not in upnpc(lab, "-u", point.location, "-r", *words)
        assert all(point.add("UDP", port).ok for port in range(40001, 40091))
        listed = upnpc(lab, "-u", point.location, "-l")
        assert len(re.findall(rf"(?:TCP|UDP) +\d+->{LAN1}:", listed)) == 64 + 90
        assert "GetGenericPortMappingEntry() returned 713" in listed


def test_upnpc_lease_ends(lab, location):
    known = ("-u", location)
    upnpc(lab, *known, "-a", LAN1, 5000, 40003, "UDP", 2)
    assert lab.reaches("UDP", 40003)
    wait_until(lambda: not lab.reaches("UDP", 40003), 4, "end of the lease")
    assert "40003" not in upnpc(lab, *known, "-l")


@pytest.mark.parametrize(
    "target",
    [
        "ssdp:all",
        "upnp:rootdevice",
        "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
        "urn:schemas-upnp-org:service:WANIPConnection:1",
    ],
)
def test_gssdp_discover(lab, target):
    """gupnp-tools: every target of the tree is found"""
    text = lab.lan1.run(
        "gssdp-discover", "-i", "eth0", "-t", target, "-n", 4, "-m", "available"
    ).stdout
    assert "http://192.168.50.1:" in text
    if target != "ssdp:all":
        assert target in text


def test_upnpc_gets_another_port(lab):
    """upnpc -n: AddAnyPortMapping; -N: DeletePortMappingRange"""
    witness = ControlPoint(lab.lan2, LAN2)
    assert witness.add("TCP", 40001).ok
    text = upnpc(lab, "-n", LAN1, 5000, 40001, "TCP", 3600)
    port = int(re.search(r"external 80\.100\.100\.1:(\d+) TCP is redirected", text).group(1))
    assert port != 40001 and lab.reaches("TCP", port)
    assert "UPNP_DeletePortMappingRange() returned : 0" in upnpc(lab, "-N", 40000, 40010, "TCP", 0)
    assert not lab.reaches("TCP", port) and witness.delete("TCP", 40001).ok


def test_upnpc_opens_a_pinhole(lab):
    """upnpc -A, -U, -K, -C, -D, -S"""
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
