# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of clients that do not write UTF-8, or not the SOAP of UPnP, and Microsoft's window."""

import pytest

from lab import LAN1, ROUTER_LAN, Echo, http
from lab.control_point import ENVELOPE, WAN_IP, WAN_IP2, envelope

DECLARED = '<?xml version="1.0" encoding="{}"?>'
PLAIN = '<?xml version="1.0"?>'


def add(point, description, charset=None, declared=None, wanted=None):
    """The status of an AddPortMapping whose description has these octets."""
    body = envelope(WAN_IP2, "AddPortMapping", point.arguments("TCP", 5000))
    if declared:
        body = body.replace(PLAIN, DECLARED.format(declared))
    kind = "text/xml" + (f'; charset="{charset}"' if charset else "")
    octets = body.encode().replace(b"a test", description)
    return point.post(WAN_IP2, "AddPortMapping", octets, {"CONTENT-TYPE": kind}).status


def description(point):
    return point.specific("TCP", 5000)["NewPortMappingDescription"]


@pytest.mark.parametrize(
    "octets, charset, declared, kept",
    [
        (b"Caf\xe9", None, None, "Café"),
        (b"Caf\xe9", "utf-8", "utf-8", "Café"),
        (b"Caf\xe9", "ISO-8859-1", None, "Café"),
        (b"Caf\xe9", "utf-8", "iso-8859-1", "Café"),
        (b"\x80 \x93a\x94 & b", None, None, "€ “a” & b"),
        (b"\x80 \x93a\x94", None, "windows-1252", "€ “a”"),
        ("游戏机".encode("gbk"), None, "GBK", "游戏机"),
        ("游戏机".encode("gbk"), "gb2312", None, "游戏机"),
        ("ゲーム機".encode("shift_jis"), "utf-8", "Shift_JIS", "ゲーム機"),
        ("ゲーム機".encode("shift_jis"), "shift-jis", None, "ゲーム機"),
        ("游戏".encode("gbk"), None, None, "ÓÎÏ·"),
        ("é".encode() + b" \xe9", "utf-8", None, "é é"),
        ("日本".encode() + b"\xe6\x9c", None, None, "日本æœ"),
        (b"\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80", None, None, "À¯ í\xa0€ ô€€"),
        (b"a\x01\x1b\x08b <3", None, None, "ab <3"),
    ],
)
def test_descriptions_in_any_encoding(point2, octets, charset, declared, kept):
    """IGD-Map-22, 24: and they are listed as UTF-8"""
    assert add(point2, octets, charset, declared) == 200
    assert description(point2) == kept
    assert [entry["Description"] for entry in point2.list_range("TCP", 1, 65535)] == [kept]


@pytest.mark.parametrize(
    "octets", [b"\xe9" * 300, "é".encode() * 300, "é".encode("utf-16-le") * 9]
)
def test_descriptions_have_their_length(point2, octets):
    """IGD-Map-23: 255 octets of UTF-8 at most, and whole characters"""
    assert add(point2, octets) == 200
    kept = description(point2)
    assert len(kept.encode()) <= 255 and "é" in kept and set(kept) == {"é"}


GOOD = envelope(WAN_IP2, "GetStatusInfo", {})
PLAIN_MEANING = {
    "SOAP 1.2": (GOOD.replace(ENVELOPE, "http://www.w3.org/2003/05/soap-envelope"), {}),
    "no namespace of the action": (GOOD.replace("u:", "").replace(":u=", ":v="), {}),
    "blanks around the service": (GOOD.replace(f'"{WAN_IP2}"', f'" {WAN_IP2} "'), {}),
    "SOAPACTION without service": (GOOD, {"SOAPACTION": '"#GetStatusInfo"'}),
    "empty SOAPACTION": (GOOD, {"SOAPACTION": '""'}),
    "action in Content-Type": (
        GOOD,
        {
            "SOAPACTION": None,
            "CONTENT-TYPE": f'application/soap+xml; action="{WAN_IP2}#GetStatusInfo"',
        },
    ),
}


@pytest.mark.parametrize("kind", PLAIN_MEANING)
def test_what_has_a_plain_meaning(point2, kind):
    body, headers = PLAIN_MEANING[kind]
    answer = point2.post(WAN_IP2, "GetStatusInfo", body, headers)
    assert answer.status == 200 and f'GetStatusInfoResponse xmlns:u="{WAN_IP2}"' in answer.body


@pytest.mark.parametrize(
    "header, body",
    [
        (WAN_IP, WAN_IP.replace("IP", "PPP")),
        (WAN_IP2.replace(":2", ":7"), WAN_IP2.replace(":2", ":7")),
        ("urn:x", "urn:x"),
        ("urn:dslforum-org:service:WANIPConnection:1",) * 2,
    ],
)
def test_other_services_get_a_fault(point2, header, body):
    """IGD-SOAP-04, 05"""
    answer = point2.post(
        WAN_IP2,
        "AddPortMapping",
        envelope(body, "AddPortMapping", point2.arguments("TCP", 5000)),
        {"SOAPACTION": f'"{header}#AddPortMapping"'},
    )
    assert answer.status == 500 and "<errorCode>401</errorCode>" in answer.body
    assert answer.headers["content-type"].startswith("text/xml") and point2.listing() == []


def test_a_client_that_writes_everything_its_own_way(point2, shared_lab):
    """SOAP 1.2, an absolute URI, no quotes, Latin-1, blanks, and empty lines behind the body, twice
    on one connection: packets arrive"""
    changes = dict(
        PortMappingDescription="Caf_",
        InternalClient=f"\n {LAN1}\t",
        ExternalPort=" 5000 ",
        LeaseDuration="infinite",
    )
    body = envelope(WAN_IP2, "AddPortMapping", point2.arguments("TCP", 5000, **changes))
    octets = body.replace(ENVELOPE, "http://www.w3.org/2003/05/soap-envelope").encode()
    octets = octets.replace(b"Caf_", b"Caf\xe9")
    own = f"{ROUTER_LAN}:{point2.port}"
    header = (
        f"POST http://{own}/ctl/IPConn HTTP/1.1\r\nHost: {own}\r\n"
        f"SOAPAction: {WAN_IP2}#AddPortMapping\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(octets)}\r\n"
    )
    once = header.encode() + b"\r\n" + octets + b"\r\n\r\n"
    last = header.encode() + b"Connection: close\r\n\r\n" + octets + b"\r\n\r\n"
    answer = http.exchange(point2.host, point2.address, point2.port, once + last)
    assert answer.status == 200
    assert description(point2) == "Café"
    with Echo(shared_lab.lan1, 5000):
        assert shared_lab.reaches("TCP", 5000)


def test_microsofts_window_can_edit(point2, shared_lab):
    """It edits what has no end: of another client's mapping without one it is told so"""
    agent = {"USER-AGENT": "Microsoft-Windows/10.0 UPnP/1.0"}

    def leases(headers):
        told = {}
        for index in range(2):
            body = envelope(
                WAN_IP, "GetGenericPortMappingEntry", {"NewPortMappingIndex": str(index)}
            )
            fields = {"SOAPACTION": f'"{WAN_IP}#GetGenericPortMappingEntry"', **headers}
            text = point2.post(WAN_IP, "GetGenericPortMappingEntry", body, fields).body
            told[between(text, "NewExternalPort")] = int(between(text, "NewLeaseDuration"))
        return told

    assert point2.add("TCP", 5000, LeaseDuration=0).ok
    assert point2.add("TCP", 5001, LeaseDuration=3600).ok
    assert leases({})["5000"] >= 604700
    told = leases(agent)
    assert told["5000"] == 0 and 3500 < told["5001"] <= 3600
    edited = envelope(
        WAN_IP, "AddPortMapping", point2.arguments("TCP", 5000, PortMappingDescription="edited")
    )
    assert point2.post(WAN_IP, "AddPortMapping", edited, agent).status == 200
    assert leases({})["5000"] == 0 and description(point2) == "edited"
    with Echo(shared_lab.lan1, 5000):
        assert shared_lab.reaches("TCP", 5000)


def between(text, name):
    return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]
