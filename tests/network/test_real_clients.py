# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that people use: miniupnpc's upnpc, gupnp's tools, libgupnp-igd."""

import re
import subprocess
import sys

import pytest

from conftest import BACKENDS
from lab import LAN1, ROUTER_WAN, ControlPoint, Lab, wait_until


@pytest.fixture(scope="module", params=BACKENDS)
def lab(request):
    with Lab(forward="nft-drop") as network:
        network.echo(network.lan1, 5000)
        network.daemon(firewall_backend=request.param).start()
        yield network


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
def test_upnpc_add_list_delete(lab, protocol):
    assert "is redirected to internal" in upnpc(
        lab, "-e", "a & b", "-a", LAN1, 5000, 40001, protocol, 3600
    )
    assert lab.reaches(protocol, 40001)
    listed = upnpc(lab, "-l")
    # miniupnpc neither escapes what it sends nor unescapes what it reads.
    assert re.search(rf"{protocol} 40001->{LAN1}:5000\s+'a &amp; b' '' \d+", listed), listed
    assert "GetGenericPortMappingEntry() returned 713" in listed
    assert "UPNP_DeletePortMapping() returned : 0" in upnpc(lab, "-d", 40001, protocol)
    assert not lab.reaches(protocol, 40001)
    assert "40001" not in upnpc(lab, "-l")


def test_upnpc_redirects_several_at_once(lab):
    """upnpc -r, as programs of the MSN time did"""
    upnpc(lab, "-r", 5000, 40001, "TCP", 5000, 40001, "UDP", 5000, 40002, "TCP")
    assert lab.reaches("TCP", 40001) and lab.reaches("UDP", 40001) and lab.reaches("TCP", 40002)
    for port, protocol in (40001, "TCP"), (40001, "UDP"), (40002, "TCP"):
        upnpc(lab, "-d", port, protocol)
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


def test_upnpc_lease_ends(lab):
    upnpc(lab, "-a", LAN1, 5000, 40003, "UDP", 2)
    assert lab.reaches("UDP", 40003)
    wait_until(lambda: not lab.reaches("UDP", 40003), 4, "end of the lease")
    assert "40003" not in upnpc(lab, "-l")


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


GUPNP_IGD = r"""
import gi, sys
gi.require_version({module!r}, {version!r})
from gi.repository import GLib, {module} as igd
loop = GLib.MainLoop()
client = igd.SimpleIgd()

def remove(*_):  # not from within the signal: the library still uses the mapping then
    sys.stdin.readline()
    client.remove_port("UDP", 40004)
    GLib.timeout_add(500, loop.quit)

def mapped(_, protocol, external_address, replaces, external_port, local_address, local_port,
           description):
    print("mapped", protocol, external_address, external_port, local_address, local_port,
          flush=True)
    GLib.idle_add(remove)

def failed(_, error, protocol, port, address, local_port, description):
    print("failed", error, flush=True)
    loop.quit()

client.connect("mapped-external-port", mapped)
client.connect("error-mapping-port", failed)
client.add_port("UDP", 40004, "192.168.50.10", 5000, 600, "gupnp")
GLib.timeout_add_seconds(15, loop.quit)
loop.run()
"""


def installed_gupnp_igd():
    """Name and version of the introspection data; it changed its major version with Debian 13."""
    for version in "1.0", "1.6":
        probe = f"import gi; gi.require_version('GUPnPIgd', '{version}')"
        if (
            subprocess.run(
                [sys.executable, "-c", probe], check=False, capture_output=True
            ).returncode
            == 0
        ):
            return "GUPnPIgd", version
    return None


def test_libgupnp_igd(lab):
    """The library of Empathy, Pidgin and libnice: asks, gets, carries packets, removes"""
    found = installed_gupnp_igd()
    if not found:
        pytest.skip("gir1.2-gupnpigd is not installed")
    script = GUPNP_IGD.format(module=found[0], version=found[1])
    with subprocess.Popen(
        lab.lan1.command(sys.executable, "-c", script),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        try:
            assert client.stdout.readline().split() == [
                "mapped",
                "UDP",
                ROUTER_WAN,
                "40004",
                LAN1,
                "5000",
            ]
            assert lab.reaches("UDP", 40004)
            client.stdin.write("\n")
            client.stdin.flush()
            wait_until(lambda: not lab.reaches("UDP", 40004), 5, "the mapping to be removed")
        finally:
            client.kill()


GUPNP = r"""
import gi
gi.require_version("GUPnP", "1.6")
from gi.repository import GLib, GUPnP
loop = GLib.MainLoop()
kept = []

def changed(proxy, variable, value, *_):
    print(variable, value, flush=True)
    loop.quit()

def available(_, proxy):
    kept.append(proxy)
    proxy.add_notify("ExternalIPAddress", str, changed, None)
    proxy.set_subscribed(True)

context = GUPnP.Context.new("eth0", 0)
point = GUPnP.ControlPoint.new(context, "urn:schemas-upnp-org:service:WANIPConnection:1")
point.connect("service-proxy-available", available)
point.set_active(True)
GLib.timeout_add_seconds(10, loop.quit)
loop.run()
"""


def test_gupnp_gets_the_first_event(lab):
    """It drops an event that comes before it has read the answer to SUBSCRIBE"""
    probe = "import gi; gi.require_version('GUPnP', '1.6')"
    if subprocess.run([sys.executable, "-c", probe], check=False, capture_output=True).returncode:
        pytest.skip("gir1.2-gupnp-1.6 is not installed")
    words = lab.lan1.command(sys.executable, "-c", GUPNP)
    # One after the other: five that start at once are short of the processor, and read late.
    texts = [
        subprocess.run(words, stdout=subprocess.PIPE, text=True, timeout=30, check=False).stdout
        for _ in range(5)
    ]
    assert texts == [f"ExternalIPAddress {ROUTER_WAN}\n"] * 5
