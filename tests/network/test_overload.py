# SPDX-License-Identifier: GPL-2.0-or-later
"""More work than can be done: what is refused is not done later, and nobody else pays. Runs
alone."""

import concurrent.futures
import contextlib
import os
import signal
import socket
import threading
import time

import pytest

from lab import (
    LAN1,
    LAN1_6,
    LAN2,
    ROUTER_LAN,
    ROUTER_LAN6,
    ControlPoint,
    Lab,
    PortControlClient,
    rules,
    wait_until,
)
from lab.port_control import (
    MAP,
    SERVER,
    SUCCESS,
    TCP,
    THIRD_PARTY,
    UDP,
    PcpReply,
    header,
    map_fields,
    option,
    wire,
)

ADDRESSES = 60
PER_ADDRESS = 133  # requests a second
BURST = 0.1  # seconds from one to the next
SECONDS = 5


# -- an engine that stands still -------------------------------------------------------------------


@contextlib.contextmanager
def standing_still(daemon):
    os.kill(daemon.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(daemon.process.pid, signal.SIGCONT)


def patient(host, own):
    """It waits for half a minute (IGD-SOAP-22)."""
    point = ControlPoint(host, own)
    point.timeout = 30
    return point


def refused(answer):
    return answer.status == 503 or answer.code == 501


def test_what_was_refused_is_not_done_later():
    """An engine that is stopped for as long as its clients wait: they are refused, and so it
    stays"""
    with Lab() as lab:
        lab.add_ipv6().lan1.ping(ROUTER_LAN6)
        daemon = lab.daemon(firewall_backend="nftables").start()
        one, two = patient(lab.lan1, LAN1), patient(lab.lan2, LAN2)
        assert one.add("TCP", 40001, 5000).ok and one.pinhole(LAN1_6, 5000, TCP).ok
        before = rules.translations(lab.router), rules.pinholes(lab.router)
        assert len(before[0]) == len(before[1]) == 1
        with concurrent.futures.ThreadPoolExecutor() as pool, standing_still(daemon):
            asked = [
                pool.submit(one.add, "TCP", 40002, 5000),
                pool.submit(one.delete, "TCP", 40001),
                pool.submit(one.pinhole, LAN1_6, 5001, TCP),
                pool.submit(two.add, "UDP", 40003, 5000),
            ]
            answers = [each.result() for each in asked]
        assert all(map(refused, answers)), answers
        # All that waited in the channel has been read before this is answered.
        assert wait_until(lambda: two.specific("TCP", 40001), 5, "an answer").ok
        assert two.add("UDP", 40004, 5000).ok and two.delete("UDP", 40004).ok
        assert (rules.translations(lab.router), rules.pinholes(lab.router)) == before
        assert [entry["NewExternalPort"] for entry in two.listing()] == ["40001"]
        assert daemon.stop() == 0


def test_port_control_that_was_not_answered_in_time_is_not_done_later():
    with Lab() as lab:
        daemon = lab.daemon(firewall_backend="nftables").start()
        point = patient(lab.lan2, LAN2)
        with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
            with standing_still(daemon):
                client.socket.sendto(client.map_packet(UDP, 5000), client.to)
                answer = point.add(
                    "TCP", 40001
                )  # its time is over, so that of the other is as well
                assert refused(answer), answer
            assert point.add("TCP", 40002).ok and point.delete("TCP", 40002).ok
            late = client.more()
            assert late is None or late[3] != 0, late
        assert rules.translations(lab.router) == []


# -- a host that asks without end ------------------------------------------------------------------


class Flood:
    """MAP after MAP from many addresses of one host, each for another port, while the block runs;
    in bursts."""

    def __init__(self, host, addresses, rate, server=ROUTER_LAN):
        self.sent = 0
        self._rate = rate
        self._to = (server, SERVER)
        self._sockets = []
        self._addresses = addresses
        for address in addresses:
            each = host.socket(
                socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM
            )
            each.bind((address, 0))
            each.setblocking(False)
            self._sockets.append(each)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        for each in self._sockets:
            each.close()

    def _work(self):
        begin = time.monotonic()
        heads = [header(MAP, 3600, address) for address in self._addresses]
        while not self._stop.is_set():
            due = (time.monotonic() - begin) * self._rate
            while self.sent < due:
                number = self.sent % len(heads)
                port = 1024 + self.sent // len(heads) % 60000
                with contextlib.suppress(OSError):
                    self._sockets[number].sendto(heads[number] + map_fields(UDP, port), self._to)
                self.sent += 1
            time.sleep(BURST)


def neighbour(point):
    """Another host maps again and again meanwhile, and is never refused. Returns the seconds of the
    slowest call."""
    slowest, end = 0.0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        begin = time.monotonic()
        assert point.add("TCP", 40001, 5000, LeaseDuration=60).ok
        slowest = max(slowest, time.monotonic() - begin)
    return slowest


ENDLESS = {"mappings_per_client": 65535, "mappings_total": 131070}


@pytest.mark.parametrize(
    "backend, quotas",
    [("nftables", {}), ("iptables", {}), ("nftables", ENDLESS)],
    ids=["nftables", "iptables", "nftables, all are granted"],
)
def test_sixty_addresses_that_map_without_end(backend, quotas):
    """Within what each may ask, and more than the engine can do: a full queue is an answer, and
    nobody's end"""
    with Lab() as lab:
        daemon = lab.daemon(firewall_backend=backend, debug_mode=2, **quotas).start()
        addresses = [f"192.168.50.{100 + number}" for number in range(ADDRESSES)]
        lab.lan1.ip(*(f"addr add {address}/24 dev eth0" for address in addresses))
        point = ControlPoint(lab.lan2, LAN2)
        processes = daemon.processes()
        with Flood(lab.lan1, addresses, ADDRESSES * PER_ADDRESS) as flood:
            slowest = neighbour(point)
        print(
            f"{backend}: {flood.sent} sent, the slowest call of the other host took {slowest:.2f} s"
        )
        assert daemon.processes() == processes, daemon.log[-4000:]
        for sign in "is ended", "started again":
            assert sign not in daemon.log, daemon.log[-4000:]
        assert slowest < 2.0, "and it does not wait for all the others"


SILENT = [f"2a0a:200::5:{number:x}" for number in range(500)]


def test_pinholes_of_silent_hosts_keep_nobody_waiting():
    """500 of them, and a hundred requests a second of one host"""
    with Lab() as lab:
        lab.add_ipv6()
        lab.daemon(
            allow_third_party="yes",
            mappings_per_client=5000,
            mappings_total=10000,
            port_requests_per_client=5000,
            debug_mode=1,
        ).start()
        point = ControlPoint(lab.lan2, LAN2)
        with PortControlClient(lab.lan1, LAN1_6, ROUTER_LAN6, timeout=5) as client:
            client.ready()
            for first in range(0, len(SILENT), 50):  # each waits for a host that does not answer
                for address in SILENT[first : first + 50]:
                    packet = client.map_packet(
                        UDP, 5000, options=option(THIRD_PARTY, wire(address))
                    )
                    client.socket.sendto(packet, client.to)
                for _ in range(50):
                    assert PcpReply(client.more()).code == SUCCESS
        with Flood(lab.lan1, [LAN1_6], 100, ROUTER_LAN6) as flood:
            slowest = neighbour(point)
        print(f"{flood.sent} sent, the slowest call of the other host took {slowest:.2f} s")
        assert slowest < 1.0
