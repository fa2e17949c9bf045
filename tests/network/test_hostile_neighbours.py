# SPDX-License-Identifier: GPL-2.0-or-later
"""One host of the LAN does its worst, and another one asks for ports meanwhile. Runs alone;
UPNPD_HOSTILE=full sends everything (500 connections, 100,000 searches, 2,000 mappings, 20 s of
nonsense, each flood by itself and all together), else a part of it."""

import concurrent.futures
import contextlib
import json
import os
import socket
import subprocess
import threading
import time

import pytest

from lab import (
    LAN1,
    LAN2,
    LAN2_6,
    ROUTER_LAN,
    ROUTER_LAN6,
    ControlPoint,
    Lab,
    PortControlClient,
    request,
    rules,
    search,
    wait_until,
)
from lab.control_point import PINHOLES, WAN_IP, WAN_IP2, envelope
from lab.frames import Forger
from lab.port_control import header
from lab.ssdp import message

FULL = os.environ.get("UPNPD_HOSTILE") == "full"
CONNECTIONS = 500 if FULL else 150
SEARCHES = 100_000 if FULL else 20_000
MAPPINGS = 2000 if FULL else 200
SECONDS = 20 if FULL else 2
LIMIT = 1.0  # seconds within which the other host is granted its port
OF_CLIENT, IN_ALL = 20, 200  # the defaults of searches_per_client and searches_total
QUOTA = 64  # of mappings_per_client
METRICS = 9912
COUNT = """table inet lab_count {
    counter answers { }
    counter outside { }
    chain output {
        type filter hook output priority 0;
        udp sport 1900 udp dport != 1900 counter name answers
        udp sport 1900 ip daddr != { 192.168.50.0/24, 239.255.255.250 } counter name outside
    }
}
"""


class Neighbour:
    """Adds and deletes a mapping again and again while the block runs, on a new connection each; no
    faster than it may ask."""

    def __init__(self, lab, location):
        self.point = ControlPoint(lab.lan2, LAN2, location)
        self.delays = []
        self.refused = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _work(self):
        while not self._stop.wait(0.03):
            for ask in self._add, lambda: self.point.delete("TCP", 5000):
                begin = time.monotonic()
                try:
                    answer = ask()
                except OSError as error:
                    answer = error
                self.delays.append(time.monotonic() - begin)
                if not getattr(answer, "ok", False):
                    self.refused.append(answer)

    def _add(self):
        return self.point.add("TCP", 5000, LeaseDuration=60)


class Scene:
    def __init__(self, lab, daemon):
        self.lab, self.daemon = lab, daemon
        self.attacker = ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2)
        self.location, self.port = self.attacker.location, self.attacker.port
        self.searched = time.monotonic()

    def attack(self, *words):
        command = self.lab.lan1.command(os.environ["UPNPD_HOSTILE_LOAD"], *words)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=400)
        return json.loads(done.stdout)

    def counted(self, name):
        shown = self.lab.router.run(
            "nft", "-j", "list", "counter", "inet", "lab_count", name
        ).stdout
        return next(
            item["counter"]["packets"]
            for item in json.loads(shown)["nftables"]
            if "counter" in item
        )

    def mappings(self):
        """The attacker's, as UPnP lists them once it may ask again."""
        entries = wait_until(
            lambda: (
                (answer := self.attacker.list_range("UDP", 1024, 65535))
                and isinstance(answer, list)
                and answer
            ),
            5,
            "an answer to the attacker",
        )
        return sorted(
            ("udp", int(item["ExternalPort"]), item["InternalClient"], int(item["InternalPort"]))
            for item in entries
        )


@pytest.fixture(scope="module")
def scene():
    with Lab() as lab:
        lab.add_ipv6().router.run("nft", "-f", "-", input=COUNT)
        daemon = lab.daemon(
            firewall_backend="nftables",
            debug_mode=2,
            requests_per_client=None,
            requests_total=None,
            metrics_listen=f"{ROUTER_LAN}:{METRICS}",
        ).start()
        wait_until(lambda: scrape(lab).status == 200, 5, "metrics")
        yield Scene(lab, daemon)
        assert daemon.stop() == 0


@contextlib.contextmanager
def undisturbed(scene, what):
    """Within, another host is granted its port in time; afterwards all is as it was."""
    daemon = scene.daemon
    rules_before, (memory, descriptors) = rules.translations(scene.lab.router), daemon.resources()
    processes = daemon.processes()
    with Neighbour(scene.lab, scene.location) as neighbour:
        yield
    resident = daemon.resources()[0]
    greatest = max(neighbour.delays)
    print(
        f"\n{what}: {len(neighbour.delays)} requests of the other host, "
        f"the slowest {greatest * 1000:.1f} ms; resident {memory} -> {resident} kB"
    )
    assert not neighbour.refused, neighbour.refused[:5]
    assert len(neighbour.delays) >= 4 and greatest < LIMIT
    wait_until(
        lambda: daemon.resources()[1] == descriptors, 15, f"descriptors as before, {descriptors}"
    )
    wait_until(
        lambda: rules.translations(scene.lab.router) == rules_before, 5, "the kernel as before"
    )
    assert daemon.resources()[0] < memory * 1.1 + 4096
    assert daemon.processes() == processes


def scrape(lab):
    return request(lab.lan2, ROUTER_LAN, METRICS, "GET", "/metrics")


def test_slow_connections_to_the_metrics(scene):
    """Whoever reads them is served beside, as are clients"""
    with undisturbed(scene, f"{CONNECTIONS} slow connections to the metrics"):
        words = ("slow", ROUTER_LAN, METRICS, CONNECTIONS, SECONDS, "/metrics")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            attack = pool.submit(scene.attack, *words)
            while not attack.done():
                assert scrape(scene.lab).status == 200
                time.sleep(0.1)
            print(attack.result())


def test_what_is_no_request_of_metrics(scene):
    """Bytes of all kinds"""
    with undisturbed(scene, "no requests to the metrics"):
        print(scene.attack("http", ROUTER_LAN, METRICS, SECONDS))
    assert scrape(scene.lab).status == 200


def test_slow_connections(scene):
    """DESC-24: heads and bodies that come by the byte, answers that are not read; closed ones are
    opened again"""
    with undisturbed(scene, f"{CONNECTIONS} slow connections"):
        print(scene.attack("slow", ROUTER_LAN, scene.port, CONNECTIONS, SECONDS, "/WANIPCn.xml"))


def test_searches(scene):
    """SSDP-MSEARCH-31: no more answers leave than one host may have"""
    wait_until(
        lambda: time.monotonic() > scene.searched + 1.1, 2, "the second after the search of its own"
    )
    before = scene.counted("answers")
    with undisturbed(scene, f"{SEARCHES} searches"):
        totals = scene.attack("search", ROUTER_LAN, SEARCHES)
    left = scene.counted("answers") - before
    print(totals, "answers that left:", left)
    assert OF_CLIENT <= left <= OF_CLIENT * (totals["seconds"] + 1)
    assert totals["answers"] == left


@pytest.mark.parametrize(
    "first, sources",
    [("10.9.8.1", 200), ("80.100.100.9", 1), ("192.168.51.1", 250), ("127.0.0.1", 1)],
)
def test_searches_from_elsewhere(scene, first, sources):
    """SSDP-MSEARCH-30: nobody outside of the LAN can be made to get an answer"""
    outside, answers = scene.counted("outside"), scene.counted("answers")
    scene.attack("flood", ROUTER_LAN, "search", SEARCHES // 10, 0, first, sources)
    # A search after them is answered after them.
    wait_until(
        lambda: search(
            scene.lab.lan2, "upnp:rootdevice", to=(ROUTER_LAN, 1900), mx=None, expect=1, timeout=0.3
        ),
        5,
        "an answer to a host of the LAN",
    )
    assert scene.counted("outside") == outside
    assert 1 <= scene.counted("answers") - answers <= 3


def test_searches_in_the_name_of_the_whole_lan(scene):
    """No more answers than all together may have, and the host that does search gets its own"""
    before, begin = scene.counted("answers"), time.monotonic()
    stop, sent = threading.Event(), []
    text = message("upnp:rootdevice", mx=None)

    def flood():
        with Forger(scene.lab, scene.lab.lan1) as forger:
            while not stop.wait(0.02):
                for number in range(100, 160):
                    forger.send(f"192.168.50.{number}", text, 1900)
                sent.append(60)

    def found():
        return search(
            scene.lab.lan2, "upnp:rootdevice", to=(ROUTER_LAN, 1900), mx=None, expect=1, timeout=0.3
        )

    with undisturbed(scene, "forged searches"), concurrent.futures.ThreadPoolExecutor(1) as pool:
        flooding = pool.submit(flood)
        try:
            wait_until(lambda: time.monotonic() > begin + 2, 10, "two seconds of them")
            assert wait_until(found, 3, "an answer while they go on")
        finally:
            stop.set()
        flooding.result()
    left, seconds = scene.counted("answers") - before, time.monotonic() - begin
    print(f"{sum(sent)} sent, answers that left: {left}")
    assert sum(sent) > 2 * IN_ALL * seconds, "too few to show anything"
    assert left <= IN_ALL * (seconds + 1)


ALIASES, ABSENT, ABSENT6 = "192.168.50.140", "192.168.50.200", "2a0a:200::f0:0:0:1"
ENDLESS = 10_000_000
FLOODS = {
    "20 aliases search": ("flood", ROUTER_LAN, "all", ENDLESS, 2000, ALIASES, 20),
    "12 aliases search for all": ("flood", ROUTER_LAN, "all", ENDLESS, 192, ALIASES, 12),
    "20 aliases ask for pages": ("pages", ROUTER_LAN, "PORT", 60, ALIASES, 20),
    "20 absent hosts search": ("flood", ROUTER_LAN, "search", ENDLESS, 300, ABSENT, 20),
    "20 absent hosts on 5351": ("flood", ROUTER_LAN, "address", ENDLESS, 300, ABSENT, 20),
    "1,024 absent hosts, IPv6": ("flood", ROUTER_LAN6, "address", ENDLESS, 5000, ABSENT6, 1024),
}


def asked_once(scene):
    """Returns which questions of the other host, each of them asked once and from a new port, had
    no answer."""
    lab = scene.lab
    point = ControlPoint(lab.lan2, LAN2, scene.location)

    def datagram(packet):
        with PortControlClient(lab.lan2, LAN2, ROUTER_LAN, timeout=1) as client:
            return client.ask(packet)

    answers = {
        "search": search(lab.lan2, "upnp:rootdevice", expect=1),
        "SOAP": point.call("GetExternalIPAddress").ok,
        "page": point.get("/").status == 200,
        "NAT-PMP": datagram(bytes(2)),
        "PCP": datagram(header(0, 0, LAN2)),
    }
    return [name for name, answer in answers.items() if not answer]


@pytest.mark.parametrize(
    "floods", [*([each] for each in FLOODS if FULL), list(FLOODS)], ids=", ".join
)
def test_who_asks_once_is_answered(scene, floods):
    """However many addresses another host has, or forges: aliases are one host, and what is sent
    to hosts that are not there delays nothing"""
    lab = scene.lab
    lab.lan1.ip(*(f"addr replace 192.168.50.{140 + i}/24 dev eth0" for i in range(20)))
    descriptors = scene.daemon.resources()[1]
    with contextlib.ExitStack() as stack:
        for name in floods:
            words = [scene.port if word == "PORT" else word for word in FLOODS[name]]
            command = lab.lan1.command(os.environ["UPNPD_HOSTILE_LOAD"], *words)
            flood = stack.enter_context(subprocess.Popen(command, stdout=subprocess.DEVNULL))
            stack.callback(flood.kill)
        time.sleep(1)  # more than any bucket holds has been sent
        for _ in range(20 if FULL else 2):
            assert asked_once(scene) == []
            time.sleep(0.25)  # it is one of 21 hosts that search, and keeps to its share
    wait_until(
        lambda: scene.daemon.resources()[1] == descriptors, 15, "the end of all connections"
    )


@pytest.mark.parametrize("how", ["keep", "new"])
def test_mappings_beyond_the_quota(scene, how):
    """A client gets as many as it may have, and waits for what is too often; table and kernel hold
    exactly those"""
    with undisturbed(scene, f"{MAPPINGS} AddPortMappings, {how}"):
        totals = scene.attack("add", ROUTER_LAN, scene.port, "/ctl/IPConn", LAN1, MAPPINGS, how)
        print(totals)
        assert totals["200"] == QUOTA
        assert sum(totals.get(f"error {code}", 0) for code in (501, 718, 728)) == MAPPINGS - QUOTA
        assert scene.mappings() == [
            entry for entry in rules.translations(scene.lab.router) if entry[0] == "udp"
        ]
        assert len(scene.mappings()) == QUOTA
        wait_until(
            lambda: scene.attacker.delete_range("UDP", 1024, 65535).ok,
            5,
            "an answer to the attacker",
        )


def test_what_is_no_request(scene):
    """Nonsense, endless heads, XML that is none, as fast as it goes"""
    with undisturbed(scene, f"{SECONDS} s of broken HTTP"):
        print(scene.attack("http", ROUTER_LAN, scene.port, SECONDS))


@pytest.mark.parametrize("port", [1900, 5351])
def test_datagrams_that_are_broken(scene, port):
    """PMP-Sock-11: SSDP on one port, NAT-PMP and PCP on the other"""
    with undisturbed(scene, f"{SECONDS} s of broken datagrams to port {port}"):
        print(scene.attack("udp", ROUTER_LAN, port, SECONDS))


def volley(scene, service, action, arguments, sources, router):
    """One request on each of 32 connections from each of `sources`, all at once; returns when all
    are answered."""
    body = envelope(service, action, arguments)
    path = scene.attacker.services[service].control
    host = f"[{router}]" if ":" in router else router
    packet = (
        f"POST {path} HTTP/1.1\r\nHOST: {host}:{scene.port}\r\n"
        f"CONTENT-TYPE: text/xml\r\nCONTENT-LENGTH: {len(body)}\r\n"
        f'SOAPACTION: "{service}#{action}"\r\nCONNECTION: close\r\n\r\n{body}'
    ).encode()
    with contextlib.ExitStack() as stack:
        connections = []
        for source in sources * 32:
            family = socket.AF_INET6 if ":" in source else socket.AF_INET
            connection = stack.enter_context(scene.lab.lan1.socket(family, socket.SOCK_STREAM))
            connection.bind((source, 0))
            connection.settimeout(20)
            with contextlib.suppress(OSError):
                connection.connect((router, scene.port))
                connection.sendall(packet)
                connections.append(connection)
        for connection in connections:
            with contextlib.suppress(OSError):
                while connection.recv(65536):
                    pass


@pytest.mark.parametrize("action", ["AddPortMapping", "AddPinhole"])
def test_requests_that_have_a_host_looked_for(scene, action):
    """By a host with eight addresses: for an IPv4 address of its own, it says over IPv6, that
    nobody has, and over IPv4 for an IPv6 address of another host's. The looking takes time, and no
    time of others"""
    lab = scene.lab
    if action == "AddPortMapping":
        sources, router, service = [f"2a0a:200::c:{i}" for i in range(1, 9)], ROUTER_LAN6, WAN_IP
        arguments = {
            "NewRemoteHost": "",
            "NewExternalPort": 5001,
            "NewProtocol": "TCP",
            "NewInternalPort": 5001,
            "NewInternalClient": "192.168.50.77",
            "NewEnabled": 1,
            "NewPortMappingDescription": "",
            "NewLeaseDuration": 0,
        }
    else:
        sources, router, service = (
            [f"192.168.50.{i}" for i in range(101, 109)],
            ROUTER_LAN,
            PINHOLES,
        )
        arguments = {
            "RemoteHost": "",
            "RemotePort": 0,
            "InternalClient": LAN2_6,
            "InternalPort": 5001,
            "Protocol": 17,
            "LeaseTime": 3600,
        }
    lab.lan1.ip(
        *(f"addr add {source}/{64 if ':' in source else 24} dev eth0 nodad" for source in sources)
    )
    wait_until(
        lambda: request(lab.lan1, router, scene.port, "GET", "/rootDesc.xml").status == 200,
        5,
        "the way in",
    )
    with undisturbed(scene, f"1024 of {action}"):
        for _ in range(4):
            volley(scene, service, action, arguments, sources, router)
