# SPDX-License-Identifier: GPL-2.0-or-later
"""Subscriptions and events, item by item; and many of both."""

import concurrent.futures
import contextlib
import os
import re
import signal
import socket
import time
import urllib.parse

import pytest

from lab import LAN1, LAN2, ControlPoint, Subscriber, wait_until
from lab.control_point import LAYER3, WAN_COMMON, WAN_IP2
from lab.reader import Reader


@pytest.fixture(scope="module")
def shared_daemon(shared_lab):
    """With room for those that the tests leave behind."""
    daemon = shared_lab.daemon(subscriptions_per_client=400, subscriptions_total=400).start()
    yield daemon
    assert daemon.stop() == 0


class Callback(Reader):
    """Answers each event with what it is told to, and keeps request lines and headers."""

    def __init__(self, host, own, answer=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"):
        self.seen, self.answer = [], answer
        listener = host.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind((own, 0))
        listener.listen(64)
        self.url = f"http://{own}:{listener.getsockname()[1]}"
        super().__init__([listener], self._serve)

    def _serve(self, listener):
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(1)
            data = b""
            while b"</e:propertyset>" not in data:
                piece = connection.recv(65536)
                if not piece:
                    break
                data += piece
            self.seen.append(data.decode())
            connection.sendall(self.answer)

    def count(self):
        return len(self.seen)


def subscribe(point, callback, service=WAN_IP2, **headers):
    fields = {"CALLBACK": callback, "NT": "upnp:event", "TIMEOUT": "Second-1800", **headers}
    return point.request("SUBSCRIBE", point.services[service].event, fields)


@pytest.fixture
def callback(shared_lab):
    with Callback(shared_lab.lan1, LAN1) as listener:
        yield listener


def test_two_of_one(point2, callback):
    """GENA-SUBSCRIBE-02, 17"""
    sids = [
        subscribe(point2, f"<{callback.url}/>", STATEVAR="ConnectionStatus").headers["sid"]
        for _ in range(2)
    ]
    assert len(set(sids)) == 2
    wait_until(lambda: callback.count() == 2, 3, "both initial events")
    assert point2.add("TCP", 5000).ok
    wait_until(lambda: callback.count() == 4, 3, "the change for both")


def test_the_next_url_when_one_refuses(point2, callback):
    """GENA-SUBSCRIBE-13, GENA-EVENT-15: in their order, once each"""
    dead = f"<http://{LAN1}:9/a><http://{LAN1}:10/b>"
    assert subscribe(point2, dead + f"<{callback.url}/c>").status == 200
    wait_until(lambda: callback.count() == 1, 3, "the event at the third")
    with Subscriber(point2) as witness:
        assert witness.subscribe(WAN_IP2).status == 200
        witness.wait_for(lambda e: e.sequence == 0, "the initial one")
        assert point2.add("TCP", 5000).ok
        witness.wait_for(lambda e: e.sequence == 1, "the change")
    wait_until(lambda: callback.count() == 2, 3, "the change at the third")
    assert [text.split()[1] for text in callback.seen] == ["/c", "/c"]


def test_too_many_urls(point2, callback):
    """GENA-SUBSCRIBE-14, GENA-CALLSTRANGER-02, 03, 04, 06"""
    good = f"<{callback.url}/>"
    assert subscribe(point2, good * 8).status == 200
    for bad in (
        good * 9,
        f"<{callback.url}/{'x' * 3000}>",
        good + "<http://80.100.100.9/>",
        f"<http://{LAN2}:80/>",
        "<http://192.168.50.1:80/>",
        "<http://127.0.0.1/>",
        "<http://2130706433/>",
        "<http://0x7f.1/>",
        f"<http://{LAN1}:0/>",
        "<http://255.255.255.255/>",
        "<http://239.255.255.250/>",
    ):
        assert subscribe(point2, bad).status == 412, bad


def test_an_event_url_takes_nothing_else(point2):
    """GENA-SUBSCRIBE-16"""
    for method in "GET", "POST", "HEAD", "PUT":
        answer = point2.request(method, "/evt/IPConn")
        assert answer.status == 405 and answer.headers["allow"] == "SUBSCRIBE, UNSUBSCRIBE"


def test_only_the_subscriber_renews(point2, other2, callback):
    """GENA-RENEW-04"""
    sid = subscribe(point2, f"<{callback.url}/>").headers["sid"]
    fields = {"SID": sid, "TIMEOUT": "Second-1800"}
    assert other2.request("SUBSCRIBE", "/evt/IPConn", fields).status == 412
    assert other2.request("UNSUBSCRIBE", "/evt/IPConn", {"SID": sid}).status == 412
    assert point2.request("SUBSCRIBE", "/evt/IPConn", fields).status == 200


def test_a_limit_on_subscriptions(lab):
    """GENA-SUBSCRIBE-12: of a client; those that are there stay, and another client has his own"""
    lab.daemon(subscriptions_per_client=2, subscriptions_total=3).start()
    point, other = ControlPoint(lab.lan1, LAN1), ControlPoint(lab.lan2, LAN2)
    with Subscriber(point) as one, Subscriber(other) as two:
        sid = one.subscribe(WAN_IP2).headers["sid"]
        assert one.subscribe(WAN_COMMON).status == 200 and one.subscribe(LAYER3).status == 503
        assert two.subscribe(WAN_IP2).status == 200 and two.subscribe(WAN_COMMON).status == 503
        assert one.renew(WAN_IP2, sid).status == 200
        assert one.unsubscribe(WAN_IP2, sid).status == 200 and one.subscribe(LAYER3).status == 200


@pytest.mark.parametrize(
    "answer",
    [
        "HTTP/1.1 302 Found\r\nLocation: http://80.100.100.9/\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 200\r\n\r\n",
        "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_answers_of_subscribers(shared_lab, point2, answer):
    """GENA-CALLSTRANGER-07, GENA-EVENT-12, 23: the subscription is kept, and nobody is sent
    elsewhere"""
    with Callback(shared_lab.lan1, LAN1, answer.encode()) as listener:
        assert subscribe(point2, f"<{listener.url}/>").status == 200
        wait_until(lambda: listener.count() == 1, 3, "the initial event")
        assert point2.add("TCP", 5000).ok
        wait_until(lambda: listener.count() == 2, 3, "the change")


def test_a_subscriber_that_knows_nothing_of_it(shared_lab, point2):
    """GENA-EVENT-12: 412 ends the subscription"""
    with Callback(
        shared_lab.lan1, LAN1, b"HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n"
    ) as listener:
        sid = subscribe(point2, f"<{listener.url}/>").headers["sid"]
        wait_until(lambda: listener.count() == 1, 3, "the initial event")
        wait_until(
            lambda: point2.request("SUBSCRIBE", "/evt/IPConn", {"SID": sid}).status == 412,
            3,
            "its end",
        )


def test_the_first_event_comes_after_the_answer(shared_lab, point2):
    """GENA-EVENT-02, 03, 18, IGD-L3F-07: though the event is asked for at a path with a query"""
    with Callback(shared_lab.lan1, LAN1) as listener:
        with shared_lab.lan1.socket(socket.AF_INET, socket.SOCK_STREAM) as slow:
            slow.connect((point2.address, point2.port))
            slow.sendall(
                (
                    f"SUBSCRIBE /evt/IPConn HTTP/1.1\r\nHOST: {point2.address}:{point2.port}\r\n"
                    f"NT: upnp:event\r\nCALLBACK: <{listener.url}/a/b?c=d>\r\n\r\n"
                ).encode()
            )
            assert slow.recv(4096).startswith(b"HTTP/1.1 200")
            wait_until(lambda: listener.count() == 1, 3, "the initial event")
        assert (
            listener.seen[0].startswith("NOTIFY /a/b?c=d HTTP/1.1\r\n")
            and "\r\nSEQ: 0\r\n" in listener.seen[0]
        )


def test_changes_while_subscribing(shared_lab, point2):
    """GENA-EVENT-03: whoever subscribes meanwhile ends with the last count"""
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor())
        worker = pool.submit(lambda: [point2.add("UDP", port).ok for port in range(6000, 6040)])
        listeners = []
        for _ in range(10):
            listener = stack.enter_context(Callback(shared_lab.lan1, LAN1))
            assert subscribe(point2, f"<{listener.url}/>").status == 200
            listeners.append(listener)
        assert all(worker.result())
        for listener in listeners:
            wait_until(
                lambda: listener.seen and "<PortMappingNumberOfEntries>40<" in listener.seen[-1],
                5,
                "the last",
            )


def test_only_what_changed(point2, callback):
    """GENA-EVENT-09, 16, 21: and a service without a change sends nothing"""
    with Callback(point2.host, LAN1) as idle:
        assert subscribe(point2, f"<{idle.url}/>", LAYER3).status == 200
        assert subscribe(point2, f"<{callback.url}/>").status == 200
        wait_until(lambda: callback.count() == 1 and idle.count() == 1, 3, "the initial events")
        assert point2.add("TCP", 5000).ok
        wait_until(lambda: callback.count() == 2, 3, "the change")
        assert re.findall(r"<(\w+)>[^<]*</\1>", callback.seen[1]) == [
            "PortMappingNumberOfEntries",
            "SystemUpdateID",
        ]
        assert idle.count() == 1


def test_a_subscriber_that_never_answers(shared_lab, point2):
    """GENA-EVENT-13: its event is given up after 10 s, it stays subscribed, SEQ goes on, and it
    hears of what has changed meanwhile"""
    with shared_lab.lan1.socket(socket.AF_INET, socket.SOCK_STREAM) as silent:
        silent.bind((LAN1, 0))
        silent.listen()
        silent.settimeout(13)
        url = f"http://{LAN1}:{silent.getsockname()[1]}/"
        assert subscribe(point2, f"<{url}>").status == 200
        first, _ = silent.accept()
        begin = time.monotonic()
        assert point2.add("TCP", 5000).ok
        second, _ = silent.accept()
        assert 8 < time.monotonic() - begin < 12.5
        second.settimeout(2)
        event = second.recv(4096)
        assert b"SEQ: 1" in event and b"<PortMappingNumberOfEntries>1<" in event
        first.close()
        second.close()


def test_one_that_goes_away_before_the_answer(shared_lab, daemon, point2, callback):
    """GENA-EVENT-22: whoever cannot be told its SID is no subscriber"""
    gone = shared_lab.lan1.socket(socket.AF_INET, socket.SOCK_STREAM)
    gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    gone.settimeout(3)
    gone.connect((point2.address, point2.port))
    host = f"HTTP/1.1\r\nHOST: {point2.address}:{point2.port}\r\n"
    gone.sendall(f"HEAD /rootDesc.xml {host}\r\n".encode())
    assert gone.recv(4096).startswith(b"HTTP/1.1 200"), "it is served"
    (front_end,) = daemon.front_ends()
    os.kill(front_end, signal.SIGSTOP)  # so that it reads of the end before it answers
    try:
        gone.sendall(
            (
                f"SUBSCRIBE /evt/IPConn {host}NT: upnp:event\r\nCALLBACK: <{callback.url}/>\r\n\r\n"
            ).encode()
        )
        gone.close()
    finally:
        os.kill(front_end, signal.SIGCONT)
    with Subscriber(point2) as witness:
        assert witness.subscribe(WAN_IP2).status == 200
        witness.wait_for(lambda e: e.sequence == 0, "the initial one")
        assert point2.add("TCP", 5000).ok
        witness.wait_for(lambda e: e.sequence == 1, "the change for who is there")
    assert callback.count() <= 1, "not the change"


def test_the_end_of_the_daemon(lab):
    """GENA-EVENT-19, 20: no event of zeros, and an old SID is none after a restart"""
    daemon = lab.daemon().start()
    point = ControlPoint(lab.lan1, LAN1)
    with Subscriber(point) as subscriber:
        sid = subscriber.subscribe(WAN_IP2).headers["sid"]
        subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")
        assert point.add("TCP", 5000).ok
        subscriber.wait_for(lambda e: e.sequence == 1, "the change")
        assert daemon.stop() == 0
        daemon.start()
        assert len(subscriber.events) == 2
        assert subscriber.renew(WAN_IP2, sid).status == 412


def test_events_leave_by_the_lan(shared_lab, point2, callback):
    """SEC-WAN-15: even when a route says otherwise"""
    shared_lab.router.ip(f"route add {LAN1}/32 via 80.100.100.9")
    try:
        assert subscribe(point2, f"<{callback.url}/>").status == 200
        wait_until(lambda: callback.count() == 1, 3, "the initial event")
    finally:
        shared_lab.router.ip(f"route del {LAN1}/32")


def rounds(point, first_port, count, faults):
    """Subscribes, changes, unsubscribes, `count` times; what is told must be whole and in order. A
    change need not tell the number of mappings: others' additions and deletions within one window
    of moderation leave it as it was."""
    with Subscriber(point) as subscriber:
        for turn in range(count):
            sid = subscriber.subscribe(WAN_IP2).headers["sid"]
            subscriber.wait_for(lambda e: e.sid == sid and e.sequence == 0, "the initial one")
            answer = point.add("UDP", first_port + turn)
            subscriber.wait_for(lambda e: e.sid == sid and e.sequence == 1, "a change")
            gone = subscriber.unsubscribe(WAN_IP2, sid)
            mine = [e for e in subscriber.events if e.sid == sid]
            ids = [int(e.values["SystemUpdateID"]) for e in mine]
            if not (
                answer.ok
                and gone.status == 200
                and [e.sequence for e in mine] == list(range(len(mine)))
                and ids == sorted(set(ids))
                and "PortMappingNumberOfEntries" in mine[0].values
            ):
                faults.append((turn, answer, gone, mine))
            del subscriber.events[:]


def test_a_hundred_rounds(lab):
    """Twenty hosts' worth of five rounds each: no event is lost, none comes twice, none out of
    order"""
    lab.daemon(mappings_per_client=1000, subscriptions_per_client=100).start()
    faults, location = [], ControlPoint(lab.lan1, LAN1).location
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        workers = [
            pool.submit(
                rounds,
                ControlPoint(lab.lan1, LAN1, location, WAN_IP2),
                20000 + 100 * n,
                5,
                faults,
            )
            for n in range(20)
        ]
        for worker in workers:
            worker.result(120)
    assert not faults


@pytest.mark.parametrize("count", [128, 500])
def test_many_subscribers_at_once(lab, count):
    """Each is told of each change, in order, and of nothing twice: as many as there may be by
    default, and 500"""
    settings = {"subscriptions_total": count} if count > 128 else {}
    lab.daemon(subscriptions_per_client=count, requests_per_client=1000, **settings).start()
    point = ControlPoint(lab.lan1, LAN1)
    with Subscriber(point) as subscriber:
        sids = [subscriber.subscribe(WAN_IP2).headers["sid"] for _ in range(count)]
        wait_until(lambda: len(subscriber.events) == count, 10, "the initial events")
        for number in range(1, 4):
            assert point.add("UDP", 20000 + number).ok
            wait_until(
                lambda: len(subscriber.events) == count * (number + 1),
                10,
                f"change {number} for all",
            )
        events = {sid: [e for e in subscriber.events if e.sid == sid] for sid in sids}
    for mine in events.values():
        assert [e.sequence for e in mine] == list(range(4))
        assert [e.values["PortMappingNumberOfEntries"] for e in mine] == ["0", "1", "2", "3"]


def test_a_control_point_that_restarts(point2):
    """Its subscriptions of before, whose callbacks are dead, leave room for the next one"""
    for port in range(5000, 5060):
        assert subscribe(point2, f"<http://{LAN1}:{port}/>").status == 200, port


def test_one_host_does_not_take_all_subscriptions(lab):
    """Eight addresses with as many as each may have, all of them dead; then another host comes"""
    lab.daemon().start()
    location = ControlPoint(lab.lan1, LAN1).location
    for number in range(8):
        own = f"192.168.50.{100 + number}"
        lab.lan1.ip(f"addr add {own}/24 dev eth0")
        for port in range(16):
            answer = subscribe_from(lab.lan1, location, own, f"<http://{own}:{4000 + port}/>")
            assert answer.startswith("HTTP/1.1 200"), (number, port)
    other = ControlPoint(lab.lan2, LAN2, location)
    with Subscriber(other) as subscriber:
        assert subscriber.subscribe(WAN_IP2).status == 200
        subscriber.wait_for(lambda e: e.sequence == 0, "the initial one")


def subscribe_from(host, location, own, callback):
    """The status line of a SUBSCRIBE from that address of the host."""
    parts = urllib.parse.urlsplit(location)
    with host.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.bind((own, 0))
        connection.settimeout(3)
        connection.connect((parts.hostname, parts.port))
        connection.sendall(
            (
                f"SUBSCRIBE /evt/IPConn HTTP/1.1\r\nHOST: {parts.netloc}\r\n"
                f"NT: upnp:event\r\nCALLBACK: {callback}\r\n\r\n"
            ).encode()
        )
        return connection.recv(4096).decode()
