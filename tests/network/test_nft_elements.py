# SPDX-License-Identifier: GPL-2.0-or-later
"""Elements of our nftables maps and sets: those that a change adds go to the kernel as messages,
those of a table that is laid anew as text. The kernel must hold the same, whichever way they
came, and nft must list them."""

import json

import pytest

from lab import LAN1, LAN1_6, WAN_HOST, WAN_HOST6, Lab
from lab.firewall_driver import Driver

MAPPINGS = (
    ("udp", 3074, LAN1, 3075, "timeout=3600", "comment=Gr\u00fc\u00dfe~von~der~Konsole"),
    ("tcp", 80, LAN1, 7000),
    ("tcp", 81, LAN1, 7001, f"remote={WAN_HOST}", "timeout=600"),
    ("udp", 82, LAN1, 7002, "filters=80.0.0.0/9,90.1.2.3", "comment=" + "x" * 200),
    ("udp", 83, LAN1, 7003, "filters=80.0.0.0/9@53,0.0.0.0/0@123", "timeout=600"),
    ("udp", 4000, LAN1, 4000, "ports=256", "timeout=600", "comment=a~set"),
    ("tcp", 4000, LAN1, 4000, "ports=16", f"remote={WAN_HOST}"),
    ("tcp", 5000, LAN1, 5000, "ports=16", "filters=80.0.0.0/9@53,90.1.2.0/24"),
    ("tcp", 41000, LAN1, 6000, "ports=3"),
)
PINHOLES = {
    (): ("pinholes", [LAN1_6, "udp", 5000]),
    (f"remote={WAN_HOST6}",): ("pinholes_host", [WAN_HOST6, LAN1_6, "udp", 5000]),
    ("remote=::/0@53",): ("pinholes_port", [53, LAN1_6, "udp", 5000]),
    (f"remote={WAN_HOST6}@53",): ("pinholes_host_port", [WAN_HOST6, 53, LAN1_6, "udp", 5000]),
    ("filters=2001:db8:7::/48",): (
        "mapped",
        [{"prefix": {"addr": "2001:db8:7::", "len": 48}}, LAN1_6, "udp", 5000],
    ),
    (f"filters={WAN_HOST6}@99",): ("mapped_port", [WAN_HOST6, 99, LAN1_6, "udp", 5000]),
    ("ports=256",): (
        "mapped",
        [{"prefix": {"addr": "::", "len": 0}}, LAN1_6, "udp", {"range": [5000, 5255]}],
    ),
}


@pytest.fixture
def lab():
    with Lab() as laid:
        laid.add_ipv6()
        yield laid


@pytest.fixture
def driver(lab):
    driver = Driver(lab.router).open("nftables")
    driver.ok("external", "80.100.100.1")
    driver.ok("replaceall")
    yield driver
    driver.kill()


def elements(router, family):
    """Returns a set of texts for each map and set, without times that go on."""
    listed = json.loads(router.run("nft", "-j", "list", "table", family, "upnpd").stdout)
    found = {}
    for item in listed["nftables"]:
        kept = item.get("set") or item.get("map")
        if kept:
            found[kept["name"]] = sorted(
                json.dumps(without_end(element), sort_keys=True) for element in kept.get("elem", [])
            )
    return found


def without_end(element):
    if isinstance(element, list):
        return [without_end(part) for part in element]
    if isinstance(element, dict):
        return {name: without_end(part) for name, part in element.items() if name != "expires"}
    return element


def test_elements_are_the_same_as_messages_and_as_text(lab, driver):
    for mapping in MAPPINGS:
        driver.ok("add", *mapping)
    as_messages = elements(lab.router, "inet")
    sizes = {name: len(kept) for name, kept in as_messages.items()}
    assert sizes == {
        "external4": 1,
        "dnat4": 5,
        "dnat4_remote": 1,
        "dnat4_net": 2,
        "dnat4_net_port": 2,
        "dnat4_sets": 4,
        "forward4": 7,
        "forward4_remote": 1,
        "forward4_sets": 3,
        "ended4": 0,
    }
    assert any("Gr\\u00fc\\u00dfe von der Konsole" in text for text in as_messages["dnat4"])
    driver.ok("replaceall")
    assert elements(lab.router, "inet") == as_messages
    for mapping in MAPPINGS:
        driver.ok("del", *mapping[:2])
    kept = {name for name, kept in elements(lab.router, "inet").items() if kept}
    assert kept - {"ended4"} == {"external4"}


@pytest.mark.parametrize("options", PINHOLES)
def test_pinholes_stand_in_the_set_of_their_kind(lab, driver, options):
    name, key = PINHOLES[options]
    pinhole = "pinhole", "udp", LAN1_6, 5000, *options, "timeout=90", "comment=game"
    driver.ok(*pinhole)
    kept = {name: kept for name, kept in elements(lab.router, "ip6").items() if kept}
    assert list(kept) == [name]
    (element,) = (json.loads(text)["elem"] for text in kept[name])
    assert element["val"] == {"concat": key}
    assert (element["timeout"], element["comment"]) == (90, "game")
    assert element["counter"] == {"packets": 0, "bytes": 0}
    assert driver("packets", *pinhole[1:]) == "0"
    driver.ok(*pinhole, "del=yes")
    assert not any(elements(lab.router, "ip6").values())


def test_the_external_addresses_are_replaced(lab, driver):
    driver.ok("external", "80.100.100.77")
    assert elements(lab.router, "inet")["external4"] == ['"80.100.100.77"']


def test_a_change_of_thousands_is_done_at_once(lab, driver):
    ports = range(10000, 13000)
    for port in ports:
        driver.ok("stage", "udp", port, LAN1, port, "timeout=600", "comment=" + "y" * 100)
    driver.ok("commit")
    kept = elements(lab.router, "inet")
    assert len(kept["dnat4"]) == len(kept["forward4"]) == len(ports)


def test_a_refused_change_leaves_all_as_it_was_and_is_named(lab):
    driver = Driver(lab.router).open("nftables")
    driver.ok("replaceall")
    other = "inet", "upnpd", "dnat4", "{ 17 . 80 : 192.168.1.250 . 9 }"
    lab.router.run("nft", "add", "element", *other)
    before = elements(lab.router, "inet")
    for port in 79, 80, 81:
        driver.ok("stage", "udp", port, LAN1, 7000)
    assert driver("commit") == "failed"
    assert elements(lab.router, "inet") == before
    driver.ok("add", "udp", 82, LAN1, 7000)
    lab.router.run("nft", "delete", "table", "inet", "upnpd")
    assert driver("add", "udp", 80, LAN1, 7000) == "failed"
    assert driver("del", "udp", 82) == "failed"
    log = driver.close()
    assert log.count("nftables refused the change of mapped ports, nothing was changed: ") == 3
    assert log.count("EEXIST: an element is there with another value") == 1
    assert log.count("ENOENT: the table, one of its sets or an element is not there") == 2


def test_an_element_that_is_gone_may_be_removed(lab, driver):
    for port in 80, 81:
        driver.ok("add", "udp", port, LAN1, 7000, "timeout=600")
    lab.router.run("nft", "delete", "element", "inet", "upnpd", "dnat4", "{ 17 . 80 }")
    driver.ok("del", "udp", 80)
    driver.ok("del", "udp", 81)
    kept = elements(lab.router, "inet")
    assert {name for name, found in kept.items() if found} == {"external4"}


def test_many_elements_that_are_gone_may_be_removed_at_once(lab, driver):
    """The kernel complains of each of them, which is more than a socket holds."""
    ports = range(10000, 10500)
    for port in ports:
        driver.ok("stage", "udp", port, LAN1, port)
    driver.ok("commit")
    for kind, name in ("map", "dnat4"), ("set", "forward4"):
        lab.router.run("nft", "flush", kind, "inet", "upnpd", name)
    for port in ports:
        driver.ok("stage", "udp", port, LAN1, port, "del=yes")
    driver.ok("commit")
    assert {name for name, found in elements(lab.router, "inet").items() if found} == {"external4"}
