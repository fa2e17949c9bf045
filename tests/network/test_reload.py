# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGHUP and `upnpctl reload`: what the configuration says now is in force, and nobody else
notices."""

import os
import signal

import pytest

from conftest import BACKENDS
from lab import (
    GUEST,
    LAN1,
    LAN1_6,
    LAN2,
    ROUTER_GUEST,
    ROUTER_LAN,
    ROUTER_LAN6,
    Capture,
    ControlPoint,
    Lab,
    PortControlClient,
    Subscriber,
    request,
    rules,
    search,
    wait_until,
)
from lab.control_point import PINHOLES, WAN_IP
from lab.port_control import UDP
from test_upnpctl import Ctl


def ports(point):
    return sorted(int(entry["NewExternalPort"]) for entry in point.listing())


@pytest.mark.parametrize("backend", BACKENDS)
def test_mappings_that_are_not_permitted_any_more_go(lab, backend):
    """And their traffic stops, while that of the others goes on"""
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon(firewall_backend=backend).start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001, 5000).ok and point.add("TCP", 40002, 5000).ok
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.map(UDP, 5000, external=40003).code == 0
    daemon.configure(
        ["deny 40001 0.0.0.0/0 0-65535", "deny 40003 0.0.0.0/0 0-65535"], firewall_backend=backend
    )
    daemon.hang_up()
    assert ports(point) == [40002]
    assert (
        not lab.reaches("TCP", 40001)
        and not lab.reaches("UDP", 40003)
        and lab.reaches("TCP", 40002)
    )
    assert point.add("TCP", 40001, 5000).code == 718
    wait_until(
        lambda: (
            "tcp 40001" not in daemon.lease_file.read_text().split("close mapping tcp 40001")[-1]
        ),
        2,
        "the lease file",
    )
    assert f"denied by {daemon.line_of('deny 40001')}" in daemon.log
    assert daemon.stop() == 0
    assert daemon.start() and ports(ControlPoint(lab.lan1, LAN1)) == [40002]


def test_pcp_clients_are_told_that_mappings_were_lost(lab):
    """RFC 6887 section 8.5: the epoch begins anew, for they may ask again elsewhere"""
    daemon = lab.daemon().start()
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.map(UDP, 5000, external=40003).code == 0
        wait_until(lambda: client.announce().epoch >= 2, 5, "two seconds of epoch")
        daemon.configure(["deny 40003 0.0.0.0/0 0-65535"])
        daemon.hang_up()
        wait_until(lambda: client.announce().epoch < 2, 2, "an epoch that begins anew")


def test_leases_of_an_earlier_run_obey_the_configuration_of_this_one(lab):
    daemon = lab.daemon().start()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    assert daemon.stop() == 0
    daemon.configure(["deny 40001 0.0.0.0/0 0-65535"])
    daemon.start()
    assert not ControlPoint(lab.lan1, LAN1).listing() and not rules.count(lab.router, "tcp", 40001)
    assert "not permitted any more" in daemon.log


def test_a_bad_file_keeps_the_old_settings_and_says_why(lab):
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001, 5000).ok
    before = daemon.state()
    daemon.configure(["deny 40001 0.0.0.0/0 0-65535", "lease_max = soon", "debug_mood = 3"])
    told = daemon.ctl("reload")
    assert told.returncode == 1
    for bad in "lease_max", "debug_mood":
        assert (
            f"{daemon.line_of(bad)}: error:" in told.stderr
            and f"{daemon.line_of(bad)}: error:" in daemon.log
        )
    assert "the old settings stay in force" in told.stderr
    daemon.hang_up()
    assert daemon.state() == before and lab.reaches("TCP", 40001)
    daemon.configuration.unlink()
    assert daemon.ctl("reload").returncode == 1
    assert daemon.state() == before and point.add("TCP", 40002, 5000).ok


def test_upnpctl_reloads_and_tells_what_has_to_wait(lab):
    daemon = lab.daemon(firewall_backend="nftables", friendly_name="Old router").start()
    daemon.configure(firewall_backend="iptables", friendly_name="New router")
    told = daemon.ctl("reload")
    assert told.returncode == 0 and "firewall_backend counts from the next start" in told.stdout
    assert rules.nftables(lab.router), "the back end in use stays"
    point = None

    def is_new():
        nonlocal point
        point = ControlPoint(lab.lan1, LAN1)
        return "New router" in point.description

    wait_until(is_new, 5, "the new name")
    assert point.add("TCP", 40001, 5000).ok
    assert daemon.ctl("reload").returncode == 0


def kinds_since_byebye(capture):
    kinds = [told["nts"] for told in capture.notifications()]
    return kinds[kinds.index("ssdp:byebye") :] if "ssdp:byebye" in kinds else []


def test_a_new_name_is_announced(lab):
    """DESC-27, SSDP-NOTIFY-22: the device with the old description says byebye, the one with the
    new is there; else nobody is disturbed"""
    daemon = lab.daemon(friendly_name="Old router").start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.get("/rootDesc.xml").body == point.get("/rootDesc.xml").body
    with Capture(lab.lan1) as capture:
        daemon.configure(friendly_name="Old router", lease_max=3600)
        daemon.hang_up()
        daemon.configure(friendly_name="New router")
        daemon.hang_up()
        wait_until(
            lambda: "ssdp:alive" in kinds_since_byebye(capture),
            5,
            "byebye, and the new one's announcements",
        )
        old, new = capture.notifications("ssdp:byebye")[0], capture.notifications("ssdp:alive")[-1]
        assert new["configid.upnp.org"] != old["configid.upnp.org"]
        assert int(new["bootid.upnp.org"]) > int(old["bootid.upnp.org"])
    wait_until(lambda: "New router" in ControlPoint(lab.lan1, LAN1).description, 5, "the new name")
    wait_until(
        lambda: daemon.log.count("Advertisements Sent") >= 2, 5, "what the second front end says"
    )
    assert daemon.log.count("Advertisements Sent") == 2, (
        "the first change was none of the description"
    )


def test_upnp_is_switched_off_and_on(lab):
    """SSDP-NOTIFY-26: byebye, no answer, no HTTP; NAT-PMP, PCP and traffic go on"""
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon().start()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    with Capture(lab.lan1) as capture:
        daemon.configure(upnp="no")
        daemon.hang_up()
        wait_until(lambda: "UPnP is off on br-lan" in daemon.log, 5, "the front end without UPnP")
        wait_until(
            lambda: all(
                any(kind in told["nt"] for told in capture.notifications("ssdp:byebye"))
                for kind in ("upnp:rootdevice", "InternetGatewayDevice")
            ),
            5,
            "byebye of the device",
        )
    assert not search(lab.lan1, "ssdp:all")
    with pytest.raises(ConnectionRefusedError):
        request(lab.lan1, ROUTER_LAN, 49152, "GET", "/rootDesc.xml")
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert (
            client.map(UDP, 5000, external=40003).code == 0 and client.pmp_map(UDP, 5001).code == 0
        )
    assert lab.reaches("TCP", 40001) and lab.reaches("UDP", 40003)
    checked = Ctl(lab, daemon)("check").stdout
    assert (
        "without UPnP" in daemon.ctl("status").stdout
        and "LAN-05" in checked
        and "LAN-02" not in checked
    )
    daemon.configure()
    daemon.hang_up()
    wait_until(lambda: daemon.log.count("Advertisements Sent") == 2, 5, "the device again")
    assert 40001 in ports(ControlPoint(lab.lan1, LAN1))


def test_what_is_told_of_the_ipv6_firewall_is_evented(lab):
    """IGD-6FC-05"""
    daemon = lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    for value in "0", "1":
        with Subscriber(point) as subscriber:
            subscriber.subscribe(PINHOLES)
            subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
            daemon.configure(ipv6inbound_pinhole_allowed=value, ipv6firewall_enabled=value)
            daemon.hang_up()
            told = {"FirewallEnabled": value, "InboundPinholeAllowed": value}
            subscriber.wait_for(
                lambda e, told=told: e.values == told and e.sequence > 0, f"{told}", 3
            )


def test_mappings_of_the_administrator_come_and_go(lab):
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon(lines=[f"mapping = tcp 40005 {LAN1}:5000 first"]).start()
    point = ControlPoint(lab.lan2, LAN2)
    assert point.add("TCP", 40006, 5000).ok and lab.reaches("TCP", 40005)
    daemon.configure([f"mapping = tcp 40006 {LAN1}:5000 second"])
    daemon.hang_up()
    assert lab.reaches("TCP", 40006) and not lab.reaches("TCP", 40005)
    assert [entry["NewInternalClient"] for entry in point.listing()] == [LAN1]
    assert "40006" not in daemon.lease_file.read_text().split("close mapping tcp 40006")[-1]
    daemon.configure()
    daemon.hang_up()
    assert not point.listing() and not lab.reaches("TCP", 40006)


def test_nothing_changed_disturbs_nobody(lab):
    """Subscriptions, front ends and flows stay"""
    lab.echo(lab.lan1, 5000)
    daemon = lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    front_ends = daemon.front_ends()
    with Subscriber(point) as subscriber:
        sid = subscriber.subscribe(WAN_IP).headers["sid"]
        daemon.hang_up()
        assert daemon.front_ends() == front_ends
        assert subscriber.renew(WAN_IP, sid).status == 200
        assert point.add("TCP", 40001, 5000).ok
        subscriber.wait_for(
            lambda e: e.values.get("PortMappingNumberOfEntries") == "1", "the event of a mapping"
        )


def test_internal_interfaces_come_and_go():
    """A network that is served no more hears byebye, hears nothing afterwards, and keeps no
    mapping"""
    with Lab() as lab:
        lab.split().echo(lab.lan2, 5000)
        daemon = lab.daemon(
            interfaces=(), lines=["external_interface = wan0", "internal_interface = br-lan"]
        ).start()
        point = ControlPoint(lab.lan1, LAN1)
        assert (
            not search(lab.lan2, "upnp:rootdevice", to=(ROUTER_GUEST, 1900))
            and point.add("TCP", 40001, 5000).ok
        )
        daemon.configure(
            [
                "external_interface = wan0",
                "internal_interface = br-lan",
                "internal_interface = port2",
            ]
        )
        daemon.hang_up()
        wait_until(lambda: "Advertisements Sent on port2" in daemon.log, 5, "the second front end")
        guest = ControlPoint(lab.lan2, GUEST, router=ROUTER_GUEST)
        assert guest.add("TCP", 40002, 5000).ok and lab.reaches("TCP", 40002)
        assert lab.reaches("TCP", 40002, source=lab.lan1), (
            "hairpin is laid for the new network's clients, too"
        )
        daemon.configure(["external_interface = wan0", "internal_interface = br-lan"])
        daemon.hang_up()
        assert ports(point) == [40001] and not lab.reaches("TCP", 40002)
        wait_until(lambda: len(daemon.front_ends()) == 1, 5, "the end of the second front end")
        assert not search(lab.lan2, "upnp:rootdevice", to=(ROUTER_GUEST, 1900))
        assert daemon.stop() == 0


TWO_LANS = [
    "external_interface = wan0",
    "internal_interface = br-lan",
    "internal_interface = port2",
]


def test_a_front_end_that_was_started_a_moment_ago_is_replaced():
    """A new interface and a setting of all front ends at once: the new one's process is told to end
    before it runs its program, and that it is that one's end, not the engine's"""
    with Lab() as lab:
        lab.split()
        daemon = lab.daemon(interfaces=(), lines=TWO_LANS[:2]).start()
        daemon.configure(TWO_LANS, friendly_name="Renamed")
        daemon.hang_up()
        for interface, number in ("br-lan", 2), ("port2", 1):
            wait_until(
                lambda i=interface, n=number: daemon.log.count(f"Advertisements Sent on {i}") >= n,
                5,
                f"{interface} served anew in\n{daemon.log}",
            )
        for host, own, router in (lab.lan1, LAN1, ROUTER_LAN), (lab.lan2, GUEST, ROUTER_GUEST):
            assert "Renamed" in ControlPoint(host, own, router=router).description
        assert "started again" not in daemon.log and daemon.stop() == 0


def test_another_order_of_the_interfaces_replaces_no_front_end():
    with Lab() as lab:
        lab.split()
        daemon = lab.daemon(interfaces=(), lines=TWO_LANS).start()
        wait_until(lambda: daemon.log.count("Advertisements Sent") == 2, 5, "both front ends")
        front_ends = daemon.front_ends()
        daemon.configure([TWO_LANS[0], TWO_LANS[2], TWO_LANS[1]])
        daemon.hang_up()
        assert daemon.ctl("status").returncode == 0 and daemon.front_ends() == front_ends


def test_pinholes_into_a_network_that_is_served_no_more_are_closed():
    with Lab() as lab:
        lab.add_ipv6().split()
        lab.router.ip("addr add 2a0a:300::1/64 dev port2 nodad")
        lab.lan2.ip("addr add 2a0a:300::11/64 dev eth0 nodad")
        daemon = lab.daemon(interfaces=(), lines=TWO_LANS).start()
        wait_until(lambda: daemon.log.count("Advertisements Sent") == 2, 5, "both front ends")
        for host, own, router in (
            (lab.lan1, LAN1_6, ROUTER_LAN6),
            (lab.lan2, "2a0a:300::11", "2a0a:300::1"),
        ):
            with PortControlClient(host, own, router) as client:
                assert client.map(UDP, 5000).code == 0
        assert daemon.stop() == 0 and daemon.start()
        wait_until(lambda: daemon.log.count("Advertisements Sent") == 2, 5, "both front ends")
        daemon.configure(TWO_LANS[:2])
        daemon.hang_up()
        laid = "".join(rules.everything(lab.router))
        assert LAN1_6 in laid and "2a0a:300::11" not in laid
        assert (
            "2a0a:300::11"
            not in daemon.lease_file.read_text().split("close pinhole")[-1].partition("\n")[2]
        )


@pytest.mark.parametrize(
    "sign", [signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2], ids=lambda sign: sign.name
)
def test_what_is_asked_of_all_processes_only_the_engine_does(lab, sign):
    """killall -HUP upnpd, systemctl kill: no front end ends of it"""
    daemon = lab.daemon().start()
    front_ends = daemon.front_ends()
    for pid in reversed(daemon.processes()):
        os.kill(pid, sign)
    assert daemon.ctl("status").returncode == 0
    search(lab.lan1, "upnp:rootdevice", to=(ROUTER_LAN, 1900), mx=None, expect=1)
    assert daemon.front_ends() == front_ends and "started again" not in daemon.log


def test_a_reload_while_front_ends_start(lab):
    """Told to end before they have said that they serve, they do not make the start a failed one"""
    daemon = lab.daemon()
    daemon.launch()
    wait_until(daemon.front_ends, 5, "the front end's process")
    daemon.configure(friendly_name="Renamed")
    daemon.hang_up()
    daemon.wait_until_ready()
    assert "Renamed" in ControlPoint(lab.lan1, LAN1).description
