# SPDX-License-Identifier: GPL-2.0-or-later
"""PCP's PORT_SET (RFC 7753): many ports by one request, which is one opening everywhere; by packets
on both back ends."""

import json
import socket
import struct

import pytest

from conftest import BACKENDS
from lab import LAN1, LAN1_6, LAN2, ROUTER_LAN, ROUTER_LAN6, ROUTER_WAN, WAN_HOST
from lab import ControlPoint, Lab, PortControlClient, rules
from lab.port_control import (
    CANNOT_PROVIDE_EXTERNAL,
    MALFORMED_OPTION,
    NOT_AUTHORIZED,
    PORT_SET,
    PREFER_FAILURE,
    SUCCESS,
    TCP,
    THIRD_PARTY,
    UDP,
    USER_EX_QUOTA,
    filter_option,
    option,
    wire,
)

NAMES = {TCP: "TCP", UDP: "UDP"}
SIZE, FIRST = 256, 5000
ROOM = {"mappings_per_client": 1500, "mappings_total": 3000}


def set_option(size, first, parity=0):
    return option(PORT_SET, struct.pack("!HHB", size, first, parity))


def ask(client, size, first=FIRST, protocol=UDP, parity=0, options=b"", **changes):
    return client.map(
        protocol, first, options=set_option(size, first, parity) + options, **changes
    )


def granted(reply):
    """The external ports of an answer, and the first internal one."""
    assert reply.code == SUCCESS, reply
    if not reply.options:
        return range(reply.external, reply.external + 1), reply.port
    code, length, size, first = struct.unpack("!BxHHH", reply.options[-12:-4])
    assert (code, length) == (PORT_SET, 5)
    return range(reply.external, reply.external + size), first


@pytest.fixture(scope="module", params=BACKENDS)
def running(request):
    with Lab(forward="nft-drop" if request.param == "nftables" else "legacy-drop") as lab:
        lab.add_ipv6()
        lab.backend = request.param
        before = rules.everything(lab.router)
        lab.upnpd = lab.daemon(firewall_backend=request.param, ipv6_pinholes="yes", **ROOM).start()
        for port in FIRST - 1, FIRST, FIRST + 128, FIRST + 255, FIRST + 256:
            lab.echo(lab.lan1, port)
        yield lab
        assert lab.upnpd.stop() == 0
        assert rules.everything(lab.router) == before


@pytest.fixture
def client(running):
    with PortControlClient(running.lan1, LAN1, ROUTER_LAN) as own:
        yield own
        own.forget()


@pytest.fixture
def second(running):
    with PortControlClient(running.lan2, LAN2, ROUTER_LAN) as own:
        yield own
        own.forget()


def translations(lab):
    """How many elements of nftables, or rules of iptables, translate."""
    legacy = rules.legacy(lab.router).count("-j DNAT")
    listed = json.loads(lab.router.run("nft", "-j", "list", "ruleset").stdout)["nftables"]
    maps = (item["map"] for item in listed if item.get("map", {}).get("table") == "upnpd")
    return legacy + sum(len(each.get("elem", [])) for each in maps)


def reached(lab, name, ports, host=ROUTER_WAN):
    return [port for port in ports if lab.reaches(name, port, host)]


@pytest.mark.parametrize("protocol", NAMES)
@pytest.mark.parametrize("external", (0, 41000), ids=("same", "moved"))
def test_packets_reach_each_port_and_none_beyond(running, client, protocol, external):
    """PCP-SET-01, 02, 10"""
    base = external or FIRST
    reply = ask(client, SIZE, protocol=protocol, external=external)
    assert granted(reply) == (range(base, base + SIZE), FIRST)
    inside = [base, base + 128, base + 255]
    name = NAMES[protocol]
    assert reached(running, name, [base - 1, *inside, base + 256]) == inside
    assert translations(running) == (SIZE if external and running.backend == "nftables" else 1)
    renewed = ask(client, SIZE, protocol=protocol, external=external)
    assert granted(renewed) == granted(reply) and reached(running, name, inside) == inside
    gone = ask(client, SIZE, protocol=protocol, lifetime=0)
    assert (gone.code, gone.lifetime) == (SUCCESS, 0)
    assert reached(running, name, inside) == [] and translations(running) == 0


@pytest.mark.parametrize("external", (0, 41000), ids=("same", "moved"))
def test_flows_of_each_port(running, client, external):
    """PCP-SET-01, 06: a flow that the client begins leaves by the external port of its own port,
    and flows that came in end with the set"""
    base = external or FIRST
    ask(client, SIZE, external=external)
    with running.wan.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.settimeout(2)
        far.bind(("", base - 1))
        with running.lan1.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.bind(("", FIRST + 129))
            own.sendto(b"out", (WAN_HOST, base - 1))
            assert far.recvfrom(9) == (b"out", (ROUTER_WAN, base + 129))
    assert running.reaches("UDP", base + 255, from_port=4321)
    assert ask(client, SIZE, lifetime=0).code == SUCCESS
    running.wait_for_end_of_flow(base + 255)
    assert not running.reaches("UDP", base + 255, from_port=4321)


def test_it_is_one_opening_for_everybody(running, client):
    """PCP-SET-10, 11, 14"""
    point = ControlPoint(running.lan1, LAN1)
    grants = running.upnpd.log.count("granted")
    ask(client, SIZE, 9000)
    running.upnpd.wait_for_log(f"granted udp 9000-9255 -> {LAN1}:9000-9255")
    assert running.upnpd.log.count("granted") == grants + 1
    text = running.upnpd.lease_file.read_text(encoding="utf-8")
    opened, closed = (
        [line for line in text.splitlines() if line.startswith(word)] for word in ("open", "close")
    )
    assert " ports=256 " in opened[-1] and not opened[-1].startswith("open pinhole")
    assert len([line for line in opened if "udp 9000" in line]) <= len(closed) + 1
    table = running.upnpd.ctl("list").stdout.splitlines()
    assert len(table) == 2 and table[1].count("9000-9255") >= 2
    (entry,) = point.listing()
    assert (entry["NewExternalPort"], entry["NewInternalPort"]) == ("9000", "9000")
    assert entry["NewPortMappingDescription"] == "PCP (ports 9000-9255)"
    assert point.specific("UDP", 9100)["NewInternalPort"] == "9100"
    assert point.add("UDP", 9100, 9100, LAN1).code == 718
    assert running.upnpd.ctl("del", "udp:9200").returncode == 0
    assert not point.listing() and translations(running) == 0


def test_hosts_share_the_ports(running, client, second):
    """PCP-SET-03, 04: the second gets as many elsewhere, of the parity that it asks for"""
    ask(client, SIZE)
    ports, first = granted(ask(second, SIZE, first=5101, parity=1))
    assert len(ports) == SIZE and first == 5101 and ports[0] % 2 == 1
    assert ports[-1] < FIRST or ports[0] > FIRST + 255
    running.echo(running.lan2, 5101)
    assert running.reaches("UDP", ports[0])


def test_whichever_port_is_named_it_is_the_same_set(running, client):
    """PCP-SET-05, 06, 07: the example of RFC 7753 section 6.3, both ways"""
    ask(client, 10, 6001)
    both = granted(ask(client, 10, 6005))
    assert both == (range(6001, 6011), 6001)
    assert client.map(UDP, 6003).external == 6003, "who asks for one is told of that one"
    assert client.unmap(UDP, 6003).code == NOT_AUTHORIZED
    assert ask(client, 10, 6003, nonce=b"another one!").code == NOT_AUTHORIZED
    assert ask(client, 10, 6003, lifetime=0).code == SUCCESS
    ask(client, 10, 6005)
    assert granted(ask(client, 10, 6001)) == (range(6001, 6005), 6001)


def test_remotes_that_are_let_in(running, client):
    """PCP-SET-09: FILTER beside PORT_SET"""
    far = filter_option("80.100.100.128/25")
    assert granted(ask(client, SIZE, options=far))[1] == FIRST
    assert reached(running, "UDP", [FIRST, FIRST + 255]) == []
    ask(client, SIZE, options=filter_option("80.100.100.0/28"))
    assert reached(running, "UDP", [FIRST, FIRST + 255]) == [FIRST, FIRST + 255]


def test_a_set_for_another_host(lab):
    """PCP-SET-09: THIRD_PARTY beside PORT_SET"""
    lab.daemon(allow_third_party=f"{LAN1}/32").start()
    lab.echo(lab.lan2, 6315)
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        third = option(THIRD_PARTY, wire(LAN2))
        assert granted(ask(client, 16, 6300, options=third)) == (range(6300, 6316), 6300)
        assert lab.reaches("UDP", 6315)
        assert ask(client, 16, 6300, lifetime=0, options=third).code == SUCCESS
        assert not lab.reaches("UDP", 6315)


def test_pinholes_of_a_set(running):
    """PCP-SET-12: over IPv6 too a set is one opening"""
    with PortControlClient(running.lan1, LAN1_6, ROUTER_LAN6) as client:
        client.ready()
        reply = ask(client, SIZE, 8000, TCP)
        assert granted(reply) == (range(8000, 8000 + SIZE), 8000)
        inside = [8000, 8128, 8255]
        for port in *inside, 8256:
            running.echo(running.lan1, port, socket.AF_INET6)
        assert reached(running, "TCP", [*inside, 8256], LAN1_6) == inside
        assert ask(client, SIZE, 8000, TCP, lifetime=0).code == SUCCESS
        assert reached(running, "TCP", inside, LAN1_6) == []


@pytest.mark.parametrize(
    "options, code",
    [
        (set_option(0, FIRST), MALFORMED_OPTION),
        (set_option(4, FIRST + 1), MALFORMED_OPTION),
        (option(PORT_SET, bytes(4)), MALFORMED_OPTION),
        (option(PORT_SET, bytes(6)), MALFORMED_OPTION),
        (set_option(4, FIRST) * 2, MALFORMED_OPTION),
    ],
    ids=("no port", "other first port", "short", "long", "twice"),
)
def test_options_that_cannot_be(ports, options, code):
    """PCP-SET-08"""
    assert ports.map(UDP, FIRST, options=options).code == code
    assert ports.map(UDP, FIRST, options=set_option(1, FIRST)).options == b""


def test_fewer_ports_where_there_are_no_more(ports, daemon):
    """PCP-SET-03, 13: no more than the quota leaves, max_port_set and the numbers of ports"""
    assert len(granted(ask(ports, 0xFFFF, 65530))[0]) == 6
    assert len(granted(ask(ports, 100, FIRST))[0]) == 58, "64 for a host"
    assert ask(ports, 2, 7000).code == USER_EX_QUOTA
    ports.forget()
    exact = option(PREFER_FAILURE)
    assert ask(ports, 100, external=FIRST, options=exact).code == CANNOT_PROVIDE_EXTERNAL
    assert ask(ports, 20, 65530, external=65000, options=exact).code == CANNOT_PROVIDE_EXTERNAL
    assert granted(ask(ports, 20, external=6100, options=exact))[0] == range(6100, 6120)
    daemon.read_again(max_port_set=8, firewall_backend="nftables")
    assert len(granted(ask(ports, 20, 7000))[0]) == 8
    assert len(granted(ask(ports, 20))[0]) == 20, "what there is stays"


def test_each_port_has_to_be_allowed(lab):
    """PCP-SET-11, 13: lines, reserved ports and ports of the router; a reload ends a set whole"""
    lines = "deny 6010 0.0.0.0/0 0-65535", "allow 0-65535 0.0.0.0/0 0-65535"
    daemon = lab.daemon(lines=lines, reserved_ports="6110").start()
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        for first, denied in (6000, 6010), (6100, 6110):
            assert denied not in granted(ask(client, 20, first))[0]
            client.forget()
        with lab.router.socket() as service:
            service.bind(("", 6205))
            service.listen()
            assert 6205 not in granted(ask(client, 20, 6200, protocol=TCP))[0]
        client.forget()
        assert granted(ask(client, 20, 6300))[0] == range(6300, 6320)
        daemon.kill()
        daemon.start()
        assert translations(lab) == 1
        assert granted(ask(client, 20, 6307)) == (range(6300, 6320), 6300)
        daemon.read_again(("deny 6319 0.0.0.0/0 0-65535", *lines))
        assert translations(lab) == 0
