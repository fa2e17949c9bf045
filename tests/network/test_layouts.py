# SPDX-License-Identifier: GPL-2.0-or-later
"""Rulesets of many routers, one after the other on one router: a mapping or a pinhole that was
granted carries packets there and back, what cannot pass is refused, what the rules keep out stays
out, and afterwards they are byte for byte as they were."""

import json
import socket
from dataclasses import dataclass, field

import pytest

from lab import LAN1, LAN2_6, ROUTER_LAN6, ROUTER_WAN, WAN_HOST, Lab, wait_until
from lab import layouts, rules
from lab.guards import (
    INTERNAL,
    LISTED,
    LISTED6,
    NOT_AUTHORIZED,
    PATIENCE,
    PORT,
    REMOTE,
    SILENCE,
    WAYS,
    Case,
    another_port,
    clamped,
    connections,
    counts,
    from_the_second_line,
    invalid,
    listed,
    listed6,
    rate,
    rule_in_named_chain,
    shut_client,
    shut_port,
    untouched,
    without_syn,
)
from lab.port_control import NOT_AUTHORIZED as PCP_NOT_AUTHORIZED

CONFLICT = 729
INTERFACES = ("external_interface = wan0", "internal_interface = br-lan")  # for upnpctl


# -- the table -----------------------------------------------------------------------------------

ALL, IPV4 = tuple(WAYS), ("tcp", "udp")


@dataclass(frozen=True)
class Layout:
    guards: tuple = ()
    refused: tuple = ()
    code: int = NOT_AUTHORIZED  # of what is refused over IPv4
    says: tuple = ()  # all in one line of the log
    said: str = "ok"  # by upnpctl, of each mapping: sets of others are never read
    free: tuple = ()  # families that pass without an opening
    settings: dict = field(default_factory=dict)
    ip: tuple = ()  # commands for routes of the router
    back: tuple = ()  # and those that undo them


OTHERS = Layout()
STOPS = {"refused": ALL}
LAYOUTS = {
    "block-list-anonymous": Layout((listed6,)),
    "block-list-set": Layout((listed6,), said="unknown"),
    "home-country": Layout((listed6,), said="unknown"),
    "invalid-first": Layout((invalid,)),
    "tcp-flags": Layout((without_syn,)),
    "state-map": Layout((invalid,)),
    "rate": Layout((rate,)),
    "connections": Layout((connections,)),
    "mss-first": Layout((clamped,)),
    "accounting-first": Layout((counts("inet", "filter", "from_wan"),)),
    "exposed-host": Layout((another_port,), refused=IPV4, code=CONFLICT),
    "exposed-host-all": Layout(refused=IPV4, code=CONFLICT),
    "port-drop": Layout((shut_port,)),
    "client-drop": Layout((shut_client,)),
    "raw-drop": Layout(refused=("udp",), says=("inet raw prerouting rule 1",)),
    "notrack": Layout(refused=("tcp",), says=("inet raw prerouting rule 1",)),
    "ingress-drop": Layout(**STOPS, says=("netdev shut wan_in rule 1",)),
    "postrouting-drop": Layout(**STOPS, says=("inet filter behind rule 1",)),
    "egress-drop": Layout(**STOPS, says=("netdev shut lan_out rule",)),
    "dormant": Layout((untouched("inet spare"),)),
    "jump-last": Layout((untouched("inet filter"), invalid), free=("4", "6")),
    "own-accept": Layout(
        (untouched("ip filter"),), free=("6",), settings={"insert_forward_rules": "no"}
    ),
    "own-accept-auto": Layout((untouched("ip filter"),), free=("6",)),
    "openwrt-fw4": Layout((invalid,)),
    "example": Layout((invalid,)),
    "vyos-zones": Layout((invalid,)),
    "netavark": Layout((invalid, untouched("inet netavark"))),
    "connmark-routing": Layout(
        (from_the_second_line,),
        ip=(
            "rule add pref 100 lookup main suppress_prefixlength 0",
            "rule add pref 200 fwmark 1 lookup 100",
            f"route add default via {WAN_HOST} table 100",
            "route replace default via 80.100.100.77",
        ),
        back=(
            "rule del pref 100",
            "rule del pref 200",
            "route flush table 100",
            f"route replace default via {WAN_HOST}",
        ),
    ),
    "exact-mark": Layout((counts("inet", "mangle", "shaped"),)),
    "howto-new-invalid": Layout((invalid,)),
    "block-list-chain": Layout((listed6,)),
    "rate-hashlimit": Layout((rate,)),
    "mss-mangle": Layout((clamped,)),
    "docker": Layout((listed,), free=("6",)),
    "libvirt": Layout(free=("6",)),
    "ferm": Layout((invalid,)),
    "shorewall-dynamic": Layout((listed,), free=("6",)),
    "named-chain": Layout(
        (rule_in_named_chain, invalid),
        settings={"forward_chain_name": "forwardUPnP", "ipv6forward_chain_name": "forwardUPnP"},
    ),
}
CASES = [("nft", name) for name in layouts.names("nft")] + [
    (world, name) for world in ("iptables-nft", "iptables-legacy") for name in layouts.names("ipt")
]


@pytest.fixture(scope="module")
def labs():
    """One for nftables and one for legacy iptables, whose tables the kernel keeps for ever."""
    with _prepared() as nft, _prepared() as legacy:
        yield {"nft": nft, "iptables-nft": nft, "iptables-legacy": legacy}


def _prepared():
    lab = Lab(masquerade=False, route_to_lan=True).add_ipv6()
    for family in "ip", "ip6":  # what the bridge passes on is not for the router's rules
        lab.router.run("sysctl", "-qew", f"net.bridge.bridge-nf-call-{family}tables=0")
    lab.wan.ip(
        f"addr add {LISTED}/24 dev eth0",
        f"addr add {REMOTE}/32 dev eth0",
        f"addr add {LISTED6}/64 dev eth0 nodad preferred_lft 0",
    )
    lab.echoes = [lab.echo(host, INTERNAL, socket.AF_INET6) for host in (lab.lan1, lab.lan2)]
    for host in lab.lan1, lab.lan2:
        host.ping(ROUTER_LAN6)
    lab.shared = lab.daemon()
    return lab


@pytest.fixture
def lab(labs, request):
    world, name = request.param
    lab, layout = labs[world], LAYOUTS.get(name, OTHERS)
    layouts.lay(lab.router, name, world)
    if layout.ip:
        lab.router.ip(*layout.ip)
    yield lab
    if layout.back:
        lab.router.ip(*layout.back)
    if lab.shared.running():
        lab.shared.stop()


@pytest.mark.parametrize(
    "lab, world, name",
    [(case, *case) for case in CASES],
    ids=[f"{name}, {world}" for world, name in CASES],
    indirect=["lab"],
)
def test_layout(lab, world, name):
    layout = LAYOUTS.get(name, OTHERS)
    before = rules.everything(lab.router)
    lab.shared.lease_file.unlink(missing_ok=True)
    lab.shared.configure(INTERFACES, **layout.settings)
    case = Case(lab, lab.shared.start(), world, before)
    codes = case.grant()
    assert codes == {
        "tcp": layout.code if "tcp" in layout.refused else 0,
        "udp": layout.code if "udp" in layout.refused else 0,
        "tcp6": NOT_AUTHORIZED if "tcp6" in layout.refused else 0,
        "udp6": PCP_NOT_AUTHORIZED if "udp6" in layout.refused else 0,
    }
    granted = [WAYS[way] for way in WAYS if way not in layout.refused]
    if granted:
        assert case.reached(granted, timeout=PATIENCE) == [True] * len(granted), granted
    check_strays(case, layout)
    for words in layout.says:
        assert words in lab.shared.log
    check_agrees(case, layout)
    for guard in layout.guards:
        guard(case)
    assert lab.shared.stop() == 0
    assert rules.everything(lab.router) == before, "foreign rules byte for byte as before"


def check_agrees(case, layout):
    """upnpctl says of each mapping what packets do, and names the rule that stops a port."""

    def verdicts(*words):
        said = case.daemon.ctl("-c", case.daemon.configuration, "-j", "check", *words)
        checks = json.loads(said.stdout)["checks"]
        return [item["verdict"] for item in checks if item["code"] in ("MAP-01", "MAP-02")]

    granted = [way for way in IPV4 if way not in layout.refused]
    if granted:
        assert verdicts() == [layout.said] * len(granted)
    if layout.code == NOT_AUTHORIZED:
        for way in set(IPV4) - set(granted):
            assert verdicts(f"{PORT}/{way}") == ["FAIL"]


def check_strays(case, layout):
    """Packets that no opening is for have the fate that they had."""
    strays = {
        ("TCP", PORT + 1, ROUTER_WAN): False,
        ("TCP", INTERNAL, LAN1): "4" in layout.free,
        ("UDP", INTERNAL + 1, LAN1): False,
        ("TCP", INTERNAL, LAN2_6): "6" in layout.free,
        ("UDP", INTERNAL, LAN2_6): "6" in layout.free,
    }
    assert dict(zip(strays, case.reached(list(strays), timeout=SILENCE))) == strays


def test_layouts_that_come_while_the_daemon_runs(labs):
    """Whatever firewall the administrator loads, what was granted works within two seconds"""
    lab = labs["nft"]
    router = lab.router
    layouts.lay(router, "jump-last", "nft")
    lab.shared.lease_file.unlink(missing_ok=True)
    lab.shared.configure()
    case = Case(lab, lab.shared.start(), "nft", ())
    assert set(case.grant().values()) == {0}
    for world, name in (
        ("nft", "drop-in-the-middle"),
        ("nft", "verdict-map-named"),
        ("iptables-nft", "chain-for-what-comes-in"),
        ("nft", "goto"),
        ("iptables-nft", "ufw"),
    ):
        layouts.lay(router, name, world)
        wait_until(lambda: all(case.reached(list(WAYS.values()), timeout=SILENCE)), 2, name)
        check_strays(case, OTHERS)
    assert lab.shared.stop() == 0
    after = rules.everything(router)
    layouts.lay(router, "ufw", "iptables-nft")
    assert rules.everything(router) == after
