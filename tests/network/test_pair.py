# SPDX-License-Identifier: GPL-2.0-or-later
"""Two routers are one gateway: the one that stands by is silent, and takes over with everything."""

import json
import os
import signal
import time

import pytest

from lab import LAN1, ROUTER_LAN, ROUTER_WAN, ControlPoint, PortControlClient, Subscriber
from lab.control_point import WAN_IP
from lab.pair import Pair
from lab.pair_traffic import Asker, NewFlows, Sessions
from lab.port_control import TCP, UDP
from lab.ssdp import Capture, search
from lab.waiting import wait_until

IGD1 = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"


@pytest.fixture(name="pair")
def _pair():
    """Both routers stand by; no program moves the virtual addresses."""
    with Pair() as lab:
        lab.start_store()
        for router in lab.routers:
            router.start()
        yield lab


@pytest.fixture(name="daemon")
def _daemon(pair):
    """A failed test shows the first router's log."""
    return pair.one.daemon


def take_over(lab, router, other=None):
    """The virtual addresses move, and `router` is the active one."""
    if other is not None:
        other.addresses("del")
    router.addresses("add")
    router.is_meant_by(lab.wan, lab.lan1, lab.lan2)
    return router.promote()


def client(lab):
    return PortControlClient(lab.lan1, LAN1, ROUTER_LAN)


def mapped(router):
    listed = json.loads(router.daemon.ctl("-j", "list").stdout)["mappings"]
    return sorted((each["protocol"], each["external_port"]) for each in listed)


def test_the_one_that_stands_by_is_silent(pair, daemon):
    pair.one.addresses("add")
    assert pair.one.role() == pair.two.role() == "standby"
    assert daemon.front_ends() == []
    assert "upnpd" not in pair.one.rules()
    with client(pair) as asking:
        assert asking.ask(b"\0\0") is None
    assert search(pair.lan1, "ssdp:all") == []
    refused = daemon.ctl("add", "tcp:4000", LAN1)
    assert refused.returncode == 1 and "stands by" in refused.stderr
    assert "standby" in daemon.ctl("status").stdout


def test_a_router_that_is_alone_has_no_role(router_alone):
    refused = router_alone.ctl("promote")
    assert refused.returncode == 1 and "role = pair" in refused.stderr
    assert json.loads(router_alone.ctl("-j", "status").stdout)["role"] == "single"


@pytest.fixture(name="router_alone")
def _router_alone(lab):
    return lab.daemon().start()


def test_clients_see_one_gateway(pair, daemon):
    """The other router has mappings, epoch and nonces; nobody says goodbye, and BOOTID grows."""
    echo = pair.echo(pair.lan1, 5000)
    with client(pair) as asking, Capture(pair.lan1) as seen:
        take_over(pair, pair.one)
        asking.ready()
        assert asking.pmp_map(UDP, 5000, 15000).external == 15000
        first = asking.map(TCP, 5001, external=15001)
        assert first.code == 0
        point = ControlPoint(pair.lan1, LAN1)
        assert point.add("TCP", 15002, 5002).ok
        wait_until(lambda: seen.notifications("ssdp:alive"), 10, "announcements")
        boot = max(int(each["bootid.upnp.org"]) for each in seen.notifications("ssdp:alive"))
        wait_until(
            lambda: "15002" in pair.store.run("redis-cli", "-h", "10.99.0.9", "KEYS", "*").stdout,
            5,
            "the mappings in the store",
        )
        begin = time.monotonic()
        take_over(pair, pair.two, pair.one)
        wait_until(lambda: pair.reaches("udp", 15000), 5, "a flow by the other router")
        print(f"\nby hand: a new flow after {time.monotonic() - begin:.2f} s")
        wait_until(lambda: pair.one.role() == "standby", 1, "the first one to stand by")
        wait_until(lambda: "upnpd" not in pair.one.rules(), 1, "no rule is left")
        assert mapped(pair.two) == [("tcp", 15001), ("tcp", 15002), ("udp", 15000)]
        asking.ready()
        again = asking.map(TCP, 5001, external=15001)
        assert (again.code, again.external) == (0, 15001), "its nonce is known"
        assert again.epoch >= first.epoch
        assert asking.map(TCP, 5001, nonce=b"another-one!").code != 0

        def boots():
            return [int(each["bootid.upnp.org"]) for each in seen.notifications("ssdp:alive")]

        wait_until(lambda: max(boots()) > boot, 10, "a larger BOOTID")
        assert seen.notifications("ssdp:byebye") == []
        locations = {each["location"].split("/")[2] for each in seen.notifications("ssdp:alive")}
        assert locations == {f"{ROUTER_LAN}:49152"}
        answers = search(pair.lan1, IGD1, expect=2)
        assert [each["from"][0] for each in answers] == [ROUTER_LAN]
        assert point.add("TCP", 15003, 5003).ok
        told = point.call("GetExternalIPAddress")
        assert told["NewExternalIPAddress"] == ROUTER_WAN
    assert echo.received


def test_a_subscription_is_made_anew_at_the_other_router(pair, daemon):
    """The other router refuses the renewal, and tells all with the first event."""
    take_over(pair, pair.one)
    daemon.wait_for_log("rootDesc.xml is served", 5)
    point = ControlPoint(pair.lan1, LAN1)
    assert point.add("TCP", 15002, 5002).ok
    with Subscriber(point) as subscriber:
        sid = subscriber.subscribe(WAN_IP).headers["sid"]
        subscriber.wait_for(lambda event: event.sid == sid, "the first event of the one")
        wait_until(
            lambda: pair.two.status()["store"]["openings"] == 1, 5, "the other one to follow"
        )
        take_over(pair, pair.two, pair.one)
        pair.two.daemon.wait_for_log("rootDesc.xml is served", 5)
        assert subscriber.renew(WAN_IP, sid).status == 412
        again = subscriber.subscribe(WAN_IP)
        told = subscriber.wait_for(
            lambda event: event.sid == again.headers["sid"], "the first event of the other"
        )
        assert told.values["PortMappingNumberOfEntries"] == "1"
        assert told.values["ExternalIPAddress"] == ROUTER_WAN
        assert point.add("TCP", 15003, 5003).ok
        subscriber.wait_for(
            lambda event: event.values.get("PortMappingNumberOfEntries") == "2", "a change"
        )


def test_a_router_that_was_hung_answers_nobody(pair, daemon):
    take_over(pair, pair.one)
    with client(pair) as asking:
        asking.ready()
        assert asking.pmp_map(UDP, 5000, 15000).external == 15000
        with PortControlClient(pair.lan1, LAN1, ROUTER_LAN) as waiting:
            pair.one.hang()
            # They wait in the sockets of the router that is hung.
            for _ in range(20):
                waiting.socket.sendto(b"\0\0", waiting.to)
            take_over(pair, pair.two, None)
            time.sleep(1.2)  # the trust of its front ends has ended
            with Asker(pair.lan1, [pair.one.own, pair.two.own]) as asker:
                pair.one.go_on()
                wait_until(lambda: pair.one.role() == "standby", 5, "the first one to stand by")
                time.sleep(2)
            assert asker.doubles() == []
            assert waiting.more(0.1) is None, "an answer with old authority"
    assert pair.two.role() == "active"
    assert mapped(pair.two) == [("udp", 15000)]


def test_the_end_of_the_active_one_is_no_goodbye(pair, daemon):
    take_over(pair, pair.one)
    with client(pair) as asking, Capture(pair.lan1) as seen:
        asking.ready()
        assert asking.pmp_map(UDP, 5000, 15000).external == 15000
        wait_until(lambda: seen.notifications("ssdp:alive"), 10, "announcements")
        assert daemon.stop() == 0
        assert "upnpd" not in pair.one.rules()
        take_over(pair, pair.two, pair.one)
        assert mapped(pair.two) == [("udp", 15000)]
        assert seen.notifications("ssdp:byebye") == []
    pair.one.start()
    assert pair.one.role() == "standby" and pair.two.role() == "active"


def test_a_grant_that_the_store_has_not_seen_outlives_the_daemon(pair, daemon):
    """One is on its way to the store and one waits: this router's own file has both."""
    take_over(pair, pair.one)
    both = [("udp", 15000), ("udp", 15001)]
    with client(pair) as asking:
        asking.ready()
        pids = pair.store.processes()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        for port in 5000, 5001:
            assert asking.pmp_map(UDP, port, port + 10000).external == port + 10000
        daemon.kill()
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    pair.one.start()
    pair.one.promote()
    assert mapped(pair.one) == both
    wait_until(lambda: pair.two.status()["store"]["openings"] == 2, 5, "the other one to follow")
    take_over(pair, pair.two, pair.one)
    assert mapped(pair.two) == both


def test_without_the_store_the_other_one_goes_on_from_memory(pair, daemon):
    take_over(pair, pair.one)
    with client(pair) as asking:
        asking.ready()
        for port in range(5000, 5020):
            assert asking.pmp_map(UDP, port, port + 10000).external == port + 10000
        before = asking.external_address().epoch
        time.sleep(1)
        pids = pair.store.processes()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        pair.one.demote()
        take_over(pair, pair.two, pair.one)
        assert mapped(pair.two) == [("udp", port) for port in range(15000, 15020)]
        asking.ready()
        assert asking.external_address().epoch >= before
    assert "the store of leases does not answer" in pair.two.daemon.log


def test_the_file_of_the_one_that_stood_by_has_everything(pair, daemon):
    """Both were off, and the store with them."""
    take_over(pair, pair.one)
    with client(pair) as asking:
        asking.ready()
        assert asking.pmp_map(UDP, 5000, 15000).external == 15000
        followed = pair.two.daemon
        wait_until(
            lambda: pair.two.status()["store"]["openings"] == 1, 5, "the other one to follow"
        )
        assert followed.stop() == 0 and daemon.stop() == 0
        for pid in pair.store.processes():
            os.kill(pid, signal.SIGKILL)
        pair.two.start()
        take_over(pair, pair.two, pair.one)
        assert mapped(pair.two) == [("udp", 15000)]


def test_a_switch_by_hand_keeps_the_flows_of_both(pair, daemon):
    """Demoted, the router leaves its flows: the other one has them by conntrackd."""
    take_over(pair, pair.one)
    with client(pair) as asking:
        asking.ready()
        assert asking.pmp_map(UDP, 5000, 15000).external == 15000
    pair.echo(pair.lan1, 5000)
    assert pair.reaches("udp", 15000, from_port=7777)
    pair.one.demote()
    flows = pair.one.namespace.run("conntrack", "-L", "-p", "udp", "--sport", "7777").stdout
    assert "dport=15000" in flows, flows


# -- with keepalived and conntrackd ----------------------------------------------------------------

def test_a_daemon_that_begins_anew_is_told_what_it_is():
    """keepalived has nothing to say of a short restart, and its script does."""
    with Pair() as lab:
        lab.start()
        with client(lab) as asking:
            asking.ready()
            assert asking.pmp_map(UDP, 5000, 15000).external == 15000
        lab.one.daemon.kill()
        lab.one.start()
        wait_until(
            lambda: sorted(each.role() for each in lab.routers) == ["active", "standby"],
            20,
            f"one that is active\n{lab.said()}",
        )
        active = next(each for each in lab.routers if each.role() == "active")
        assert mapped(active) == [("udp", 15000)], lab.said()


MAPPINGS = 500
TCP_PORTS, UDP_PORTS = range(16000, 16020), range(10001, 10021)


def lose_power(router):
    router.lose_power()


def unplug(router):
    router.unplug()


def hang(router):
    router.hang()


def come_back(router, fault):
    if fault is lose_power:
        router.get_power()
        router.start().start_conntrackd().start_keepalived()
    elif fault is unplug:
        router.plug_in()
    else:
        router.go_on()


@pytest.mark.parametrize("fault", [lose_power, unplug, hang], ids=lambda fault: fault.__name__)
def test_the_other_router_takes_over(fault):
    with Pair() as lab:
        lab.start()
        with client(lab) as asking:
            asking.ready()
            for port in range(MAPPINGS - len(TCP_PORTS)):
                assert asking.pmp_map(UDP, 10000 + port, 10000 + port).external == 10000 + port
            for port in TCP_PORTS:
                assert asking.pmp_map(TCP, port, port).external == port
        before = mapped(lab.one)
        assert len(before) == MAPPINGS
        own = [router.own for router in lab.routers]
        with (
            Sessions(lab, TCP_PORTS, UDP_PORTS, [10000]) as sessions,
            NewFlows(lab.wan, 10000) as flows,
            Asker(lab.lan2, own) as asker,
        ):
            wait_until(lambda: len(flows.answered) > 10, 10, "new flows")
            time.sleep(1)  # conntrackd tells the other one of the flows
            began = time.monotonic()
            fault(lab.one)
            wait_until(lambda: flows.works(began + 0.3), 30, f"a flow again\n{lab.said()}")
            lab.wait_for_active(lab.two)
            active = time.monotonic() - began
            tcp, udp = sessions.alive()
            came_back = time.monotonic()
            come_back(lab.one, fault)
            wait_until(lambda: lab.one.role() == "standby", 20, "it to stand by")
            time.sleep(3)
            after_return = sessions.alive()
            assert lab.two.role() == "active", lab.said()
            assert flows.works(came_back + 2)
        gap = flows.longest_gap(began)
        print(
            f"\n{fault.__name__}: active after {active:.2f} s, no new flow for {gap:.2f} s, "
            f"TCP {tcp}/{len(TCP_PORTS)}, UDP {udp}/{len(UDP_PORTS)} "
            f"(after its return {after_return[0]}, {after_return[1]}), "
            f"mappings {len(mapped(lab.two))}/{MAPPINGS}, double answers {len(asker.doubles())}, "
            f"lost states told {asker.lost_states()}"
        )
        assert mapped(lab.two) == before
        assert asker.epochs and asker.doubles() == []
        assert asker.lost_states() == 0
        assert (tcp, udp) == (len(TCP_PORTS), len(UDP_PORTS)), lab.said()
        assert gap < 15
