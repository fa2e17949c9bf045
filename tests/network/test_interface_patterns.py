# SPDX-License-Identifier: GPL-2.0-or-later
"""internal_interface = br-lan, ve-*: what comes while the daemon runs is served within a second,
what goes is dropped, and nothing outside is ever served."""

import json

import pytest

from conftest import BACKENDS
from lab import (
    LAN1,
    ROUTER_LAN,
    ROUTER_WAN,
    ControlPoint,
    Lab,
    PortControlClient,
    search,
    wait_until,
)
from lab.port_control import UDP

SOON = 10
GATEWAY, CONTAINER = "192.168.80.1", "192.168.80.10"
SIDES = {"external_interface": "auto", "internal_interface": "br-lan, ve-*"}


def external(daemon):
    return json.loads(daemon.ctl("-j", "status").stdout)["external"]["interface"]


def served(daemon):
    """The interfaces whose front ends answer."""
    internal = json.loads(daemon.ctl("-j", "status").stdout)["internal"]
    return [each["interface"] for each in internal if each["answers"]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_container_comes_goes_and_comes_again(backend):
    with Lab(forward="nft-drop" if backend == "nftables" else "legacy-drop") as lab:
        daemon = lab.daemon(interfaces=(), firewall_backend=backend, **SIDES).start()
        before = ControlPoint(lab.lan1, LAN1)
        assert served(daemon) == ["br-lan"]
        for port in 40001, 40003:  # the second time it is made anew
            with lab.container("ve-x", GATEWAY, CONTAINER) as host:
                wait_until(lambda: "ve-x" in served(daemon), SOON, "its front end")
                for each in 5000, 5001:
                    lab.echo(host, each)
                point = ControlPoint(host, CONTAINER, router=GATEWAY)
                assert point.add("TCP", port, 5000).ok and lab.reaches("TCP", port)
                with PortControlClient(host, CONTAINER, GATEWAY) as client:
                    # The second time it has the port of the first: that is its own still.
                    assert client.map(UDP, 5001, external=port + 1).external == 40002
                assert lab.reaches("UDP", 40002) and lab.reaches("TCP", 40001)
                assert lab.reaches("TCP", port, source=lab.lan1, host=ROUTER_WAN), "hairpin"
            wait_until(lambda: served(daemon) == ["br-lan"], SOON, "its end")
        assert before.call("GetStatusInfo").ok, "the other LAN has noticed nothing"
        assert "ve-x has come: it is served" in daemon.log
        assert "ve-x has gone: it is served no more" in daemon.log
        assert daemon.stop() == 0


def test_nothing_outside_is_served():
    """Not the line, not one that was it before, not a port of a bridge, not lo"""
    with Lab() as lab:
        lab.add_line("wan1", "80.100.101.1", "80.100.101.9")
        lab.router.ip("route del default", "route add default via 80.100.101.9")
        daemon = lab.daemon(
            interfaces=(),
            external_interface="auto",
            internal_interface="br-lan, wan1*, port*, l*",
        ).start()
        assert served(daemon) == ["br-lan"]
        lab.router.ip("route replace default via 80.100.100.9")
        wait_until(lambda: external(daemon) == "wan0", SOON, "the other line")
        assert served(daemon) == ["br-lan"], "wan1 was the line"
        assert not search(lab.wan, "ssdp:all", to=("80.100.101.1", 1900))


def test_a_pattern_may_be_all_there_is(lab):
    daemon = lab.daemon(interfaces=("wan0", "ve-*"))
    daemon.launch()
    daemon.wait_for_log("internal none yet")
    assert served(daemon) == []
    with lab.container("ve-x", GATEWAY, CONTAINER) as host:
        wait_until(lambda: served(daemon) == ["ve-x"], SOON, "its front end")
        point = ControlPoint(host, CONTAINER, router=GATEWAY)
        lab.echo(host, 5000)
        assert point.add("TCP", 40001, 5000).ok and lab.reaches("TCP", 40001)


def test_a_named_interface_is_served_beside_a_pattern(lab):
    """And upnpctl tells what the pattern means now"""
    daemon = lab.daemon(interfaces=("wan0", "br-lan", "ve-*")).start()
    with lab.container("ve-x", GATEWAY, CONTAINER):
        wait_until(lambda: "ve-x" in served(daemon), SOON, "its front end")
        settings = json.loads(daemon.ctl("-j", "config").stdout)["settings"]
        found = {each["value"]: each["found"] for each in settings}
        assert found["ve-*"] == "ve-x" and found["br-lan"] is None
        assert "br-lan, ve-x, ve-* (as they come)" in daemon.check().stdout
        daemon.hang_up()
        assert served(daemon) == ["br-lan", "ve-x"]
    wait_until(lambda: served(daemon) == ["br-lan"], SOON, "its end")
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.map(UDP, 5000).code == 0
