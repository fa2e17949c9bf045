# SPDX-License-Identifier: GPL-2.0-or-later
"""Epoch and unsolicited announcements of NAT-PMP (RFC 6886 section 3.2.1) and PCP (RFC 6887
sections 8.5 and 14.1)."""

import signal
import socket
import time

import pytest

from lab import (
    LAN1,
    LAN1_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ROUTER_WAN,
    Announcements,
    ControlPoint,
    Lab,
    PortControlClient,
    Subscriber,
    wait_until,
)
from lab.control_point import WAN_IP
from lab.port_control import NONCE, SERVER, SUCCESS, UDP, PcpReply, PmpReply, header

NEW_ADDRESS = "80.100.100.2"
PMP, PCP = 0, 2
GAPS = [0.25 * 2**i for i in range(9)]


@pytest.fixture
def ports(lab):
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
        yield client


def test_ten_of_each_and_no_more():
    """ANN-01, 02, 03, 06, 08, 09, EPOCH-01, 06, 07, 08, NATPMP-Fmt-06: for 135 seconds, on every
    LAN interface and nowhere else, while both clients' rules for a lost state hold"""
    with Lab() as lab:
        lab.add_ipv6()
        with (
            Announcements(lab.lan1) as four,
            Announcements(lab.lan2, socket.AF_INET6) as six,
            Announcements(lab.wan) as outside,
            Announcements(lab.wan, socket.AF_INET6) as outside6,
        ):
            lab.daemon().start()
            with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports:
                begin, samples = time.monotonic(), []
                while time.monotonic() - begin < 135:
                    asked = time.monotonic()
                    pmp, pcp = ports.external_address().epoch, ports.announce().epoch
                    assert pcp - pmp in (0, 1)
                    samples.append((asked, pcp))
                    for announcements in four, six:
                        announcements.listen()
                    wait_until(lambda: time.monotonic() > asked + 0.5, 2, "the next sample")
            check_samples(samples)
            check_burst(four.of(PMP), 10)
            check_burst(four.of(PCP), 10)
            for sender in {entry[1] for entry in six.of(PCP)}:
                check_burst([entry for entry in six.heard if entry[1] == sender], 10)
            assert ROUTER_LAN6 in {entry[1] for entry in six.heard}
            assert any(entry[1].startswith("fe80:") for entry in six.heard)
            assert {entry[1] for entry in four.heard} == {ROUTER_LAN}
            assert {entry[3] for entry in four.heard + six.heard} == {1}, "TTL and hop limit"
            assert not outside.listen() and not outside6.listen()


def check_burst(heard, count):
    """`count` packets at their times, each with the epoch of its moment."""
    assert len(heard) == count, heard
    times = [entry[0] for entry in heard]
    for index, gap in enumerate(GAPS[: count - 1]):
        assert times[index + 1] - times[index] == pytest.approx(gap, rel=0.1, abs=0.05)
    first = None
    for moment, _, octets, _ in heard:
        if octets[0] == PMP:
            packet = PmpReply(octets)
            assert (len(octets), packet.opcode, packet.code, packet.address) == (
                12,
                128,
                0,
                ROUTER_WAN,
            )
        else:
            packet = PcpReply(octets)
            assert (len(octets), packet.opcode, packet.code, packet.lifetime, packet.reserved) == (
                24,
                0x80,
                0,
                0,
                bytes(12),
            )
        first = first if first is not None else moment - packet.epoch
        assert moment - packet.epoch == pytest.approx(first, abs=1.1)


def check_samples(samples):
    """The rules by which clients of NAT-PMP and PCP tell that the router has lost its state."""
    (first_at, first), (last_at, last) = samples[0], samples[-1]
    assert abs((last - first) - (last_at - first_at)) <= 1
    for (at, epoch), (later_at, later) in zip(samples, samples[1:]):
        elapsed = later_at - at
        assert later >= epoch + elapsed * 7 / 8 - 2  # RFC 6886 section 3.6
        assert (
            later >= epoch - 1
            and abs((later - epoch) - elapsed) <= max(later - epoch, elapsed) / 16 + 2
        )  # RFC 6887 section 8.5


def test_a_new_address(lab, ports):
    """ANN-04, EPOCH-04, IWF-13, PCP-ANN-05: rules, epoch, event and both announcements within two
    seconds; the old burst stops"""
    lab.echo(lab.lan1, 5000)
    lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    assert ports.map(UDP, 5000, external=40001).code == SUCCESS
    wait_until(lambda: ports.announce().epoch >= 3, 5, "the epoch to count")
    with Announcements(lab.lan1) as heard, Subscriber(point) as subscriber:
        subscriber.subscribe(WAN_IP)
        subscriber.wait_for(lambda e: e.sequence == 0, "the first event", 2)
        changed = time.time()
        lab.router.ip(
            f"addr del {ROUTER_WAN}/24 dev wan0", f"addr add {NEW_ADDRESS}/24 brd + dev wan0"
        )
        subscriber.wait_for(
            lambda e: e.values.get("ExternalIPAddress") == NEW_ADDRESS, NEW_ADDRESS, 2
        )
        pmp = wait_until(
            lambda: [
                entry for entry in heard.of(PMP) if entry[2][8:12] == bytes([80, 100, 100, 2])
            ],
            2,
            "NAT-PMP's word of it",
        )
        pcp = heard.wait_for(PCP, 1, 2)
        assert pmp[0][0] - changed < 2 and pcp[-1][0] - changed < 2
        assert PmpReply(pmp[0][2]).epoch <= 1
        assert ports.external_address().address == NEW_ADDRESS and ports.announce().epoch <= 2
        again = ports.map(UDP, 5000, external=40001, address=ROUTER_WAN)
        assert (again.code, again.external, again.address) == (SUCCESS, 40001, NEW_ADDRESS)
        assert lab.reaches("UDP", 40001, NEW_ADDRESS)
        heard.wait_for(PMP, 4, 5)
        first_new = next(
            i for i, entry in enumerate(heard.of(PMP)) if entry[2][8:12] == bytes([80, 100, 100, 2])
        )
        new = heard.of(PMP)[first_new:]
        assert all(entry[2][8:12] == bytes([80, 100, 100, 2]) for entry in new), (
            "nothing of the old burst"
        )
        times = [entry[0] for entry in new[:4]]
        assert [b - a for a, b in zip(times, times[1:])] == pytest.approx(
            GAPS[:3], rel=0.1, abs=0.05
        )


def test_the_address_is_lost(lab, ports):
    """ANN-05, EPOCH-04"""
    lab.daemon().start()
    wait_until(lambda: ports.announce().epoch >= 2, 5, "the epoch to count")
    with Announcements(lab.lan1) as heard:
        lab.router.ip(f"addr del {ROUTER_WAN}/24 dev wan0")
        lost = wait_until(
            lambda: [e for e in heard.of(PCP) if PcpReply(e[2]).epoch == 0], 2, "PCP's word of it"
        )
        heard.wait_for(PCP, len(lost) + 3, 5)
        assert not [e for e in heard.of(PMP) if e[0] >= lost[0][0]], "there is nothing to tell"
        lab.router.ip(f"addr add {ROUTER_WAN}/24 brd + dev wan0")
        wait_until(
            lambda: heard.of(PMP) and heard.of(PMP)[-1][0] > lost[0][0],
            2,
            "NAT-PMP's word of the return",
        )
        assert not any(PmpReply(e[2]).address == "0.0.0.0" for e in heard.of(PMP))


def test_the_administrator_clears_the_table(lab, ports):
    """EPOCH-05"""
    daemon = lab.daemon().start()
    assert ports.map(UDP, 5000).code == SUCCESS
    wait_until(lambda: ports.announce().epoch >= 2, 5, "the epoch to count")
    daemon.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: ports.announce().epoch <= 1, 2, "another epoch")
    assert ports.map(UDP, 5000, nonce=NONCE[::-1]).code == SUCCESS, "nothing was left of it"


def test_a_restart(lab, ports):
    """EPOCH-02, 03, PCP-ANN-05: leases are kept all the same, so clients that ask again get what
    they had"""
    daemon = lab.daemon().start()
    assert ports.map(UDP, 5000, external=40001).code == SUCCESS
    wait_until(lambda: ports.announce().epoch >= 2, 5, "the epoch to count")
    assert daemon.stop() == 0
    daemon.start()
    assert ports.announce().epoch <= 2
    assert ports.map(UDP, 5000).external == 40001


def test_clients_of_long_ago(lab):
    """ANN-07: to port 5351, too, when that is wanted"""
    with Announcements(lab.lan1, port=SERVER) as heard, Announcements(lab.lan1) as usual:
        lab.daemon(nat_pmp_legacy_announcements="yes").start()
        heard.wait_for(PMP, 3, 5)
        assert not heard.of(PCP) and usual.of(PMP) and usual.of(PCP)


def test_nobody_else_hears_it(lab):
    """ANN-06, ANN-07: off by default"""
    with Announcements(lab.lan1, port=SERVER) as heard, Announcements(lab.lan1) as usual:
        lab.daemon().start()
        usual.wait_for(PMP, 3, 5)
        assert not heard.listen()


def test_one_protocol_alone(lab):
    with Announcements(lab.lan1) as heard:
        daemon = lab.daemon(port_control="pcp").start()
        heard.wait_for(PCP, 3, 5)
        assert not heard.of(PMP) and daemon.stop() == 0


def test_an_ipv6_host_hears_it(lab):
    """ANN-02: the address that answers is the one that announces"""
    lab.add_ipv6()
    with Announcements(lab.lan1, socket.AF_INET6) as heard:
        lab.daemon().start()
        senders = wait_until(
            lambda: (
                {e[1] for e in heard.of(PCP)} >= {ROUTER_LAN6} and {e[1] for e in heard.of(PCP)}
            ),
            5,
            "the announcement",
        )
    with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6) as client:
        assert client.pcp(header(0, 0, LAN1_6)).code == SUCCESS
    assert ROUTER_LAN6 in senders
