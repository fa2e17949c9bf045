# SPDX-License-Identifier: GPL-2.0-or-later
"""Searches and advertisements, item by item."""

import contextlib
import os
import re
import socket
import struct
import time

import pytest

from lab import LAN1, ROUTER_LAN, Capture, ControlPoint, Lab, search, search_many, wait_until
from lab.frames import Forger
from lab.ssdp import GROUP, headers, message

IP_RECVTTL = 12  # linux/in.h
SO_TIMESTAMP = 29  # asm-generic/socket.h
ROOT = "upnp:rootdevice"
IGD1 = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
IGD2 = "urn:schemas-upnp-org:device:InternetGatewayDevice:2"
UNICAST = {"to": (ROUTER_LAN, 1900), "mx": None, "expect": 1}


def timed(host, datagram, timeout):
    """When each answer came, in seconds after the search."""
    with host.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.bind((LAN1, 0))
        asker.settimeout(0.1)
        begin = time.monotonic()
        asker.sendto(datagram, GROUP)
        came = []
        while time.monotonic() - begin < timeout:
            with contextlib.suppress(TimeoutError):
                asker.recv(4096)
                came.append(time.monotonic() - begin)
        return came


def test_versions(point):
    """SSDP-MSEARCH-05, 10, IGD-Quirk-07"""
    assert search(point.host, IGD2, **UNICAST)[0]["st"] == IGD2
    assert not search(
        point.host, IGD2.replace(":2", ":3"), to=(ROUTER_LAN, 1900), mx=None, timeout=0.2
    )
    assert not search(
        point.host,
        "urn:schemas-upnp-org:service:WANPPPConnection:2",
        to=(ROUTER_LAN, 1900),
        mx=None,
        timeout=0.2,
    )
    assert search(point.host, IGD1.lower(), **UNICAST)[0]["st"] == IGD1


def test_answers_are_spread_over_the_time(point):
    """SSDP-MSEARCH-16, 17: at random, and not for longer than some wait"""
    came = timed(point.host, message("ssdp:all", mx=3), 3.2)
    assert len(came) == 10 and max(came) < 1 and max(came) - min(came) > 0.4


def test_a_search_for_one_target_is_answered_early(point):
    """SSDP-MSEARCH-15: whatever its MX is, for some listen for a second only"""
    targets = [ROOT, IGD1, IGD2, *re.findall(r"<UDN>(uuid:[^<]+)</UDN>", point.description)]
    for mx in 5, 120:
        answers = search_many(point.host, targets, mx=mx, timeout=1)
        assert {target: len(found) for target, found in answers.items()} == dict.fromkeys(
            targets, 1
        )


def test_hosts_of_a_multicast_search(point):
    """SSDP-MSEARCH-20: without a port it is answered, another one is not"""
    assert search(point.host, ROOT, mx=1, host="239.255.255.250", expect=1)
    for host in None, "192.168.50.99:1900", "239.255.255.251:1900":
        assert not search(point.host, ROOT, mx=1, host=host, timeout=1.2), host


def test_where_the_answer_goes_and_comes_from(point):
    """SSDP-MSEARCH-21, 22"""
    with point.host.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.bind((LAN1, 50123))
        asker.settimeout(2)
        asker.sendto(message(ROOT, mx=1), GROUP)
        assert asker.recvfrom(4096)[1] == (ROUTER_LAN, 1900)


@pytest.mark.parametrize(
    "datagram, answers",
    [
        (message(ROOT).lower().replace(b"st: ", b"st:"), 1),
        (message(ROOT, man="ssdp:discover", mx=None).replace(b"\r\n", b"\n").strip(), 1),
        (message(ROOT).replace(b"ST: ", b"ST: x\r\nST: "), 0),
        (message(ROOT).replace(b"MX: 1", b"MX:\r\n 1"), 0),
    ],
    ids=["lower case and no blank", "as little as can be", "ST twice", "folded"],
)
def test_forms_of_headers(point, datagram, answers):
    """SSDP-MSEARCH-12, 13, 26, 28"""
    assert len(search(point.host, "odd", datagram=datagram, timeout=1.2)) == answers


def test_notifies_are_not_searches(point, daemon):
    """SSDP-MSEARCH-29: nor is what the daemon sends itself"""
    notify = (
        b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
        b"NT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n\r\n"
    )
    assert not search(point.host, "notify", datagram=notify, timeout=0.5)
    assert search(point.host, ROOT, **UNICAST)


def test_strangers_are_not_answered(shared_lab, point):
    """SSDP-MSEARCH-30, 32, SEC-WAN-07: a source that is of no LAN, or the router itself"""
    with (
        Capture(shared_lab.router, "br-lan") as link,
        Forger(shared_lab, shared_lab.lan1) as forger,
    ):
        for source in "10.9.9.9", "127.0.0.1", "80.100.100.9":
            forger.send(source, message(ROOT, mx=None), 1900)
        assert search(point.host, ROOT, **UNICAST)

        def to(*hosts):
            return [d for d in link.datagrams() if d[1] == 1900 and d[2] in hosts]

        wait_until(lambda: to(LAN1), 3, "the answer to who may ask, which is the last")
        assert (
            len(
                [
                    d
                    for d in link.datagrams()
                    if d[3] == 1900 and d[0] in ("10.9.9.9", "127.0.0.1", "80.100.100.9")
                ]
            )
            == 3
        )
        assert not to("10.9.9.9", "127.0.0.1", "80.100.100.9")
    with shared_lab.router.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind((ROUTER_LAN, 0))
        own.settimeout(0.3)
        own.sendto(message(ROOT, mx=None), (ROUTER_LAN, 1900))
        with pytest.raises(TimeoutError):
            own.recv(4096)


def test_an_ipv4_search_gets_an_ipv4_location(point):
    """SSDP-MSEARCH-33, IGD-Quirk-44"""
    assert search(point.host, ROOT, **UNICAST)[0]["location"].startswith(f"http://{ROUTER_LAN}:")


def test_the_order_of_miniupnpc(point):
    """SSDP-MSEARCH-35: each in its own MX"""
    service = "urn:schemas-upnp-org:service:WANIPConnection:"
    for target in IGD2, service + "2", IGD1, service + "1", ROOT:
        assert len(search(point.host, target, mx=2, timeout=2, expect=1)) == 1, target


def test_all_and_version_1_at_once(point):
    """SSDP-MSEARCH-36: locations may differ, the device is one"""
    answers = search_many(point.host, ["ssdp:all", IGD1], to=(ROUTER_LAN, 1900), mx=None)
    root = {a["usn"].partition("::")[0] for a in answers["ssdp:all"] if a["st"] == ROOT}
    assert root == {a["usn"].partition("::")[0] for a in answers[IGD1]}
    (newest,) = search(point.host, IGD2, **UNICAST)
    assert newest["usn"].partition("::")[0] in root
    assert newest["location"] != answers[IGD1][0]["location"]


def test_a_flood_of_searches_is_not_answered_in_full(lab):
    """SSDP-MSEARCH-31: so many a second and no more, and another host is answered meanwhile"""
    lab.daemon(searches_per_client=5, searches_total=10).start()
    with lab.lan1.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        flood.bind((LAN1, 0))
        flood.settimeout(0.3)
        for _ in range(100):
            flood.sendto(message(ROOT, mx=None), (ROUTER_LAN, 1900))
        count = 0
        with contextlib.suppress(TimeoutError):
            while True:
                flood.recv(4096)
                count += 1
        assert 1 <= count <= 10
    assert search(lab.lan2, ROOT, **UNICAST)


def test_another_program_listens_for_ssdp_too(lab):
    """SSDP-MSEARCH-37: whichever came first"""
    sockets = []
    for step in range(2):
        other = lab.router.socket(socket.AF_INET, socket.SOCK_DGRAM)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("", 1900))
        other.setsockopt(
            socket.IPPROTO_IP,
            socket.IP_ADD_MEMBERSHIP,
            socket.inet_aton("239.255.255.250") + socket.inet_aton(ROUTER_LAN),
        )
        other.settimeout(2)
        sockets.append(other)
        if step == 0:
            lab.daemon().start()
    assert search(lab.lan1, ROOT, mx=1, expect=1)
    for other in sockets:
        while not other.recv(4096).startswith(b"M-SEARCH"):  # or it times out
            pass
        other.close()


def test_what_an_earlier_run_told_is_taken_back(lab):
    """SSDP-NOTIFY-16, IGD-Index-11: a byebye for each before the first alive"""
    with Capture(lab.lan1) as link:
        daemon = lab.daemon().start()
        wait_until(lambda: len(link.notifications("ssdp:alive")) >= 20, 5, "two sets")
        kinds = [item["nts"] for item in link.notifications()]
        taken = {item["usn"] for item in link.notifications()[: kinds.index("ssdp:alive")]}
        assert len(taken) == 10
        assert {item["usn"] for item in link.notifications("ssdp:alive")} == taken
        assert daemon.stop() == 0


def alive(listener):
    """The first whole set of ssdp:alive: each with its TTL and when it came."""
    seen = []
    while len(seen) < 10:
        datagram, ancillary, _, _ = listener.recvmsg(4096, 200)
        item = headers(datagram)
        about = {kind: octets for _, kind, octets in ancillary}
        if item.get("nts") == "ssdp:alive":
            seconds, micros = struct.unpack("@ll", about[SO_TIMESTAMP])
            seen.append({**item, "ttl": about[socket.IP_TTL][0], "at": seconds + micros / 1e6})
    return seen


def test_advertisements_over_ipv4(lab):
    """SSDP-NOTIFY-10, 12, 21, 22, 23, 24, 25: whole by UDA 1.1, and nothing of kernel or library;
    spread over 50 ms; the next run is a later one"""
    with lab.lan1.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((GROUP[0], 1900))
        listener.setsockopt(
            socket.IPPROTO_IP,
            socket.IP_ADD_MEMBERSHIP,
            socket.inet_aton(GROUP[0]) + socket.inet_aton(LAN1),
        )
        listener.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)
        listener.settimeout(3)
        daemon = lab.daemon().start()
        seen = alive(listener)
        assert seen[-1]["at"] - seen[0]["at"] > 0.04
        told = {
            (item["server"], item["bootid.upnp.org"], item["configid.upnp.org"]) for item in seen
        }
        assert len({item["usn"] for item in seen}) == 10 and len(told) == 1
        assert {item["ttl"] for item in seen} == {2}
        server, boot, configuration = told.pop()
        assert re.fullmatch(r"Linux/\d[\d.]* UPnP/1\.1 upnpd/[\d.]+", server)
        assert os.uname().release not in server
        answer = search(lab.lan1, ROOT, **UNICAST)[0]
        assert (answer["server"], answer["bootid.upnp.org"]) == (server, boot)
        assert answer["configid.upnp.org"] == configuration
        assert f' configId="{configuration}"' in (
            ControlPoint(lab.lan1, LAN1, answer["location"]).description
        )
        assert daemon.stop() == 0
        wait_until(lambda: time.time() > int(boot) + 1, 3, "the next second")
        with contextlib.suppress(TimeoutError, BlockingIOError):
            while listener.recv(4096, socket.MSG_DONTWAIT):
                pass
        daemon.start()
        later = {item["bootid.upnp.org"] for item in alive(listener)}
        assert len(later) == 1 and int(later.pop()) > int(boot)


def test_another_lan_is_not_served():
    """SEC-WAN-08: a bridge that is not named"""
    with Lab() as lab:
        lab.router.ip(
            "link set port2 nomaster", "addr add 192.168.60.1/24 dev port2", "link set port2 up"
        )
        lab.lan2.ip(
            "addr flush dev eth0",
            "addr add 192.168.60.10/24 brd + dev eth0",
            "route add default via 192.168.60.1",
        )
        lab.daemon().start()
        port = ControlPoint(lab.lan1, LAN1).port
        assert not search(lab.lan2, ROOT, mx=1, timeout=1.2)
        for address in "192.168.60.1", ROUTER_LAN:
            assert not search(lab.lan2, ROOT, to=(address, 1900), mx=None, timeout=0.3)
            with pytest.raises(OSError):
                ControlPoint(lab.lan2, "192.168.60.10", f"http://{address}:{port}/rootDesc.xml")
