# SPDX-License-Identifier: GPL-2.0-or-later
"""Control points of a LAN with both families that have found the gateway over IPv6, and name as
NewInternalClient the address of IPv6 from which they speak: they are hosts of IPv4, too."""

import pytest

from lab import LAN1, LAN1_6, LAN2, LAN2_6, ROUTER_LAN, ROUTER_LAN6, ControlPoint, Lab, search
from lab.control_point import WAN_IP2
from test_ipv6 import GROUPS, LINK, SITE, found, point_at, routers

PRIVACY = "2a0a:200::5c1d:77aa:3b09:e4f2"
UNIQUE, ROUTER_UNIQUE = "fd77::10", "fd77::1"


@pytest.fixture(scope="module")
def running():
    with Lab() as lab:
        lab.add_ipv6()
        lab.router.ip(f"addr add {ROUTER_UNIQUE}/64 dev br-lan nodad")
        lab.lan1.ip(
            f"addr add {PRIVACY}/64 dev eth0 nodad", f"addr add {UNIQUE}/64 dev eth0 nodad"
        )
        for host in lab.lan1, lab.lan2:
            lab.echo(host, 5000)
            host.ping(ROUTER_LAN)
        daemon = lab.daemon().start()
        yield lab, daemon
        assert daemon.stop() == 0


@pytest.fixture
def lab(running):
    return running[0]


def points(lab):
    """A control point for each way to the gateway."""
    own = {LINK: lab.lan1.link_local(), SITE: LAN1_6}
    four = f"http://{ROUTER_LAN}:49152/rootDesc2.xml"
    return [ControlPoint(lab.lan1, LAN1, four, wan_ip=WAN_IP2)] + [
        point_at(lab, own[scope], routers(lab)[scope]) for scope in GROUPS
    ]


def names(lab):
    """Programs write these names of one host."""
    link_local = lab.lan1.link_local()
    return {
        "global": LAN1_6,
        "privacy": PRIVACY,
        "unique local": UNIQUE,
        "link-local": link_local,
        "with a zone": f"{link_local}%eth0",
        "with a number": f"{link_local}%3",
        "in brackets": f"[{LAN1_6}]",
        "as in a URL": f"[{link_local}%25eth0]",
        "mapped": f"::ffff:{LAN1}",
    }


@pytest.mark.parametrize("way", range(3), ids=["IPv4", "link-local", "global"])
def test_it_gets_the_mapping_to_its_address_of_ipv4(lab, way):
    """Whichever way it asks, and whichever of its addresses it names"""
    lab.router.run("ip", "-6", "neigh", "flush", "dev", "br-lan")  # it is looked for
    point = points(lab)[way]
    for port, (how, name) in enumerate(names(lab).items(), 41000):
        answer = point.add("TCP", port, 5000, client=name)
        assert answer.ok, (how, answer)
        assert point.specific("TCP", port)["NewInternalClient"] == LAN1, how
    assert {entry["NewInternalClient"] for entry in point.listing()} == {LAN1}
    assert all(lab.reaches("TCP", port) for port in (41000, 41003, 41008))
    assert point.add_any("UDP", 41000, 5000, client=LAN1_6).ok and lab.reaches("UDP", 41000)
    assert point.delete("UDP", 41000).ok and not lab.reaches("UDP", 41000)
    for entry in point.listing():
        assert point.delete("TCP", entry["NewExternalPort"]).ok


def test_another_hosts_address_is_a_third_party(running):
    """IGD-Access-01, 02: with the lines that let it, it is mapped to that host"""
    lab, daemon = running
    point = point_at(lab, LAN1_6, ROUTER_LAN6)
    for name in LAN2_6, lab.lan2.link_local(), f"::ffff:{LAN2}":
        assert point.add("TCP", 41000, 5000, client=name).code == 606, name
    daemon.read_again(allow_third_party="yes")
    assert point.add("TCP", 41000, 5000, client=LAN2_6).ok
    assert point.specific("TCP", 41000)["NewInternalClient"] == LAN2
    assert lab.reaches("TCP", 41000) and point.delete("TCP", 41000).ok
    daemon.read_again()


def test_a_host_whose_address_of_ipv4_nobody_knows(running):
    """IGD-AddPortMapping-09: no success is told, and the log says why"""
    lab, daemon = running
    lab.lan2.run("ip", "-4", "addr", "flush", "dev", "eth0")
    lab.router.run("ip", "neigh", "flush", "dev", "br-lan")
    point = ControlPoint(lab.lan2, LAN2_6, f"http://[{ROUTER_LAN6}]:49152/rootDesc.xml")
    for name in LAN2_6, "", "2a0a:200::99", "2a0a:999::1":
        assert point.add("TCP", 41000, 5000, InternalClient=name).code == 600, name
    daemon.wait_for_log(f"no-ipv4: no address of IPv4 is known of {LAN2_6}")
    assert not lab.reaches("TCP", 41000)


def test_both_families_find_one_device(lab):
    """One UDN, one BOOTID and one description, whichever LOCATION a control point takes"""

    def shown(answers):
        names = ("usn", "st", "bootid.upnp.org", "configid.upnp.org", "server")
        return {tuple(answer[name] for name in names) for answer in answers}

    four = search(lab.lan1, "ssdp:all")
    assert len(shown(four)) == 10
    for group in GROUPS:
        assert shown(search(lab.lan1, "ssdp:all", to=(group, 1900), host=GROUPS[group])) == shown(
            four
        )
    locations = {found(lab, group)[0]["location"] for group in GROUPS} | {four[0]["location"]}
    assert len(locations) == 3
    assert len({ControlPoint(lab.lan1, LAN1, place).description for place in locations}) == 1
