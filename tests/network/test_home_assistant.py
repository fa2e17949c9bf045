# SPDX-License-Identifier: GPL-2.0-or-later
"""Home Assistant's integration "UPnP/IGD", whose requests async_upnp_client makes: they are sent
here byte by byte, and the answers are read as that library reads them (profiles/igd.py, client.py
and event_handler.py of 0.38). It shows six values and the external address, and hears of
changes."""

import concurrent.futures
import socket
import urllib.parse
from xml.etree import ElementTree

import pytest

from lab import LAN1, ROUTER_WAN, WAN_HOST, ControlPoint, Subscriber, wait_until
from lab.control_point import LAYER3, WAN_COMMON, WAN_IP, WAN_IP2, services_in
from lab.fingerprints import IGD1, IGD2
from lab.http import exchange
from lab.ssdp import search_first

NEW = "80.100.100.77"
AGENT = "HomeAssistant/2024.3.3 aiohttp/3.9.3 Python/3.12"
SEARCH = (
    'M-SEARCH * HTTP/1.1\r\nHOST:239.255.255.250:1900\r\nMAN:"ssdp:discover"\r\nMX:4\r\n'
    "ST:{}\r\n\r\n"
)
GET = (
    "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n"
    "Accept: */*\r\nAccept-Encoding: gzip, deflate\r\n\r\n"
)
CALL = (
    "POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\n"
    'SOAPAction: "{kind}#{action}"\r\nContent-Type: text/xml; charset="utf-8"\r\n'
    "Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nContent-Length: {length}\r\n\r\n"
)
BODY = (
    '<?xml version="1.0"?>'
    '<s:Envelope s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"'
    ' xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<u:{action} xmlns:u="{kind}"></u:{action}></s:Body></s:Envelope>'
)
SUBSCRIBE = (
    "SUBSCRIBE {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nNT: upnp:event\r\n"
    "TIMEOUT: Second-1800\r\nCALLBACK: <{callback}>\r\n"
    "Accept: */*\r\nAccept-Encoding: gzip, deflate\r\n\r\n"
)
SIX = [  # as sensor.py of the integration names them, with the action that has each
    ("bytes_received", WAN_COMMON, "GetTotalBytesReceived", "NewTotalBytesReceived"),
    ("bytes_sent", WAN_COMMON, "GetTotalBytesSent", "NewTotalBytesSent"),
    ("packets_received", WAN_COMMON, "GetTotalPacketsReceived", "NewTotalPacketsReceived"),
    ("packets_sent", WAN_COMMON, "GetTotalPacketsSent", "NewTotalPacketsSent"),
    ("uptime", None, "GetStatusInfo", "NewUptime"),
    ("wan_status", None, "GetStatusInfo", "NewConnectionStatus"),
]
OTHERS = [
    ("ip", None, "GetExternalIPAddress", "NewExternalIPAddress"),
    ("port_mapping_number_of_entries", None, "GetPortMappingNumberOfEntries", None),
]


class HomeAssistant:
    """In the house, with the device that a search for `target` found."""

    def __init__(self, host, target):
        self.host = host
        answer = search_first(host, [SEARCH.format(target).encode()])
        self.place = urllib.parse.urlsplit(answer["location"])
        self.services = {each.type: each for each in services_in(self.read(self.place.path))}
        self.connection = WAN_IP2 if WAN_IP2 in self.services else WAN_IP
        self.scpds = {
            kind: ElementTree.fromstring(self.read(self.services[kind].scpd))
            for kind in (self.connection, WAN_COMMON, LAYER3)
        }

    def send(self, text):
        return exchange(self.host, self.place.hostname, self.place.port, text.encode())

    def read(self, path):
        answer = self.send(GET.format(path, self.place.netloc, AGENT))
        assert answer.status == 200, path
        return answer.body

    def call(self, kind, action):
        """The out arguments, by name; each has the type that the SCPD gives it."""
        kind = kind or self.connection
        body = BODY.format(action=action, kind=kind)
        answer = self.send(
            CALL.format(
                path=self.services[kind].control,
                host=self.place.netloc,
                agent=AGENT,
                kind=kind,
                action=action,
                length=len(body),
            )
            + body
        )
        assert answer.status == 200, (action, answer.body)
        response = ElementTree.fromstring(answer.body).find(f".//{{{kind}}}{action}Response")
        return {each.tag: each.text or "" for each in response}

    def update(self):
        """All values, asked for at once on connections of their own."""
        wanted = [*SIX, *OTHERS]
        with concurrent.futures.ThreadPoolExecutor(len(wanted)) as pool:
            answers = pool.map(lambda each: self.call(each[1], each[2]), wanted)
        return {
            each[0]: answer[each[3]] if each[3] else next(iter(answer.values()))
            for each, answer in zip(wanted, answers, strict=True)
        }

    def subscribe(self, kind, callback):
        answer = self.send(
            SUBSCRIBE.format(
                path=self.services[kind].event,
                host=self.place.netloc,
                agent=AGENT,
                callback=callback,
            )
        )
        assert answer.status == 200
        assert int(answer.headers["timeout"].removeprefix("Second-")) > 60, "it is renewed before"
        return answer.headers["sid"]


@pytest.fixture(params=[IGD1, IGD2], ids=["version 1", "version 2"])
def assistant(shared_lab, daemon, request):
    return HomeAssistant(shared_lab.lan1, request.param)


def move(router, before, now):
    """The router's external address is another one of its network."""
    router.ip(
        f"addr del {before}/24 dev wan0",
        f"addr add {now}/24 brd + dev wan0",
        f"route add default via {WAN_HOST}",
    )


def traffic(lab, size):
    """Octets that the router itself sends to the Internet and gets back."""
    with (
        lab.wan.socket(socket.AF_INET, socket.SOCK_DGRAM) as far,
        lab.router.socket(socket.AF_INET, socket.SOCK_DGRAM) as near,
    ):
        far.bind((WAN_HOST, 40000))
        far.settimeout(5)
        near.settimeout(5)
        for _ in range(10):
            near.sendto(b"x" * size, (WAN_HOST, 40000))
            _, sender = far.recvfrom(2000)
            far.sendto(b"x" * size, sender)
            near.recv(2000)


def test_its_six_values_are_read_and_move(shared_lab, assistant):
    """IGD-GetStatusInfo-01, 03: bytes, packets, uptime and status"""
    before = assistant.update()
    assert before["wan_status"] == "Connected" and before["ip"] == ROUTER_WAN
    assert int(before["port_mapping_number_of_entries"]) == 0
    traffic(shared_lab, 1000)

    def moved():
        now = assistant.update()
        return {name: int(now[name]) - int(before[name]) for name, *_ in SIX[:5]}

    wait_until(lambda: moved()["uptime"] >= 1, 5, "an uptime that grows")
    moves = moved()
    for name in ("bytes_received", "bytes_sent"):
        assert moves[name] >= 10 * 1000, moves
    for name in ("packets_received", "packets_sent"):
        assert moves[name] >= 10, moves


def test_what_it_reads_is_of_types_that_it_knows(assistant):
    """Each value is within what its SCPD says: the library refuses others"""
    types = {
        variable.findtext("{*}name"): variable.findtext("{*}dataType")
        for scpd in assistant.scpds.values()
        for variable in scpd.iter("{urn:schemas-upnp-org:service-1-0}stateVariable")
    }
    values = assistant.update()
    for name, variable in (
        ("bytes_received", "TotalBytesReceived"),
        ("bytes_sent", "TotalBytesSent"),
        ("packets_received", "TotalPacketsReceived"),
        ("packets_sent", "TotalPacketsSent"),
        ("uptime", "Uptime"),
    ):
        assert types[variable] == "ui4" and 0 <= int(values[name]) < 2**32, name
    assert types["ConnectionStatus"] == types["ExternalIPAddress"] == "string"


def test_a_changed_address_is_an_event(shared_lab, assistant):
    """GENA-EVENT-04: it need not ask"""
    router = shared_lab.router
    point = ControlPoint(shared_lab.lan1, LAN1, assistant.place.geturl())
    with Subscriber(point) as listener:
        sids = {
            kind: assistant.subscribe(kind, listener.callback)
            for kind in (assistant.connection, WAN_COMMON, LAYER3)
        }
        own = sids[assistant.connection]

        def of_connection(name, value):
            return lambda event: event.sid == own and event.values.get(name) == value

        for sid in sids.values():
            listener.wait_for(lambda event, sid=sid: event.sid == sid, "a first event")
        listener.wait_for(of_connection("ExternalIPAddress", ROUTER_WAN), "the address")
        try:
            move(router, ROUTER_WAN, NEW)
            listener.wait_for(of_connection("ExternalIPAddress", NEW), "the new one")
            assert assistant.update()["ip"] == NEW
        finally:
            move(router, NEW, ROUTER_WAN)
        wait_until(lambda: assistant.update()["ip"] == ROUTER_WAN, 5, "the old one again")
