# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may map, read and delete what: the administrator's lines, seen from the LAN and in the
log."""

import json

import pytest

from lab import LAN1, LAN2, ROUTER_LAN, ControlPoint, PortControlClient, wait_until
from lab.control_point import WAN_IP2
from lab.frames import hardware_address
from lab.port_control import UDP
from test_upnpctl import program


def points(lab):
    return ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2), ControlPoint(
        lab.lan2, LAN2, wan_ip=WAN_IP2
    )


def test_the_first_line_that_matches_decides_and_is_named(lab):
    """IGD-Access-15: ports, client, protocol"""
    daemon = lab.daemon(
        lines=[
            f"allow 80 {LAN1} 80",
            f"deny 3074 {LAN2} 0-65535 udp",
            "allow 3000-4000 192.168.50.0/24 1024-65535",
            "deny 0-65535 any 0-65535",
        ]
    ).start()
    one, two = points(lab)
    assert one.add("TCP", 80).ok and two.add("TCP", 80).code == 606
    assert two.add("UDP", 3074).code == 606 and two.add("TCP", 3074).ok and one.add("UDP", 3074).ok
    assert one.add("TCP", 5000).code == 606
    wait_until(lambda: "tcp 5000" in daemon.log, 2, "the refusal in the log")
    line = next(line for line in daemon.log.splitlines() if "tcp 5000" in line)
    assert (
        "refused" in line
        and LAN1 in line
        and "denied by" in line
        and daemon.line_of("deny 0-65535 any") in line
    )


def test_an_explanation_is_the_answer_that_a_client_gets(lab):
    daemon = lab.daemon(lines=[f"deny 3074 {LAN2} 0-65535 udp"]).start()
    one, two = points(lab)
    assert one.add("UDP", 4000).ok

    def explained(client, port):
        words = "-s", daemon.control_socket, "-j", "explain", client, "udp", port
        said = lab.router.run(program(), *words, check=False)
        answer = json.loads(said.stdout)
        assert said.returncode == (0 if all(each["granted"] for each in answer["answers"]) else 1)
        return answer

    denied = explained(LAN2, "3074")
    assert denied["line"].endswith(daemon.line_of("deny 3074"))
    by = {each["action"]: each for each in denied["answers"]}
    assert "denied by" in by["AddPortMapping"]["reason"] and two.add("UDP", 3074).code == 606
    held = explained(LAN2, "4000")["answers"]
    assert held[0]["reason"] == f"held by {LAN1}" and two.add("UDP", 4000).code == 718
    port = two.add_any("UDP", 4000)["NewReservedPort"]
    assert [str(each["external_port"]) for each in held[1:]] == [port] * 3
    assert len(one.listing()) == 2, "an explanation opens nothing"


def test_a_client_is_told_by_its_hardware_address(lab):
    lab.daemon(
        lines=[
            f"allow 0-65535 mac:{hardware_address(lab.lan1).upper()} 0-65535 tcp",
            "deny 0-65535 any 0-65535",
        ]
    ).start()
    one, two = points(lab)
    assert one.add("TCP", 32400).ok and one.add("TCP", 25).ok
    assert one.add("UDP", 32400).code == 606
    assert two.add("TCP", 32401).code == 606


def test_mappings_of_the_administrator(lab):
    """IGD-DeletePortMapping-09: listed, carrying packets, and nobody's to change"""
    daemon = lab.daemon(
        lines=[f"mapping = udp 5060 {LAN2}:5000 the phone", f"mapping = tcp 22 {LAN1}"]
    )
    daemon.start()
    lab.echo(lab.lan2, 5000)
    one, two = points(lab)
    assert lab.reaches("UDP", 5060)
    entry = two.entry(0)
    assert (
        entry["NewExternalPort"],
        entry["NewInternalClient"],
        entry["NewInternalPort"],
        entry["NewPortMappingDescription"],
        entry["NewLeaseDuration"],
    ) == ("5060", LAN2, "5000", "the phone", "0")
    assert len(one.listing()) == 2
    assert two.delete("UDP", 5060).code == 606 and two.add("UDP", 5060, internal=5000).code == 718
    assert (
        ControlPoint(lab.lan2, LAN2, two.location).delete("UDP", 5060).code == 714
    )  # as version 1
    assert two.delete_range("UDP", 5000, 6000).code == 606
    assert two.add_any("UDP", 5060)["NewReservedPort"] == "5061"
    assert two.delete("UDP", 5061).ok
    assert daemon.stop() == 0 and not lab.reaches("UDP", 5060)
    daemon.start()
    assert len(one.listing()) == 2


@pytest.mark.parametrize("setting, code", [("own", 606), ("all", 0)])
def test_who_may_read(lab, setting, code):
    """IGD-Access-11, 12, IGD-GetSpecific-06: the index counts what one may read"""
    lab.daemon(list_mappings=setting).start()
    one, two = points(lab)
    assert two.add("TCP", 5000).ok
    assert one.entry(0).code == (713 if code else 0) and one.specific("TCP", 5000).code == code
    assert two.entry(0).ok
    old = ControlPoint(lab.lan1, LAN1, one.location)
    assert old.entry(0).code == (713 if code else 0) and old.specific("TCP", 5000).code == (
        714 if code else 0
    )


def test_who_may_delete(lab):
    """IGD-DeleteRange-07, IGD-GetList-06: the administrator may let everybody"""
    lab.daemon(delete_mappings="all").start()
    one, two = points(lab)
    for port in 5000, 5001, 5002:
        assert two.add("TCP", port).ok
    assert one.delete_range("TCP", 5001, 6000).code == 606  # not without asking for it
    assert len(one.list_range("TCP", 5000, 6000, manage=1)) == 3
    assert one.delete("TCP", 5000).ok
    assert one.delete_range("TCP", 5001, 6000, manage=1).ok
    assert two.listing() == []


def test_third_parties(lab):
    """IGD-Access-13: within the LAN, and within the lines"""
    lab.daemon(allow_third_party="yes", lines=[f"deny 0-65535 {LAN2} 22 tcp"]).start()
    one, _ = points(lab)
    assert one.add("TCP", 5000, client=LAN2).ok
    assert one.add("TCP", 2222, internal=22, client=LAN2).code == 606
    assert one.add("TCP", 5001, client="80.100.100.9").code == 606
    assert one.delete("TCP", 5000).ok


def test_leases_have_bounds(lab):
    lab.daemon(lease_min=100, lease_max=200).start()
    one, _ = points(lab)
    for asked, granted in (1, 100), (150, 150), (7200, 200), (0, 200):
        assert one.add("TCP", 5000, LeaseDuration=asked).ok
        assert granted - 2 <= int(one.specific("TCP", 5000)["NewLeaseDuration"]) <= granted, asked


def test_reserved_ports(lab):
    """IGD-Map-15"""
    lab.daemon(reserved_ports="7000 7001").start()
    one, _ = points(lab)
    assert one.add("TCP", 7000).code == 729 and one.add("UDP", 7001).code == 729
    assert one.add("UDP", 5351).ok
    assert ControlPoint(lab.lan1, LAN1, one.location).add("TCP", 7000).code == 718  # as version 1


def test_the_check_finds_lines_that_never_decide(lab):
    daemon = lab.daemon(lines=["deny 0-65535 192.168.50.0/24 0-65535", f"allow 3074 {LAN1} 3074"])
    checked = daemon.check()
    assert checked.returncode == 0
    warning = next(line for line in checked.stderr.splitlines() if "warning" in line)
    assert daemon.line_of("allow 3074") in warning and "never decides" in warning
    assert daemon.line_of("deny 0-65535") in warning


def test_a_file_of_miniupnpd_needs_no_rewriting(lab):
    """rival.md: migration"""
    daemon = lab.daemon(
        lines=[
            "force_igd_desc_v1=yes",
            "secure_mode=yes",
            "min_lifetime=120",
            "max_lifetime=86400",
            "system_uptime=yes",
            "notify_interval=30",
            "enable_natpmp=yes",
            "upnp_forward_chain=MINIUPNPD",
            "upnp_nat_chain=MINIUPNPD",
            "clean_ruleset_threshold=20",
            "clean_ruleset_interval=600",
            "friendly_name=OpenWrt router",
            "manufacturer_name=OpenWrt",
            "serial=12345678",
            "model_number=1",
            "bitrate_up=1000000",
            "bitrate_down=10000000",
            "packet_log=no",
            "presentation_url=",
            "uuid=fc4ec57e-b051-11db-88f8-0060085db3f6",
            "allow 1024-65535 192.168.50.0/24 1024-65535",
            "deny 0-65535 0.0.0.0/0 0-65535",
        ]
    )
    daemon.start()
    one = ControlPoint(lab.lan1, LAN1)
    assert "<manufacturer>OpenWrt</manufacturer>" in one.description
    assert (
        "InternetGatewayDevice:1" in one.description
        and "fc4ec57e-b051-11db-88f8-0060085db3f6" in one.description
    )
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert (client.map(UDP, 5000, 1).lifetime, client.map(UDP, 5000, 99999).lifetime) == (
            120,
            86400,
        )
    assert one.add("TCP", 80).code == 718 and one.add("TCP", 5001, client=LAN2).code == 718
