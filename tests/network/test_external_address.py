# SPDX-License-Identifier: GPL-2.0-or-later
"""Behind one more NAT: clients are told the address that a STUN server sees, or a configured one;
the rules in the kernel go by the interface as ever."""

import contextlib
import json
import os
import pathlib
import pwd
import signal

import pytest

from conftest import BACKENDS
from lab import (
    CARRIER,
    LAN1,
    OUTER,
    ROUTER_LAN,
    ROUTER_WAN,
    STUN_HOST,
    WAN_HOST,
    Announcements,
    ControlPoint,
    Lab,
    OuterNat,
    PortControlClient,
    StunServer,
    Subscriber,
    stun_server,
    wait_until,
)
from lab.control_point import WAN_IP
from lab.daemon import USER
from lab.name_server import NameServer
from lab.port_control import NETWORK_FAILURE, NOT_AUTHORIZED, TCP, UDP
from lab.service_manager import Service
from test_upnpctl import Ctl

PORT = 40001
SERVER = f"{STUN_HOST}:3478"
OTHER_OUTER = "80.1.2.77"
OTHER_CARRIER = "100.71.3.5"
SOON = 5  # seconds: the question, and what follows from its answer
AGAIN = 5  # after a first failure


@pytest.fixture
def outer():
    with OuterNat() as lab:
        yield lab


@pytest.fixture
def server(outer):
    with StunServer(outer.internet, STUN_HOST) as own:
        yield own


def asking(lab, **settings):
    return lab.daemon(external_address="stun", **{"stun_server": SERVER, **settings}).start()


def with_file(daemon, name, text):
    """The daemon sees that file in /etc."""
    file = daemon.directory / name
    file.write_text(text, encoding="ascii")
    plain = daemon.command
    daemon.command = lambda *options: [
        *plain(*options)[:4],
        "sh",
        "-c",
        f'mount --bind {file} /etc/{name} && exec "$@"',
        "sh",
        *map(str, plain(*options)[4:]),
    ]
    return daemon


def told(point):
    return point.call("GetExternalIPAddress")["NewExternalIPAddress"]


def wait_until_told(point, address, timeout=SOON):
    wait_until(
        lambda: told(point) == address, timeout, f"clients to be told {address}, not {told(point)}"
    )


def askers(daemon):
    """The processes that ask the server."""
    found = []
    for pid in daemon.processes():
        with contextlib.suppress(OSError):
            if b"--ask-stun" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


@pytest.mark.parametrize("answer", [stun_server.truth, stun_server.truth_unmasked])
def test_every_protocol_tells_what_the_server_sees(outer, server, answer):
    """IGD-GetExternalIP-05: the interface's own until there is an answer; then UPnP, its event,
    NAT-PMP, PCP, their announcements, upnpctl"""
    server.answer = stun_server.silence
    daemon = asking(outer)
    point = ControlPoint(outer.lan1, LAN1)
    with (
        Subscriber(point) as subscriber,
        PortControlClient(outer.lan1, LAN1, ROUTER_LAN) as ports,
        Announcements(outer.lan1) as announcements,
    ):
        subscriber.subscribe(WAN_IP)
        subscriber.wait_for(lambda e: e.values.get("ExternalIPAddress") == CARRIER, CARRIER)
        assert (
            told(point)
            == ports.external_address().address
            == ports.map(UDP, PORT).address
            == CARRIER
        )
        server.answer = answer
        event = subscriber.wait_for(
            lambda e: e.values.get("ExternalIPAddress") == OUTER, OUTER, 2 * SOON
        )
        assert event.values.get("ConnectionStatus", "Connected") == "Connected"
        assert told(point) == ports.external_address().address == OUTER
        assert ports.map(UDP, PORT).address == ports.map(TCP, PORT).address == OUTER
        assert ports.map(TCP, PORT + 1, external=PORT + 1, address=OUTER).code == 0, (
            "the address that clients know"
        )
        assert ports.peer(UDP, 6000, STUN_HOST, 53).address == OUTER
        assert ports.peer(UDP, 6001, STUN_HOST, 53, address=OUTER).address == OUTER
        assert ports.peer(UDP, 6002, OUTER, 53).code == NOT_AUTHORIZED, "the router itself"
        wait_until(
            lambda: any(
                octets[8:12] == bytes(map(int, OUTER.split(".")))
                for *_, octets, _ in announcements.of(0)
            ),
            3,
            "the announcement",
        )
        assert ports.announce().epoch < 60
    assert (
        f"external wan0 {CARRIER} (carrier NAT), told to clients: {OUTER} ({SERVER})" in daemon.log
    )
    assert daemon.log.count("ports mapped here are reached from the Internet only") == 1
    assert (
        f"wan0 {CARRIER} (carrier NAT), told to clients: {OUTER} ({SERVER})"
        in Ctl(outer, daemon)("status").stdout
    )
    assert daemon.stop() == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_mappings_work_inside_whatever_is_told(outer, server, backend):
    """From the carrier's network, from the Internet through its NAT, and from the LAN at either
    address"""
    outer.echo(outer.lan1, 5000)
    asking(outer, firewall_backend=backend)
    point = ControlPoint(outer.lan1, LAN1)
    assert point.add("TCP", PORT, 5000).ok and point.add("UDP", PORT, 5000).ok
    wait_until_told(point, OUTER)
    for protocol in "TCP", "UDP":
        assert outer.reaches(protocol, PORT, CARRIER)
        assert outer.reaches(protocol, PORT, OUTER, source=outer.internet)
        assert outer.reaches(protocol, PORT, CARRIER, source=outer.lan2)
        assert outer.reaches(protocol, PORT, OUTER, source=outer.lan2), (
            "hairpin at the address that was told"
        )
    assert outer.reaches("UDP", PORT, OUTER, source=outer.internet), "and again, after all that"
    assert point.delete("UDP", PORT).ok
    assert not outer.reaches("UDP", PORT, OUTER, source=outer.lan2)


@pytest.mark.parametrize("by", ["hosts", "resolv.conf"])
def test_the_servers_name_is_resolved(outer, server, by):
    """By the process that asks, in the system's way: a file, or a name server on the Internet"""
    daemon = with_file(
        outer.daemon(external_address="stun", stun_server="stun.example"),
        by,
        f"{STUN_HOST} stun.example\n" if by == "hosts" else f"nameserver {STUN_HOST}\n",
    )
    with NameServer(outer.internet, STUN_HOST, {"stun.example": STUN_HOST}) as names:
        daemon.start()
        wait_until_told(ControlPoint(outer.lan1, LAN1), OUTER)
        assert bool(names.asked) == (by == "resolv.conf")
    assert f"{OUTER} (stun.example:3478)" in daemon.log


def test_a_name_that_nobody_knows(outer):
    daemon = with_file(
        outer.daemon(external_address="stun", stun_server="stun.example"),
        "resolv.conf",
        f"nameserver {STUN_HOST}\n",
    )
    with NameServer(outer.internet, STUN_HOST, {}):
        daemon.start()
        daemon.wait_for_log("its address is not to be had: Name or service not known", 2 * SOON)


def test_as_the_systemd_unit_starts_it(outer, server):
    """Without root from the start, and with the unit's filter of system calls"""
    daemon = Service(outer.router, external_address="stun", stun_server=SERVER)
    outer.at_close(daemon.remove)
    daemon.start()
    wait_until_told(ControlPoint(outer.lan1, LAN1), OUTER)
    daemon.manager.wait_for_status(
        f"0 mappings; external wan0 {CARRIER} (carrier NAT), told to clients: {OUTER} ({SERVER})"
    )
    assert daemon.stop() == 0


@pytest.mark.parametrize(
    "answer",
    [
        stun_server.silence,
        stun_server.nonsense,
        stun_server.wrong_transaction,
        stun_server.wrong_fingerprint,
    ],
)
def test_what_is_no_answer_is_waited_on(outer, server, answer):
    """RFC 8489 section 6.3: dropped, and asked again after 0.5, 1, 2, 4 ... seconds, with the same
    transaction"""
    server.answer = answer
    daemon = asking(outer)
    point = ControlPoint(outer.lan1, LAN1)
    wait_until(lambda: len(server.requests) >= 3, SOON, "three questions")
    assert told(point) == CARRIER and len(set(server.requests)) == 1, server.requests
    server.answer = stun_server.truth
    wait_until_told(point, OUTER)
    assert "does not tell our address" not in daemon.log
    wait_until(lambda: not askers(daemon), 2, "the end of the process that asked")


@pytest.mark.parametrize(
    "answer, why",
    [
        (stun_server.error(500), 'error 500 "Server Error"'),
        (
            stun_server.error(
                300, b"", stun_server.attribute(stun_server.ALTERNATE, b"\0\1\x0d\x96\x50\1\2\x0a")
            ),
            "another one (300 Try Alternate)",
        ),
        (stun_server.unknown_attribute, "not understood (attribute 0x7fff)"),
        (stun_server.no_address, "holds no address"),
        (stun_server.says("0.0.0.0"), "no address of a host"),
        (stun_server.says("224.0.0.1"), "no address of a host"),
    ],
)
def test_an_answer_that_helps_nobody(outer, server, answer, why):
    """Said once with the reason; the interface's own address is told, and the server asked again,
    more and more seldom"""
    server.answer = answer
    daemon = asking(outer)
    point = ControlPoint(outer.lan1, LAN1)
    daemon.wait_for_log(why, SOON)
    assert (
        "asked again in 5 s" in daemon.log and told(point) == CARRIER and len(server.requests) == 1
    )
    assert f"told to clients as it is: {SERVER}" in Ctl(outer, daemon)("status").stdout
    if "500" in why:
        daemon.wait_for_log("asked again in 10 s", AGAIN + SOON)
        assert len(set(server.requests)) == 2
        server.answer = stun_server.truth
        daemon.process.send_signal(signal.SIGUSR2)  # nobody waits for that
    server.answer = stun_server.truth
    wait_until_told(point, OUTER, AGAIN + SOON)


def test_the_server_comes_and_goes(outer):
    """Nobody listens at first; later nobody does any more, and its last answer goes on counting"""
    daemon = asking(outer)
    point = ControlPoint(outer.lan1, LAN1)
    daemon.wait_for_log("no answer: Connection refused", SOON)
    assert told(point) == CARRIER
    with StunServer(outer.internet, STUN_HOST):
        wait_until_told(point, OUTER, AGAIN + SOON)
    assert daemon.log.count("does not tell our address") == 1
    daemon.process.send_signal(signal.SIGUSR2)
    wait_until(lambda: daemon.log.count("Connection refused") == 2, SOON, "the second refusal")
    assert told(point) == OUTER


def test_the_address_outside_changes(outer, server):
    """Noticed when the server is asked again: by `upnpctl sync` at once, or because the interface
    has another address"""
    daemon = asking(outer)
    outer.echo(outer.lan1, 5000)
    point = ControlPoint(outer.lan1, LAN1)
    with Subscriber(point) as subscriber, PortControlClient(outer.lan1, LAN1, ROUTER_LAN) as ports:
        wait_until_told(point, OUTER)
        assert point.add("TCP", PORT, 5000).ok
        subscriber.subscribe(WAN_IP)
        outer.outer_becomes(OTHER_OUTER)
        assert told(point) == OUTER
        assert Ctl(outer, daemon)("sync").returncode == 0
        subscriber.wait_for(
            lambda e: e.values.get("ExternalIPAddress") == OTHER_OUTER, OTHER_OUTER, SOON
        )
        assert ports.external_address().address == OTHER_OUTER and ports.announce().epoch < SOON + 2
        outer.outer_becomes(OUTER)
        server.answer = stun_server.silence
        outer.router.ip(
            f"addr del {CARRIER}/24 dev wan0",
            f"addr add {OTHER_CARRIER}/24 brd + dev wan0",
            "route add default via 100.71.3.1",
        )
        own = subscriber.wait_for(
            lambda e: e.values.get("ExternalIPAddress") == OTHER_CARRIER, OTHER_CARRIER, SOON
        )
        server.answer = stun_server.truth
        subscriber.wait_for(
            lambda e: e.sequence > own.sequence and e.values.get("ExternalIPAddress") == OUTER,
            OUTER,
            2 * SOON,
        )
    assert outer.reaches("TCP", PORT, OTHER_CARRIER), "the mapping stayed"
    assert len(point.listing()) == 1


@pytest.mark.parametrize(
    "settings",
    [{"external_address": "stun", "stun_server": SERVER}, {"external_address": OUTER}],
    ids=["stun", "configured"],
)
def test_without_a_connection_there_is_no_address(outer, server, settings):
    """IGD-GetExternalIP-02, 03, IGD-GetStatusInfo-04: whatever is configured, in action, event,
    NAT-PMP and PCP"""
    outer.daemon(**settings).start()
    point = ControlPoint(outer.lan1, LAN1)
    with Subscriber(point) as subscriber, PortControlClient(outer.lan1, LAN1, ROUTER_LAN) as ports:
        wait_until_told(point, OUTER)
        subscriber.subscribe(WAN_IP)
        outer.wan.ip("link set eth0 down")
        wait_until_told(point, "")
        assert point.call("GetStatusInfo")["NewConnectionStatus"] == "Disconnected"
        gone = subscriber.wait_for(
            lambda e: e.values.get("ConnectionStatus") == "Disconnected", "Disconnected"
        )
        assert gone.values.get("ExternalIPAddress") == ""
        assert (ports.external_address().code, ports.map(UDP, PORT).code) == (3, NETWORK_FAILURE)
        outer.wan.ip("link set eth0 up")
        wait_until_told(point, OUTER)
        subscriber.wait_for(
            lambda e: e.sequence > gone.sequence and e.values.get("ExternalIPAddress") == OUTER,
            OUTER,
        )
        assert ports.external_address().address == OUTER


def test_a_configured_address(outer, server):
    """Told at once, and nobody is asked; hosts of the LAN reach mappings there"""
    outer.echo(outer.lan1, 5000)
    daemon = outer.daemon(external_address=OUTER, firewall_backend="nftables").start()
    point = ControlPoint(outer.lan1, LAN1)
    assert told(point) == OUTER and point.add("UDP", PORT, 5000).ok
    with PortControlClient(outer.lan1, LAN1, ROUTER_LAN) as ports:
        assert ports.external_address().address == ports.map(TCP, PORT).address == OUTER
    assert outer.reaches("UDP", PORT, CARRIER) and outer.reaches(
        "UDP", PORT, OUTER, source=outer.lan2
    )
    assert f"wan0 {CARRIER} (carrier NAT), told to clients: {OUTER} (configured)" in daemon.log
    finding = Ctl(outer, daemon).verdict("WAN-02")
    assert (
        finding["verdict"] == "note"
        and OUTER in finding["text"]
        and "bridge mode" in finding["remedy"]
    )
    assert server.requests == []


def test_a_private_configured_address_is_told_and_hairpins_not(outer):
    """It may be an address of the LAN's own: what is meant for that is not drawn to a mapping"""
    outer.echo(outer.lan1, 5000)
    daemon = outer.daemon(external_address=ROUTER_LAN)
    checked = daemon.check()
    assert (
        checked.returncode == 0
        and f"warning: no host of the Internet reaches {ROUTER_LAN} (private)" in checked.stderr
    )
    daemon.start()
    point = ControlPoint(outer.lan1, LAN1)
    assert told(point) == ROUTER_LAN and point.add("UDP", PORT, 5000).ok
    assert outer.reaches("UDP", PORT, CARRIER) and not outer.reaches(
        "UDP", PORT, ROUTER_LAN, source=outer.lan2
    )


@pytest.mark.parametrize(
    "setting, why",
    [
        (
            {"external_address": "stun"},
            "error: external_address = stun: expected stun_server = HOST[:PORT] as well",
        ),
        ({"external_address": "239.1.1.1"}, 'error: external_address = "239.1.1.1"'),
        (
            {"external_address": "stun", "stun_server": "stun.example:99999"},
            "error: stun_server = ",
        ),
    ],
)
def test_what_cannot_be_meant_stops_the_start(outer, setting, why):
    daemon = outer.daemon(**setting)
    checked = daemon.check()
    assert checked.returncode == 2 and why in checked.stderr
    assert daemon.line_of(list(setting)[-1]) in checked.stderr


def test_a_public_address_is_the_truth():
    """The server is asked while the interface's address is none of the Internet's, and at no other
    time"""
    with Lab() as lab, StunServer(lab.wan, WAN_HOST, stun_server.says(OUTER)) as server:
        daemon = asking(lab, stun_server=f"{WAN_HOST}:3478")
        point = ControlPoint(lab.lan1, LAN1)
        assert told(point) == ROUTER_WAN
        lab.router.ip(
            f"addr del {ROUTER_WAN}/24 dev wan0", "addr add 80.100.100.2/24 brd + dev wan0"
        )
        wait_until_told(point, "80.100.100.2")
        daemon.process.send_signal(signal.SIGUSR2)
        # Its process would be there before the answer to that comes.
        assert Ctl(lab, daemon)("sync").returncode == 0
        assert server.requests == [] and len(daemon.processes()) == 2, "engine and front end"
        lab.wan.ip("addr add 10.9.9.9/24 dev eth0")
        lab.router.ip(
            "addr add 10.9.9.1/24 brd + dev wan0",
            "addr del 80.100.100.2/24 dev wan0",
            f"route add {WAN_HOST} dev wan0",
        )
        lab.wan.ip("route add 10.9.9.1 dev eth0")
        wait_until_told(point, OUTER, AGAIN + SOON)
        asked = len(server.requests)
        lab.router.ip("addr flush dev wan0", f"addr add {ROUTER_WAN}/24 brd + dev wan0")
        wait_until_told(point, ROUTER_WAN)
        daemon.process.send_signal(signal.SIGUSR2)
        assert Ctl(lab, daemon)("sync").returncode == 0
        assert len(server.requests) == asked and len(daemon.processes()) == 2
        assert "(public)" in Ctl(lab, daemon)("status").stdout


def test_a_reload_changes_what_is_told(outer, server):
    """At once, and without a loss of mappings; a file without the server is refused"""
    outer.echo(outer.lan1, 5000)
    daemon = outer.daemon().start()
    ctl = Ctl(outer, daemon)
    point = ControlPoint(outer.lan1, LAN1)
    assert told(point) == CARRIER and point.add("TCP", PORT, 5000).ok
    for settings, expected in [
        ({"external_address": OTHER_OUTER}, OTHER_OUTER),
        ({}, CARRIER),
        ({"external_address": "stun", "stun_server": SERVER}, OUTER),
        ({}, CARRIER),
    ]:
        daemon.configure(["external_interface = wan0", "internal_interface = br-lan"], **settings)
        assert ctl("reload").returncode == 0
        wait_until_told(point, expected)
    daemon.configure(
        ["external_interface = wan0", "internal_interface = br-lan"], external_address="stun"
    )
    assert ctl("reload").returncode != 0 and told(point) == CARRIER
    assert len(point.listing()) == 1 and outer.reaches("TCP", PORT, CARRIER)


def test_who_asks_may_do_nothing(outer, server):
    """A process of its own without rights; it ends with the engine, however that ends"""
    server.answer = stun_server.silence
    daemon = asking(outer)
    (pid,) = wait_until(lambda: askers(daemon), SOON, "the process that asks")
    wait_until(lambda: server.requests, SOON, "its question")
    fields = dict(
        line.split(":\t", 1)
        for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        if ":\t" in line
    )
    assert fields["Uid"].split() == [str(pwd.getpwnam(USER).pw_uid)] * 4
    for capabilities in "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
        assert capabilities == "CapBnd" or int(fields[capabilities], 16) == 0, fields
    assert (
        fields["NoNewPrivs"] == "1"
        and fields["Seccomp"] == "2"
        and fields["PPid"] == str(daemon.process.pid)
    )
    assert len(os.listdir(f"/proc/{pid}/fd")) <= 5, "0-2, the engine, the socket"
    # Its end without a word is a failure like others.
    os.kill(pid, signal.SIGKILL)
    daemon.wait_for_log(
        "does not tell our address: the process that asks it has ended; asked again in 5 s", SOON
    )
    (second,) = wait_until(lambda: askers(daemon), AGAIN + SOON, "the next process")
    assert second != pid
    daemon.kill()  # and waits for the end of all
    daemon.start()
    wait_until(lambda: askers(daemon), SOON, "the process that asks")
    assert daemon.stop() == 0


def test_the_engine_serves_while_the_server_is_silent(outer, server):
    """Nothing waits: a hundred requests are answered while a question is under way"""
    server.answer = stun_server.silence
    daemon = asking(outer)
    point = ControlPoint(outer.lan1, LAN1)
    (pid,) = wait_until(lambda: askers(daemon), SOON, "the process that asks")
    for port in range(PORT, PORT + 50):
        assert point.add("UDP", port, 5000).ok and point.delete("UDP", port).ok
    assert askers(daemon) == [pid]


@pytest.mark.parametrize(
    "answer, words",
    [
        (stun_server.says(OUTER, 1024), "translates ports as well"),
        (stun_server.says("100.99.1.1"), "one more in front of it does so"),
        (stun_server.says(CARRIER), ""),
    ],
)
def test_what_the_answer_says_of_the_nat_is_in_the_log_once(outer, server, answer, words):
    server.answer = answer
    daemon = asking(outer)
    point = ControlPoint(outer.lan1, LAN1)
    wait_until(lambda: server.requests and not askers(daemon), SOON, "the answer")
    Ctl(outer, daemon)("sync")
    wait_until(lambda: len(server.requests) >= 2 and not askers(daemon), SOON, "the next answer")
    assert told(point) == json.loads(Ctl(outer, daemon)("-j").stdout)["external"]["told"]
    if words:
        assert daemon.log.count("another router translates") == 1 and words in daemon.log
    else:
        assert "another router translates" not in daemon.log and told(point) == CARRIER


def test_check_names_the_ways_out(outer, server):
    daemon = outer.daemon().start()
    finding = Ctl(outer, daemon).verdict("WAN-02")
    assert finding["verdict"] == "FAIL" and "RFC 6598" in finding["text"]
    for word in "public address", "external_address", "stun":
        assert word in finding["remedy"]
    outer.router.ip("addr flush dev wan0", "addr add 192.168.0.2/24 dev wan0")
    wait_until(
        lambda: "bridge mode" in Ctl(outer, daemon).verdict("WAN-02")["remedy"],
        3,
        "a home router in front",
    )
    assert (
        "wan0 192.168.0.2 (private: not reachable from the Internet)"
        in Ctl(outer, daemon)("status").stdout
    )
