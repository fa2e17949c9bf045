# SPDX-License-Identifier: GPL-2.0-or-later
"""A reload is a transaction: what cannot be had refuses it with the reason, and what was there
serves on."""

import contextlib
import os
import socket

import pytest

from lab import LAN1, ROUTER_LAN, ControlPoint, Lab, PortControlClient, request, search, wait_until
from lab.port_control import UDP

PORT = 40001
KEPT = "the old settings stay in force"


@pytest.fixture(scope="module")
def running():
    with Lab() as lab:
        lab.echo(lab.lan1, 5000)
        daemon = lab.daemon().start()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", PORT, 5000).ok
        yield lab, daemon
        assert daemon.stop() == 0


@contextlib.contextmanager
def taken(lab, kind, port):
    with lab.router.socket(socket.AF_INET, kind) as other:
        other.bind((ROUTER_LAN, port))
        if kind == socket.SOCK_STREAM:
            other.listen()
        yield


def serves(lab):
    """Packets, HTTP at the old port, searches, NAT-PMP"""
    assert lab.reaches("TCP", PORT)
    assert request(lab.lan1, ROUTER_LAN, 49152, "GET", "/rootDesc.xml").status == 200
    assert search(lab.lan1, "upnp:rootdevice", expect=1)
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.pmp_map(UDP, 5001).code == 0


def refused(lab, daemon, *reasons, lines=(), **settings):
    """By upnpctl, with the reasons on standard error, and by SIGHUP, with a line in the log."""
    before = daemon.front_ends()
    applied = daemon.log.count("the configuration was read again")
    daemon.configure(lines, **settings)
    try:
        said = daemon.ctl("reload")
        assert said.returncode == 1 and KEPT in said.stderr, said
        for reason in reasons:
            assert reason in said.stderr, said.stderr
        again = daemon.log.count("reload refused")
        daemon.hang_up()
        assert daemon.log.count("reload refused") > again
        assert daemon.log.count("the configuration was read again") == applied
        assert "REFUSED" in daemon.ctl("status").stdout
    finally:
        daemon.configure()
    assert daemon.front_ends() == before, "nobody was replaced"
    serves(lab)


def test_a_port_that_another_program_has(running):
    lab, daemon = running
    with taken(lab, socket.SOCK_STREAM, 5000):
        refused(
            lab,
            daemon,
            "port 5000",
            f"TCP port 5000 of {ROUTER_LAN} is held by",
            f"(pid {os.getpid()})",
            listenport=5000,
        )


@pytest.mark.parametrize("name, reason", [("lo", "is no LAN"), ("slot9", "bridge br9: name br9")])
def test_an_interface_that_can_be_no_lan(name, reason):
    """One that is not there yet, or has no address, is waited for as at a start"""
    with Lab() as lab:
        lab.router.ip(
            "link add br9 type bridge",
            "link add slot9 type veth peer name far9",
            "link set slot9 master br9",
        )
        own = ["external_interface = wan0", "internal_interface = br-lan"]
        daemon = lab.daemon(interfaces=(), lines=own).start()
        daemon.configure([*own, f"internal_interface = {name}"])
        said = daemon.ctl("reload")
        assert said.returncode == 1 and reason in said.stderr and KEPT in said.stderr, said
        assert search(lab.lan1, "upnp:rootdevice", expect=1) and len(daemon.front_ends()) == 1
        daemon.configure([*own, "internal_interface = late0"])
        assert daemon.ctl("reload").returncode == 0
        assert "late0 (no such interface yet)" in daemon.ctl("status").stdout


def test_settings_that_the_next_start_could_not_have(running):
    lab, daemon = running
    refused(lab, daemon, "zork", user="zork")
    refused(lab, daemon, "forward_chain_name", forward_chain_name="not a chain")
    lab.router.run("mkdir", "-p", "-m", "0755", "/run/upnpd-lab-foreign")
    try:
        refused(lab, daemon, "cannot write", lease_file="/run/upnpd-lab-foreign/leases")
    finally:
        lab.router.run("rmdir", "/run/upnpd-lab-foreign")


def test_a_port_of_nat_pmp_that_another_program_has():
    """5351, when NAT-PMP and PCP are switched on"""
    with Lab() as lab:
        daemon = lab.daemon(port_control="none").start()
        daemon.configure(port_control="both")
        with taken(lab, socket.SOCK_DGRAM, 5351):
            said = daemon.ctl("reload")
            assert said.returncode == 1
            assert f"UDP port 5351 of {ROUTER_LAN} is held by" in said.stderr
            assert search(lab.lan1, "upnp:rootdevice", expect=1)
        assert daemon.ctl("reload").returncode == 0
        with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
            assert client.pmp_map(UDP, 5001).code == 0


def test_what_is_missing_already_refuses_nothing():
    """5351 was taken before the start: it is tried again, and said, and anything else may change"""
    with Lab() as lab:
        daemon = lab.daemon()
        with taken(lab, socket.SOCK_DGRAM, 5351):
            daemon.start()
            started = next(line for line in daemon.log.splitlines() if "external wan0" in line)
            assert "nat-pmp" not in started and "without UDP port 5351" in started
            status = daemon.ctl("status").stdout
            assert "nat-pmp  NOT SERVED" in status and f"(pid {os.getpid()}) has" in status
            daemon.configure(friendly_name="New")
            assert daemon.ctl("reload").returncode == 0
            assert "New" in ControlPoint(lab.lan1, LAN1).description
        wait_until(lambda: "nat-pmp  IPv4" in daemon.ctl("status").stdout, 20, "NAT-PMP")
        assert daemon.log.count("UDP port 5351 of 192.168.50.1 is open now") == 1
        assert daemon.stop() == 0


def test_a_new_port_is_served_after_the_reload(running):
    lab, daemon = running
    daemon.configure(listenport=5005)
    assert daemon.ctl("reload").returncode == 0
    assert ControlPoint(lab.lan1, LAN1).port == 5005
    assert lab.reaches("TCP", PORT)
    daemon.configure()
    assert daemon.ctl("reload").returncode == 0
