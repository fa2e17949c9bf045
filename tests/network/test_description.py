# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents: description and SCPDs, what the HTTP door serves and what not, names that stay."""

import re
from xml.etree import ElementTree

import pytest

from lab import LAN1, ControlPoint
from lab.control_point import LAYER3, WAN_COMMON, WAN_IP

SCPD = "{urn:schemas-upnp-org:service-1-0}"
DEVICE = "{urn:schemas-upnp-org:device-1-0}"
REQUIRED = {
    LAYER3: {"SetDefaultConnectionService", "GetDefaultConnectionService"},
    WAN_COMMON: {"GetCommonLinkProperties", "GetTotalBytesSent", "GetTotalBytesReceived", "GetTotalPacketsSent",
                 "GetTotalPacketsReceived"},
    WAN_IP: {"SetConnectionType", "GetConnectionTypeInfo", "RequestConnection", "ForceTermination", "GetStatusInfo",
             "GetNATRSIPStatus", "GetGenericPortMappingEntry", "GetSpecificPortMappingEntry", "AddPortMapping",
             "DeletePortMapping", "GetExternalIPAddress"},
}
EVENTED = {
    LAYER3: {"DefaultConnectionService"},
    WAN_COMMON: {"PhysicalLinkStatus"},
    WAN_IP: {"PossibleConnectionTypes", "ConnectionStatus", "ExternalIPAddress", "PortMappingNumberOfEntries"},
}


def test_the_tree_is_that_of_version_1(point):
    """IGD-Tree-02, 03, 04, 05, 08; DESC-01, 02, 12"""
    response = point.get("/rootDesc.xml")
    assert response.status == 200 and response.headers["content-type"].startswith("text/xml")
    root = ElementTree.fromstring(response.body).find(DEVICE + "device")
    kinds, node = [], root
    while node is not None:
        services = [item.findtext(DEVICE + "serviceType") for item in
                    node.findall(f"{DEVICE}serviceList/{DEVICE}service")]
        kinds.append((node.findtext(DEVICE + "deviceType").split(":")[-2:], services))
        node = node.find(f"{DEVICE}deviceList/{DEVICE}device")
    assert kinds == [(["InternetGatewayDevice", "1"], [LAYER3]), (["WANDevice", "1"], [WAN_COMMON]),
                     (["WANConnectionDevice", "1"], [WAN_IP])]
    names = re.findall(r"<UDN>uuid:([0-9a-f-]{36})</UDN>", response.body)
    assert len(set(names)) == 3
    assert point.services[WAN_IP].id == "urn:upnp-org:serviceId:WANIPConn1"


@pytest.mark.parametrize("service", REQUIRED)
def test_each_scpd_is_complete(point, service):
    """DESC-03, 14, 16; IGD-WANIPC-01, 02, 03, 06: related variables exist, in before out, evented as the standard says"""
    scpd = ElementTree.fromstring(point.get(point.services[service].scpd).body)
    assert [item.tag for item in scpd] == [SCPD + name for name in ("specVersion", "actionList", "serviceStateTable")]
    variables = {item.findtext(SCPD + "name"): item.get("sendEvents") for item in scpd.iter(SCPD + "stateVariable")}
    assert {name for name, sent in variables.items() if sent == "yes"} >= EVENTED[service]
    actions = {item.findtext(SCPD + "name"): item for item in scpd.iter(SCPD + "action")}
    assert set(actions) >= REQUIRED[service]
    for action in actions.values():
        arguments = action.findall(f"{SCPD}argumentList/{SCPD}argument")
        assert arguments or action.find(SCPD + "argumentList") is None
        directions = [item.findtext(SCPD + "direction") for item in arguments]
        assert directions == sorted(directions)  # "in" before "out"
        assert {item.findtext(SCPD + "relatedStateVariable") for item in arguments} <= set(variables)


@pytest.mark.parametrize("service", REQUIRED)
def test_every_action_listed_is_there(point, service):
    """IGD-WANIPC-04: called without arguments, none answers 401 or 602"""
    scpd = ElementTree.fromstring(point.get(point.services[service].scpd).body)
    for action in scpd.iter(SCPD + "action"):
        name = action.findtext(SCPD + "name")
        assert point.call(name, service=service).code not in (401, 602), name


def test_head_is_get_without_a_body(point):
    """DESC-17"""
    whole, head = point.get("/rootDesc.xml"), point.request("HEAD", "/rootDesc.xml")
    assert (head.status, head.body) == (200, "")
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize("path", ["/", "/nothing", "/../etc/passwd", "/%2e%2e/etc/passwd", "//etc/passwd",
                                  "/rootDesc.xml/x", "/" + "a" * 4096])
def test_nothing_but_the_documents_is_served(point, path):
    """DESC-22"""
    response = point.get(path)
    assert "root:" not in response.body
    assert response.status in (400, 403, 404, 414) or (path == "/" and response.status == 200)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_documents_are_only_read(point, method):
    """DESC-23"""
    assert point.request(method, "/rootDesc.xml", body=b"x").status in (400, 404, 405, 501)


@pytest.mark.parametrize("host", ["evil.example:80", "evil.example", "80.100.100.1", "192.168.50.99"])
def test_another_hosts_name_is_refused(point, host):
    """DESC-21, IGD-Quirk-27: DNS rebinding"""
    assert point.get("/rootDesc.xml", headers={"HOST": host}).status in (400, 403, 404, 421)


def test_get_on_a_control_url_is_refused(point):
    """IGD-SOAP-19"""
    assert point.get(point.services[WAN_IP].control).status in (404, 405)


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
    assert "<UDN>uuid:12345678-9abc-def0-1234-56789abcdef0</UDN>" in ControlPoint(lab.lan1, LAN1).description
