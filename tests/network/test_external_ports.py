# SPDX-License-Identifier: GPL-2.0-or-later
"""external_ports: where an address is shared (MAP-E, lw4o6) only the ports of the set are granted,
by every protocol, by packets on both back ends."""

import json

import pytest

from conftest import BACKENDS
from lab import LAN1, ROUTER_LAN, WAN_HOST, ControlPoint, Lab, PortControlClient, wait_until
from lab.control_point import WAN_IP2
from lab.port_control import NOT_AUTHORIZED, PREFER_FAILURE, SUCCESS, TCP, UDP, option
from test_pcp_sets import ask, granted

SET = [*range(4000, 4016), *range(5000, 5016)]
TEXT = "4000-4015,5000-5015"
OUTSIDE = 6000


@pytest.fixture(params=BACKENDS)
def running(request):
    with Lab() as lab:
        for port in 7000, 7001:
            lab.echo(lab.lan1, port)
        yield lab, lab.daemon(external_ports=TEXT, firewall_backend=request.param).start()


def test_upnp_gets_what_is_in_the_set(running):
    lab, daemon = running
    point = ControlPoint(lab.lan1, LAN1)
    denied = point.add("TCP", 80, 7000).code  # a port that the policy never permits
    assert point.add("TCP", OUTSIDE, 7000).code == denied
    assert f"external port {OUTSIDE} is not one of external_ports" in daemon.log
    assert point.add("TCP", 4000, 7000).ok and lab.reaches("TCP", 4000)
    point = ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2)
    any_port = int(point.add_any("UDP", OUTSIDE, 7001)["NewReservedPort"])
    assert any_port == 5015, "the nearest one"
    assert lab.reaches("UDP", any_port) and not lab.reaches("UDP", OUTSIDE)


def test_nat_pmp_and_pcp_get_one_of_the_set(running):
    lab, _ = running
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        mapped = client.pmp_map(UDP, 7000, external=OUTSIDE)
        assert mapped.code == 0 and mapped.external in SET
        assert lab.reaches("UDP", mapped.external)
        reply = client.map(TCP, 7001)
        assert reply.code == SUCCESS and reply.external in SET
        assert lab.reaches("TCP", reply.external)
        strict = client.map(TCP, 7002, external=OUTSIDE, options=option(PREFER_FAILURE))
        assert strict.code != SUCCESS


def test_a_set_of_ports_has_room_in_the_set_alone(running):
    lab, _ = running
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        ports, first = granted(ask(client, 64, first=7000))
        assert first == 7000 and len(ports) == 16 and set(ports) <= set(SET)
        assert lab.reaches("UDP", ports[0]) and lab.reaches("UDP", ports[1])


def test_a_flow_that_is_kept_leaves_by_a_port_of_the_set(running):
    lab, _ = running
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        kept = client.peer(UDP, 7005, WAN_HOST, 53)
        assert kept.code == SUCCESS and kept.external in SET
        assert client.peer(UDP, 7006, WAN_HOST, 53, external=OUTSIDE).code == NOT_AUTHORIZED


def test_the_set_can_be_full(running):
    lab, _ = running
    point = ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2)
    for port in SET:
        assert point.add("UDP", port, 7000).ok
    assert point.add_any("UDP", OUTSIDE, 7001).code == 728
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.map(UDP, 7003).code != SUCCESS


def test_the_administrator_is_bound_too(running):
    lab, daemon = running
    refused = daemon.ctl("add", f"tcp:{OUTSIDE}", f"{LAN1}:7000")
    assert refused.returncode != 0 and "external_ports" in refused.stderr
    assert daemon.ctl("add", "tcp:5001", f"{LAN1}:7000").returncode == 0
    assert lab.reaches("TCP", 5001)
    said = json.loads(daemon.ctl("-j", "config", "--changed").stdout)["settings"]
    assert [each["value"] for each in said if each["key"] == "external_ports"] == [TEXT]


def test_a_reload_ends_what_is_outside(running):
    lab, daemon = running
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 4000, 7000).ok and point.add("TCP", 5000, 7000).ok
    assert daemon.ctl("add", "tcp:5001", f"{LAN1}:7000").returncode == 0
    daemon.configure(external_ports="4000-4015")
    daemon.hang_up()
    wait_until(lambda: not lab.reaches("TCP", 5000), 3, "the end of what is outside")
    assert lab.reaches("TCP", 4000) and not lab.reaches("TCP", 5001)
    assert [int(each["NewExternalPort"]) for each in point.listing()] == [4000]


def test_a_mapping_of_the_file_has_to_be_in_the_set(lab):
    daemon = lab.daemon(lines=["mapping = tcp 6000 192.168.50.10"], external_ports=TEXT)
    checked = daemon.check()
    line = daemon.line_of("mapping = ")
    assert checked.returncode == 2
    assert f"{line}: error: mapping: external port 6000 is not one of external_ports" in (
        checked.stderr
    )


def test_check_names_the_ports_of_the_hosts_rules(lab):
    rule = "add rule ip lab_nat postrouting meta l4proto tcp oifname wan0 masquerade to :4000-4015"
    lab.router.run("nft", rule)
    daemon = lab.daemon().start()
    assert "external_ports = 4000-4015" in daemon.ctl("check").stdout
    daemon.configure(external_ports="4000-4015")
    daemon.hang_up()
    assert "external_ports are those of the host's rules: 4000-4015" in daemon.ctl("check").stdout
