# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports that are not to be had: the router's own, the administrator's, and those that no line
permits."""

import socket

import pytest

from conftest import BACKENDS
from lab import LAN1, LAN2, ROUTER_LAN, ROUTER_WAN, ControlPoint, PortControlClient, wait_until
from lab.control_point import WAN_IP2
from lab.port_control import CANNOT_PROVIDE_EXTERNAL, PREFER_FAILURE, SUCCESS, TCP, UDP, option

DENY_ALL = "deny 0-65535 any 0-65535"
DNAT = """table ip admin {
    chain prerouting {
        type nat hook prerouting priority dstnat;
        iifname "wan0" tcp dport 6100-6109 dnat to 192.168.50.11
        iifname "wan0" udp dport 6100-6109 dnat to 192.168.50.11
    }
}
"""


def assert_conflict(lab, kind, port):
    """IGD-Map-14: whoever asks for exactly that port is refused, others get another port"""
    for code, version in (718, {}), (729, {"wan_ip": WAN_IP2}):
        point = ControlPoint(lab.lan1, LAN1, **version)
        assert point.add(kind, port, 5000).code == code
    assert int(point.add_any(kind, port, 5000)["NewReservedPort"]) != port
    assert point.delete_range(kind, 1024, 65535).ok
    protocol = TCP if kind == "TCP" else UDP
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        for ask in client.pmp_map, client.map:
            reply = ask(protocol, 5000, external=port)
            assert reply.code == SUCCESS and reply.external not in (0, port)
            client.forget()
        exactly = client.map(protocol, 5000, external=port, options=option(PREFER_FAILURE))
        assert exactly.code == CANNOT_PROVIDE_EXTERNAL


@pytest.mark.parametrize("kind", ["TCP", "UDP"])
@pytest.mark.parametrize("address", [ROUTER_WAN, "80.100.100.2", "0.0.0.0"])
def test_a_service_of_the_router_keeps_its_port(lab, kind, address):
    """IGD-Map-14: on any address of the external interface"""
    lab.router.ip("addr add 80.100.100.2/24 dev wan0")
    lab.daemon().start()
    with lab.router.socket(
        socket.AF_INET, getattr(socket, f"SOCK_{'STREAM' if kind == 'TCP' else 'DGRAM'}")
    ) as own:
        own.bind((address, 6000))
        if kind == "TCP":
            own.listen()
        assert_conflict(lab, kind, 6000)


def test_a_service_that_no_packet_from_outside_reaches_is_none(lab):
    lab.daemon().start()
    with lab.router.socket(socket.AF_INET, socket.SOCK_STREAM) as own:
        own.bind(("127.0.0.1", 6000))
        own.listen()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", 6000).ok


@pytest.mark.parametrize("kind", ["TCP", "UDP"])
@pytest.mark.parametrize("world", ["nft", "legacy"])
def test_the_administrators_own_forward_keeps_its_port(lab, kind, world):
    """IGD-Map-14"""
    if world == "nft":
        lab.router.run("nft", "-f", "-", input=DNAT)
    else:
        for protocol in "tcp", "udp":
            lab.router.run(
                "iptables-legacy",
                "-t",
                "nat",
                "-A",
                "PREROUTING",
                "-i",
                "wan0",
                "-p",
                protocol,
                "--dport",
                "6100:6109",
                "-j",
                "DNAT",
                "--to-destination",
                "192.168.50.11",
            )
    lab.daemon().start()
    assert_conflict(lab, kind, 6105)
    assert ControlPoint(lab.lan1, LAN1).add(kind, 6110).ok


def test_a_port_that_is_not_permitted_is_replaced(lab):
    """IGD-AddAny-06: port 80 is not granted, and what is granted is told, permitted, and works"""
    daemon = lab.daemon(lines=["allow 7000-7001 any 5000", DENY_ALL]).start()
    lab.echo(lab.lan1, 5000)
    point = ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2)
    assert point.add("TCP", 80, 5000).code == 606
    port = int(point.add_any("TCP", 80, 5000)["NewReservedPort"])
    assert port in (7000, 7001) and lab.reaches("TCP", port) and not lab.reaches("TCP", 80)
    assert point.add_any("TCP", 80, 5001).code == 606, "no port is permitted for that one"
    daemon.read_again()
    assert int(point.add_any("UDP", 80, 5000)["NewReservedPort"]) >= 1024


# -- several addresses of the router ---------------------------------------------------------------

SECOND = "80.100.100.2"
ELSEWHERE = "80.100.101.1"  # on another interface, reached by the external one


@pytest.mark.parametrize("backend", BACKENDS)
def test_another_address_of_the_router_is_its_own(lab, backend):
    """A mapping is at the address that clients are told. The router's services on others stay his
    own, though they come later, and what has none there is not the client's either"""
    lab.router.ip(
        f"addr add {SECOND}/24 dev wan0",
        "link add uplink2 type bridge",
        f"addr add {ELSEWHERE}/24 dev uplink2",
        "link set uplink2 up",
    )
    lab.wan.ip(f"route add {ELSEWHERE}/32 via {ROUTER_WAN}")
    lab.daemon(firewall_backend=backend).start()
    client = lab.echo(lab.lan1, 5000)
    point = ControlPoint(lab.lan1, LAN1)
    for kind in "TCP", "UDP":
        assert point.add(kind, 8080, 5000).ok
        assert lab.reaches(kind, 8080) and lab.reaches(kind, 8080, source=lab.lan2)
    heard = len(client.received)
    for address in SECOND, ELSEWHERE:
        assert not lab.reaches("TCP", 8080, host=address)
    with lab.echo(lab.router, 8080) as service:
        for kind in "TCP", "UDP":
            for address in SECOND, ELSEWHERE:
                before = len(service.received)
                for source in lab.wan, lab.lan2:  # answers of UDP leave by the first address
                    answered = lab.reaches(kind, 8080, host=address, source=source)
                    assert answered or kind == "UDP"
                assert len(service.received) == before + 2
    assert len(client.received) == heard
    assert lab.reaches("TCP", 8080)


@pytest.mark.parametrize("backend", BACKENDS)
def test_mappings_follow_the_address_that_clients_are_told(lab, backend):
    """The administrator names the second address"""
    lab.router.ip(f"addr add {SECOND}/24 dev wan0")
    lab.daemon(firewall_backend=backend, external_address=SECOND).start()
    lab.echo(lab.lan1, 5000)
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 8080, 5000).ok
    assert point.call("GetExternalIPAddress")["NewExternalIPAddress"] == SECOND
    assert lab.reaches("TCP", 8080, host=SECOND)
    assert lab.reaches("TCP", 8080, host=SECOND, source=lab.lan2)
    assert not lab.reaches("TCP", 8080)


# -- the administrator's own forward, made while a client has the port -----------------------------

TO_SECOND_HOST = f"tcp dport 2222 dnat to {LAN2}:7000"
LEGACY_FORWARD = "-i wan0 -p tcp --dport 2222 -j DNAT --to-destination".split() + [f"{LAN2}:7000"]


def nft_chain(priority):
    return f"""table ip admin {{
    chain pre {{
        type nat hook prerouting priority {priority}; policy accept;
    }}
}}
"""


def nft_forward(lab):
    lab.router.run("nft", "add", "rule", "ip", "admin", "pre", "iifname", "wan0", TO_SECOND_HOST)


def flush_nft(lab):
    lab.router.run("nft", "flush", "chain", "ip", "admin", "pre")


def in_iptables(program, chain="PREROUTING"):
    """Two functions: one adds his forward, one takes it away."""
    return tuple(
        lambda lab, how=how: lab.router.run(program, "-t", "nat", how, chain, *LEGACY_FORWARD)
        for how in ("-A", "-D")
    )


def own_chain(program):
    def prepare(lab):
        lab.router.run(program, "-t", "nat", "-N", "mine")
        lab.router.run(program, "-t", "nat", "-A", "PREROUTING", "-j", "mine")

    return prepare


def nothing(_lab):
    pass


def lay_chain(priority):
    return lambda lab: lab.router.run("nft", "-f", "-", input=nft_chain(priority))


def nft_chain_and_forward(lab):
    lay_chain(-100)(lab)
    nft_forward(lab)


# By name: what is there before the daemon starts, what comes when a client has the port, and goes.
ORDERS = {
    "nft": (nothing, nft_chain_and_forward, flush_nft),
    "nft chain before": (lay_chain(-100), nft_forward, flush_nft),
    "nft chain behind": (lay_chain(50), nft_forward, flush_nft),
    "legacy": (nothing, *in_iptables("iptables-legacy")),
    "legacy chain": (own_chain("iptables-legacy"), *in_iptables("iptables-legacy", "mine")),
    "iptables-nft": (nothing, *in_iptables("iptables-nft")),
    "iptables-nft chain": (own_chain("iptables-nft"), *in_iptables("iptables-nft", "mine")),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("order", ORDERS)
def test_the_administrators_forward_stands(lab, backend, order):
    """IGD-Map-14: whoever came first; what the client has is its own again when his has gone"""
    prepare, add, remove = ORDERS[order]
    prepare(lab)
    lab.daemon(firewall_backend=backend).start()
    mine = lab.echo(lab.lan1, 5000)
    his = lab.echo(lab.lan2, 7000)
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 2222, 5000).ok and point.add("TCP", 2223, 5000).ok
    assert lab.reaches("TCP", 2222) and not his.received
    add(lab)
    wait_until(lambda: lab.reaches("TCP", 2222) and his.received, 5, "the administrator's host")
    heard = len(mine.received)
    assert lab.reaches("TCP", 2222) and len(mine.received) == heard
    wait_until(lambda: point.add("TCP", 2222, 5000).code == 718, 5, "a refusal")
    assert lab.reaches("TCP", 2223) and len(mine.received) == heard + 1
    remove(lab)
    wait_until(lambda: lab.reaches("TCP", 2222) and len(mine.received) > heard + 1, 5, "the client")
    assert point.delete("TCP", 2222).ok and not lab.reaches("TCP", 2222)
