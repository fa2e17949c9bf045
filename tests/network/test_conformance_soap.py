# SPDX-License-Identifier: GPL-2.0-or-later
"""The SOAP layer and what odd clients send, item by item, against one daemon."""

import re
import socket
import threading
import time
from xml.etree import ElementTree

import pytest

from lab import LAN1, ROUTER_LAN, http, request
from lab.control_point import PINHOLES, WAN_IP2, envelope

STATUS = envelope(WAN_IP2, "GetStatusInfo", [])


def post(point, body, headers=None, service=WAN_IP2, action="GetStatusInfo", **options):
    return point.post(service, action, body, headers, **options)


def raw(point, lines, body=b""):
    """A POST of these header lines as they are."""
    text = "\r\n".join(
        ["POST /ctl/IPConn HTTP/1.1", f"HOST: {ROUTER_LAN}:{point.port}", *lines]
    ).encode()
    return http.exchange(point.host, point.address, point.port, text + b"\r\n\r\n" + body)


ACTION = f'SOAPACTION: "{WAN_IP2}#GetStatusInfo"'
TYPE = 'CONTENT-TYPE: text/xml; charset="utf-8"'


def test_an_answer(point2):
    """IGD-SOAP-01"""
    answer = post(point2, STATUS)
    assert answer.status == 200 and answer.headers["content-type"] == 'text/xml; charset="utf-8"'
    assert answer.headers["ext"] == "" and answer.headers["date"].endswith("GMT")
    assert len(answer.headers["server"].split()) == 3
    assert [element.tag for element in ElementTree.fromstring(answer.body)[0]] == [
        f"{{{WAN_IP2}}}GetStatusInfoResponse"
    ]


def test_a_fault(point2):
    """IGD-SOAP-07, 15, 25"""
    answer = post(
        point2,
        envelope(WAN_IP2, "GetGenericPortMappingEntry", [("NewPortMappingIndex", "<evil>")]),
        {"SOAPACTION": f'"{WAN_IP2}#GetGenericPortMappingEntry"'},
    )
    assert answer.status == 500 and "evil" not in answer.body
    fault = ElementTree.fromstring(answer.body)[0][0]
    assert (
        fault.findtext("faultcode") == "s:Client" and fault.findtext("faultstring") == "UPnPError"
    )
    assert ">402<" in answer.body and ">Invalid Args<" in answer.body


def test_m_post(point2):
    """IGD-SOAP-21: refused, so that the client falls back to POST"""
    assert (
        point2.request(
            "M-POST",
            "/ctl/IPConn",
            {
                "MAN": '"http://schemas.xmlsoap.org/soap/envelope/"; ns=01',
                "01-SOAPACTION": f'"{WAN_IP2}#GetStatusInfo"',
            },
            STATUS,
        ).status
        == 405
    )


def test_two_ask_at_once(point2, other2):
    """IGD-SOAP-24: one wins"""
    codes = []
    for port in range(6000, 6010):
        racers = [
            threading.Thread(target=lambda p=p: codes.append(p.add("TCP", port).code))
            for p in (point2, other2)
        ]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert sorted(codes[-2:]) == [0, 718]


MAPPING = {"NewRemoteHost": "", "NewExternalPort": 5000, "NewProtocol": "TCP"}
RANGE = {"NewStartPort": 5000, "NewEndPort": 5000, "NewProtocol": "TCP", "NewManage": 0}
PINHOLE = {
    "RemoteHost": "",
    "RemotePort": 0,
    "InternalClient": "2a0a:200::10",
    "InternalPort": 5001,
    "Protocol": 17,
}
ARGUMENTS = {  # by action: its service, all of its arguments, and those that may be absent
    "AddPortMapping": (
        WAN_IP2,
        None,
        {"NewRemoteHost", "NewEnabled", "NewPortMappingDescription", "NewLeaseDuration"},
    ),
    "AddAnyPortMapping": (
        WAN_IP2,
        None,
        {"NewRemoteHost", "NewEnabled", "NewPortMappingDescription", "NewLeaseDuration"},
    ),
    "DeletePortMapping": (WAN_IP2, MAPPING, {"NewRemoteHost"}),
    "GetSpecificPortMappingEntry": (WAN_IP2, MAPPING, {"NewRemoteHost"}),
    "DeletePortMappingRange": (WAN_IP2, RANGE, set()),
    "GetListOfPortMappings": (WAN_IP2, {**RANGE, "NewNumberOfPorts": 0}, set()),
    "AddPinhole": (PINHOLES, {**PINHOLE, "LeaseTime": 60}, set()),
    "GetOutboundPinholeTimeout": (PINHOLES, PINHOLE, set()),
    "UpdatePinhole": (PINHOLES, {"UniqueID": 1, "NewLeaseTime": 60}, set()),
}


@pytest.mark.parametrize("action", ARGUMENTS)
def test_one_argument_is_missing(point2, action):
    """IGD-SOAP-07: 402, and nothing changes; clients leave some out, and these alone may be"""
    service, arguments, optional = ARGUMENTS[action]
    arguments = arguments or dict(point2.arguments("TCP", 5001))
    assert point2.add("TCP", 5000).ok
    before = point2.listing()
    for name in sorted(set(arguments) - optional):
        answer = point2.call(
            action, {key: value for key, value in arguments.items() if key != name}, service=service
        )
        assert (answer.status, answer.code) == (500, 402), name
    assert [entry["NewExternalPort"] for entry in point2.listing()] == [
        entry["NewExternalPort"] for entry in before
    ]
    for name in sorted(optional):
        assert point2.call(
            action, {key: value for key, value in arguments.items() if key != name}, service=service
        ).ok
        assert point2.add("TCP", 5000).ok


@pytest.mark.parametrize(
    "changes",
    [
        dict(LeaseDuration=""),
        dict(LeaseDuration="infinite"),
        dict(LeaseDuration="-1"),
        dict(LeaseDuration=None),
        dict(Enabled="yes"),
        dict(Enabled="True"),
        dict(Enabled=None),
        dict(PortMappingDescription=None),
        dict(PortMappingDescription=""),
        dict(RemoteHost="*"),
        dict(RemoteHost="0.0.0.0"),
        dict(RemoteHost=None),
        dict(InternalClient=""),
        dict(InternalClient=f" {LAN1}\n"),
        dict(Protocol="tcp"),
        dict(LeaseDuration=700000),
    ],
    ids=str,
)
def test_careless_clients_get_their_mapping(point2, changes):
    """IGD-AddPortMapping-19, IGD-Quirk-08, 13, 14, 16"""
    assert point2.add("TCP", 5000, **changes).ok
    entry = point2.specific("TCP", 5000)
    assert entry["NewInternalClient"] == LAN1 and entry["NewEnabled"] == "1"
    assert int(entry["NewLeaseDuration"]) >= 604798


@pytest.mark.parametrize("protocol", ["SCTP", "ICMP", "6", "TCP,UDP", "any"])
def test_an_unknown_protocol_is_none(point2, protocol):
    """IGD-Quirk-11"""
    assert point2.add(protocol, 5000).code == 601
    assert point2.listing() == []


BODIES = {
    "other prefixes": re.sub(r"(</?| |xmlns:)s(?=[:=])", r"\1SOAP-ENV", STATUS)
    .replace("u:", "m:")
    .replace(":u=", ":m="),
    "default namespaces": f'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/">'
    f'<Body><GetStatusInfo xmlns="{WAN_IP2}"/></Body></Envelope>',
    "no declaration": STATUS.partition("\n")[2],
    "byte order mark": "\ufeff" + STATUS,
    "encoding in lower case": STATUS.replace('"1.0"', '"1.0" encoding="utf-8"'),
    "a NUL at the end": STATUS + "\0",
    "a SOAP header": STATUS.replace(
        "<s:Body>", '<s:Header><x xmlns="urn:y">1</x></s:Header><s:Body>'
    ),
}


@pytest.mark.parametrize("kind", BODIES)
def test_bodies_that_clients_send(point2, kind):
    """IGD-Quirk-18, 19, 20"""
    assert post(point2, BODIES[kind]).status == 200


def test_typed_and_prefixed_arguments(point2):
    """IGD-Quirk-17: as Windows sends them"""
    body = (
        envelope(WAN_IP2, "GetGenericPortMappingEntry", [("NewPortMappingIndex", 0)])
        .replace(
            "<NewPortMappingIndex>",
            '<u:NewPortMappingIndex xmlns:dt="urn:schemas-microsoft-com:datatypes" dt:dt="ui2">',
        )
        .replace("</NewPortMappingIndex>", "</u:NewPortMappingIndex>")
    )
    answer = post(point2, body, {"SOAPACTION": f'"{WAN_IP2}#GetGenericPortMappingEntry"'})
    assert ">713<" in answer.body


@pytest.mark.parametrize(
    "value",
    [f"{WAN_IP2}#GetStatusInfo", f"'{WAN_IP2}#GetStatusInfo'", f'"{WAN_IP2}#GetStatusInfo"'],
)
def test_soapaction_with_and_without_quotes(point2, value):
    """IGD-Quirk-21"""
    assert post(point2, STATUS, {"SOAPACTION": value}).status == 200


def test_the_ways_of_a_body(point2):
    """IGD-Quirk-23, 24, 25, 26, 28, 30"""
    body = STATUS.encode()
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (20, body[:20], len(body) - 20, body[20:])
    assert raw(point2, [ACTION, TYPE, "TRANSFER-ENCODING: chunked"], chunks).status == 200
    begin = time.monotonic()
    assert raw(point2, [ACTION, TYPE], body).status == 411 and time.monotonic() - begin < 5
    length = f"CONTENT-LENGTH: {len(body)}"
    assert (
        raw(point2, [ACTION, TYPE, length, "CONNECTION: close"], body).headers["connection"].lower()
        == "close"
    )
    for kind in "text/xml", "application/soap+xml", None:
        assert post(point2, STATUS, {"CONTENT-TYPE": kind}).status == 200, kind
    assert post(point2, STATUS, {"HOST": ROUTER_LAN}).status == 200
    assert (
        request(
            point2.host, ROUTER_LAN, point2.port, "GET", "/rootDesc.xml", version="HTTP/1.0"
        ).status
        == 200
    )
    with point2.host.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        connection.connect((point2.address, point2.port))
        connection.sendall(
            f"POST /ctl/IPConn HTTP/1.1\r\nHOST: {ROUTER_LAN}:{point2.port}\r\n"
            f"{ACTION}\r\n{TYPE}\r\n{length}\r\nEXPECT: 100-continue\r\n\r\n".encode()
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        assert b" 200 " in connection.recv(1000)


def converse(point, data):
    """All that comes until the gate closes, which must not be by a reset."""
    with point.host.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        connection.connect((point.address, point.port))
        connection.sendall(data)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def written(point, target="/ctl/IPConn", more="", version="HTTP/1.1", body=STATUS):
    """A POST as text; `more` are header lines with their ends."""
    return (
        f"POST {target} {version}\r\nHOST: {ROUTER_LAN}:{point.port}\r\n{ACTION}\r\n{TYPE}\r\n"
        f"CONTENT-LENGTH: {len(body)}\r\n{more}\r\n{body}"
    ).encode()


CLOSE = "CONNECTION: close\r\n"


@pytest.mark.parametrize(
    "target",
    ["http://{}:{}/ctl/IPConn", "//ctl/IPConn", "/ctl/IPConn?x=1", "HTTP://{}:{}//ctl/IPConn?"],
)
def test_targets_as_clients_write_them(point2, target):
    answer = converse(point2, written(point2, target.format(ROUTER_LAN, point2.port), CLOSE))
    assert answer.startswith(b"HTTP/1.1 200")


def test_empty_lines_between_requests(point2):
    """A library for microcontrollers writes them behind each body."""
    once = written(point2) + b"\r\n\r\n"
    answers = converse(point2, b"\r\n\n" + once + once + written(point2, more=CLOSE) + b"\r\n\r\n")
    assert answers.count(b"HTTP/1.1 200") == 3


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((b"SOAPACTION:", b"SoapAction :"), id="blank before the colon"),
        pytest.param((b"\r\n", b"\n"), id="LF alone"),
    ],
)
def test_lines_of_a_header(point2, change):
    """IGD-Quirk-22"""
    header, end, body = written(point2, more=CLOSE).partition(b"\r\n\r\n")
    answer = converse(point2, (header + end).replace(*change) + body)
    assert answer.startswith(b"HTTP/1.1 200")


def test_http_1_0_expects_nothing(point2):
    """RFC 9110 section 10.1.1; and the connection stays only when it is asked to"""
    expect = "EXPECT: 100-continue\r\n"
    kept = written(point2, more=expect + "CONNECTION: keep-alive\r\n", version="HTTP/1.0")
    answers = converse(point2, kept + written(point2, more=expect, version="HTTP/1.0"))
    assert answers.count(b"HTTP/1.0 200") == 2 and answers.count(b"HTTP/1.") == 2


@pytest.mark.parametrize(
    "change, status",
    [
        ((b"CONTENT-LENGTH", b"TRANSFER-ENCODING: gzip\r\nX"), 501),
        ((b"CONTENT-LENGTH", b"TRANSFER-ENCODING: gzip, chunked\r\nX"), 501),
        ((b"CONTENT-LENGTH", b"X: a\r\n b\r\nCONTENT-LENGTH"), 400),
        ((b"/ctl", b"http://evil.example/ctl"), 403),
        ((b"POST /ctl", b"\x16\x03\x01"), 400),
    ],
    ids=["a coding", "two codings", "a folded line", "another's URI", "TLS"],
)
def test_what_is_refused_and_closed(point2, change, status):
    """The refusal arrives, whatever else the client has sent by then."""
    data = written(point2).replace(*change) + b"x" * 100_000
    answers = converse(point2, data)
    assert answers.startswith(b"HTTP/1.1 %d " % status) and answers.count(b"HTTP/1.1") == 1


def test_nothing_is_lost_behind_the_last_answer(point2):
    """Bytes that were sent behind a request that closes do not reset the connection."""
    answers = converse(point2, written(point2, more=CLOSE) + written(point2) * 100)
    assert answers.startswith(b"HTTP/1.1 200") and answers.count(b"HTTP/1.1") == 1


def test_a_document_in_another_case(point2):
    """IGD-Quirk-29"""
    assert point2.get("/rootdesc.XML").status == 200
