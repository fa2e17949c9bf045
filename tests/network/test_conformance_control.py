# SPDX-License-Identifier: GPL-2.0-or-later
"""The connection's services and their description, item by item, against one daemon."""

import concurrent.futures
import re
import socket
import time
from xml.etree import ElementTree

import pytest

from lab import LAN1, LAN2, ControlPoint, Echo, Lab, Subscriber, http, wait_until
from lab.control_point import LAYER3, PINHOLES, WAN_COMMON, WAN_IP2, envelope
from lab.waiting import quickest

DEVICE = "{urn:schemas-upnp-org:device-1-0}"
SCPD = "{urn:schemas-upnp-org:service-1-0}"


def test_a_disabled_lease_runs_down_and_stays_away(point2):
    """IGD-Lease-10, 11, 12, IGD-Wild-01, 08"""
    assert point2.add("TCP", 5000, Enabled=0, LeaseDuration=1).ok
    wait_until(lambda: point2.specific("TCP", 5000).code == 714, 3, "its end")
    assert point2.listing() == []
    answers = [
        point2.add("TCP", 5000, LeaseDuration=lease, RemoteHost=remote, internal=6000).code
        for lease in (0, 100)
        for remote in ("", "80.100.100.9")
    ]
    assert answers == [0, 718, 0, 718], "and nothing of 724 to 727"


def value_of(point, variable):
    body = envelope(
        "urn:schemas-upnp-org:control-1-0", "QueryStateVariable", [("varName", variable)]
    )
    answer = point.post(
        WAN_IP2, "", body, {"SOAPACTION": '"urn:schemas-upnp-org:control-1-0#QueryStateVariable"'}
    )
    return ElementTree.fromstring(answer.body).findtext(".//return")


def test_the_count_is_the_number_of_entries(point2, other2):
    """IGD-Index-05: whoever reads the status after an answer finds the change in it"""
    base, number = (
        int(value_of(point2, name)) for name in ("PortMappingNumberOfEntries", "SystemUpdateID")
    )

    def counts(changes, entries):
        assert value_of(other2, "PortMappingNumberOfEntries") == str(base + entries)
        assert value_of(other2, "SystemUpdateID") == str(number + changes)

    for port in range(5000, 5020):
        assert point2.add("UDP", port).ok
        counts(port - 4999, port - 4999)
    assert value_of(point2, "PortMappingNumberOfEntries") == str(len(point2.listing()))
    for port in range(5000, 5020):
        assert point2.delete("UDP", port).ok
        counts(port - 4979, 5019 - port)


def test_arguments_of_any_port(point2):
    """IGD-WANIPC-05, IGD-6FC-01: names, order and types in the service descriptions"""

    def arguments(service, action):
        document = ElementTree.fromstring(point2.get(point2.services[service].scpd).body)
        types = {
            v.findtext(SCPD + "name"): v.findtext(SCPD + "dataType")
            for v in document.iter(SCPD + "stateVariable")
        }
        found = next(
            a for a in document.iter(SCPD + "action") if a.findtext(SCPD + "name") == action
        )
        return [
            (
                a.findtext(SCPD + "name"),
                a.findtext(SCPD + "direction"),
                types[a.findtext(SCPD + "relatedStateVariable")],
            )
            for a in found.iter(SCPD + "argument")
        ]

    assert arguments(WAN_IP2, "AddAnyPortMapping")[-1] == ("NewReservedPort", "out", "ui2")
    assert arguments(PINHOLES, "AddPinhole") == [
        ("RemoteHost", "in", "string"),
        ("RemotePort", "in", "ui2"),
        ("InternalClient", "in", "string"),
        ("InternalPort", "in", "ui2"),
        ("Protocol", "in", "ui2"),
        ("LeaseTime", "in", "ui4"),
        ("UniqueID", "out", "ui2"),
    ]
    assert arguments(PINHOLES, "UpdatePinhole") == [
        ("UniqueID", "in", "ui2"),
        ("NewLeaseTime", "in", "ui4"),
    ]
    assert arguments(PINHOLES, "CheckPinholeWorking") == [
        ("UniqueID", "in", "ui2"),
        ("IsWorking", "out", "boolean"),
    ]


def test_a_type_that_is_not_in_the_list(point2):
    """IGD-SetConnectionType-04"""
    assert (
        point2.call("SetConnectionType", {"NewConnectionType": "PPPoE"}, service=WAN_IP2).code
        == 731
    )


def test_uptime_is_time(point2):
    """IGD-GetStatusInfo-03, 07"""

    def uptime():
        status = point2.call("GetStatusInfo", service=WAN_IP2)
        assert status["NewConnectionStatus"] == "Connected"
        return int(status["NewUptime"])

    before, first, begin = time.monotonic(), uptime(), time.monotonic()
    wait_until(lambda: uptime() >= first + 3, 6, "three seconds")
    end, last, after = time.monotonic(), uptime(), time.monotonic()
    assert end - begin - 1 <= last - first <= after - before + 1


def test_nat_is_on(point2):
    """IGD-GetNATRSIPStatus-03"""
    assert point2.call("GetNATRSIPStatus", service=WAN_IP2)["NewNATEnabled"] == "1"


def test_reading_by_index(point2):
    """IGD-GetGeneric-03, 06"""
    for index in ("abc", "", None, -1, 65536):
        assert point2.entry(index).code == 402, index
    for port in (5000, 5001, 5002):
        assert point2.add("TCP", port).ok
    assert point2.entry(0)["NewExternalPort"] == "5000"
    assert point2.delete("TCP", 5000).ok
    assert point2.entry(1)["NewExternalPort"] == "5002"  # 5001 was skipped
    assert point2.entry(2).code == 713


def test_reading_by_key(point2):
    """IGD-GetSpecific-02, 04, 05, 07, IGD-DeletePortMapping-07"""
    assert point2.add("TCP", 5000).ok
    assert point2.specific("UDP", 5000).code == 714 and point2.specific("SCTP", 5000).code == 601

    def one_that_is_not_there():
        assert point2.specific("TCP", 5001).code == 714

    assert quickest(one_that_is_not_there) < 0.1
    assert point2.specific("TCP", 5000, remote=None).ok
    assert point2.delete("TCP", 5000, remote=None).ok


def test_the_key_of_another(point2, other2):
    """IGD-AddPortMapping-05"""
    assert other2.add("TCP", 5000).ok
    answer = point2.add("TCP", 5000)
    assert (answer.code, answer.text) == (718, "ConflictInMappingEntry")


def test_renewing_keeps_what_flows(shared_lab, point2):
    """IGD-Quirk-33: an Xbox renews UDP 3074 all the time"""
    with Echo(shared_lab.lan1, 3074):
        assert point2.add("UDP", 3074).ok
        with shared_lab.wan.socket(socket.AF_INET, socket.SOCK_DGRAM) as flow:
            flow.settimeout(1)
            flow.connect(("80.100.100.1", 3074))
            for lease in (0, 100, 0):
                assert point2.add("UDP", 3074, LeaseDuration=lease).ok
                flow.send(b"x")
                assert flow.recv(10) == b"x"


def test_delete_then_add(shared_lab, point2):
    """IGD-Quirk-35: not reachable for less than 100 ms"""
    with Echo(shared_lab.lan1, 5000):
        assert point2.add("UDP", 5000).ok

        def end_and_begin():
            assert point2.delete("UDP", 5000).ok and point2.add("UDP", 5000).ok
            assert shared_lab.reaches("UDP", 5000)

        assert quickest(end_and_begin) < 0.1


def test_the_root_device_as_windows_wants_it(lab):
    """IGD-Quirk-37, 38, 40, IGD-Tree-09, 14, DESC-11, 13"""
    lab.daemon(presentation_url="http://router.example/").start()
    point = ControlPoint(lab.lan1, LAN1)
    device = ElementTree.fromstring(point.description).find(DEVICE + "device")
    assert device.findtext(DEVICE + "presentationURL") == "http://router.example/"
    services = list(device.iter(DEVICE + "service"))
    assert [
        s.findtext(DEVICE + "serviceType")
        for s in device.findall(f"{DEVICE}serviceList/{DEVICE}service")
    ] == [LAYER3]
    assert "ummy" not in point.description
    assert point.services[PINHOLES].id == "urn:upnp-org:serviceId:WANIPv6Firewall1"
    controls = [s.findtext(DEVICE + "controlURL") for s in services]
    assert len(set(controls)) == len(controls) == 4
    for service in services:
        for name in "SCPDURL", "controlURL", "eventSubURL":
            url = service.findtext(DEVICE + name)
            assert url.startswith("/") and "?" not in url
            assert point.get(url).status == (200 if name == "SCPDURL" else 405)
    order = [
        "deviceType",
        "friendlyName",
        "manufacturer",
        "manufacturerURL",
        "modelDescription",
        "modelName",
        "modelNumber",
        "modelURL",
        "serialNumber",
        "UDN",
        "UPC",
        "iconList",
        "serviceList",
        "deviceList",
        "presentationURL",
    ]
    for node in [device, *device.iter(DEVICE + "device")]:
        names = [child.tag.removeprefix(DEVICE) for child in node]
        assert names == sorted(names, key=order.index)


def test_the_rest_of_the_description(point2):
    """DESC-04, 05, 06, 07, 09, 15, 18, 19, 20, 25, IGD-Quirk-03, IGD-GetConnectionTypeInfo-02"""
    longest = {
        "friendlyName": 63,
        "manufacturer": 63,
        "modelDescription": 127,
        "modelName": 31,
        "modelNumber": 31,
        "serialNumber": 63,
    }
    root = ElementTree.fromstring(point2.description)
    for element in root.iter():
        name = element.tag.removeprefix(DEVICE)
        assert len(element) or element.text, name
        assert len(element.text or "") <= longest.get(name, 4096)
        assert name not in ("UPC", "URLBase")
    assert [e.text for e in root.iter(DEVICE + "major")] == ["1"]
    udns = [e.text for e in root.iter(DEVICE + "UDN")]
    assert len(set(udns)) == 3 and "75802409-bccb-40e7-8e6c-fa095ecce13e" not in "".join(udns)
    assert all(re.fullmatch(r"uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", udn) for udn in udns)
    for service in point2.services.values():
        for variable in ElementTree.fromstring(point2.get(service.scpd).body).iter(
            SCPD + "stateVariable"
        ):
            allowed = [value.text for value in variable.iter(SCPD + "allowedValue")]
            default = variable.findtext(SCPD + "defaultValue")
            assert not allowed or default is None or default in allowed
    for headers in (
        {"IF-MODIFIED-SINCE": "Sat, 21 Nov 2026 00:00:00 GMT"},
        {"RANGE": "bytes=0-9"},
        {"ACCEPT-ENCODING": "gzip"},
    ):
        answer = point2.get("/rootDesc2.xml", headers=headers)
        assert answer.status == 200 and answer.body == point2.description
    assert (
        point2.get("/rootDesc.xml", headers={"ACCEPT-LANGUAGE": "de"}).headers["content-language"]
        == "en"
    )
    bare = http.exchange(
        point2.host, point2.address, point2.port, b"GET /rootDesc2.xml HTTP/1.0\r\n\r\n"
    )
    assert bare.body == point2.description
    microsoft = point2.get("/rootDesc2.xml", headers={"USER-AGENT": "FDSSDP"}).body
    assert microsoft == point2.get("/rootDesc.xml").body and re.findall(
        "<UDN>.*", microsoft
    ) == re.findall("<UDN>.*", point2.description)


def test_the_link(point2, shared_lab):
    """IGD-CIF-01, 03, 06, 07, 08: veth says that it does 10 Gbit/s"""
    link = point2.call("GetCommonLinkProperties", service=WAN_COMMON)
    assert list(link.values) == [
        "NewWANAccessType",
        "NewLayer1UpstreamMaxBitRate",
        "NewLayer1DownstreamMaxBitRate",
        "NewPhysicalLinkStatus",
    ]
    assert (
        link["NewLayer1UpstreamMaxBitRate"] == link["NewLayer1DownstreamMaxBitRate"] == "4294967295"
    )
    names = "BytesSent", "BytesReceived", "PacketsSent", "PacketsReceived"

    def counters():
        return [
            int(point2.call("GetTotal" + name, service=WAN_COMMON)["NewTotal" + name])
            for name in names
        ]

    before = counters()
    shared_lab.router.run("ping", "-c", "2", "-i", "0.01", "-s", "1000", "80.100.100.9")
    for _ in range(10):
        after = counters()
        assert all(now >= then for now, then in zip(after, before))
        before = after
    assert (
        point2.call("GetActiveConnection", {"NewActiveConnectionIndex": 0}, service=WAN_COMMON).code
        == 401
    )


def test_rates_of_the_administrator_and_of_nobody(lab):
    """IGD-CIF-04"""
    lab.daemon(upstream_bitrate=512000).start()
    point = ControlPoint(lab.lan1, LAN1)
    lab.router.ip("link del wan0")

    def rates():
        link = point.call("GetCommonLinkProperties", service=WAN_COMMON)
        return (
            link["NewLayer1UpstreamMaxBitRate"],
            link["NewLayer1DownstreamMaxBitRate"],
            link["NewPhysicalLinkStatus"],
        )

    wait_until(lambda: rates() == ("512000", "0", "Down"), 3, "the configured rate, and none")


def test_the_default_connection(point2):
    """IGD-L3F-02, 03, 05, 06, 07"""

    def choose(value):
        return point2.call(
            "SetDefaultConnectionService", {"NewDefaultConnectionService": value}, service=LAYER3
        ).code

    current = point2.call("GetDefaultConnectionService", service=LAYER3)[
        "NewDefaultConnectionService"
    ]
    device, _, service = current.partition(",")
    assert choose(current) == 0
    assert (
        choose(f"uuid:00000000-0000-0000-0000-000000000000:WANConnectionDevice:2,{service}") == 720
    )
    assert choose(device + ",urn:upnp-org:serviceId:Nothing") == 721
    assert choose(device + ",urn:upnp-org:serviceId:WANCommonIFC1") == 606
    with Subscriber(point2) as subscriber:
        assert subscriber.subscribe(LAYER3).status == 200
        event = subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
        assert event.values == {"DefaultConnectionService": current}


def test_nobody_is_more_than_a_guest(point2):
    """IGD-Roles-01: what is for others than guests is refused or not there"""
    for service, action, arguments, code in (
        (WAN_IP2, "ForceTermination", {}, 606),
        (WAN_IP2, "RequestConnection", {}, 606),
        (WAN_IP2, "SetConnectionType", {"NewConnectionType": "IP_Routed"}, 731),
        (WAN_COMMON, "SetEnabledForInternet", {"NewEnabledForInternet": 0}, 401),
    ):
        assert point2.call(action, arguments, service=service).code == code, action


def test_several_addresses_outside(lab):
    """IGD-GetExternalIP-06, 07, IGD-Quirk-41: the one that new flows leave with; also a private
    one"""
    daemon = lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1, wan_ip=WAN_IP2)

    def external():
        return point.call("GetExternalIPAddress", service=WAN_IP2)["NewExternalIPAddress"]

    lab.router.ip("addr add 80.100.100.77/24 dev wan0")
    for _ in range(3):
        assert external() == "80.100.100.1"
    lab.router.ip("addr flush dev wan0", "addr add 10.64.0.5/24 brd + dev wan0")
    wait_until(lambda: external() == "10.64.0.5", 3, "the private address")
    assert daemon.log.count("private: not reachable from the Internet") == 1
    assert point.add("TCP", 5000).ok


def test_carrier_of_the_external_link(lab):
    """IGD-CIF-02: evented within two seconds, and back"""
    lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    with Subscriber(point) as subscriber:
        assert subscriber.subscribe(WAN_COMMON).status == 200
        subscriber.wait_for(lambda e: e.values == {"PhysicalLinkStatus": "Up"}, "the initial one")
        lab.wan.ip("link set eth0 down")
        subscriber.wait_for(
            lambda e: e.values == {"PhysicalLinkStatus": "Down"}, "the loss of the carrier", 2
        )
        lab.wan.ip("link set eth0 up")
        subscriber.wait_for(
            lambda e: e.sequence == 2 and e.values == {"PhysicalLinkStatus": "Up"}, "its return", 2
        )


def test_no_room_for_a_pinhole():
    """IGD-6FC-28"""
    with Lab() as lab:
        lab.add_ipv6()
        lab.lan1.ping("2a0a:200::1")
        lab.daemon(mappings_per_client=2).start()
        point = ControlPoint(lab.lan1, LAN1)
        assert point.pinhole("2a0a:200::10", 5000).ok and point.pinhole("2a0a:200::10", 5001).ok
        assert point.pinhole("2a0a:200::10", 5002).code == 701
        assert point.pinhole("2a0a:200::10", 5000).ok


def test_flows_of_a_deleted_mapping_end(shared_lab, point2):
    """IGD-DeletePortMapping-08"""
    with Echo(shared_lab.lan1, 5000):
        assert point2.add("UDP", 5000).ok
        with shared_lab.wan.socket(socket.AF_INET, socket.SOCK_DGRAM) as flow:
            flow.settimeout(0.4)
            flow.connect(("80.100.100.1", 5000))
            flow.send(b"x")
            assert flow.recv(10) == b"x"
            assert point2.delete("UDP", 5000).ok
            shared_lab.wait_for_end_of_flow(5000)
            flow.send(b"y")
            with pytest.raises(OSError):
                flow.recv(10)


def test_an_ipv4_client_is_one(point2):
    """IGD-Access-06, IGD-Quirk-42: there is no dual-stack socket that would show it as
    ::ffff:..."""
    assert point2.add("TCP", 5000, client=LAN1).ok and point2.add("TCP", 5001, client="").ok
    assert {entry["NewInternalClient"] for entry in point2.listing()} == {LAN1}
    assert point2.add("TCP", 5002, client=LAN2).code == 606


def test_calls_from_libupnps_threads(point2, other2):
    """IGD-Lib-01, 03, 04: many at once, with events, and no deadlock; either description leads to
    the same device"""
    assert point2.get("/rootDesc.xml").status == 200
    with Subscriber(point2) as subscriber:
        assert subscriber.subscribe(WAN_IP2).status == 200
        first = subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")

        def work(point, ports):
            for port in ports:
                assert point.add("TCP", port).ok
                assert point.delete("TCP", port).ok

        with concurrent.futures.ThreadPoolExecutor() as pool:
            workers = [
                pool.submit(work, point, range(start, start + 50))
                for point, start in ((point2, 7000), (point2, 7100), (other2, 7200), (other2, 7300))
            ]
            for worker in workers:
                worker.result(20)
        last = int(first.values["SystemUpdateID"]) + 400
        subscriber.wait_for(
            lambda e: e.values.get("SystemUpdateID") == str(last), "the last change"
        )
