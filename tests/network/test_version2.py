# SPDX-License-Identifier: GPL-2.0-or-later
"""WANIPConnection:2: what it has more than version 1, its own codes and leases, and who may touch
what."""

import time

import pytest

from lab import LAN1, LAN2, ROUTER_LAN, ControlPoint, Echo, Subscriber, wait_until
from lab.control_point import WAN_IP2


def test_any_port_is_the_one_asked_for_when_it_is_free(point2, shared_lab):
    """IGD-AddAny-01, 03: and it carries packets"""
    for _ in range(2):
        assert point2.add_any("TCP", 5000)["NewReservedPort"] == "5000"
    assert len(point2.listing()) == 1
    with Echo(shared_lab.lan1, 5000):
        assert shared_lab.reaches("TCP", 5000)


def test_any_port_is_another_one_when_it_is_taken(point2, other2, shared_lab):
    """IGD-AddAny-02, 09, 10"""
    assert other2.add("UDP", 5000).ok
    port = int(point2.add_any("UDP", 5000)["NewReservedPort"])
    assert port == 5001
    entry = point2.specific("UDP", port)
    assert (entry["NewInternalClient"], entry["NewInternalPort"]) == (LAN1, "5000")
    with Echo(shared_lab.lan1, 5000):
        assert shared_lab.reaches("UDP", port)
    assert point2.add_any("UDP", 4999)["NewReservedPort"] == "4999"


def test_any_port_follows_the_rules_of_all(point2):
    """IGD-AddAny-05, 06, 07, 08, IGD-Wild-06"""
    assert point2.add_any("TCP", 80).code == 606, "no port is permitted for the internal one"
    assert point2.add_any("TCP", 5000, internal=80).code == 606
    instead = int(point2.add_any("TCP", 80, internal=5000)["NewReservedPort"])
    assert instead >= 1024 and point2.specific("TCP", 80).code == 714
    assert point2.delete("TCP", instead).ok
    assert (
        point2.call(
            "AddAnyPortMapping", point2.arguments("TCP", 5000, InternalPort=0), service=WAN_IP2
        ).code
        == 732
    )
    assert (
        point2.call("AddAnyPortMapping", point2.arguments("TCP", 5000)).code == 401
    )  # called as version 1
    assert point2.listing() == []
    port = point2.call("AddAnyPortMapping", point2.arguments("TCP", 0, 7777), service=WAN_IP2)[
        "NewReservedPort"
    ]
    assert port == "7777"
    assert 604799 <= int(point2.specific("TCP", port)["NewLeaseDuration"]) <= 604800


def test_a_port_of_the_router_is_replaced(point2, daemon):
    """IGD-AddAny-11, IGD-Map-14, 15"""
    assert point2.add("TCP", point2.port).code == 729
    reserved = int(point2.add_any("TCP", point2.port)["NewReservedPort"])
    assert reserved != point2.port and abs(reserved - point2.port) == 1
    assert point2.add("UDP", 1900).code == 729 and point2.add("UDP", 5351).code == 729


def test_every_refusal_has_its_code(point2, other2):
    """IGD-Access-01, 03, 04, 05, 07, 14, IGD-Map-02, 05, IGD-Wild-02, 03,
    IGD-AddPortMapping-06, 07, 08, 09"""
    assert other2.add("TCP", 5000).ok
    codes = {
        606: [
            dict(client=LAN2),
            dict(external=1023),
            dict(external=8080, internal=1023),
            dict(client=ROUTER_LAN),
            dict(client="80.100.100.1"),
            dict(client="127.0.0.1"),
            dict(client="224.0.0.1"),
            dict(client="192.168.50.255"),
            dict(client="255.255.255.255"),
        ],
        718: [dict(external=5000), dict(external=5000, RemoteHost="80.100.100.9")],
        716: [dict(ExternalPort=0)],
        732: [dict(InternalPort=0)],
        715: [dict(client="0.0.0.0"), dict(client="*")],
        600: [dict(client="300.1.1.1"), dict(client="fe80::1"), dict(RemoteHost="example.com")],
        601: [dict(protocol="SCTP"), dict(protocol="")],
        402: [
            dict(ExternalPort=None),
            dict(ExternalPort="65537"),
            dict(InternalPort="80x"),
            dict(Enabled="maybe"),
            dict(LeaseDuration="4294967296"),
        ],
    }
    before = other2.listing()
    for code, requests in codes.items():
        for changes in requests:
            wanted = {"protocol": "TCP", "external": 6000, **changes}
            assert point2.add(**wanted).code == code, (code, changes)
    after = other2.listing()
    for entry in before + after:
        entry.pop("NewLeaseDuration")
    assert after == before
    assert point2.add("TCP", 1024, internal=1024).ok


def test_another_clients_mapping_stays(point2, other2):
    """IGD-Access-09, IGD-DeletePortMapping-05"""
    assert other2.add("TCP", 5000).ok
    assert point2.delete("TCP", 5000).code == 606
    assert other2.specific("TCP", 5000).ok
    assert point2.delete("TCP", 5001).code == 714
    assert (
        ControlPoint(point2.host, LAN1, point2.location).delete("TCP", 5000).code == 714
    )  # as version 1


def test_a_range_is_deleted(point2, other2):
    """IGD-DeleteRange-01, 03, 04, 05, 06, 08, IGD-Access-10"""
    for port in (5000, 5001, 5005):
        assert point2.add("TCP", port).ok
    assert other2.add("TCP", 5002).ok
    assert point2.delete_range("TCP", 5000, 5004, manage=1).ok
    assert sorted(entry["NewExternalPort"] for entry in point2.listing()) == ["5002", "5005"]
    assert point2.delete_range("TCP", 5002, 5002, manage=1).code == 606
    assert point2.delete_range("UDP", 5000, 6000).code == 730
    assert point2.delete_range("TCP", 5005, 5005).ok


def test_a_range_must_make_sense(point2):
    """IGD-DeleteRange-02, 10, 11, 12, IGD-GetList-07, 08"""
    assert point2.delete_range("TCP", 6000, 5000).code == 733
    assert point2.delete_range("BOTH", 5000, 6000).code == 601
    assert point2.delete_range("TCP", 80, 6000).code == 606
    start = time.monotonic()
    assert point2.delete_range("TCP", 1024, 65535).code == 730
    assert time.monotonic() - start < 0.1
    assert point2.list_range("TCP", 6000, 5000).code == 733
    assert point2.list_range("TCP", 1024, 65535).code == 730


def test_the_list_is_a_document(point2, other2):
    """IGD-GetList-01, 02, 03, 04, 05, 06, 09, 11"""
    assert point2.add("TCP", 5001, internal=6001, PortMappingDescription='a<b&c]]>"d').ok
    assert point2.add("TCP", 5000, RemoteHost="80.100.100.9", Enabled=0, LeaseDuration=100).ok
    assert other2.add("TCP", 5002).ok
    entries = point2.list_range("TCP", 1024, 65535, manage=1)
    assert [list(entry) for entry in entries] == 2 * [
        [
            "RemoteHost",
            "ExternalPort",
            "Protocol",
            "InternalPort",
            "InternalClient",
            "Enabled",
            "Description",
            "LeaseTime",
        ]
    ]
    assert entries[1] == {
        "RemoteHost": "",
        "ExternalPort": "5001",
        "Protocol": "TCP",
        "InternalPort": "6001",
        "InternalClient": LAN1,
        "Enabled": "1",
        "Description": 'a<b&c]]>"d',
        "LeaseTime": entries[1]["LeaseTime"],
    }
    assert entries[0]["RemoteHost"] == "80.100.100.9" and entries[0]["Enabled"] == "0"
    assert 95 <= int(entries[0]["LeaseTime"]) <= 100
    assert point2.add("TCP", 5003).ok
    for number, ports in (1, ["5000"]), (2, ["5000", "5001"]), (0, ["5000", "5001", "5003"]):
        listed = point2.list_range("TCP", 0, 65535, number=number)
        assert [entry["ExternalPort"] for entry in listed] == ports
    assert len(point2.listing()) == 4


def test_long_lists_come_whole(lab):
    """IGD-GetList-10: the first thousand, and the document is whole"""
    lab.daemon(mappings_per_client=1100, mappings_total=5000).start()
    point = ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2)
    for port in range(20000, 21010):
        assert point.add("TCP", port, PortMappingDescription="&" * 5).ok
    entries = point.list_range("TCP", 1024, 65535)
    assert [int(entry["ExternalPort"]) for entry in entries] == list(range(20000, 21000))
    assert len(point.list_range("TCP", 20900, 65535)) == 110
    walked = [int(entry["NewExternalPort"]) for entry in point.listing()]
    assert walked == list(range(20000, 21010))  # one by one, as upnpc -l does
    assert point.delete_range("TCP", 1024, 65535).ok and point.listing() == []


def test_the_table_has_an_end(lab):
    """IGD-Map-16, IGD-AddPortMapping-17, IGD-AddAny-04"""
    lab.daemon(mappings_per_client=2).start()
    point = ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2)
    assert point.add("TCP", 5000).ok and point.add("TCP", 5001).ok
    full = point.add("TCP", 5002)
    assert (full.code, full.text) == (728, "NoPortMapsAvailable")
    assert point.add_any("TCP", 5002).code == 728
    assert point.add("TCP", 5000, internal=6000).ok  # an overwrite needs no room
    assert ControlPoint(lab.lan1, LAN1, point.location).add("TCP", 5002).code == 501


def test_the_connection_is_not_the_clients(point2):
    """IGD-SetConnectionType-01, 03, IGD-RequestConnection-02, IGD-Termination-01, 07,
    IGD-Timers-01, IGD-CIF-09"""

    def code(action, arguments=()):
        return point2.call(action, arguments, service=WAN_IP2).code

    assert code("SetConnectionType", {"NewConnectionType": "IP_Bridged"}) == 731
    assert code("SetConnectionType") == 402
    assert code("RequestConnection") == 606 and code("ForceTermination") == 606
    for action in (
        "RequestTermination",
        "SetAutoDisconnectTime",
        "GetAutoDisconnectTime",
        "SetIdleDisconnectTime",
        "GetIdleDisconnectTime",
        "SetWarnDisconnectDelay",
        "GetWarnDisconnectDelay",
    ):
        assert code(action) == 401, action
    assert point2.call("GetStatusInfo", service=WAN_IP2)["NewConnectionStatus"] == "Connected"


def test_a_newer_version_is_refused(point2):
    """IGD-SOAP-02, 04"""
    kind = WAN_IP2.replace(":2", ":3")
    assert point2.call("GetStatusInfo", service=WAN_IP2, as_type=kind).code == 401
    assert f'xmlns:u="{WAN_IP2}"' in point2.call("GetStatusInfo", service=WAN_IP2).text
    lower = WAN_IP2.replace(":2", ":1")
    assert f'xmlns:u="{lower}"' in point2.call("GetStatusInfo", service=WAN_IP2, as_type=lower).text


@pytest.mark.parametrize("lease", [0, 604801, 4294967295])
def test_no_lease_is_longer_than_a_week(point2, lease):
    """IGD-Lease-01, 04"""
    assert point2.add("TCP", 5000, LeaseDuration=lease).ok
    assert 604799 <= int(point2.specific("TCP", 5000)["NewLeaseDuration"]) <= 604800


def test_a_lease_of_a_second_ends(point2):
    """IGD-Lease-05, 07"""
    assert point2.add("TCP", 5000, LeaseDuration=1).ok
    answer = point2.specific("TCP", 5000)
    assert answer.code == 714 or int(answer["NewLeaseDuration"]) == 1
    wait_until(lambda: point2.specific("TCP", 5000).code == 714, 3, "the end of the lease")


def test_the_update_id_counts_changes(point2, other2):
    """IGD-Index-06, 07, 08, 09, IGD-AddPortMapping-14, 15, IGD-DeletePortMapping-01,
    IGD-DeleteRange-09"""
    with Subscriber(point2) as subscriber:
        assert subscriber.subscribe(WAN_IP2).status == 200
        first = subscriber.wait_for(lambda event: event.sequence == 0, "the initial one").values
        start, entries = int(first["SystemUpdateID"]), int(first["PortMappingNumberOfEntries"])

        def told(changes, count=None):
            event = subscriber.wait_for(
                lambda e: e.values.get("SystemUpdateID") == str(start + changes),
                f"change {changes}",
            )
            assert event.values.get("PortMappingNumberOfEntries") == (
                None if count is None else str(entries + count)
            )

        assert point2.add("TCP", 5000).ok
        told(1, 1)
        assert point2.add("TCP", 5000, internal=6000).ok
        told(2)
        assert point2.add(
            "TCP", 5000, internal=6000, LeaseDuration=100
        ).ok  # a renewal changes nothing
        assert other2.add("TCP", 5000).code == 718  # nor does a refusal
        assert point2.add("TCP", 5001).ok
        told(3, 2)
        assert point2.delete_range("TCP", 5000, 5001).ok
        told(4, 0)
