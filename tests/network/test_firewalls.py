# SPDX-License-Identifier: GPL-2.0-or-later
"""Everybody's firewall, set up with its own tool: what was mapped passes and nothing else does, the
administrator's own ways in keep their fate, his firewall is byte for byte as it was when the daemon
ends, and a reload loses nothing."""

import contextlib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import LAN1, LAN2, ROUTER_WAN, ControlPoint, Lab, firewalls, rules, wait_until
from lab.firewalls import ADMIN_PORT

PORT = 40001
PATIENCE = 2
LEGACY = "firewall: nftables: the rules in legacy iptables table filter stay"
NFTABLES = "firewall: nftables: no legacy iptables rules are in use"
SHOREWALL_KEYS = {"forward_chain_name": "forwardUPnP", "prerouting_chain_name": "UPnP"}

FIREWALLS = {
    "none": (firewalls.nothing, NFTABLES, {}),
    "nft policy drop": (firewalls.nft_policy_drop, NFTABLES, {}),
    "nft policy drop, no ct state": (firewalls.nft_policy_drop_stateless, NFTABLES, {}),
    "nft final drop": (firewalls.nft_final_drop, NFTABLES, {}),
    "nft final reject": (firewalls.nft_final_reject, NFTABLES, {}),
    "nft chain of INPUT and FORWARD": (firewalls.nft_shared_chain, NFTABLES, {}),
    "iptables-legacy policy DROP": (firewalls.policy_drop("iptables-legacy"), LEGACY, {}),
    "iptables-legacy chain of INPUT and FORWARD": (
        firewalls.shared_chain("iptables-legacy"),
        LEGACY,
        {},
    ),
    "iptables-nft policy DROP": (firewalls.policy_drop("iptables-nft"), NFTABLES, {}),
    "iptables-nft chain of INPUT and FORWARD": (
        firewalls.shared_chain("iptables-nft"),
        NFTABLES,
        {},
    ),
    "Docker's chains": (firewalls.docker, NFTABLES, {}),
    "ufw": (firewalls.ufw, NFTABLES, {}),
    "firewalld": (firewalls.firewalld, NFTABLES, {}),
    "Shorewall": (firewalls.shorewall, NFTABLES, {}),
    "Shorewall, its chains named": (firewalls.shorewall, NFTABLES, SHOREWALL_KEYS),
}
OPEN = ("none",)  # lets everything in to whom knows the way


@pytest.fixture(params=FIREWALLS)
def case(request):
    lay, choice, settings = FIREWALLS[request.param]
    with Lab(masquerade=False, route_to_lan=True) as lab:
        for host, port in (lab.lan1, 5000), (lab.lan1, 5001), (lab.lan2, 5000), (lab.lan2, 7000):
            lab.echo(host, port)
        with lay(lab) as reload:
            yield Case(lab, choice, settings, reload, request.param in OPEN)


class Case:
    def __init__(self, lab, choice, settings, reload, is_open):
        self.lab, self.choice, self.settings, self.reload, self.is_open = (
            lab,
            choice,
            settings,
            reload,
            is_open,
        )

    @contextlib.contextmanager
    def daemon(self):
        daemon = self.lab.daemon(**self.settings).start()
        assert self.choice in daemon.log
        yield daemon, ControlPoint(self.lab.lan1, LAN1)
        assert daemon.stop() == 0

    def reached(self, *ways):
        """For each (protocol, port, host) whether it is reached; all are tried at once, silence
        takes its time."""
        with ThreadPoolExecutor(len(ways)) as pool:
            return list(pool.map(lambda way: self.lab.reaches(*way), ways))

    def works(self):
        return all(self.reached(("TCP", PORT), ("UDP", PORT)))

    def check_others(self):
        """Traffic that is not for a mapping has the fate that the administrator gave it."""
        straight = [
            (protocol, port, host)
            for host, port in ((LAN1, 5000), (LAN1, 5001), (LAN2, 5000))
            for protocol in ("TCP", "UDP")
        ]
        expected = {
            ("TCP", ADMIN_PORT, ROUTER_WAN): True,
            ("UDP", ADMIN_PORT, ROUTER_WAN): False,
            ("TCP", PORT + 1, ROUTER_WAN): False,
            **{way: self.is_open for way in straight},
        }
        assert dict(zip(expected, self.reached(*expected))) == expected


def test_mapped_ports_pass_and_nothing_else(case):
    before = rules.everything(case.lab.router)
    case.check_others()
    with case.daemon() as (_, point):
        assert case.reached(("TCP", PORT), ("UDP", PORT)) == [False, False]
        assert point.add("TCP", PORT, 5000).ok and point.add("UDP", PORT, 5000).ok
        assert case.works()
        case.check_others()
        assert point.delete("TCP", PORT).ok and point.delete("UDP", PORT).ok
        assert case.reached(("TCP", PORT), ("UDP", PORT)) == [False, False]
    case.check_others()
    assert rules.everything(case.lab.router) == before


@pytest.mark.parametrize(
    "case", ["ufw", "firewalld", "Shorewall", "Shorewall, its chains named"], indirect=True
)
def test_a_reload_loses_nothing(case):
    """ufw reload, firewall-cmd --reload, shorewall reload: every mapping works again within two
    seconds"""
    with case.daemon() as (_, point):
        assert point.add("TCP", PORT, 5000).ok and point.add("UDP", PORT, 5000).ok
        for _ in range(2):
            case.reload()
            wait_until(case.works, PATIENCE, "the mapping after the reload")
            case.check_others()
    assert not rules.ours(case.lab.router)


@pytest.mark.parametrize(
    "case",
    [
        "iptables-nft policy DROP",
        "iptables-nft chain of INPUT and FORWARD",
        "Docker's chains",
        "Shorewall",
    ],
    indirect=True,
)
def test_iptables_still_lists_and_restores_its_tables(case):
    """A rule in a form that iptables-nft does not know would make `iptables -S` fail"""
    with case.daemon() as (_, point):
        assert point.add("TCP", PORT, 5000).ok and point.add("UDP", PORT, 5000).ok
        listed = case.lab.router.run("iptables-nft", "-S")
        assert (
            re.search('--comment "?upnpd', listed.stdout)
            and "incompatible" not in listed.stdout + listed.stderr
        )
        saved = case.lab.router.run("iptables-nft-save").stdout
        case.lab.router.run("iptables-nft-restore", input=saved)
        wait_until(case.works, PATIENCE, "the mapping after a restore of everything")


@pytest.mark.parametrize(
    "flush", [("nft", "flush table ip admin"), ("iptables-nft", "-t", "nat", "-F")]
)
def test_a_masquerade_script_that_flushes_nat(flush):
    """Dial-up scripts do this while mappings exist"""
    with (
        Lab(masquerade=False) as lab,
        firewalls.docker(lab) if "-F" in flush else firewalls.nft_policy_drop(lab),
    ):
        lab.echo(lab.lan1, 5000)
        lab.daemon().start()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", PORT, 5000).ok
        lab.router.run(*flush)
        lab.router.run(
            "iptables-nft", "-t", "nat", "-A", "POSTROUTING", "-o", "wan0", "-j", "MASQUERADE"
        )
        wait_until(lambda: lab.reaches("TCP", PORT), PATIENCE, "the mapping")


def test_a_masquerade_script_of_legacy_iptables():
    with Lab(masquerade=False) as lab, firewalls.policy_drop("iptables-legacy")(lab):
        lab.echo(lab.lan1, 5000)
        lab.daemon().start()
        assert ControlPoint(lab.lan1, LAN1).add("TCP", PORT, 5000).ok
        lab.router.run("iptables-legacy", "-t", "nat", "-F")
        lab.router.run(
            "iptables-legacy", "-t", "nat", "-A", "POSTROUTING", "-o", "wan0", "-j", "MASQUERADE"
        )
        wait_until(lambda: lab.reaches("TCP", PORT), PATIENCE, "the mapping")
