# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad requests: each gets its error, and table, kernel and lease file stay as they were."""

import pytest

from conftest import BACKENDS
from lab import LAN1, LAN2, ROUTER_LAN, ROUTER_WAN, WAN_HOST, ControlPoint, Lab, http
from lab.control_point import WAN_IP, envelope

ADD = dict(protocol="TCP", external=40002)


@pytest.fixture(scope="module", params=BACKENDS)
def running(request):
    with Lab() as lab:
        yield lab, lab.daemon(firewall_backend=request.param, igd_version=1).start()


@pytest.fixture
def daemon(running):
    assert running[1].running()
    return running[1]


@pytest.fixture
def point(running, daemon):
    """With one mapping present, which no bad request may touch."""
    control_point = ControlPoint(running[0].lan1, LAN1)
    assert control_point.add("TCP", 40001, 5000, PortMappingDescription="stays").ok
    before = control_point.listing(), daemon.state()
    yield control_point
    assert (control_point.listing(), daemon.state()) == before
    assert daemon.running()


@pytest.mark.parametrize(
    "changes, code",
    [
        # ports: IGD-Wild-02, 03, IGD-SOAP-08, IGD-AddPortMapping-02
        (dict(ExternalPort=0), 716),
        (dict(ExternalPort=65536), 402),
        (dict(ExternalPort=65537), 402),
        (dict(ExternalPort=-1), 402),
        (dict(ExternalPort="1:999"), 402),
        (dict(ExternalPort="0x50"), 402),
        (dict(ExternalPort="80x"), 402),
        (dict(ExternalPort="8.0"), 402),
        (dict(ExternalPort=""), 402),
        (dict(ExternalPort=None), 402),
        (dict(InternalPort=0), 402),
        (dict(InternalPort=65536), 402),
        (dict(InternalPort="1:999"), 402),
        (dict(InternalPort=""), 402),
        (dict(InternalPort=None), 402),
        # below the floor: IGD-Access-03, 04, 05, with version 1's code
        (dict(ExternalPort=80), 718),
        (dict(ExternalPort=1023), 718),
        (dict(InternalPort=22), 718),
        # what the daemon itself uses: IGD-Map-15
        (dict(ExternalPort=1900, Protocol="UDP"), 718),
        (dict(ExternalPort=5351, Protocol="UDP"), 718),
        # protocols: IGD-Wild-07, IGD-AddPortMapping-08
        (dict(Protocol="SCTP"), 601),
        (dict(Protocol="*"), 601),
        (dict(Protocol="BOTH"), 601),
        (dict(Protocol=None), 402),
        # clients: IGD-Access-02, 07, 08, IGD-AddPortMapping-09, 10, IGD-Quirk-43, IGD-Wild-04
        (dict(InternalClient=LAN2), 718),
        (dict(InternalClient=WAN_HOST), 718),
        (dict(InternalClient=ROUTER_LAN), 718),
        (dict(InternalClient=ROUTER_WAN), 718),
        (dict(InternalClient="192.168.50.255"), 718),
        (dict(InternalClient="192.168.50.0"), 718),
        (dict(InternalClient="255.255.255.255"), 718),
        (dict(InternalClient="127.0.0.1"), 718),
        (dict(InternalClient="224.0.0.1"), 718),
        (dict(InternalClient="*"), 715),
        (dict(InternalClient="0.0.0.0"), 715),
        (dict(InternalClient="0/0"), 600),
        (dict(InternalClient="0.0.0.0/0"), 600),
        (dict(InternalClient="300.1.1.1"), 600),
        (dict(InternalClient="fe80::1"), 600),
        (dict(InternalClient="a-host"), 600),
        (dict(InternalClient=LAN1 + ":80"), 600),
        # the rest: IGD-Quirk-15, IGD-SOAP-09, IGD-AddPortMapping-11
        (dict(Enabled="maybe"), 402),
        (dict(LeaseDuration=4294967296), 402),
        (dict(LeaseDuration="x"), 402),
        (dict(RemoteHost="a-host"), 600),
        (dict(RemoteHost="0/0"), 600),
        (dict(RemoteHost="300.1.1.1"), 600),
    ],
    ids=str,
)
def test_add_with_a_bad_argument(point, changes, code):
    arguments = point.arguments("TCP", 40002)
    named = {"New" + name: value for name, value in changes.items()}
    answer = point.call(
        "AddPortMapping", [(name, named.get(name, value)) for name, value in arguments]
    )
    assert (answer.status, answer.code) == (500, code)


@pytest.mark.parametrize(
    "action, arguments, code",
    [
        ("NoSuchAction", {}, 401),
        ("AddAnyPortMapping", {}, 401),
        ("DeletePortMappingRange", {}, 401),  # IGD-SOAP-03, 06
        ("AddPortMapping", {}, 402),
        ("DeletePortMapping", {}, 402),
        ("GetSpecificPortMappingEntry", {}, 402),
        ("GetGenericPortMappingEntry", {}, 402),
        ("GetGenericPortMappingEntry", {"NewPortMappingIndex": "abc"}, 402),
        ("GetGenericPortMappingEntry", {"NewPortMappingIndex": -1}, 402),
        ("GetGenericPortMappingEntry", {"NewPortMappingIndex": 1}, 713),
        (
            "DeletePortMapping",
            {"NewRemoteHost": "", "NewExternalPort": 0, "NewProtocol": "TCP"},
            714,
        ),  # IGD-Wild-05
        (
            "DeletePortMapping",
            {"NewRemoteHost": "", "NewExternalPort": 65536, "NewProtocol": "TCP"},
            402,
        ),
        (
            "DeletePortMapping",
            {"NewRemoteHost": "", "NewExternalPort": 40001, "NewProtocol": "SCTP"},
            601,
        ),
        (
            "GetSpecificPortMappingEntry",
            {"NewRemoteHost": "", "NewExternalPort": 40001, "NewProtocol": "SCTP"},
            601,
        ),
    ],
)
def test_bad_calls(point, action, arguments, code):
    answer = point.call(action, arguments)
    assert (answer.status, answer.code) == (500, code)


def test_the_same_argument_twice(point):
    """IGD-SOAP-12"""
    assert (
        point.call(
            "AddPortMapping", [*point.arguments("TCP", 40002), ("NewExternalPort", 40003)]
        ).code
        == 402
    )


@pytest.mark.parametrize(
    "kind, status, code",
    [
        ("urn:schemas-upnp-org:service:WANIPConnection:2", 500, 401),
        ("urn:schemas-upnp-org:service:WANIPConnection:3", 500, 401),
        ("urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1", 500, 401),
        ("urn:x", 500, 401),
    ],
)
def test_another_service_type(point, kind, status, code):
    """IGD-SOAP-04"""
    answer = point.call("AddPortMapping", point.arguments("TCP", 40002), as_type=kind)
    assert (answer.status, answer.code) == (status, code)


GOOD = envelope(WAN_IP, "GetExternalIPAddress", {})
BILLION = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("x", id="not XML"),
        pytest.param(GOOD[:-40], id="cut off"),
        pytest.param(GOOD.replace("</s:Body>", "</s:Bod>"), id="unbalanced"),
        pytest.param(GOOD.replace("<s:Envelope", BILLION + "<s:Envelope"), id="entities"),
        pytest.param("<a>" * 5000, id="deep"),
        pytest.param(b"\0" * 100, id="zeros"),
    ],
)
def test_a_bad_body(point, body):
    """IGD-SOAP-16, 17: but for that one fault it is answered"""
    assert point.post(WAN_IP, "GetExternalIPAddress", GOOD).status == 200
    assert point.post(WAN_IP, "GetExternalIPAddress", body).status == 400


def test_a_body_that_names_something_else(point):
    """IGD-SOAP-05"""
    for body in (
        GOOD.replace("GetExternalIPAddress", "GetStatusInfo"),
        GOOD.replace(WAN_IP, WAN_IP.replace("WANIP", "WANPPP")),
        GOOD.replace(WAN_IP, "urn:x"),
    ):
        answer = point.post(WAN_IP, "GetExternalIPAddress", body)
        assert answer.status == 500 and ">401<" in answer.body


def test_line_ends_in_a_description_do_not_reach_the_lease_file(running, daemon):
    """IGD-Map-22: one line for each mapping, whatever a client writes"""
    point = ControlPoint(running[0].lan1, LAN1)
    try:
        body = envelope(
            WAN_IP, "AddPortMapping", point.arguments("TCP", 40002, PortMappingDescription="a_b")
        )
        body = body.replace("a_b", "a&#10;open 1 2 3&#13;&#9;b")
        assert point.post(WAN_IP, "AddPortMapping", body).status == 200
        kept = point.specific("TCP", 40002)["NewPortMappingDescription"]
        assert not any(ord(letter) < 32 for letter in kept)
        assert not [
            line
            for line in daemon.lease_file.read_text().splitlines()
            if line.startswith("open 1 2 3")
        ]
    finally:
        assert point.delete("TCP", 40002).ok


def test_ten_megabytes(point, daemon):
    """IGD-SOAP-18: 413, and no process grows by what was sent"""
    before = daemon.peak_memory()
    assert point.post(WAN_IP, "AddPortMapping", b"x" * 10_000_000).status == 413
    assert daemon.peak_memory() < before + 4096


def test_ten_megabytes_in_chunks(point, daemon):
    """IGD-SOAP-18, libupnp's own limit does not count chunks"""
    before = daemon.peak_memory()
    piece = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    assert (
        point.post(
            WAN_IP,
            "AddPortMapping",
            piece * 300 + b"0\r\n\r\n",
            {"TRANSFER-ENCODING": "chunked", "CONTENT-LENGTH": None},
        ).status
        == 413
    )
    assert daemon.peak_memory() < before + 4096


@pytest.mark.parametrize(
    "headers, status",
    [
        pytest.param({"SOAPACTION": None}, 400, id="no SOAPACTION"),
        pytest.param({"CONTENT-LENGTH": "-1"}, 400, id="negative length"),
        pytest.param({"CONTENT-LENGTH": "4294967296"}, 413, id="4 GB announced"),
        pytest.param({"HOST": None}, 400, id="no HOST"),
        pytest.param({"HOST": "evil.example"}, 403, id="HOST is a name"),
        pytest.param({"ORIGIN": "http://evil.example"}, 403, id="from a browser"),
    ],
)
def test_bad_headers(point, headers, status):
    """IGD-SOAP-20, IGD-Quirk-27, SEC-WAN-13, 14"""
    response = point.post(
        WAN_IP,
        "AddPortMapping",
        envelope(WAN_IP, "AddPortMapping", point.arguments("TCP", 40002)),
        headers,
    )
    assert response.status == status


def test_a_header_without_an_end(point, daemon):
    """64 kB of header"""
    before = daemon.peak_memory()
    data = b"GET /rootDesc.xml HTTP/1.1\r\nHOST: x\r\nX: " + b"a" * 200_000
    assert http.exchange(point.host, point.address, point.port, data).status == 431
    assert daemon.peak_memory() < before + 4096
