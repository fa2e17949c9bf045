# SPDX-License-Identifier: GPL-2.0-or-later
"""Metrics: at metrics_listen and by upnpctl, as Prometheus reads them. Their numbers follow what
happens, and whoever asks has no other way in."""

import contextlib
import json
import pathlib
import re
import socket
import subprocess
import threading

import pytest

from lab import (
    LAN1,
    LAN2,
    ROUTER_LAN,
    ROUTER_WAN,
    WAN_HOST,
    ControlPoint,
    Lab,
    Subscriber,
    wait_until,
)
from lab.control_point import WAN_IP
from lab.http import exchange, request
from lab.promtool import promtool

PORT = 9912
ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
)


@pytest.fixture(scope="module")
def judge():
    try:
        return promtool()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no promtool, and apt cannot fetch it: {error}")


@pytest.fixture(scope="module")
def lab():
    with Lab() as lab:
        lab.add_ipv6()
        yield lab


@pytest.fixture(scope="module")
def daemon(lab):
    daemon = lab.daemon(
        metrics_listen=f"{ROUTER_LAN}:{PORT}", requests_per_client=100, requests_total=1000
    ).start()
    wait_until(lambda: listens(daemon), 5, "a listener")
    return daemon


@pytest.fixture(scope="module")
def point(lab, daemon):
    return ControlPoint(lab.lan1, LAN1)


def state(daemon):
    """The listener, as `upnpctl status` has it."""
    return json.loads(daemon.ctl("-j", "status").stdout)["metrics"]


def listens(daemon):
    return state(daemon) is not None and state(daemon)["open"]


def scrape(lab, **options):
    return request(lab.lan2, ROUTER_LAN, PORT, "GET", "/metrics", **options)


def value(text, sample):
    """A sample's value; 0 where there is none."""
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


@contextlib.contextmanager
def moves(lab, **samples):
    """Counters that move by so much within; their names are given with " for '."""
    before = scrape(lab).body
    yield

    def moved():
        text = scrape(lab).body
        return {name: value(text, name) - value(before, name) for name in samples}

    wait_until(lambda: moved() == samples, 5, f"{samples}, not {moved()}")


def test_promtool_finds_nothing(lab, daemon, judge):
    """Names, types and units are as Prometheus wants them"""
    text = scrape(lab).body
    said = subprocess.run(
        [judge, "check", "metrics"], input=text, text=True, capture_output=True, check=False
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_prometheus_gets_openmetrics_and_others_plain_text(lab, daemon):
    """Accept decides"""
    plain = scrape(lab)
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "# TYPE upnpd_granted_total counter" in plain.body and "# EOF" not in plain.body
    asked = scrape(lab, headers={"ACCEPT": PROMETHEUS, "HOST": "router.lan:9912"})
    assert asked.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert "# TYPE upnpd_granted counter" in asked.body and asked.body.endswith("# EOF\n")
    head = request(lab.lan2, ROUTER_LAN, PORT, "HEAD", "/metrics")
    assert head.status == 200 and head.body == "" and int(head.headers["content-length"]) > 5000


def test_the_admin_socket_has_the_same(lab, daemon):
    """`metrics FROM`, as upnpctl asks"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asking:
        asking.settimeout(5)
        asking.connect(str(daemon.control_socket))
        asking.send(b"metrics 0")
        answer = json.loads(asking.recv(1 << 20))
    assert answer["ok"] and answer["next"] is None
    names = set(re.findall(r"^# TYPE (\S+)", answer["text"], re.MULTILINE))
    assert names == set(re.findall(r"^# TYPE (\S+)", scrape(lab).body, re.MULTILINE))
    assert daemon.ctl("metrics", "--openmetrics").stdout.endswith("# EOF\n")
    assert f"metrics   http://{ROUTER_LAN}:{PORT}/metrics\n" in daemon.ctl("status").stdout


def test_a_grant_a_renewal_and_an_end_are_counted(lab, daemon, point):
    """By protocol and cause"""
    granted, renewed = 'upnpd_granted_total{via="igd"}', 'upnpd_renewed_total{via="igd"}'
    with moves(lab, **{granted: 1, renewed: 1}):
        assert point.add("TCP", 40001, LeaseDuration=3600).ok
        assert point.add("TCP", 40001, LeaseDuration=3500).ok
    text = scrape(lab).body
    assert value(text, 'upnpd_openings{kind="mapping",protocol="tcp",family="ipv4"}') == 1
    assert value(text, 'upnpd_claims{via="igd"}') == 1
    assert value(text, "upnpd_hosts") == 1
    with moves(lab, **{'upnpd_ended_total{cause="client"}': 1}):
        assert point.delete("TCP", 40001).ok


def test_a_refusal_is_counted_by_its_reason(lab, daemon, point):
    """upnpd_refused_total, and the time that it took"""
    count = 'upnpd_request_duration_seconds_count{via="igd"}'
    with moves(lab, **{'upnpd_refused_total{reason="not-authorized"}': 1, count: 1}):
        assert not point.add("TCP", 40001, client=LAN2).ok


def test_a_repair_is_counted(lab, daemon, point):
    """Somebody flushes our rules"""
    assert point.add("UDP", 40002).ok
    with moves(lab, upnpd_repairs_total=1, upnpd_firewall_in_order=0):
        lab.router.run("nft", "delete", "table", "inet", "upnpd")
    assert point.delete("UDP", 40002).ok


def test_subscribers_and_restarts_are_counted(lab, daemon, point):
    """A front end tells how many subscribe"""
    with Subscriber(point) as subscriber:
        with moves(lab, upnpd_subscribers=1):
            sid = subscriber.subscribe(WAN_IP).headers["sid"]
        with moves(lab, upnpd_subscribers=-1):
            subscriber.unsubscribe(WAN_IP, sid)


def test_a_new_address_is_counted(lab, daemon):
    """And whether it is public"""
    text = scrape(lab).body
    assert value(text, "upnpd_external_up") == value(text, "upnpd_external_public") == 1
    assert value(text, "upnpd_external_receive_bytes_total") > 0
    with moves(lab, upnpd_external_public=-1):
        lab.router.ip(f"addr del {ROUTER_WAN}/24 dev wan0", "addr add 10.1.1.1/24 dev wan0")
    with moves(lab, upnpd_external_public=1):
        lab.router.ip("addr del 10.1.1.1/24 dev wan0", f"addr add {ROUTER_WAN}/24 dev wan0")
        lab.router.ip(f"route add default via {WAN_HOST}")
    changes = "upnpd_external_address_changes_total"
    assert value(scrape(lab).body, changes) - value(text, changes) >= 2


def test_nothing_else_is_there(lab, daemon):
    """404, 405, 403, and no word to a browser's page"""
    for path in ("/", "/rootDesc.xml", "/metrics/", "/ctl/IPConn", "*"):
        assert request(lab.lan2, ROUTER_LAN, PORT, "GET", path).status == 404, path
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "SUBSCRIBE"):
        answer = request(lab.lan2, ROUTER_LAN, PORT, method, "/metrics")
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD"), method
    assert scrape(lab, headers={"ORIGIN": "http://evil.example"}).status == 403
    assert "access-control-allow-origin" not in scrape(lab).headers


def test_the_outside_does_not_reach_it(lab, daemon):
    """Whatever address it asks, whatever way it takes"""
    lab.wan.ip(f"route add {ROUTER_LAN}/32 via {ROUTER_WAN}")
    for address in (ROUTER_WAN, ROUTER_LAN):
        with pytest.raises(OSError):
            request(lab.wan, address, PORT, "GET", "/metrics", timeout=1)
    lab.wan.ip(f"route del {ROUTER_LAN}/32 via {ROUTER_WAN}")


def test_hostile_requests_do_no_harm(lab, daemon):
    """Slow, long, many and none at all, and it answers the next one"""
    processes = sorted(daemon.processes())
    for data in (
        b"\0" * 4096,
        b"GET " + b"x" * 9000,
        b"GET /metrics HTTP/1.1\r\nHost: a\r\n" + b"x: y\r\n" * 4000 + b"\r\n",
        b"GET /metrics HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
        b"GET http://[::1/metrics HTTP/1.1\r\n\r\n",
    ):
        with contextlib.suppress(OSError):
            assert exchange(lab.lan1, ROUTER_LAN, PORT, data).status in range(400, 600), data[:40]
    idle = [lab.lan1.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(300)]
    try:
        for each in idle:
            each.settimeout(2)
            with contextlib.suppress(OSError):
                each.connect((ROUTER_LAN, PORT))
                each.sendall(b"GET /met")
        assert scrape(lab).status == 200, "another host is served"
    finally:
        for each in idle:
            each.close()
    assert sorted(daemon.processes()) == processes


def test_a_crowd_of_readers_gets_whole_texts(lab, daemon, point):
    """While clients ask for mappings"""
    texts, statuses = [], []

    def read():
        for _ in range(20):
            answer = scrape(lab, headers={"ACCEPT": PROMETHEUS})
            statuses.append(answer.status)
            texts.append(answer.body)

    readers = [threading.Thread(target=read) for _ in range(5)]
    for each in readers:
        each.start()
    for port in range(41000, 41040):
        assert point.add("UDP", port).ok
    for each in readers:
        each.join(30)
    whole = [text for status, text in zip(statuses, texts, strict=True) if status == 200]
    assert set(statuses) <= {200, 503} and len(whole) >= 50
    for text in whole:
        assert text.endswith("# EOF\n") and text.count("# TYPE upnpd_openings ") == 1
    for port in range(41000, 41040):
        assert point.delete("UDP", port).ok


def test_a_process_that_dies_is_started_again(lab, daemon):
    """It is one more front end"""
    (process,) = (pid for pid in daemon.front_ends() if not serves_lan(lab, pid))
    with moves(lab, upnpd_front_end_restarts_total=1):
        lab.router.run("kill", "-9", str(process))
        wait_until(lambda: not pathlib.Path(f"/proc/{process}").exists(), 5, "its end")
        wait_until(lambda: listens(daemon), 5, "a listener")


def serves_lan(lab, pid):
    """It has the gate's sockets."""
    sockets = lab.router.run("ss", "-Hlup").stdout
    return f"pid={pid}," in sockets


def test_a_reload_moves_it_and_takes_it_away():
    """SIGHUP"""
    with Lab() as lab:
        daemon = lab.daemon(metrics_listen=f"{ROUTER_LAN}:{PORT}").start()
        wait_until(lambda: listens(daemon), 5, "a listener")
        daemon.read_again(metrics_listen=f"{ROUTER_LAN}:{PORT + 1}")
        wait_until(lambda: listens(daemon), 5, "a listener")
        assert state(daemon)["port"] == PORT + 1
        assert request(lab.lan1, ROUTER_LAN, PORT + 1, "GET", "/metrics").status == 200
        with pytest.raises(OSError):
            scrape(lab)
        gate = ControlPoint(lab.lan1, LAN1).port
        daemon.read_again(metrics_listen=f"{ROUTER_LAN}:{gate}")
        assert "metrics_listen chooses another" in daemon.log
        assert state(daemon)["port"] == PORT + 1, "the reload was refused"
        daemon.read_again(metrics_listen="127.0.0.1:9912")
        wait_until(lambda: listens(daemon), 5, "a listener")
        assert request(lab.router, "127.0.0.1", PORT, "GET", "/metrics").status == 200
        daemon.read_again()
        assert state(daemon) is None
        wait_until(lambda: len(daemon.front_ends()) == 1, 5, "the end of its process")
        daemon.stop()


def test_an_address_of_the_outside_is_refused():
    """When the file is read, with its line; and it is waited for one that nobody has"""
    with Lab() as lab:
        daemon = lab.daemon(metrics_listen=f"{ROUTER_WAN}:{PORT}")
        said = daemon.check()
        assert said.returncode == 2
        assert f"{daemon.line_of('metrics_listen')}: error: metrics_listen: {ROUTER_WAN}" in (
            said.stderr
        )
        daemon.configure(metrics_listen=f"0.0.0.0:{PORT}")
        assert daemon.check().returncode == 2
        daemon.configure(metrics_listen=f"10.9.0.1:{PORT}")
        daemon.start()
        assert state(daemon)["open"] is False
        assert "is not open: no interface has that address" in daemon.ctl("status").stdout
        lab.router.ip("link add wg0 type bridge", "addr add 10.9.0.1/24 dev wg0", "link set wg0 up")
        wait_until(lambda: listens(daemon), 5, "a listener on the new interface")
        lab.router.ip("link del wg0")
        wait_until(lambda: not listens(daemon), 5, "its end")
        daemon.stop()


def test_the_alert_rules_are_sound(judge):
    """etc/prometheus-alerts.yml, and each name in it and in the dashboard is one of ours"""
    file = ROOT / "etc/prometheus-alerts.yml"
    said = subprocess.run([judge, "check", "rules", file], capture_output=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


def test_rules_and_dashboard_name_metrics_that_there_are(lab, daemon):
    """Nothing in them is empty"""
    text = scrape(lab).body
    there = set(re.findall(r"^((?:upnpd|process)_\w+)", text, re.MULTILINE))
    there |= {"upnpd_mapping_bytes_total", "upnpd_mapping_packets_total"}
    for name in ("grafana-dashboard.json", "prometheus-alerts.yml"):
        named = set(
            re.findall(r"\b((?:upnpd|process)_\w+)", (ROOT / "etc" / name).read_text("utf-8"))
        )
        assert named and named <= there, name
    json.loads((ROOT / "etc/grafana-dashboard.json").read_text("utf-8"))
