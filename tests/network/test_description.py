# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents: description and SCPDs, what the HTTP door serves and what not, names that stay."""

import re
from xml.etree import ElementTree

import pytest

from lab import LAN1, ROUTER_LAN, ControlPoint, search
from lab.control_point import LAYER3, PINHOLES, WAN_COMMON, WAN_IP, WAN_IP2, WAN_PPP, envelope

SCPD = "{urn:schemas-upnp-org:service-1-0}"
DEVICE = "{urn:schemas-upnp-org:device-1-0}"
REQUIRED = {
    LAYER3: {"SetDefaultConnectionService", "GetDefaultConnectionService"},
    WAN_COMMON: {
        "GetCommonLinkProperties",
        "GetTotalBytesSent",
        "GetTotalBytesReceived",
        "GetTotalPacketsSent",
        "GetTotalPacketsReceived",
    },
    WAN_IP: {
        "SetConnectionType",
        "GetConnectionTypeInfo",
        "RequestConnection",
        "ForceTermination",
        "GetStatusInfo",
        "GetNATRSIPStatus",
        "GetGenericPortMappingEntry",
        "GetSpecificPortMappingEntry",
        "AddPortMapping",
        "DeletePortMapping",
        "GetExternalIPAddress",
        "GetPortMappingNumberOfEntries",  # of no standard: for Home Assistant
    },
}
REQUIRED[WAN_PPP] = REQUIRED[WAN_IP] | {"GetLinkLayerMaxBitRates"}
REQUIRED[WAN_IP2] = REQUIRED[WAN_IP] | {
    "AddAnyPortMapping",
    "DeletePortMappingRange",
    "GetListOfPortMappings",
}
REQUIRED[PINHOLES] = {
    "GetFirewallStatus",
    "GetOutboundPinholeTimeout",
    "AddPinhole",
    "UpdatePinhole",
    "DeletePinhole",
    "GetPinholePackets",
    "CheckPinholeWorking",
}
EVENTED = {
    LAYER3: {"DefaultConnectionService"},
    WAN_COMMON: {"PhysicalLinkStatus"},
    WAN_IP: {
        "PossibleConnectionTypes",
        "ConnectionStatus",
        "ExternalIPAddress",
        "PortMappingNumberOfEntries",
    },
}
EVENTED[PINHOLES] = {"FirewallEnabled", "InboundPinholeAllowed"}
EVENTED[WAN_PPP] = EVENTED[WAN_IP]
EVENTED[WAN_IP2] = EVENTED[WAN_IP] | {"SystemUpdateID"}
MICROSOFT = {"USER-AGENT": "FDSSDP"}


@pytest.fixture
def version1(point):
    """Returns the same device as a client of version 1 finds it."""
    return ControlPoint(point.host, point.own, point.location.replace("rootDesc2", "rootDesc"))


@pytest.fixture
def shown(point):
    """Returns the device as a client finds it that knows a service."""
    paths = {WAN_IP: "rootDesc", WAN_PPP: "rootDescPPP"}

    def found(service):
        path = paths.get(service, "rootDesc2")
        return ControlPoint(point.host, point.own, point.location.replace("rootDesc2", path))

    return found


def tree(document):
    """Device types from the root down with the service types of each."""
    kinds, node = [], ElementTree.fromstring(document).find(DEVICE + "device")
    while node is not None:
        services = [
            item.findtext(DEVICE + "serviceType")
            for item in node.findall(f"{DEVICE}serviceList/{DEVICE}service")
        ]
        kinds.append((node.findtext(DEVICE + "deviceType").split(":")[-2:], services))
        node = node.find(f"{DEVICE}deviceList/{DEVICE}device")
    return kinds


VERSION1 = [
    (["InternetGatewayDevice", "1"], [LAYER3]),
    (["WANDevice", "1"], [WAN_COMMON]),
    (["WANConnectionDevice", "1"], [WAN_IP]),
]
VERSION2 = [
    (["InternetGatewayDevice", "2"], [LAYER3]),
    (["WANDevice", "2"], [WAN_COMMON]),
    (["WANConnectionDevice", "2"], [WAN_IP2, PINHOLES]),
]


def udns(document):
    return re.findall(r"<UDN>uuid:([0-9a-f-]{36})</UDN>", document)


def test_the_trees_of_both_versions(point, version1):
    """IGD-Tree-01, 03, 04, 05, 06, 07, 08, 13; DESC-01, 02, 12; IGD-Quirk-05"""
    response = point.get("/rootDesc2.xml")
    assert response.status == 200 and response.headers["content-type"].startswith("text/xml")
    assert tree(response.body) == VERSION2
    assert tree(version1.description) == VERSION1
    assert len(set(udns(response.body))) == 3
    assert udns(response.body) == udns(version1.description)
    assert point.services[WAN_IP2].id == "urn:upnp-org:serviceId:WANIPConn1"


def test_a_gateway_of_version_1_shows_nothing_else(lab):
    """IGD-Tree-02, IGD-Quirk-04, SSDP-MSEARCH-07, IGD-L3F-01"""
    lab.daemon(igd_version=1).start()
    point = ControlPoint(lab.lan1, LAN1)
    for path in ("/rootDesc.xml", "/rootDesc1.xml"):
        assert tree(point.get(path).body) == VERSION1
    assert point.get("/rootDesc2.xml").status == 404
    assert not search(lab.lan1, WAN_IP2, to=(ROUTER_LAN, 1900), mx=None, timeout=0.3)
    assert search(lab.lan1, WAN_IP, to=(ROUTER_LAN, 1900), mx=None, expect=1)[0][
        "location"
    ].endswith("/rootDesc.xml")
    assert point.call("AddAnyPortMapping", as_type=WAN_IP2).code == 401
    named = point.call("GetDefaultConnectionService", service=LAYER3)["NewDefaultConnectionService"]
    assert ":WANConnectionDevice:1," in named
    assert (
        point.add("TCP", 5000).ok and point.specific("TCP", 5000)["NewLeaseDuration"] == "0"
    )  # IGD-Lease-02


def test_without_pinholes_there_is_no_trace_of_them(lab):
    """IGD-Tree-11, IGD-LANHost-01, IGD-Tree-12, IGD-DP-08"""
    lab.daemon(ipv6_pinholes="no").start()
    point = ControlPoint(lab.lan1, LAN1)
    assert PINHOLES not in point.description and point.get("/WANIP6FC.xml").status == 404
    assert (
        point.request(
            "POST", "/ctl/IP6FCtl", {"SOAPACTION": f'"{PINHOLES}#GetFirewallStatus"'}
        ).status
        == 404
    )
    assert not search(lab.lan1, PINHOLES, to=(ROUTER_LAN, 1900), mx=None, timeout=0.3)
    assert "DeviceProtection" not in point.description and "LANDevice" not in point.description


@pytest.mark.parametrize(
    "setting, code", [("ipv6firewall_enabled", 702), ("ipv6inbound_pinhole_allowed", 703)]
)
def test_what_the_administrator_says_of_the_firewall(lab, setting, code):
    """IGD-6FC-03, 04"""
    lab.daemon(**{setting: "no"}).start()
    point = ControlPoint(lab.lan1, LAN1)
    status = point.call("GetFirewallStatus", service=PINHOLES)
    assert (status["FirewallEnabled"], status["InboundPinholeAllowed"]) == (
        ("0", "1") if code == 702 else ("1", "0")
    )
    assert point.pinhole("2a0a:200::10", 5000).code == code
    assert point.of_pinhole("UpdatePinhole", 1, NewLeaseTime=60).code == code
    for action in "DeletePinhole", "GetPinholePackets", "CheckPinholeWorking":
        assert point.of_pinhole(action, 1).code == code


def test_microsofts_clients_see_version_1(point):
    """IGD-Quirk-01, 02: description, SCPD and control"""
    for agent in ("FDSSDP", "Microsoft-Windows/10.0 UPnP/1.0", "Xbox/2.0", "microsoft"):
        headers = {"USER-AGENT": agent}
        assert tree(point.get("/rootDesc2.xml", headers=headers).body) == VERSION1
        assert (
            "AddAnyPortMapping" not in point.get(point.services[WAN_IP2].scpd, headers=headers).body
        )
    body = envelope(WAN_IP2, "GetStatusInfo", [])
    assert "<errorCode>401" in point.post(WAN_IP2, "GetStatusInfo", body, MICROSOFT).body
    body = envelope(WAN_IP, "GetStatusInfo", [])
    assert point.post(WAN_IP, "GetStatusInfo", body, MICROSOFT).status == 200
    assert (
        tree(point.get("/rootDesc2.xml", headers={"USER-AGENT": "Linux/6 UPnP/1.1 x/1"}).body)
        == VERSION2
    )


@pytest.mark.parametrize("service", REQUIRED)
def test_each_scpd_is_complete(shown, service):
    """DESC-03, 14, 16; IGD-WANIPC-01, 02, 03, 06; IGD-WANPPP-02, 04: related variables exist, in
    before out, evented as the standard says"""
    point = shown(service)
    scpd = ElementTree.fromstring(point.get(point.services[service].scpd).body)
    assert [item.tag for item in scpd] == [
        SCPD + name for name in ("specVersion", "actionList", "serviceStateTable")
    ]
    variables = {
        item.findtext(SCPD + "name"): item.get("sendEvents")
        for item in scpd.iter(SCPD + "stateVariable")
    }
    assert {name for name, sent in variables.items() if sent == "yes"} == EVENTED[service]
    actions = {item.findtext(SCPD + "name"): item for item in scpd.iter(SCPD + "action")}
    assert set(actions) == REQUIRED[service]
    for action in actions.values():
        arguments = action.findall(f"{SCPD}argumentList/{SCPD}argument")
        assert arguments or action.find(SCPD + "argumentList") is None
        directions = [item.findtext(SCPD + "direction") for item in arguments]
        assert directions == sorted(directions)  # "in" before "out"
        assert {item.findtext(SCPD + "relatedStateVariable") for item in arguments} <= set(
            variables
        )


@pytest.mark.parametrize("service", REQUIRED)
def test_every_action_listed_is_there(shown, service):
    """IGD-WANIPC-04: called without the arguments that it has, each answers 402; the others are
    carried out, or refused by what they would do"""
    refused = (
        {"RequestConnection": 606, "ForceTermination": 606}
        if service == WAN_IP2
        else {"ForceTermination": 501}
    )
    point = shown(service)
    scpd = ElementTree.fromstring(point.get(point.services[service].scpd).body)
    for action in scpd.iter(SCPD + "action"):
        name = action.findtext(SCPD + "name")
        wants = any(item.text == "in" for item in action.iter(SCPD + "direction"))
        assert point.call(name, service=service).code == (402 if wants else refused.get(name, 0)), (
            name
        )


def test_head_is_get_without_a_body(point):
    """DESC-17"""
    whole, head = point.get("/rootDesc2.xml"), point.request("HEAD", "/rootDesc2.xml")
    assert (head.status, head.body) == (200, "")
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nothing",
        "/../etc/passwd",
        "/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/rootDesc.xml/x",
        "/" + "a" * 4096,
    ],
)
def test_nothing_but_the_documents_is_served(point, path):
    """DESC-22"""
    response = point.get(path)
    assert "root:" not in response.body
    assert response.status == (200 if path == "/" else 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_documents_are_only_read(point, method):
    """DESC-23"""
    assert point.request(method, "/rootDesc.xml", body=b"x").status == 405


@pytest.mark.parametrize(
    "host", ["evil.example:80", "evil.example", "80.100.100.1", "192.168.50.99"]
)
def test_another_hosts_name_is_refused(point, host):
    """DESC-21, IGD-Quirk-27: DNS rebinding"""
    assert point.get("/rootDesc.xml", headers={"HOST": host}).status == 403


def test_the_router_itself_is_answered(shared_lab, point):
    """A program of the router's asks by its LAN address, and gets no mapping to itself"""
    own = ControlPoint(shared_lab.router, ROUTER_LAN, point.location)
    assert own.call("GetStatusInfo").ok
    assert own.add("TCP", 40001).code == 718


def test_get_on_a_control_url_is_refused(point):
    """IGD-SOAP-19"""
    answer = point.get(point.services[WAN_IP].control)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_names_are_the_same_after_a_restart(lab):
    """IGD-Tree-03, DESC-08"""
    daemon = lab.daemon()
    described = []
    for _ in range(2):
        daemon.start()
        described.append(ControlPoint(lab.lan1, LAN1).description)
        assert daemon.stop() == 0
    names = [re.findall(r"<UDN>([^<]+)", text) for text in described]
    assert names[0] == names[1]


def test_the_configuration_may_set_the_name(lab):
    """upnpd.conf: uuid"""
    lab.daemon(uuid="12345678-9abc-def0-1234-56789abcdef0").start()
    assert (
        "<UDN>uuid:12345678-9abc-def0-1234-56789abcdef0</UDN>"
        in ControlPoint(lab.lan1, LAN1).description
    )
