# SPDX-License-Identifier: GPL-2.0-or-later
"""open_nat: chosen hosts that map nothing have endpoint-independent mapping and filtering, by the
tests of RFC 5780; nobody else has, and no port of others is covered."""

import json
import socket

import pytest

from lab import LAN1, LAN2, ROUTER_WAN, WAN_HOST, ControlPoint, Lab, StartFailed, rules, wait_until
from lab.nat_behaviour import BY_PORT, INDEPENDENT, BehaviourClient, BehaviourServer

GAME = 3074
WAN_SECOND = "80.100.100.8"
SERVER = (WAN_HOST, 3478)
STRANGER = (WAN_SECOND, 3479)
OPEN = (INDEPENDENT, INDEPENDENT)
CLOSED = (BY_PORT, INDEPENDENT)


def mac_of(host):
    return json.loads(host.run("ip", "-j", "link", "show", "eth0").stdout)[0]["address"]


def lab_with(forward="nft-drop"):
    lab = Lab(forward=forward)
    lab.wan.ip(f"addr add {WAN_SECOND}/24 dev eth0")
    lab.server = BehaviourServer(lab.wan, (WAN_HOST, WAN_SECOND))
    lab.at_close(lab.server.close)
    return lab


@pytest.fixture(scope="module", params=["accept", "nft-drop", "legacy-drop"])
def lab(request):
    """The first host is chosen by its address, the second by its hardware address."""
    with lab_with(request.param) as lab:
        lab.before = rules.everything(lab.router)
        entries = f"{LAN1}, mac:{mac_of(lab.lan2)}"
        lines = ["deny 6000-6099 any 0-65535"]
        lab.settings = {"lines": lines, "open_nat": entries, "firewall_backend": "nftables"}
        lab.upnpd = lab.daemon(**lab.settings).start()
        yield lab
        assert lab.upnpd.stop() == 0
        assert rules.everything(lab.router) == lab.before


def client(host, port=GAME):
    """Each test has ports of its own: the kernel remembers them for minutes."""
    return BehaviourClient(host, "0.0.0.0", port)


def test_chosen_hosts_have_open_nat(lab):
    """A stranger's first packet gets in"""
    for host in lab.lan1, lab.lan2:
        with client(host, 3100) as console:
            assert console.behaviour(lab.server) == OPEN
        lab.router.run("conntrack", "-F")


def test_without_it_filtering_depends_on_the_remote():
    with lab_with() as lab:
        lab.daemon(firewall_backend="nftables").start()
        with client(lab.lan1) as console:
            assert console.behaviour(lab.server) == CLOSED


def test_two_consoles_from_one_port_have_a_port_each(lab):
    """Also towards different remotes, where the kernel would let both leave by one"""
    with client(lab.lan1) as first, client(lab.lan2) as second:
        _, port = first.ask(SERVER)
        assert port == GAME
        address, other = second.ask((WAN_SECOND, 3478))
        assert address == ROUTER_WAN and other >= 49152
        assert {second.ask(place) for place in (SERVER, STRANGER)} == {(ROUTER_WAN, other)}
        for console, own in (first, GAME), (second, other):
            lab.server.send(b"stranger", (ROUTER_WAN, own), (WAN_HOST, 3479))
            assert console.receives() == b"stranger"
        lab.router.run("conntrack", "-F")  # as if all flows had been silent for minutes
        assert second.ask(SERVER) == (ROUTER_WAN, other), "it keeps its port"
        assert first.ask(SERVER) == (ROUTER_WAN, GAME)
        assert second.behaviour(lab.server) == OPEN


def test_consoles_of_one_house_reach_each_other_there(lab):
    """By the address and port that the server has told"""
    with client(lab.lan1, 3200) as first, client(lab.lan2, 3201) as second:
        to, _ = first.ask(SERVER), second.ask(SERVER)
        second.socket.sendto(b"hairpin", to)
        assert first.receives() == b"hairpin"


def test_no_port_of_others_is_covered(lab):
    """Reserved, denied and privileged ports, the router's own, another's mapping"""
    for port in 1900, 6050, 500:
        with client(lab.lan1, port) as console:
            _, own = console.ask(SERVER)
            lab.server.send(b"stranger", (ROUTER_WAN, own), STRANGER)
            assert console.receives() is None, port
    with lab.router.socket(socket.AF_INET, socket.SOCK_DGRAM) as service:
        service.bind(("0.0.0.0", 7000))
        service.settimeout(1)
        with client(lab.lan1, 7000) as console:
            assert console.ask(SERVER) == (ROUTER_WAN, 7000)
            lab.server.send(b"for the router", (ROUTER_WAN, 7000), STRANGER)
            assert service.recv(64) == b"for the router"
            assert console.receives() is None
    point = ControlPoint(lab.lan2, LAN2)
    assert point.add("UDP", 7001, 7002).ok
    with client(lab.lan1, 7001) as console, client(lab.lan2, 7002) as mapped:
        assert console.ask(SERVER) == (ROUTER_WAN, 7001)
        lab.server.send(b"for the mapping", (ROUTER_WAN, 7001), STRANGER)
        assert mapped.receives() == b"for the mapping" and console.receives() is None
    assert point.delete("UDP", 7001).ok


def test_a_host_that_is_not_chosen_stays_closed_and_takes_nothing_away(lab):
    """Its flow from the console's port stays as it is; the console has that port for all others"""
    mac = mac_of(lab.lan2)
    lab.lan2.ip("link set eth0 address 02:00:00:00:00:99")
    try:
        with client(lab.lan2, 3300) as other, client(lab.lan1, 3300) as console:
            assert other.behaviour(lab.server) == CLOSED
            lab.router.run("conntrack", "-F")
            assert other.ask(SERVER) == (ROUTER_WAN, 3300)
            assert console.ask(STRANGER) == (ROUTER_WAN, 3300)
            lab.server.send(b"stranger", (ROUTER_WAN, 3300), (WAN_SECOND, 3478))
            assert console.receives() == b"stranger"
            assert other.ask(SERVER) == (ROUTER_WAN, 3300)
    finally:
        lab.lan2.ip(f"link set eth0 address {mac}")


def test_repaired_kept_in_a_reload_and_ended_by_one(lab):
    with client(lab.lan1, 3500) as console:
        assert console.ask(SERVER)

        def let_in():
            lab.server.send(b"stranger", (ROUTER_WAN, 3500), STRANGER)
            return console.receives() == b"stranger"

        assert let_in()
        lab.upnpd.hang_up()
        assert let_in(), "a reload that changes nothing forgets nothing"
        repairs = lab.upnpd.log.count("put back")
        lab.router.run("nft", "delete", "table", "inet", "upnpd")
        wait_until(lambda: lab.upnpd.log.count("put back") > repairs, 5, "the repair")
        assert console.ask(SERVER), "the next packet holds the port again"
        assert let_in()
        lab.upnpd.read_again(**{**lab.settings, "open_nat": "none"})
        lab.router.run("conntrack", "-F")
        assert console.behaviour(lab.server) == CLOSED
        lab.upnpd.read_again(**lab.settings)
        lab.router.run("conntrack", "-F")
        assert console.behaviour(lab.server) == OPEN


def test_upnpctl_says_for_whom_it_is_open_and_where(lab):
    with client(lab.lan1, 3401) as console:
        assert console.ask(SERVER)
    text = lab.upnpd.ctl("status").stdout
    assert f"          udp 3401 -> {LAN1}:3401\n" in text
    assert f"open NAT  {LAN1}: udp 1024-1899, 1901-5349, 5352-5999, 6100-65535\n" in text
    assert f"open NAT  mac:{mac_of(lab.lan2)}: udp 1024-1899" in text


def test_iptables_cannot_do_that():
    with Lab() as lab:
        daemon = lab.daemon(open_nat=LAN1, firewall_backend="iptables")
        with pytest.raises(StartFailed, match="open_nat needs nftables"):
            daemon.start()
        daemon.configure(firewall_backend="iptables")
        daemon.start()
        daemon.read_again(open_nat=LAN1)
        assert "open_nat needs nftables" in daemon.log
        assert daemon.running()
