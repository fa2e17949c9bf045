# SPDX-License-Identifier: GPL-2.0-or-later
"""Under a service manager: what it is told, and that the daemon does all its work as the user, with
the rights and with the system calls that the unit file leaves it."""

import contextlib
import fcntl
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import BACKENDS
from lab import LAN1, ROUTER_LAN, WAN_HOST, ControlPoint, Lab, PortControlClient, rules, search
from lab import wait_until
from lab.daemon import USER, binary
from lab.port_control import UDP
from lab.service_manager import Service

NETWORK_RIGHTS = 1 << 12 | 1 << 13  # CAP_NET_ADMIN, CAP_NET_RAW
OURS = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}
IDLE = "0 mappings; external wan0 80.100.100.1 (public)"


def service(lab, **settings):
    own = Service(lab.router, **settings)
    lab.at_close(own.remove)
    return own


def started(lab, **settings):
    own = service(lab, **settings)
    own.launch()
    wait_until(lambda: own.manager.has("READY=1") or not own.running(), 15, f"READY=1\n{own.log}")
    assert own.running(), own.log
    return own


# -- the rights ------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_everything_works_without_root(backend):
    """Mappings that carry traffic through a closed FORWARD chain, NAT-PMP, pid and lease file,
    upnpctl's socket; and at the end nothing is left"""
    with Lab(forward="legacy-drop" if backend == "iptables" else "nft-drop") as lab:
        before = rules.everything(lab.router)
        daemon = started(lab, firewall_backend=backend)
        lab.echo(lab.lan1, 5000)
        point = ControlPoint(lab.lan1, LAN1)
        assert point.add("TCP", 40001, 5000).ok and point.add("UDP", 40001, 5000).ok
        assert lab.reaches("TCP", 40001) and lab.reaches("UDP", 40001)
        with PortControlClient(lab.lan1, LAN1, ROUTER_LAN) as client:
            lab.echo(lab.lan1, 5001)
            assert lab.reaches("UDP", client.pmp_map(UDP, 5001, 40002).external)
        assert daemon.pid_file.read_text().strip() == str(daemon.process.pid)
        assert daemon.pid_file.stat().st_mode & 0o777 == 0o644
        assert daemon.control_socket.is_socket()
        assert "40001" in daemon.lease_file.read_text()
        assert point.delete("TCP", 40001).ok
        assert not lab.reaches("TCP", 40001)
        assert daemon.stop() == 0
        assert rules.everything(lab.router) == before
        assert not daemon.pid_file.exists() and not daemon.control_socket.exists()
        daemon.start()
        assert lab.reaches("UDP", 40001), "the lease of the run before"


@pytest.mark.parametrize("filtered", [True, False])
def test_capabilities(lab, filtered):
    """The engine has two, the front ends none: also where the service manager forbids capset(2)"""
    daemon = started(lab, filtered=filtered)
    engine = daemon.process.pid
    assert daemon.capabilities(engine) == dict.fromkeys(
        ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"], NETWORK_RIGHTS
    )
    assert daemon.front_ends()
    for pid in daemon.front_ends():
        # The bounding set is for root to make smaller; the inheritable one is left where capset(2)
        # is forbidden. Both
        # give nothing without a permitted one, to a process with no_new_privs.
        assert daemon.capabilities(pid) == {
            "CapInh": NETWORK_RIGHTS if filtered else 0,
            "CapPrm": 0,
            "CapEff": 0,
            "CapBnd": NETWORK_RIGHTS,
            "CapAmb": 0,
        }
    for pid in daemon.processes():
        status = daemon.status_of(pid)
        assert status["NoNewPrivs"] == "1"
        assert set(status["Uid"].split()) == {str(pwd.getpwnam(USER).pw_uid)}
        assert status["Groups"].split() == []


@pytest.mark.parametrize("prepared", [True, False])
def test_nftables_needs_the_first_alone(lab, prepared):
    """CAP_NET_ADMIN, as upnpd(8) says of hosts without legacy iptables"""
    daemon = started(lab, firewall_backend="auto", rights=["net_admin"], prepared=prepared)
    assert daemon.capabilities(daemon.process.pid)["CapEff"] == 1 << 12
    lab.echo(lab.lan1, 5000)
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    assert lab.reaches("TCP", 40001)


def test_too_few_rights_are_named(lab):
    """Without them it does not start, says what it needs, and is never ready"""
    user = pwd.getpwnam(USER)
    daemon = service(lab)
    command = lab.router.command(
        "setpriv",
        "--reuid",
        user.pw_uid,
        "--regid",
        user.pw_gid,
        "--clear-groups",
        "env",
        f"NOTIFY_SOCKET={daemon.manager.path}",
        daemon.program,
        "-f",
        "-c",
        daemon.configuration,
        "wan0",
        "br-lan",
    )
    ended = subprocess.run(command, capture_output=True, text=True, timeout=15, check=False)
    assert ended.returncode == 1 and "NET_ADMIN" in ended.stderr, ended
    assert not daemon.manager.has("READY=1")


@pytest.mark.parametrize("backend", BACKENDS)
def test_cleaning_up_after_a_crash(lab, backend):
    """ExecStopPost=upnpd --cleanup, as the same user"""
    before = rules.everything(lab.router)
    daemon = started(lab, firewall_backend=backend)
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001).ok
    daemon.kill()
    assert rules.ours(lab.router)
    cleaned = daemon.clean_up()
    assert cleaned.returncode == 0, cleaned
    assert rules.everything(lab.router) == before
    assert daemon.clean_up().returncode == 0


FLUSHES = {
    "nftables": [("nft", "flush", "ruleset")],
    "iptables": [("iptables-legacy", "-t", table, "-F") for table in ("nat", "filter")],
}


@pytest.mark.parametrize("prepared", [True, False])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_flush_is_mended(lab, backend, prepared):
    """The mapping works again, whether or not the lock can be watched"""
    daemon = started(lab, firewall_backend=backend, prepared=prepared)
    lab.echo(lab.lan1, 5000)
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    assert lab.reaches("TCP", 40001)
    for words in FLUSHES[backend]:
        lab.router.run("nsenter", "--mount", "--target", daemon.process.pid, *words)
    wait_until(lambda: lab.reaches("TCP", 40001), 5, f"the mapping again\n{daemon.log}")


# -- legacy iptables, whose files are root's -------------------------------------------------------


def test_the_lock_of_iptables_is_held(lab):
    """By a group that may read it: a request waits while another program has it, reads do not, and
    it fails after two seconds"""
    daemon = started(lab, firewall_backend="iptables")
    point = ControlPoint(lab.lan1, LAN1)
    assert "xtables.lock" not in daemon.log
    with open(f"/proc/{daemon.process.pid}/root/run/xtables.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(point.add, "TCP", 40001)
            begin = time.monotonic()
            while time.monotonic() - begin < 1:
                assert point.specific("TCP", 40001).code == 714
                assert not waiting.done(), "it waits, and the engine does not"
            assert waiting.result().code == 501
        begin = time.monotonic()
        assert point.add("TCP", 40001).code == 501
        assert time.monotonic() - begin < 1, "the next one has been told what is to be told"
        fcntl.flock(lock, fcntl.LOCK_UN)
    assert point.add("TCP", 40001).ok


def test_rules_stay_while_the_lock_is_not_to_be_had(lab):
    """They are mended when it is free again"""
    daemon = started(lab, firewall_backend="iptables")
    lab.echo(lab.lan1, 5000)
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok

    def last():
        return lab.router.run("iptables-legacy", "-t", "nat", "-S", "PREROUTING").stdout

    with open(f"/proc/{daemon.process.pid}/root/run/xtables.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lab.router.run("iptables-legacy", "-t", "nat", "-A", "PREROUTING", "-s", WAN_HOST)
        wait_until(lambda: "put back yet" in daemon.log, 5, f"the failure\n{daemon.log}")
        assert lab.reaches("TCP", 40001)
        fcntl.flock(lock, fcntl.LOCK_UN)
    wait_until(lambda: "UPNPD" in last().splitlines()[-1], 5, "our jump at the end")
    assert lab.reaches("TCP", 40001)


def test_the_lock_is_of_no_interest_without_legacy_tables(lab):
    """A program that hangs with the lock in hand holds up neither repair nor end"""
    daemon = started(lab, firewall_backend="nftables")
    lab.echo(lab.lan1, 5000)
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
    with open(f"/proc/{daemon.process.pid}/root/run/xtables.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lab.router.run("nft", "delete", "table", "inet", "upnpd")
        wait_until(lambda: lab.reaches("TCP", 40001), 2, f"the mapping again\n{daemon.log}")
        assert daemon.stop() == 0
        assert "xtables.lock" not in daemon.log
        assert "upnpd" not in rules.nftables(lab.router)


def test_a_lock_that_cannot_be_had_is_named(lab):
    """One line, and the mappings are made all the same"""
    daemon = started(lab, firewall_backend="iptables", prepared=False)
    if os.stat("/run/xtables.lock").st_mode & 0o004:
        pytest.skip("anybody may read this host's /run/xtables.lock")
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001).ok and point.add("TCP", 40002).ok
    named = [
        line for line in daemon.log.splitlines() if "/run/xtables.lock cannot be opened" in line
    ]
    assert len(named) in (1, 2), daemon.log  # for IPv4, and IPv6


@pytest.mark.parametrize("prepared", [True, False])
@pytest.mark.parametrize(
    ("forward", "why"),
    [
        ("legacy-drop", "the rules in legacy iptables table filter stay"),
        ("nft-drop", "no legacy iptables rules are in use"),
    ],
)
def test_rules_of_legacy_iptables_are_seen(forward, why, prepared):
    """`auto` finds them also where the list of tables is hidden from it"""
    with Lab(forward=forward) as lab:
        daemon = started(lab, firewall_backend="auto", prepared=prepared)
        assert f"firewall: nftables: {why}" in daemon.log
        lab.echo(lab.lan1, 5000)
        assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
        assert lab.reaches("TCP", 40001)


@pytest.mark.parametrize("prepared", [True, False])
def test_a_legacy_chain_that_drops_is_opened(prepared):
    """... by nftables' back end too"""
    with Lab(forward="legacy-drop") as lab:
        started(lab, firewall_backend="nftables", prepared=prepared)
        lab.echo(lab.lan1, 5000)
        assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
        assert lab.reaches("TCP", 40001)


# -- what the service manager is told --------------------------------------------------------------


def stops_before_it_begins(program):
    """That program sends itself a SIGSTOP from now on, before it does anything"""
    program.rename(program.with_suffix(".real"))
    shutil.copy(os.environ["UPNPD_STOPS_FIRST"], program)


def stopped(daemon):
    """Ids of the router's processes that a SIGSTOP holds"""
    held = []
    for pid in daemon.router.processes():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if daemon.status_of(pid)["State"].startswith("T"):
                held.append(pid)
    return held


def test_ready_when_clients_are_answered(lab):
    """Not while the front end is still starting; at READY=1 the first search and the first action
    are answered"""
    daemon = service(lab)
    stops_before_it_begins(daemon.directory / "upnpd-front-end")
    daemon.launch()
    front_end = wait_until(lambda: stopped(daemon), 15, "a front end")[0]
    daemon.manager.wait_for("STATUS=" + IDLE)
    began = time.monotonic()
    wait_until(lambda: time.monotonic() > began + 0.5, 2, "half a second in which it could be told")
    assert not daemon.manager.has("READY=1")
    os.kill(front_end, signal.SIGCONT)
    daemon.manager.wait_for("READY=1")
    assert search(lab.lan1, "upnp:rootdevice", to=(ROUTER_LAN, 1900), mx=None, expect=1)
    assert ControlPoint(lab.lan1, LAN1).call("GetStatusInfo")["NewConnectionStatus"] == "Connected"


def test_a_failed_start_is_never_ready(lab):
    with lab.router.socket() as other:
        other.bind((ROUTER_LAN, 49200))
        other.listen()
        daemon = service(lab, listenport=49200)
        daemon.launch()
        assert daemon.process.wait(15) == 1
    assert not daemon.manager.has("READY=1")


def test_status_follows(lab):
    """The number of mappings and the external address, once a second at most"""
    manager = started(lab).manager
    manager.wait_for_status(IDLE)
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001).ok
    manager.wait_for_status(IDLE.replace("0 mappings", "1 mapping"))
    for port in range(40002, 40032):
        assert point.add("UDP", port).ok
    manager.wait_for_status(IDLE.replace("0 mappings", "31 mappings"))
    lab.router.ip("addr del 80.100.100.1/24 dev wan0", "addr add 192.168.99.1/24 dev wan0")
    manager.wait_for_status(
        "31 mappings; external wan0 192.168.99.1 (private: not reachable from the Internet)"
    )
    lab.router.ip("addr del 192.168.50.1/24 dev br-lan")
    wait_until(lambda: manager.status().endswith("; waiting for br-lan"), 5, manager.status())
    times = [when for when, _ in manager.lines("STATUS=")]
    assert all(later - earlier > 0.7 for earlier, later in zip(times, times[1:])), manager.lines(
        "STATUS="
    )


def test_the_watchdog_hears_the_loop(lab):
    """Twice in each interval while the engine runs; nothing while it hangs; again afterwards"""
    interval = 0.4
    daemon = started(lab, watchdog=interval)
    manager = daemon.manager

    def pings():
        return [when for when, _ in manager.lines("WATCHDOG=1")]

    wait_until(lambda: len(pings()) > 10, 10, "ten signs of life")
    gaps = sorted(later - earlier for earlier, later in zip(pings(), pings()[1:]))
    assert interval * 0.4 < gaps[len(gaps) // 2] < interval, gaps
    os.kill(daemon.process.pid, signal.SIGSTOP)
    wait_until(lambda: time.monotonic() - pings()[-1] > 3 * interval, 10, "silence")
    before = len(pings())
    os.kill(daemon.process.pid, signal.SIGCONT)
    wait_until(lambda: len(pings()) > before + 2, 5, "signs of life again")
    assert ControlPoint(lab.lan1, LAN1).call("GetStatusInfo").ok


def test_the_watchdog_of_another_process_hears_nothing(lab):
    """WATCHDOG_PID names who is to answer"""
    daemon = service(lab, watchdog=0.2)
    command = [
        str(word).replace("WATCHDOG_PID=$$", "WATCHDOG_PID=1") for word in daemon.command("-f")
    ]
    daemon.process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    daemon.manager.wait_for_status(IDLE)
    daemon.manager.wait_for("READY=1")
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001).ok
    daemon.manager.wait_for_status(
        IDLE.replace("0 mappings", "1 mapping")
    )  # one second after the first
    assert not daemon.manager.lines("WATCHDOG")


def test_a_reload_is_said(lab):
    """RELOADING=1 with the time, then READY=1: as ExecReload= asks for it, and with a file that
    cannot be used"""
    daemon = started(lab)
    for number, line in enumerate(["mappings_per_client = 1", "mappings_per_client = many"], 1):
        daemon.configure(lines=[line])
        os.kill(daemon.process.pid, signal.SIGHUP)
        wait_until(
            lambda n=number: len(daemon.manager.lines("READY=1")) == n + 1,
            5,
            f"READY=1 again\n{daemon.log}",
        )
        assert len(daemon.manager.lines("RELOADING=1")) == number
        assert len(daemon.manager.lines("MONOTONIC_USEC=")) == number
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001).ok
    assert point.add("TCP", 40002).code == 501, "the last file that could be used counts"


def test_a_reload_that_is_refused_fails(lab):
    """ExecReload= runs as the service does, without an argument"""
    unit = pathlib.Path(__file__).resolve().parents[2] / "init/upnpd.service.in"
    assert unit.read_text(encoding="utf-8").count("ExecReload=") == 1
    assert "ExecReload=@CMAKE_INSTALL_FULL_BINDIR@/upnpctl reload\n" in unit.read_text("utf-8")
    daemon = started(lab)
    own = pathlib.Path(daemon.program).parents[0] / "upnpctl"
    shutil.copy(pathlib.Path(binary()).parents[1] / "upnpctl/upnpctl", own)

    def reload():
        return subprocess.run(
            daemon.unprivileged(own, "reload"),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    assert reload().returncode == 0
    daemon.configure(["lease_max = soon"])
    said = reload()
    assert said.returncode == 1 and "lease_max" in said.stderr, said
    daemon.configure()


def test_stopping_is_said(lab):
    daemon = started(lab)
    assert daemon.stop() == 0
    daemon.manager.wait_for("STOPPING=1")
    assert daemon.manager.lines()[-1][1] == "STOPPING=1"


def test_a_daemon_that_forked_names_itself(lab):
    """MAINPID= with READY=1, and the watchdog hears the child"""
    daemon = service(lab, watchdog=0.4)
    assert (
        subprocess.run(
            daemon.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=20,
            check=False,
        ).returncode
        == 0
    )
    pid = int(daemon.pid_file.read_text())
    assert f"READY=1\nMAINPID={pid}" in [text for _, text in daemon.manager.heard]
    ready = daemon.manager.lines("READY=1")[0][0]
    wait_until(
        lambda: any(when > ready for when, _ in daemon.manager.lines("WATCHDOG=1")),
        5,
        "a sign of life",
    )
    os.kill(pid, signal.SIGTERM)
    daemon.manager.wait_for("STOPPING=1")
    wait_until(lambda: not daemon.processes(), 10, "end of all processes")


def test_front_ends_know_no_service_manager(lab):
    """Nor does any firewall program: what could speak in the engine's name is not in their
    environment"""
    daemon = started(lab)
    assert daemon.front_ends()
    for pid in daemon.front_ends():
        variables = pathlib.Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
        assert not {variable.partition("=")[0] for variable in variables} & OURS


def test_a_service_manager_that_has_gone_is_no_harm(lab):
    """One line in the log, not one for each word"""
    daemon = started(lab, watchdog=0.1)
    daemon.manager.path.unlink()
    daemon.wait_for_log("the service manager cannot be told")
    point = ControlPoint(lab.lan1, LAN1)
    for port in range(40001, 40011):
        assert point.add("TCP", port).ok
    assert daemon.stop() == 0
    assert daemon.log.count("the service manager cannot be told") == 1
