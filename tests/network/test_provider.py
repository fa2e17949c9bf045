# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules for a provider's NAT (RFC 6888): the ports that a subscriber may hold, and records of who
had which."""

import struct

import pytest

from lab import LAN1, LAN2, ROUTER_LAN, ROUTER_WAN, WAN_HOST, ControlPoint, Lab, PortControlClient
from lab.frames import hardware_address
from lab.port_control import (
    PORT_SET,
    SUCCESS,
    TCP,
    UDP,
    USER_EX_QUOTA,
    filter_option,
    option,
)

MOST, MANY = 4, 60  # a host is told of 20 lines a minute otherwise
SET = option(PORT_SET, struct.pack("!HHB", 16, 7000, 0))


@pytest.fixture
def lab():
    with Lab() as own:
        for host in own.lan1, own.lan2:
            host.ping(ROUTER_LAN)
        yield own


def allocations(daemon):
    """Returns the rest of each line behind "allocation "."""
    lines = daemon.log.splitlines()
    return [line.partition("allocation ")[2] for line in lines if "allocation " in line]


def test_limits_the_ports_of_a_subscriber_whatever_asks(lab):
    """CGN-Limit-01, -02; PCP-MAP-17."""
    lab.daemon(mappings_per_client=MOST).start()
    point = ControlPoint(lab.lan1, LAN1)
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert point.add("TCP", 5000).ok
        assert client.pmp_map(UDP, 5001).code == SUCCESS
        assert client.map(TCP, 5002).code == SUCCESS
        assert client.map(UDP, 5003).code == SUCCESS
        assert client.map(UDP, 5004).code == USER_EX_QUOTA
        assert client.pmp_map(TCP, 5004).code != SUCCESS
        assert not point.add("UDP", 5004).ok
        assert client.map(UDP, 5003).code == SUCCESS, "what it holds it may renew"
    with PortControlClient(lab.lan2, LAN2, ROUTER_LAN) as other:
        assert other.map(UDP, 5004).code == SUCCESS


def test_records_each_port_and_whose_it_was(lab):
    """CGN-Log-01 to 03: no remote and no text of a client's is recorded, a set is one record, and
    none is left out."""
    daemon = lab.daemon(log_allocations="yes", debug_mode=0, mappings_per_client=200).start()
    host = f"host {hardware_address(lab.lan1)}"
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        assert client.map(UDP, 3074, options=filter_option(f"{WAN_HOST}/32")).code == SUCCESS
        assert client.map(UDP, 3074, options=filter_option(f"{WAN_HOST}/32")).code == SUCCESS
        first = f"udp {ROUTER_WAN}:3074 for {LAN1}:3074, {host}, by pcp"
        assert allocations(daemon) == [f"begins: {first}"], "a renewal is none"
        assert client.unmap(UDP, 3074).code == SUCCESS
        begins, ends = allocations(daemon)
        assert ends.startswith(f"ends: {first}, since 20") and ends.endswith("Z, client")
        assert client.map(UDP, 7000, options=SET).code == SUCCESS
        block = f"udp {ROUTER_WAN}:7000-7015 for {LAN1}:7000-7015, {host}, by pcp"
        assert allocations(daemon)[2:] == [f"begins: {block}"]
        for port in range(10000, 10000 + MANY):
            assert client.map(TCP, port).code == SUCCESS
    assert len(allocations(daemon)) == 3 + MANY
    assert WAN_HOST not in "".join(allocations(daemon))
    assert daemon.ctl("del", "--all").returncode == 0
    assert sum(line.endswith("cleared") for line in allocations(daemon)) == 1 + MANY


def test_records_nothing_unless_it_is_asked_to(lab):
    daemon = lab.daemon(debug_mode=3).start()
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 5000).ok
    assert not allocations(daemon)
