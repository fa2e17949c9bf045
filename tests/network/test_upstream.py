# SPDX-License-Identifier: GPL-2.0-or-later
"""The gateway above is asked for the port of each mapping: two NATs and three, with packets from
the far Internet."""

import json
import re
import struct
import time

import pytest

from lab import (
    LAN1,
    LAN2,
    LOWER_WAN,
    ROUTER_LAN,
    STRANGER,
    TOP_WAN,
    UPPER_LAN,
    UPPER_WAN,
    ControlPoint,
    DoubleNat,
    PortControlClient,
    Subscriber,
    wait_until,
)
from lab.control_point import WAN_IP
from lab.fake_gateway import FakeGateway, liar, provider
from lab.port_control import (
    CANNOT_PROVIDE_EXTERNAL,
    NETWORK_FAILURE,
    NO_RESOURCES,
    PREFER_FAILURE,
    SUCCESS,
    TCP,
    UDP,
    option,
)
from lab.rival import miniupnpd
from test_upnpctl import Ctl

PORT = 40001
SOON = 5
CONFLICT = 718
ACTION_FAILED = 501
# How the upper router is made to speak one protocol alone, by what it is found then.
SPEAKS = {
    "pcp": {"port_control": "pcp", "upnp": "no"},
    "nat-pmp": {"port_control": "nat-pmp", "upnp": "no"},
    "upnp": {"port_control": "none"},
}


@pytest.fixture
def double():
    with DoubleNat() as lab:
        lab.echo(lab.lan1, 5000)
        lab.echo(lab.lan2, 5000)
        yield lab


def started(lab, upper=None, **settings):
    """The upper daemon and ours, which has found it."""
    above = lab.upper_daemon(**(upper or {})).start()
    return above, found(lab.daemon(**{"upstream": "auto", **settings}).start())


def found(daemon):
    daemon.wait_for_log("upstream: the gateway above is", SOON)
    return daemon


def ports_of(daemon):
    """The ports that a daemon has mapped, each with where it leads."""
    listed = json.loads(daemon.ctl("-j", "list").stdout)
    return {
        (each["protocol"], each["external_port"]): (each["internal_address"], each["internal_port"])
        for each in listed["mappings"]
    }


def upstream_of(daemon):
    return json.loads(daemon.ctl("-j", "status").stdout)["upstream"]


def grow_old():
    """A server that starts again after this has an epoch by which that is seen: clocks may differ
    by 2 s (RFC 6887 section 8.5)."""
    time.sleep(6)


def told(point):
    return point.call("GetExternalIPAddress")["NewExternalIPAddress"]


@pytest.mark.parametrize("way", SPEAKS)
def test_a_mapping_works_through_two_nats(double, way):
    """`auto` finds what the upper router speaks; every protocol of ours gets a mapping that carries
    packets from the Internet, and the address up there; and what ends here ends there"""
    above, daemon = started(double, SPEAKS[way])
    point = ControlPoint(double.lan1, LAN1)
    with PortControlClient(double.lan2, LAN2, ROUTER_LAN) as client:
        assert upstream_of(daemon)["asked_by"] == way
        assert told(point) == UPPER_WAN == client.external_address().address
        assert point.add("TCP", PORT, 5000).ok and point.add("UDP", PORT, 5000).ok
        mapped = client.map(UDP, 5000, external=PORT + 1)
        assert (mapped.code, mapped.external, mapped.address) == (SUCCESS, PORT + 1, UPPER_WAN)
        assert client.pmp_map(TCP, 5000, PORT + 2).external == PORT + 2
        expected = {("tcp", PORT), ("udp", PORT), ("udp", PORT + 1), ("tcp", PORT + 2)}
        assert set(ports_of(daemon)) == expected
        assert ports_of(above) == {key: (LOWER_WAN, key[1]) for key in expected}
        for protocol, port in expected:
            assert double.reaches(protocol, port), (protocol, port)
        said = daemon.ctl("status").stdout
        assert f"{UPPER_LAN} by {way} at {UPPER_WAN} (public): leads 4 port(s) here" in said
        assert point.delete("TCP", PORT).ok and client.unmap(UDP, 5000).code == SUCCESS
        left = {("udp", PORT), ("tcp", PORT + 2)}
        wait_until(lambda: set(ports_of(above)) == left, SOON, "their end above")
    assert daemon.stop() == 0
    assert ports_of(above) == {}, "what ours has left"
    assert above.stop() == 0


@pytest.mark.parametrize("build", ["nftables", "iptables"])
@pytest.mark.parametrize("way", SPEAKS)
def test_above_us_is_miniupnpd(double, build, way):
    """Both builds of Debian's, by each protocol that it speaks: packets from the Internet arrive,
    and do not any more when the mapping has ended"""
    with miniupnpd(double.upper, build, UPPER_LAN, double.router):
        daemon = found(double.daemon(upstream=way).start())
        point = ControlPoint(double.lan1, LAN1)
        assert told(point) == UPPER_WAN
        assert point.add("TCP", PORT, 5000).ok and point.add("UDP", PORT, 5000).ok
        assert double.reaches("TCP", PORT) and double.reaches("UDP", PORT)
        assert point.delete("TCP", PORT).ok
        wait_until(lambda: not double.reaches("TCP", PORT), SOON, "the end above")
        other = ControlPoint(double.lan1, LAN1)
        assert other.add("TCP", PORT, 5000).ok and double.reaches("TCP", PORT)
        assert daemon.stop() == 0


@pytest.mark.parametrize("way", SPEAKS)
def test_a_port_that_another_has_above(double, way):
    """AddPortMapping is a conflict; whoever can do with another port gets one that works"""
    lines = [f"mapping = {each} {PORT} {STRANGER}" for each in ("tcp", "udp")]
    _, daemon = started(double, {**SPEAKS[way], "lines": lines}, igd_version=2)
    point = ControlPoint(double.lan1, LAN1, wan_ip=WAN_IP.replace(":1", ":2"))
    with PortControlClient(double.lan2, LAN2, ROUTER_LAN) as client:
        assert point.add("TCP", PORT, 5000).code == CONFLICT
        other = point.add_any("TCP", PORT, 5000)
        assert other.ok and double.reaches("TCP", int(other["NewReservedPort"]))
        exact = client.map(UDP, 5000, external=PORT, options=option(PREFER_FAILURE))
        assert exact.code == CANNOT_PROVIDE_EXTERNAL
        moved = client.map(UDP, 5000, external=PORT)
        assert moved.code == SUCCESS and moved.external != PORT
        assert double.reaches("UDP", moved.external)
        moved = client.pmp_map(TCP, 5000, PORT)
        assert moved.external != PORT and double.reaches("TCP", moved.external)
    assert ("tcp", PORT) not in ports_of(daemon)
    assert daemon.stop() == 0


@pytest.mark.parametrize("way", ["pcp", "nat-pmp"])
def test_leases_above_are_renewed(double, way):
    """With leases of 4 s there, a mapping of an hour works for longer than that"""
    upper = {**SPEAKS[way], "pcp_lease_min": 1, "pcp_lease_max": 4}
    above, daemon = started(double, upper)
    point = ControlPoint(double.lan1, LAN1)
    assert point.add("UDP", PORT, 5000, LeaseDuration=3600).ok
    until = time.monotonic() + 10
    while time.monotonic() < until:
        assert double.reaches("UDP", PORT, timeout=1)
        time.sleep(0.5)
    assert f"ended udp {PORT}" not in above.log
    daemon.kill()
    wait_until(lambda: not ports_of(above), 8, "the end of what nobody renews")


@pytest.mark.parametrize("way", SPEAKS)
def test_the_upper_router_starts_again_and_has_lost_all(double, way):
    """By its epoch and its announcements, or by what is missing there: all is mapped again"""
    above, daemon = started(double, {**SPEAKS[way], "lease_file": "none"})
    point = ControlPoint(double.lan1, LAN1)
    assert point.add("UDP", PORT, 5000).ok and point.add("TCP", PORT, 5000).ok
    grow_old()
    assert above.stop() == 0
    assert not double.reaches("UDP", PORT)
    above.start()
    wait_until(lambda: len(ports_of(above)) == 2, 70 if way == "upnp" else 35, "both ports again")
    assert double.reaches("UDP", PORT) and double.reaches("TCP", PORT)
    assert set(ports_of(daemon)) == {("udp", PORT), ("tcp", PORT)}


def test_a_port_that_another_gets_above_meanwhile(double):
    """The mapping ends with its cause, and clients are told: a new epoch"""
    above, daemon = started(double, {"lease_file": "none"})
    point = ControlPoint(double.lan1, LAN1)
    assert point.add("UDP", PORT, 5000).ok and point.add("UDP", PORT + 1, 5000).ok
    grow_old()
    above.stop()
    above.configure([f"mapping = udp {PORT} {STRANGER}"], lease_file="none")
    above.start()
    wait_until(lambda: ("udp", PORT) not in ports_of(daemon), 35, "the end of the mapping")
    daemon.wait_for_log("the gateway above leads its port here no more")
    wait_until(lambda: ("udp", PORT + 1) in ports_of(above), SOON, "the other one")
    assert double.reaches("UDP", PORT + 1)
    with PortControlClient(double.lan1, LAN1, ROUTER_LAN) as client:
        assert client.announce().epoch < 30


def test_a_gateway_above_that_is_silent_delays_nobody(double):
    """The request that waits for it has an error within its time; others are answered meanwhile"""
    _, daemon = started(double, SPEAKS["pcp"])
    point, other = ControlPoint(double.lan1, LAN1), ControlPoint(double.lan2, LAN2)
    assert other.add("UDP", PORT + 1, 5000).ok
    double.upper.run(
        "nft",
        "table ip silent { chain in { type filter hook input priority 0; udp dport 5351 drop; }; }",
    )
    with PortControlClient(double.lan1, LAN1, ROUTER_LAN, timeout=6) as client:
        packet = client.map_packet(UDP, 5000, external=PORT)
        began = time.monotonic()
        client.socket.sendto(packet, client.to)
        waits = []
        while time.monotonic() < began + 1.5:
            at = time.monotonic()
            assert other.add("UDP", PORT + 1, 5000).ok, "what is mapped is renewed"
            assert told(other) == UPPER_WAN
            waits.append(time.monotonic() - at)
        assert max(waits) < 1
        answer = client.socket.recv(2048)
        assert answer[3] in (NETWORK_FAILURE, NO_RESOURCES)
        assert time.monotonic() - began < 5
    wait_until(lambda: upstream_of(daemon)["problem"], 10, "the word in the status")
    assert point.add("TCP", PORT, 5000).code == ACTION_FAILED
    assert ("udp", PORT + 1) in ports_of(daemon), "it may be back soon"
    double.upper.run("nft", "delete table ip silent")
    wait_until(lambda: not upstream_of(daemon)["problem"], 20, "it is found again")
    assert point.add("TCP", PORT, 5000).ok and double.reaches("TCP", PORT)
    assert double.reaches("UDP", PORT + 1)


def test_mappings_of_an_earlier_run_are_asked_for_again(double):
    """kill -9 of ours: its process gives all back; the next run asks with the same nonces"""
    above, daemon = started(double, SPEAKS["pcp"])
    point = ControlPoint(double.lan1, LAN1)
    assert point.add("UDP", PORT, 5000).ok
    daemon.kill()
    wait_until(lambda: not ports_of(above), SOON, "that it is given back")
    found(daemon.start())
    wait_until(lambda: ports_of(above), SOON, "that it is asked for")
    assert double.reaches("UDP", PORT)
    assert daemon.stop() == 0 and not ports_of(above)


def test_another_address_above(double):
    """UPnP's clients get an event, those of NAT-PMP and PCP a new epoch"""
    _, daemon = started(double, SPEAKS["pcp"])
    point = ControlPoint(double.lan1, LAN1)
    with (
        Subscriber(point) as subscriber,
        PortControlClient(double.lan1, LAN1, ROUTER_LAN) as client,
    ):
        assert client.map(UDP, 5000, external=PORT).address == UPPER_WAN
        subscriber.subscribe(WAN_IP)
        subscriber.wait_for(lambda e: e.values.get("ExternalIPAddress") == UPPER_WAN, UPPER_WAN)
        grow_old()
        double.upper_becomes("80.1.2.44")
        subscriber.wait_for(
            lambda e: e.values.get("ExternalIPAddress") == "80.1.2.44", "the new address", 40
        )
        assert client.map(UDP, 5000, external=PORT).address == "80.1.2.44"
        assert double.reaches("UDP", PORT, host="80.1.2.44")
    assert daemon.stop() == 0


def test_three_nats():
    """Each of ours asks the one above it, by the protocol that it speaks"""
    with DoubleNat() as lab:
        lab.echo(lab.lan1, 5000)
        lab.add_top()
        top = lab.top_daemon(**SPEAKS["nat-pmp"]).start()
        upper = found(lab.upper_daemon(upstream="auto", **SPEAKS["pcp"]).start())
        daemon = found(lab.daemon(upstream="auto").start())
        point = ControlPoint(lab.lan1, LAN1)
        wait_until(lambda: told(point) == TOP_WAN, SOON, TOP_WAN)
        assert point.add("TCP", PORT, 5000).ok and point.add("UDP", PORT, 5000).ok
        for protocol in "TCP", "UDP":
            assert lab.reaches(protocol, PORT, host=TOP_WAN)
        assert daemon.stop() == 0
        wait_until(lambda: not ports_of(top), SOON, "the end of all at the top")
        assert not ports_of(upper)


def test_a_provider_gives_one_port_of_its_own(double):
    """A VPN's NAT-PMP: leases of a minute, and a port that nobody has chosen. Both NATs use that
    number; AddPortMapping of another one is a conflict."""
    with FakeGateway(double.upper, UPPER_LAN, provider(51413, lease=4)) as above:
        daemon = found(double.daemon(upstream="nat-pmp").start())
        point = ControlPoint(double.lan1, LAN1)
        with PortControlClient(double.lan1, LAN1, ROUTER_LAN) as client:
            assert point.add("TCP", PORT, 5000).code == CONFLICT
            mapped = client.map(UDP, 5000, external=PORT)
            assert (mapped.code, mapped.external, mapped.address) == (SUCCESS, 51413, UPPER_WAN)
        before = len(above.requests_of(1))
        time.sleep(7)
        renewals = above.requests_of(1)[before:]
        assert len(renewals) >= 2 and all(
            struct.unpack("!HH", each[4:8]) == (51413, 51413) for _, each in renewals
        )
        assert set(ports_of(daemon)) == {("udp", 51413)}
        assert daemon.stop() == 0
        assert above.requests_of(1)[-1][1][8:12] == bytes(4), "given back"


@pytest.mark.parametrize(
    "answers",
    [
        [b"\2\x81\0\0" + bytes(56)],
        [b"\0\x81" + bytes(14), b"\2"],
        [bytes(2000)],
        [b"\xff" * 60],
        [b"\2\x80\0\0" + bytes(20)],
    ],
)
def test_a_gateway_above_that_lies(double, answers):
    """Clients have errors in their time, and nothing else happens"""
    with FakeGateway(double.upper, UPPER_LAN, liar(*answers)):
        daemon = double.daemon(upstream="auto").start()
        point = ControlPoint(double.lan1, LAN1)
        began = time.monotonic()
        assert point.add("TCP", PORT, 5000).code in (ACTION_FAILED, CONFLICT)
        assert time.monotonic() - began < 8
        assert ports_of(daemon) == {} and daemon.running()
        assert daemon.stop() == 0


@pytest.mark.parametrize(
    "address, words",
    [(LOWER_WAN, "its external address is our own"), ("192.168.50.7", "is in a LAN of ours")],
)
def test_loops_are_noticed(double, address, words):
    """A gateway above that tells our own address, or one of our LAN: it points back"""
    with FakeGateway(double.upper, UPPER_LAN, provider(PORT, address=address)):
        daemon = double.daemon(upstream="nat-pmp").start()
        daemon.wait_for_log(words, SOON)
        point = ControlPoint(double.lan1, LAN1)
        assert point.add("TCP", PORT, 5000).code == ACTION_FAILED
        assert told(point) == LOWER_WAN
        assert daemon.stop() == 0


def test_a_gateway_that_is_this_router(double):
    daemon = double.daemon(upstream="auto", upstream_gateway=LOWER_WAN).start()
    daemon.wait_for_log(f"{LOWER_WAN} is this router itself", SOON)
    assert daemon.stop() == 0


def test_it_begins_and_ends_with_the_configuration(double):
    """SIGHUP: what is mapped already is asked for, and given back"""
    above = double.upper_daemon().start()
    daemon = double.daemon().start()
    point = ControlPoint(double.lan1, LAN1)
    assert point.add("UDP", PORT, 5000).ok and told(point) == LOWER_WAN
    assert upstream_of(daemon) is None and not ports_of(above)
    daemon.read_again(upstream="auto")
    wait_until(lambda: ports_of(above), SOON, "that it is asked for")
    wait_until(lambda: told(point) == UPPER_WAN, SOON, "that clients are told of it")
    assert double.reaches("UDP", PORT)
    daemon.read_again(upstream="off")
    wait_until(lambda: not ports_of(above), SOON, "that it is given back")
    wait_until(lambda: told(point) == LOWER_WAN, SOON, "that clients are told of our own")
    assert set(ports_of(daemon)) == {("udp", PORT)}
    assert daemon.stop() == 0


def test_check_says_what_to_write_and_why_it_failed(double):
    daemon = double.daemon().start()
    ctl = Ctl(double, daemon)
    finding = ctl.verdict("WAN-02")
    assert "private" in finding["text"] and "upstream = auto" in finding["remedy"]
    daemon.stop()
    daemon.configure(upstream="auto")
    daemon.start()
    ctl = Ctl(double, daemon)
    wait_until(lambda: "upnp:" in str(upstream_of(daemon)["problem"]), 10, "all three tried")
    finding = ctl.verdict("WAN-05")
    assert finding["verdict"] == "FAIL" and UPPER_LAN in finding["text"]
    assert re.search(r"pcp: .*; nat-pmp: .*; upnp: ", finding["text"])
    double.upper_daemon().start()
    wait_until(lambda: not upstream_of(daemon)["problem"], 30, "it is found")
    finding = ctl.verdict("WAN-05")
    assert finding["verdict"] == "ok" and UPPER_WAN in finding["text"]
    assert ctl.verdict("WAN-02")["verdict"] == "ok"
    assert daemon.stop() == 0


def test_the_first_packet_through_two_nats(double, record_property):
    """The time from a request to its first packet from the Internet"""
    _, daemon = started(double)
    times = []
    with PortControlClient(double.lan1, LAN1, ROUTER_LAN) as client:
        for port in range(PORT, PORT + 20):
            began = time.monotonic()
            assert client.map(UDP, 5000, external=port, nonce=struct.pack("!12s", b"")).code == 0
            assert double.reaches("UDP", port)
            times.append(time.monotonic() - began)
            assert client.unmap(UDP, 5000, nonce=bytes(12)).code == 0
    times.sort()
    record_property("milliseconds_median", round(1000 * times[len(times) // 2], 1))
    print("ms:", [round(1000 * each, 1) for each in times])
    assert daemon.stop() == 0
