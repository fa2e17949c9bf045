# SPDX-License-Identifier: GPL-2.0-or-later
"""The log has what a client can write into it: each thing once, then a count."""

import re
import time

from lab import (
    LAN1,
    LAN1_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ControlPoint,
    Lab,
    PortControlClient,
    request,
    rules,
    wait_until,
)
from lab.port_control import TCP, UDP
from lab.topology import NFT_DROP

LINES = 20  # that one client may cause in a second


def lines_of(daemon):
    return daemon.log.count("\n")


def test_the_log_of_one_client_within_its_limits(lab):
    """It maps and unmaps as often as it may"""
    daemon = lab.daemon(debug_mode=2).start()
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.pmp_map(TCP, 4999).code == 0
        before, begin, asked = lines_of(daemon), time.monotonic(), 0
        while asked < 300:
            assert client.pmp_map(UDP, 5000 + asked % 60).code == 0
            assert client.pmp_unmap(UDP, 5000 + asked % 60).code == 0
            asked += 1
        seconds = time.monotonic() - begin
        lines = lines_of(daemon) - before
    print(f"{asked} made and ended in {seconds:.1f} s: {lines} lines")
    assert 0 < lines <= max(LINES * (seconds + 1), asked / 2)


def test_the_same_refusal_is_said_once_and_counted():
    """Whatever the protocol: 60 times"""
    with Lab() as lab:
        lab.add_ipv6().lan1.ping(ROUTER_LAN6)
        daemon = lab.daemon(debug_mode=2, lines=["deny 0-65535 any 5000"]).start()
        point = ControlPoint(lab.lan1, LAN1)
        with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
            ways = {
                718: lambda: point.add("UDP", 5000),
                606: lambda: point.pinhole(LAN1_6, 5000, UDP),
                2: lambda: client.pmp_map(UDP, 5000),
            }
            before = len(daemon.log)
            for _ in range(60):
                for code, ask in ways.items():
                    assert ask().code == code
                assert client.map(UDP, 5000).code == 2

        def said():
            """The refusals in words, and how many more the log counts."""
            lines = [line for line in daemon.log[before:].splitlines() if "refused" in line]
            counted = [re.search(r"\band (\d+) more in \d+ s", line) for line in lines]
            return (
                sum(match is None for match in counted),
                sum(int(match[1]) for match in counted if match),
            )

        wait_until(lambda: said()[0] >= 4, 5, f"a line for each way\n{daemon.log[before:]}")
        assert said()[0] <= 8, daemon.log[before:]
        wait_until(
            lambda: sum(said()) == 4 * 60, 90, f"all of them, counted\n{daemon.log[before:]}"
        )
        assert said()[0] <= 8, daemon.log[before:]


def test_a_firewall_that_is_reloaded_again_and_again():
    """25 times in five seconds: one line, and a count later"""
    with Lab(forward="nft-drop") as lab:
        lab.echo(lab.lan1, 5000)
        daemon = lab.daemon(debug_mode=2).start()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
        before = len(daemon.log)
        for _ in range(25):
            lab.router.run("nft", "flush", "ruleset")
            lab.router.run("nft", "-f", "-", input=NFT_DROP)
            wait_until(lambda: "upnpd" in rules.nftables(lab.router), 5, "our table again")
        wait_until(lambda: lab.reaches("TCP", 40001), 5, "the mapping again")
        said = daemon.log[before:].splitlines()
    assert sum("put back" in line for line in said) == 1, said
    assert len(said) <= 2, said


def test_each_request_at_level_3(lab):
    """... from the moment that `upnpctl log` says so, in front ends too, and no longer than that"""
    daemon = lab.daemon(debug_mode=1).start()
    location = "/rootDesc.xml"
    console = {"User-Agent": "Xbox/2.0 UPnP/1.0"}
    port = ControlPoint(lab.lan1, LAN1).port

    def ask():
        assert request(lab.lan1, ROUTER_LAN, port, "GET", location, console).status == 200

    ask()
    assert location not in daemon.log.partition("Listening")[2]
    assert daemon.ctl("log", "3", "--for", "3s").returncode == 0
    daemon.wait_for_log("the log has debug_mode 3 now")

    def asked():
        ask()
        return f'GET "{location}" of {LAN1}, which is shown version 1' in daemon.log

    wait_until(asked, 2, "the line of a description")
    assert 'it calls itself "Xbox/2.0 UPnP/1.0"' in daemon.log
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        client.external_address()
        client.announce()
    daemon.wait_for_log(f"nat-pmp: {LAN1} asks for the external address")
    daemon.wait_for_log(f"pcp: {LAN1} asks whether the mappings are still there")
    daemon.wait_for_log("the log has debug_mode 1 now")
    lines = daemon.log.count(location)
    ask()
    assert daemon.ctl("log", "4").returncode == 2
    assert daemon.log.count(location) == lines
