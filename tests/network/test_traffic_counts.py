# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel counts all that goes through an opening, both ways, to the octet; what cannot be
counted is not said to be nothing."""

import socket

import pytest

from lab import LAN1, LAN1_6, ROUTER_WAN, WAN_HOST, WAN_HOST6, Echo, Lab
from lab.firewall_driver import Driver
from lab.topology import LEGACY_DROP6

HEADERS = 28  # of IPv4 and UDP
HEADERS6 = 48
PAYLOAD = b"x" * 100


class Bench:
    def __init__(self, lab, driver):
        self.lab, self.driver = lab, driver

    def exchange(self, port, times=1, host=ROUTER_WAN, source=None):
        """Sends as many datagrams from outside and waits for each answer."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with (source or self.lab.wan).socket(family, socket.SOCK_DGRAM) as client:
            client.settimeout(2)
            for _ in range(times):
                client.sendto(PAYLOAD, (host, port))
                assert client.recv(2048) == PAYLOAD

    def traffic(self, *words):
        return self.driver("traffic", *words)


@pytest.fixture
def bench(request):
    forward, backend = request.param
    with Lab(forward=forward) as lab:
        lab.add_ipv6()
        for port in 5000, 5001, 7000:
            lab.echo(lab.lan1, port)
        driver = Driver(lab.router).open(backend)
        driver.ok("replaceall")
        yield Bench(lab, driver)
        driver.kill()


def told(times, headers=HEADERS):
    return f"{2 * times} {2 * times * (headers + len(PAYLOAD))}"


on_nftables = pytest.mark.parametrize(
    "bench", [("accept", "nftables"), ("nft-drop", "nftables")], indirect=True, ids=lambda b: b[0]
)


@on_nftables
def test_a_mapping_counts_what_goes_through_it(bench):
    bench.driver.ok("add", "udp", 80, LAN1, 7000, "timeout=600")
    bench.driver.ok("add", "udp", 81, LAN1, 7000, "timeout=600")
    assert bench.traffic("udp", 80) == "0 0"
    bench.exchange(80, 5)
    assert bench.traffic("udp", 80) == told(5)
    assert bench.traffic("udp", 81) == "0 0", "another port of the same end"


@on_nftables
def test_sets_remotes_and_filters_count(bench):
    kinds = (
        (4000, 7000, "ports=1", f"remote={WAN_HOST}"),
        (4100, 7000, "ports=1", "filters=80.0.0.0/8,90.1.2.3"),
        (5000, 5000, "ports=2"),
        (41000, 5000, "ports=2"),
    )
    for external, internal, *options in kinds:
        bench.driver.ok("add", "udp", external, LAN1, internal, "timeout=600", *options)
    for external, _, ports, *_ in kinds:
        times = 0
        for port in range(int(ports[-1])):
            bench.exchange(external + port, 2)
            times += 2
        assert bench.traffic("udp", external) == told(times), external


@on_nftables
def test_a_renewal_keeps_the_count(bench):
    bench.driver.ok("add", "udp", 80, LAN1, 7000, "timeout=600")
    bench.exchange(80, 3)
    bench.driver.ok("add", "udp", 80, LAN1, 7000, "timeout=900")
    bench.exchange(80, 1)
    assert bench.traffic("udp", 80) == told(4)


@pytest.mark.parametrize(
    "bench",
    [("accept", "nftables"), ("accept", "iptables"), ("legacy-drop", "iptables")],
    indirect=True,
    ids="-".join,
)
def test_a_pinhole_counts_on_either_back_end(bench):
    bench.lab.router.run("ip6tables-legacy-restore", input=LEGACY_DROP6)
    bench.driver.ok("replaceall")
    pinholes = (
        ("udp", LAN1_6, 5000, f"remote={WAN_HOST6}"),
        ("udp", LAN1_6, 5002, "filters=2a0a:100::/64,2001:db8::1"),
    )
    with Echo(bench.lab.lan1, 5002, socket.AF_INET6):
        for pinhole in pinholes:
            bench.driver.ok("pinhole", *pinhole)
            assert bench.traffic(*pinhole) == "0 0"
        bench.exchange(5002, 4, host=LAN1_6)
        assert bench.traffic(*pinholes[0]) == "0 0"
        assert bench.traffic(*pinholes[1]) == told(4, HEADERS6)
        assert bench.driver("packets", *pinholes[1]) == "8"
        for pinhole in reversed(pinholes):
            bench.driver.ok("pinhole", *pinhole, "del=yes")
    assert bench.traffic(*pinholes[1]) == "none"


@pytest.mark.parametrize("bench", [("accept", "iptables")], indirect=True, ids="-".join)
def test_what_iptables_cannot_count_is_not_nothing(bench):
    bench.driver.ok("add", "udp", 80, LAN1, 7000)
    bench.exchange(80, 1)
    assert bench.traffic("udp", 80) == "none"


@pytest.mark.parametrize("bench", [("accept", "nftables")], indirect=True, ids="-".join)
def test_all_are_told_by_one_look(bench):
    assert bench.driver("fill", 1000).startswith("ok")
    assert bench.driver("count").split()[1] == "1000"
