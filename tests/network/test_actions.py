# SPDX-License-Identifier: GPL-2.0-or-later
"""Every action of IGD:1 on the wire: what it answers, in which order, and the table behind it."""

import pytest

from lab import LAN1, LAN2, ROUTER_WAN, wait_until
from lab.control_point import LAYER3, WAN_COMMON, WAN_IP, envelope
from lab.waiting import quickest


def test_add_then_read_back(point):
    """IGD-AddPortMapping-01, IGD-GetSpecific-01, IGD-GetGeneric-01, 05, IGD-SOAP-13, 14"""
    added = point.add("TCP", 40001, 5000, PortMappingDescription="game", LeaseDuration=3600)
    assert added.ok and added.values == {}
    read = point.specific("TCP", 40001)
    assert list(read.values) == [
        "NewInternalPort",
        "NewInternalClient",
        "NewEnabled",
        "NewPortMappingDescription",
        "NewLeaseDuration",
    ]
    lease = int(read.values.pop("NewLeaseDuration"))
    assert 3595 <= lease <= 3600
    assert list(read.values.values()) == ["5000", LAN1, "1", "game"]
    listed = point.entry(0)
    assert list(listed.values)[:3] == ["NewRemoteHost", "NewExternalPort", "NewProtocol"]
    assert [listed["NewRemoteHost"], listed["NewExternalPort"], listed["NewProtocol"]] == [
        "",
        "40001",
        "TCP",
    ]


def test_the_owner_overwrites_in_place(point):
    """IGD-Map-01, 06, IGD-AddPortMapping-04"""
    for port in 40001, 40002:
        assert point.add("TCP", port).ok
    assert point.add("TCP", 40001, 5001, PortMappingDescription="new").ok
    table = point.listing()
    assert [entry["NewExternalPort"] for entry in table] == ["40001", "40002"]
    assert (table[0]["NewInternalPort"], table[0]["NewPortMappingDescription"]) == ("5001", "new")


def test_another_client_gets_a_conflict(point, other):
    """IGD-Map-02, 03, IGD-Quirk-31"""
    assert point.add("UDP", 3074, PortMappingDescription="first").ok
    before = point.specific("UDP", 3074).values
    assert other.add("UDP", 3074).code == 718
    assert point.specific("UDP", 3074).values == before
    assert other.add("TCP", 3074).ok
    assert other.add("UDP", 3075).ok
    assert point.entry(1)["NewInternalClient"] == LAN2


def test_a_second_mapping_with_a_remote_host_conflicts(point, other):
    """IGD-Map-04, 05"""
    assert point.add("TCP", 40001).ok
    assert other.add("TCP", 40001, RemoteHost="80.100.100.9").code == 718
    assert point.add("TCP", 40001, RemoteHost="80.100.100.9").code == 718


def test_the_remote_host_belongs_to_the_key(point):
    """IGD-GetSpecific-03, IGD-DeletePortMapping-04"""
    assert point.add("TCP", 40001, RemoteHost="80.100.100.9").ok
    assert point.specific("TCP", 40001).code == 714
    assert point.delete("TCP", 40001).code == 714
    assert point.specific("TCP", 40001, "80.100.100.9").ok
    assert point.delete("TCP", 40001, "80.100.100.9").ok


def test_delete(point, other):
    """IGD-DeletePortMapping-01, 02, 03, 05"""
    assert point.delete("TCP", 40001).code == 714
    assert point.add("TCP", 40001).ok
    assert point.delete("UDP", 40001).code == 714
    assert other.delete("TCP", 40001).code == 714
    assert point.specific("TCP", 40001).ok
    assert point.delete("TCP", 40001).ok
    assert point.specific("TCP", 40001).code == 714


def test_the_index_has_no_holes(point):
    """IGD-Index-01, 02, 03, 04, IGD-GetGeneric-02, 04"""
    assert point.entry(0).code == 713
    for port in 40001, 40002, 40003:
        assert point.add("TCP", port).ok
    assert point.delete("TCP", 40002).ok
    assert [entry["NewExternalPort"] for entry in point.listing()] == ["40001", "40003"]
    assert point.add("TCP", 40002).ok
    assert [entry["NewExternalPort"] for entry in point.listing()] == ["40001", "40003", "40002"]
    assert point.entry(65535).code == 713


def test_the_lease_counts_down(point):
    """IGD-Lease-03, 06, 08"""
    assert point.add("TCP", 40001, LeaseDuration=100).ok
    wait_until(
        lambda: int(point.specific("TCP", 40001)["NewLeaseDuration"]) < 99, 4, "time passing"
    )
    assert point.add("TCP", 40001, LeaseDuration=50).ok
    assert int(point.specific("TCP", 40001)["NewLeaseDuration"]) <= 50
    assert point.add("TCP", 40002, LeaseDuration=0).ok
    assert point.specific("TCP", 40002)["NewLeaseDuration"] == "0"


def test_a_disabled_mapping_is_listed_as_such(point):
    """IGD-Map-08, IGD-GetGeneric-07"""
    assert point.add("TCP", 40001, Enabled=0).ok
    assert point.specific("TCP", 40001)["NewEnabled"] == "0"


@pytest.mark.parametrize("text", ["a&b<c>\"d'e", "]]>", "<!-- -->", "&amp;lt;", "Grüße ✓"])
def test_a_description_comes_back_as_it_was(point, text):
    """IGD-Map-22"""
    assert point.add("TCP", 40001, PortMappingDescription=text).ok
    assert point.specific("TCP", 40001)["NewPortMappingDescription"] == text
    assert point.entry(0)["NewPortMappingDescription"] == text


def test_a_cdata_section_means_what_it_says(point):
    """IGD-Map-22, IGD-SOAP-08"""
    body = envelope(
        WAN_IP,
        "AddPortMapping",
        point.arguments("TCP", 40001, PortMappingDescription="DESCRIPTION"),
    )
    assert (
        point.post(
            WAN_IP, "AddPortMapping", body.replace("DESCRIPTION", "<![CDATA[a & b &amp; c]]>")
        ).status
        == 200
    )
    assert point.specific("TCP", 40001)["NewPortMappingDescription"] == "a & b &amp; c"


def test_a_long_description_is_cut_at_a_character(point):
    """IGD-Map-23"""
    assert point.add("TCP", 40001, PortMappingDescription="ü" * 400).ok
    kept = point.specific("TCP", 40001)["NewPortMappingDescription"]
    assert kept and set(kept) == {"ü"} and len(kept.encode()) <= 255


def test_lenient_arguments(point):
    """IGD-AddPortMapping-03, IGD-Quirk-09, 10, 12, IGD-SOAP-10, 11"""
    assert point.add(
        " tcp ",
        40001,
        RemoteHost=None,
        Enabled=None,
        PortMappingDescription=None,
        LeaseDuration=None,
    ).ok
    assert point.entry(0)["NewProtocol"] == "TCP"
    assert point.add("TCP", 40002, RemoteHost="0.0.0.0").ok
    assert point.specific("TCP", 40002).ok
    backwards = [("Unknown", "x"), *reversed(point.arguments("TCP", 40003))]
    assert point.call("AddPortMapping", backwards).ok


def test_status_of_the_connection(point):
    """IGD-GetStatusInfo-01, 06, IGD-GetExternalIP-01, IGD-GetConnectionTypeInfo-01,
    IGD-GetNATRSIPStatus-01"""
    status = point.call("GetStatusInfo")
    assert (status["NewConnectionStatus"], status["NewLastConnectionError"]) == (
        "Connected",
        "ERROR_NONE",
    )
    assert int(status["NewUptime"]) >= 0
    assert point.call("GetExternalIPAddress")["NewExternalIPAddress"] == ROUTER_WAN
    kinds = point.call("GetConnectionTypeInfo")
    assert kinds["NewConnectionType"] == "IP_Routed"
    assert "IP_Routed" in kinds["NewPossibleConnectionTypes"].split(",")
    assert list(point.call("GetNATRSIPStatus").values.items()) == [
        ("NewRSIPAvailable", "0"),
        ("NewNATEnabled", "1"),
    ]


def test_the_connection_is_not_the_control_points(point):
    """IGD-RequestConnection-01, 03, IGD-SetConnectionType-02, IGD-Termination-02, 07"""
    assert point.call("RequestConnection").ok
    assert point.call("SetConnectionType", {"NewConnectionType": "IP_Routed"}).code == 501
    assert point.call("SetConnectionType").code == 402
    assert point.call("ForceTermination").code == 501
    assert point.call("GetStatusInfo")["NewConnectionStatus"] == "Connected"


def test_counters_come_from_the_kernel(point, shared_lab):
    """WANCommonInterfaceConfig: what passed on the external interface, link and rates"""
    link = point.call("GetCommonLinkProperties", service=WAN_COMMON)
    assert link["NewPhysicalLinkStatus"] == "Up"
    assert link["NewWANAccessType"] == "Ethernet"
    before = counters(point)
    shared_lab.router.run("ping", "-c", "3", "-i", "0.01", "-s", "1000", "80.100.100.9")
    wait_until(
        lambda: all(now > then for now, then in zip(counters(point), before)), 3, "counters to grow"
    )
    sent = int(shared_lab.router.run("cat", "/sys/class/net/wan0/statistics/tx_bytes").stdout)
    assert abs(counters(point)[0] - sent) < 2000


def counters(point):
    names = "BytesSent", "BytesReceived", "PacketsSent", "PacketsReceived"
    return [
        int(point.call("GetTotal" + name, service=WAN_COMMON)["NewTotal" + name]) for name in names
    ]


def test_the_default_connection_service(point):
    """IGD-Tree-15"""
    named = point.call("GetDefaultConnectionService", service=LAYER3)["NewDefaultConnectionService"]
    device, _, service = named.partition(",")
    udn, _, kind = device.partition(":WANConnectionDevice:")
    assert (
        f"<UDN>{udn}</UDN>" in point.description
        and kind == "2"
        and service == "urn:upnp-org:serviceId:WANIPConn1"
    )


def test_query_state_variable(point):
    """IGD-SOAP-23: Windows XP asks so"""

    def query(name):
        body = (
            '<?xml version="1.0"?>'
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            '<u:QueryStateVariable xmlns:u="urn:schemas-upnp-org:control-1-0"><u:varName>'
            f"{name}</u:varName></u:QueryStateVariable></s:Body></s:Envelope>"
        )
        return point.post(
            WAN_IP,
            "",
            body,
            {"SOAPACTION": '"urn:schemas-upnp-org:control-1-0#QueryStateVariable"'},
        )

    assert ">Connected<" in query("ConnectionStatus").body
    assert "<errorCode>404<" in query("NoSuchThing").body


def test_a_series_of_short_calls_is_quick(point):
    """IGD-Quirk-32: address, 714, add on connections of their own, each within 200 ms"""
    for call in (
        lambda: point.call("GetExternalIPAddress"),
        lambda: point.specific("UDP", 3074),
        lambda: point.add("UDP", 3074),
    ):
        assert quickest(call) < 0.2
