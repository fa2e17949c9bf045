# SPDX-License-Identifier: GPL-2.0-or-later
"""Leases in a store that others have built: a real Redis server on a host of the lab, whole, away,
full, slow, wrong and without permission. Clients never notice."""

import json
import time

import pytest

from lab import LAN1, LAN2, ROUTER_LAN, ControlPoint, PortControlClient, wait_until
from lab.port_control import UDP
from lab.redis_server import Babbler, SlowProxy, Store

AWAY = "openings go on, and are written there when it is back"
BACK = " is back: "
OTHER_PORT = 6380


@pytest.fixture
def store(lab):
    made = Store(lab.lan2, LAN2)
    yield made
    made.remove()


@pytest.fixture
def upnpd(lab):
    """Makes daemons; a failed test shows their log by its assertion."""
    return lambda **settings: lab.daemon(firewall_backend="nftables", **settings)


def name(protocol, port):
    return f"mapping {protocol} {port}"


def wait_for_rows(store, names, timeout=10):
    wait_until(
        lambda: store.rows() == sorted(names), timeout, f"{sorted(names)} in {store.rows()}"
    )


def slowest_answer(point, ports):
    """Seconds of the slowest of these requests, all of which are granted."""
    slowest = 0
    for port in ports:
        begin = time.monotonic()
        assert point.add("UDP", port, 5000, LeaseDuration=3600).ok
        slowest = max(slowest, time.monotonic() - begin)
    return slowest


def told(daemon):
    return json.loads(daemon.ctl("-j", "status").stdout)["store"]


# -- a router without a disk -----------------------------------------------------------------------


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_an_empty_disk_costs_no_mapping(lab, store, upnpd, end):
    """Mappings of UPnP, PCP and NAT-PMP, their order and their epoch, over a restart without a
    lease file"""
    store.start()
    lab.echo(lab.lan1, 5000)
    lab.echo(lab.lan1, 5001)
    daemon = upnpd(lease_store=store.url()).start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001, 5000, LeaseDuration=0, PortMappingDescription="a game; 50%").ok
    assert point.add("UDP", 40002, 5000, LeaseDuration=3600).ok
    with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as ports:
        external = ports.map(UDP, 5001, 3600, 40003).external
        wait_for_rows(store, [name("tcp", 40001), name("udp", 40002), name("udp", external)])
        before, epoch, at = point.listing(), ports.announce().epoch, time.monotonic()
        getattr(daemon, end)()
        daemon.lease_file.unlink()
        daemon.start()
        after = ControlPoint(lab.lan1, LAN1).listing()
        passed = ports.announce().epoch - epoch
        assert abs(passed - (time.monotonic() - at)) <= 2, "the epoch goes on"
        again = ports.map(UDP, 5001, 3600, 40003)
        assert (again.code, again.external) == (0, external)
    for old, new in zip(before, after, strict=True):
        assert 0 <= int(old.pop("NewLeaseDuration")) - int(new.pop("NewLeaseDuration")) <= 15
        assert old == new
    assert lab.reaches("TCP", 40001) and lab.reaches("UDP", 40002) and lab.reaches("UDP", external)
    assert daemon.stop() == 0
    assert len(store.rows()) == 3, "they stay for the next start"


def test_the_store_is_looked_at_when_it_comes_late(lab, store, upnpd):
    store.start()
    lab.echo(lab.lan1, 5000)
    daemon = upnpd(lease_store=store.url()).start()
    assert ControlPoint(lab.lan1, LAN1).add("UDP", 40001, 5000, LeaseDuration=3600).ok
    wait_for_rows(store, [name("udp", 40001)])
    daemon.kill()
    daemon.lease_file.unlink()
    lab.lan2.ip("link set eth0 down")
    begin = time.monotonic()
    daemon.start()
    print(f"start beside a store that is silent: {time.monotonic() - begin:.2f} s")
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("UDP", 40002, 5000, LeaseDuration=3600).ok
    lab.lan2.ip("link set eth0 up")
    daemon.wait_for_log("1 opening(s) of an earlier run restored", 30)
    assert lab.reaches("UDP", 40001) and lab.reaches("UDP", 40002)
    wait_for_rows(store, [name("udp", 40001), name("udp", 40002)])
    daemon.kill()
    daemon.start()
    assert lab.reaches("UDP", 40001), "the lease file has it too"
    assert daemon.stop() == 0


# -- faults ----------------------------------------------------------------------------------------


def test_a_store_that_is_killed_and_has_lost_all(lab, store, upnpd):
    store.start()
    lab.echo(lab.lan1, 5000)
    daemon = upnpd(lease_store=store.url()).start()
    point = ControlPoint(lab.lan1, LAN1)
    usual = slowest_answer(point, range(40000, 40020))
    wait_for_rows(store, [name("udp", port) for port in range(40000, 40020)])
    store.kill()
    daemon.wait_for_log(AWAY)
    during = slowest_answer(point, range(40020, 40040))
    for port in range(40000, 40010):
        assert point.delete("UDP", port).ok
    store.start()
    daemon.wait_for_log(BACK, 15)
    wait_for_rows(store, [name("udp", port) for port in range(40010, 40040)])
    assert daemon.log.count(AWAY) == 1 and daemon.log.count(BACK) == 1
    print(f"slowest answer: {usual * 1000:.0f} ms, without the store {during * 1000:.0f} ms")
    assert during < usual + 0.5
    assert lab.reaches("UDP", 40010) and lab.reaches("UDP", 40039)
    assert daemon.stop() == 0


def test_a_store_that_has_missed_the_end_of_mappings(lab, store, upnpd):
    """It is away, and has lost nothing"""
    store.start()
    daemon = upnpd(lease_store=store.url()).start()
    point = ControlPoint(lab.lan1, LAN1)
    for port in 40000, 40001:
        assert point.add("UDP", port, 5000, LeaseDuration=3600).ok
    wait_for_rows(store, [name("udp", 40000), name("udp", 40001)])
    lab.lan2.ip("link set eth0 down")
    assert point.delete("UDP", 40000).ok and point.add("UDP", 40002, 5000, LeaseDuration=3600).ok
    assert point.add("UDP", 40001, 5001, LeaseDuration=3600).ok, "another port of the client"
    daemon.wait_for_log(AWAY, 30)
    lab.lan2.ip("link set eth0 up")
    wait_for_rows(store, [name("udp", 40001), name("udp", 40002)], 30)
    wait_until(lambda: ":5001 " in store.line(name("udp", 40001)), 5, "the new port")
    assert daemon.stop() == 0


def test_a_full_store(lab, store, upnpd):
    store.start("--maxmemory-policy", "noeviction")
    lab.echo(lab.lan1, 5000)
    daemon = upnpd(lease_store=store.url()).start()
    point = ControlPoint(lab.lan1, LAN1)
    usual = slowest_answer(point, range(40000, 40010))
    wait_for_rows(store, [name("udp", port) for port in range(40000, 40010)])
    store.ask("CONFIG", "SET", "maxmemory", "1")
    during = slowest_answer(point, range(40010, 40020))
    daemon.wait_for_log("it is full: raise its maxmemory")
    assert point.delete("UDP", 40000).ok
    assert len(store.rows()) == 10
    store.ask("CONFIG", "SET", "maxmemory", "0")
    daemon.wait_for_log(BACK, 15)
    wait_for_rows(store, [name("udp", port) for port in range(40001, 40020)])
    assert daemon.log.count(AWAY) == 1 and daemon.log.count(BACK) == 1
    print(f"slowest answer: {usual * 1000:.0f} ms, beside a full store {during * 1000:.0f} ms")
    assert during < usual + 0.5
    assert daemon.stop() == 0


def test_a_slow_store(lab, store, upnpd):
    store.start()
    lab.echo(lab.lan1, 5000)
    with SlowProxy(lab.lan2, LAN2, OTHER_PORT, store, delay=5):
        daemon = upnpd(lease_store=f"redis://{LAN2}:{OTHER_PORT}")
        begin = time.monotonic()
        daemon.start()
        print(f"start beside a store of 5 s: {time.monotonic() - begin:.2f} s")
        point = ControlPoint(lab.lan1, LAN1)
        during = slowest_answer(point, range(40000, 40020))
        assert point.delete("UDP", 40000).ok
        print(f"slowest answer beside a store of 5 s: {during * 1000:.0f} ms")
        assert during < 1
        wait_for_rows(store, [name("udp", port) for port in range(40001, 40020)], 90)
        begin = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - begin < 5


def test_a_store_that_answers_garbage(lab, store, upnpd):
    lab.echo(lab.lan1, 5000)
    with Babbler(lab.lan2, LAN2, OTHER_PORT) as babbler:
        daemon = upnpd(lease_store=f"redis://{LAN2}:{OTHER_PORT}").start()
        point = ControlPoint(lab.lan1, LAN1)
        assert slowest_answer(point, range(40000, 40020)) < 1
        wait_until(lambda: babbler.asked > 2, 20, "another try")
        assert daemon.log.count(AWAY) == 1
        assert lab.reaches("UDP", 40001)
        assert daemon.stop() == 0


@pytest.mark.parametrize(
    "octets",
    [
        b"*100000000\r\n",
        b"*2\r\n" * 5000,
        b"$2000000000\r\nx",
        b"+OK\r\n" * 1000,
        b"*-5\r\n$-7\r\n",
        b"%1\r\n,1.5\r\n#t\r\n",
    ],
)
def test_answers_that_no_server_gives(lab, upnpd, octets):
    with Babbler(lab.lan2, LAN2, OTHER_PORT, lambda: octets) as babbler:
        daemon = upnpd(lease_store=f"redis://{LAN2}:{OTHER_PORT}").start()
        wait_until(lambda: babbler.asked > 1, 30, "another try")
        assert ControlPoint(lab.lan1, LAN1).add("UDP", 40001, 5000).ok
        assert "has ended" not in daemon.log, daemon.log
        assert daemon.stop() == 0


def test_rows_that_are_none_of_ours(lab, store, upnpd):
    """They are counted, said once and left alone; the others count"""
    store.start()
    good = "mapping udp 40001 192.168.50.10:5000 at=1 account=192.168.50.10 claim=igd;end=never"
    key = "upnpd:opening:"
    store.ask("HSET", key + name("udp", 40001), "line", good, "first", 5)
    store.ask("HSET", key + name("udp", 40002), "line", good, "first", 5)
    store.ask("HSET", key + name("udp", 40003), "line", "mapping udp 40003 \x00\xff")
    store.ask("HSET", key + name("udp", 40004), "line", "x" * 100000)
    store.ask("SET", key + name("udp", 40005), "a text")
    store.ask("SET", "somebody:else", "a text")
    lab.echo(lab.lan1, 5000)
    daemon = upnpd(lease_store=store.url()).start()
    daemon.wait_for_log("4 row(s) of upnpd:* are none of ours")
    assert lab.reaches("UDP", 40001)
    assert len(ControlPoint(lab.lan1, LAN1).listing()) == 1
    assert len(store.rows()) == 5
    assert daemon.log.count("none of ours") == 1
    assert daemon.stop() == 0


def test_a_store_without_permission(lab, store, upnpd):
    """First the password is wrong, then the user may do too little, then it is mended"""
    store.start()
    store.ask("ACL", "SETUSER", "router", "on", ">secret", "~other:*", "+@all")
    store.ask("ACL", "SETUSER", "default", "on", ">root", "~*", "+@all")
    root = ("default", "root")
    daemon = upnpd()
    login = daemon.directory / "login"
    login.write_text("router\nwrong\n", encoding="utf-8")
    login.chmod(0o600)
    daemon.configure(firewall_backend="nftables", lease_store=store.url(), lease_store_login=login)
    daemon.start()
    point = ControlPoint(lab.lan1, LAN1)
    assert slowest_answer(point, range(40000, 40005)) < 1
    daemon.wait_for_log("it does not know the user and the password of lease_store_login")
    store.ask("ACL", "SETUSER", "router", ">wrong", login=root)
    daemon.wait_for_log("may not do that", 20)
    store.ask("ACL", "SETUSER", "router", "~upnpd:*", login=root)
    daemon.wait_for_log(BACK, 20)
    assert daemon.log.count(AWAY) == 1 and daemon.log.count(BACK) == 1
    assert len(store.ask("KEYS", "upnpd:opening:*", login=root)) == 5
    store.ask("ACL", "SETUSER", "router", "-hset", login=root)
    assert point.add("UDP", 40005, 5000).ok
    wait_until(lambda: daemon.log.count(AWAY) == 2, 10, "the loss of a permission")
    store.ask("ACL", "SETUSER", "router", "+hset", login=root)
    wait_until(lambda: daemon.log.count(BACK) == 2, 20, "its return")
    assert len(store.ask("KEYS", "upnpd:opening:*", login=root)) == 6
    assert "secret" not in daemon.log and "wrong" not in daemon.log.replace("WRONGPASS", "")
    assert daemon.stop() == 0


def test_a_replica_that_only_reads(lab, store, upnpd):
    store.start("--replicaof", LAN1, "1", "--replica-serve-stale-data", "yes")
    daemon = upnpd(lease_store=store.url()).start()
    daemon.wait_for_log("it is a read-only replica: name its primary in lease_store")
    assert ControlPoint(lab.lan1, LAN1).add("UDP", 40001, 5000).ok
    store.ask("REPLICAOF", "NO", "ONE")
    daemon.wait_for_log(BACK, 20)
    wait_for_rows(store, [name("udp", 40001)])
    assert daemon.stop() == 0


# -- who writes ------------------------------------------------------------------------------------


def test_another_daemon_that_takes_the_lead(lab, store, upnpd):
    """The first one notices within a second, says so, goes on and writes no more"""
    store.start()
    lab.echo(lab.lan1, 5000)
    daemon = upnpd(lease_store=store.url()).start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("UDP", 40001, 5000, LeaseDuration=3600).ok
    wait_for_rows(store, [name("udp", 40001)])
    store.ask("HSET", "upnpd:leader", "name", "another", "instance", 7)
    token = store.ask("INCR", "upnpd:token")
    begin = time.monotonic()
    daemon.wait_for_log("another daemon (another) writes there since now", 3)
    noticed = time.monotonic() - begin
    print(f"noticed after {noticed:.2f} s")
    assert noticed < 1
    assert point.add("UDP", 40002, 5000, LeaseDuration=3600).ok and lab.reaches("UDP", 40002)
    assert daemon.stop() == 0
    assert store.rows() == [name("udp", 40001)]
    assert store.ask("GET", "upnpd:token") == str(token)


def test_the_process_has_no_rights_and_comes_back(lab, store, upnpd):
    store.start()
    daemon = upnpd(lease_store=store.url()).start()
    found = [
        pid
        for pid in daemon.processes()
        if b"upnpd-lease-store" in open(f"/proc/{pid}/cmdline", "rb").read()
    ]
    assert len(found) == 1
    with open(f"/proc/{found[0]}/status", encoding="ascii") as file:
        status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    assert status["Name"] == "upnpd" and int(status["CapEff"], 16) == 0
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    assert "0" not in status["Uid"].split()
    lab.router.run("kill", "-9", found[0])
    daemon.wait_for_log("the process that speaks with it has ended: killed by signal 9")
    assert ControlPoint(lab.lan1, LAN1).add("UDP", 40001, 5000).ok
    wait_for_rows(store, [name("udp", 40001)])
    daemon.wait_for_log(BACK)
    assert daemon.stop() == 0


def test_nothing_is_started_without_a_store(lab, upnpd):
    daemon = upnpd().start()
    for pid in daemon.processes():
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            assert b"lease-store" not in file.read()
        with open(f"/proc/{pid}/maps", encoding="ascii") as file:
            assert "hiredis" not in file.read()
    assert daemon.stop() == 0


def test_a_store_at_a_unix_socket(lab, store, upnpd):
    store.start()
    daemon = upnpd(lease_store=f"redis+unix://{store.path}?db=3").start()
    assert ControlPoint(lab.lan1, LAN1).add("UDP", 40001, 5000).ok
    wait_until(
        lambda: store.ask("INFO", "keyspace").count("db3:") == 1, 5, "the database of that number"
    )
    assert store.rows() == []
    assert daemon.stop() == 0


def test_people_are_told(lab, store, upnpd):
    """upnpctl status, check and metrics; rows end with their leases"""
    store.start()
    daemon = upnpd(lease_store=store.url()).start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("UDP", 40001, 5000, LeaseDuration=600).ok
    assert point.add("UDP", 40002, 5000, LeaseDuration=0).ok
    wait_for_rows(store, [name("udp", 40001), name("udp", 40002)])
    left = store.ask("PTTL", "upnpd:opening:" + name("udp", 40001)) / 1000
    assert 640 < left <= 661, "a minute more than the lease"
    endless = point.specific("UDP", 40002)["NewLeaseDuration"] == "0"
    assert (store.ask("PTTL", "upnpd:opening:" + name("udp", 40002)) == -1) == endless
    wait_until(lambda: told(daemon)["waiting"] == 0, 5, "nothing that waits")
    view = told(daemon)
    assert view["leads"] and view["problem"] is None and view["openings"] == 2
    assert view["place"] == store.url() and view["token"] >= 1
    assert f"store     {store.url()}: 2 opening(s)" in daemon.ctl("status").stdout
    assert f"{store.url()} keeps the leases" in daemon.ctl("check").stdout
    metrics = daemon.ctl("metrics").stdout
    assert "upnpd_lease_store_up 1" in metrics and "upnpd_lease_store_waiting 0" in metrics
    store.kill()
    daemon.wait_for_log(AWAY)
    assert point.delete("UDP", 40001).ok
    assert "1 change(s) wait" in daemon.ctl("status").stdout
    checked = daemon.ctl("check")
    assert "STO-01" in checked.stdout and "does not keep the leases" in checked.stdout
    assert checked.returncode == 1
    metrics = daemon.ctl("metrics").stdout
    assert "upnpd_lease_store_up 0" in metrics and "upnpd_lease_store_waiting 1" in metrics
    assert daemon.stop() == 0


def test_a_mapping_that_the_file_knows_to_have_ended_does_not_come_back(lab, store, upnpd):
    """It ended while the store was away, and the daemon with it"""
    store.start()
    daemon = upnpd(lease_store=store.url()).start()
    point = ControlPoint(lab.lan1, LAN1)
    for port in 40001, 40002:
        assert point.add("UDP", port, 5000, LeaseDuration=3600).ok
    wait_for_rows(store, [name("udp", 40001), name("udp", 40002)])
    lab.lan2.ip("link set eth0 down")
    assert point.delete("UDP", 40001).ok
    daemon.kill()
    lab.lan2.ip("link set eth0 up")
    daemon.start()
    assert [entry["NewExternalPort"] for entry in ControlPoint(lab.lan1, LAN1).listing()] == [
        "40002"
    ]
    wait_for_rows(store, [name("udp", 40002)])
    assert daemon.stop() == 0


def test_the_policy_judges_what_the_store_has(lab, store, upnpd):
    store.start()
    daemon = upnpd(lease_store=store.url()).start()
    point = ControlPoint(lab.lan1, LAN1)
    for port in 40001, 40002:
        assert point.add("UDP", port, 5000, LeaseDuration=3600).ok
    wait_for_rows(store, [name("udp", 40001), name("udp", 40002)])
    daemon.kill()
    daemon.lease_file.unlink()
    daemon.configure(
        ["deny 40001 any 1-65535"], firewall_backend="nftables", lease_store=store.url()
    )
    daemon.start()
    wait_for_rows(store, [name("udp", 40002)])
    assert len(ControlPoint(lab.lan1, LAN1).listing()) == 1
    assert daemon.stop() == 0
