# SPDX-License-Identifier: GPL-2.0-or-later
"""Eventing: true initial values, events after changes, and subscriptions that must be refused."""

import socket

import pytest

from lab import LAN2, ROUTER_LAN, ROUTER_WAN, WAN_HOST, Capture, Subscriber
from lab.control_point import LAYER3, WAN_COMMON, WAN_IP


@pytest.fixture
def subscriber(point):
    with Subscriber(point) as listener:
        yield listener


def test_the_initial_event_of_the_connection(point, subscriber):
    """GENA-SUBSCRIBE-01, GENA-EVENT-01, 06"""
    assert point.add("TCP", 40001).ok
    response = subscriber.subscribe(WAN_IP)
    assert response.status == 200
    assert response.headers["sid"].startswith("uuid:") and len(response.headers["sid"]) == 41
    assert (
        response.headers["timeout"].startswith("Second-")
        and int(response.headers["timeout"][7:]) >= 1800
    )
    event = subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
    assert event.sid == response.headers["sid"]
    assert event.values["ConnectionStatus"] == "Connected"
    assert event.values["ExternalIPAddress"] == ROUTER_WAN
    assert event.values["PortMappingNumberOfEntries"] == "1"
    assert "IP_Routed" in event.values["PossibleConnectionTypes"]


@pytest.mark.parametrize(
    "service, expected",
    [(WAN_COMMON, {"PhysicalLinkStatus": "Up"}), (LAYER3, {"DefaultConnectionService": None})],
)
def test_the_initial_event_of_the_others(point, subscriber, service, expected):
    """GENA-EVENT-07, 08"""
    assert subscriber.subscribe(service).status == 200
    event = subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
    for name, value in expected.items():
        assert event.values[name] == value or value is None and event.values[name]


def test_an_event_follows_each_change(point, subscriber):
    """GENA-EVENT-04, IGD-AddPortMapping-14, IGD-DeletePortMapping-01, within a second"""
    sid = subscriber.subscribe(WAN_IP).headers["sid"]
    subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
    assert point.add("TCP", 40001).ok
    subscriber.wait_for(
        lambda e: e.values.get("PortMappingNumberOfEntries") == "1" and e.sequence > 0, "one", 1
    )
    assert point.delete("TCP", 40001).ok
    subscriber.wait_for(
        lambda e: e.values.get("PortMappingNumberOfEntries") == "0" and e.sequence > 1, "none", 1
    )
    assert [event.sequence for event in subscriber.events] == list(range(len(subscriber.events)))
    assert {event.sid for event in subscriber.events} == {sid}


def test_a_refusal_sends_no_event(point, subscriber):
    """IGD-AddPortMapping-15, IGD-Access-14"""
    assert subscriber.subscribe(WAN_IP).status == 200
    subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
    assert point.add("TCP", 40001, client=LAN2).code == 718
    assert point.add("TCP", 40002).ok
    subscriber.wait_for(
        lambda e: e.values.get("PortMappingNumberOfEntries") == "1" and e.sequence > 0, "one"
    )
    assert [event.sequence for event in subscriber.events] == [0, 1]


def test_many_changes_end_with_the_last(point, subscriber):
    """GENA-EVENT-11"""
    assert subscriber.subscribe(WAN_IP).status == 200
    for port in range(40000, 40040):
        assert point.add("UDP", port).ok
    subscriber.wait_for(
        lambda e: e.values.get("PortMappingNumberOfEntries") == "40", "the last count", 5
    )


def test_nothing_after_unsubscribing(point, subscriber):
    """GENA-UNSUBSCRIBE-01, 02, GENA-RENEW-02"""
    sid = subscriber.subscribe(WAN_IP).headers["sid"]
    subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
    assert subscriber.unsubscribe(WAN_IP, sid).status == 200
    with Subscriber(point) as witness:
        witness.subscribe(WAN_IP)
        assert point.add("TCP", 40001).ok
        witness.wait_for(
            lambda e: e.values.get("PortMappingNumberOfEntries") == "1", "for the one still there"
        )
    assert [event.sequence for event in subscriber.events] == [0]
    assert subscriber.unsubscribe(WAN_IP, sid).status == 412
    assert subscriber.renew(WAN_IP, sid).status == 412


def test_renewing_goes_on(point, subscriber):
    """GENA-RENEW-01, 03"""
    sid = subscriber.subscribe(WAN_IP).headers["sid"]
    subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
    renewed = subscriber.renew(WAN_IP, sid)
    assert (renewed.status, renewed.headers["sid"]) == (200, sid)
    assert subscriber.renew(WAN_COMMON, sid).status == 412
    assert point.add("TCP", 40001).ok
    assert subscriber.wait_for(lambda e: e.sequence == 1, "the next one").sid == sid


@pytest.mark.parametrize(
    "asked, least, most",
    [
        ("Second-60", 1800, 86400),
        ("Second-infinite", 1800, 86400),
        ("Second-999999999", 1800, 86400),
        ("nonsense", 1800, 86400),
        (None, 1800, 86400),
    ],
)
def test_the_time_granted_is_finite(point, subscriber, asked, least, most):
    """GENA-SUBSCRIBE-09, 10, 11"""
    response = subscriber.subscribe(WAN_IP, timeout=asked)
    assert response.status == 200
    assert least <= int(response.headers["timeout"][len("Second-") :]) <= most
    subscriber.unsubscribe(WAN_IP, response.headers["sid"])


CALLBACKS = {
    "the WAN": f"<http://{WAN_HOST}:8000/>",
    "another host": f"<http://{LAN2}:8000/>",
    "the router": f"<http://{ROUTER_LAN}:8000/>",
    "loopback": "<http://127.0.0.1:8000/>",
    "multicast": "<http://239.255.255.250:1900/>",
    "any": "<http://0.0.0.0:8000/>",
    "a name": "<http://evil.example/>",
    "decimal": "<http://3232248330/>",
    "octal": "<http://0300.0250.062.012:8000/>",
    "port 0": "<http://192.168.50.10:0/>",
    "https": "<https://192.168.50.10:8000/>",
    "no brackets": "http://192.168.50.10:8000/",
    "empty": "<>",
    "one good, one bad": f"<http://192.168.50.10:8000/><http://{WAN_HOST}:8000/>",
}


@pytest.mark.parametrize("where", CALLBACKS)
def test_callbacks_lead_to_the_subscriber_only(shared_lab, point, subscriber, where):
    """CallStranger: GENA-CALLSTRANGER-01 ... 06, GENA-SUBSCRIBE-04, 05: 412, and nobody is
    called"""
    with (
        shared_lab.wan.socket(socket.AF_INET, socket.SOCK_STREAM) as stranger,
        Capture(shared_lab.wan),
    ):
        stranger.bind((WAN_HOST, 8000))
        stranger.listen()
        stranger.settimeout(0.2)
        assert subscriber.subscribe(WAN_IP, callback=CALLBACKS[where]).status == 412
        with pytest.raises(TimeoutError):
            stranger.accept()


def test_bad_subscriptions(point, subscriber):
    """GENA-SUBSCRIBE-03, 06, 07, 08, 15"""
    sid = subscriber.subscribe(WAN_IP).headers["sid"]
    assert subscriber.subscribe(WAN_IP, CALLBACK=None).status == 412
    assert subscriber.subscribe(WAN_IP, NT="upnp:foo").status == 412
    assert subscriber.subscribe(WAN_IP, NT=None).status == 412
    assert subscriber.subscribe(WAN_IP, SID=sid, CALLBACK=None).status == 400
    assert subscriber.subscribe(WAN_IP, SID=sid, NT=None).status == 400
    assert (
        point.request(
            "SUBSCRIBE",
            "/evt/Nothing",
            {"CALLBACK": f"<{subscriber.callback}>", "NT": "upnp:event"},
        ).status
        == 404
    )
    subscriber.unsubscribe(WAN_IP, sid)


def test_a_dead_subscriber_delays_nobody(point, subscriber):
    """GENA-EVENT-14"""
    with point.host.socket(socket.AF_INET, socket.SOCK_STREAM) as silent:
        silent.bind((point.own, 0))
        silent.listen()
        dead = f"<http://{point.own}:{silent.getsockname()[1]}/>"
        sid = subscriber.subscribe(WAN_IP, callback=dead).headers["sid"]
        subscriber.subscribe(WAN_IP)
        subscriber.wait_for(lambda e: e.sequence == 0, "the initial one", 1)
        assert point.add("TCP", 40001).ok
        subscriber.wait_for(lambda e: e.sequence == 1, "the change", 1)
        subscriber.unsubscribe(WAN_IP, sid)
