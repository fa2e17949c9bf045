# SPDX-License-Identifier: GPL-2.0-or-later
"""The start files of SysV and OpenRC with the real daemon, and what it writes into the journal."""

import os
import shutil
import signal
import subprocess

import pytest

from lab import LAN1, ControlPoint, rules, wait_until
from lab.daemon import binary
from lab.init_host import InitHost
from lab.systemd_host import SystemdHost

# OpenRC makes these folders when it boots a machine.
OPENRC_STATES = (
    *("daemons", "exclusive", "failed", "hotplugged", "inactive", "options", "scheduled"),
    *("started", "starting", "stopping", "tmp", "wasinactive"),
)
BROKEN = "mappings_per_client = many"
# Every program that a hotplug script of OpenWrt starts has these, with another meaning.
HOTPLUG = {"INTERFACE": "wan", "OUTERFACE": "br-lan"}


@pytest.fixture
def host(lab):
    daemon = lab.daemon()
    made = InitHost(lab, daemon)
    options = f'EXTIFACE=wan0\nINTIFACE=br-lan\nUPNPD_OPTS="-c {daemon.configuration}"\n'
    (made.directory / "conf.d/upnpd").write_text(options, encoding="utf-8")
    daemon.configure(
        pid_file=None, control_socket=None, user="upnpd", lease_file=daemon.directory / "l/leases"
    )
    return made


def break_file(host):
    host.daemon.configure([BROKEN], user="upnpd")


def add_mapping(lab):
    assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok


def test_the_sysv_script(lab, host):
    """A restart with a broken file leaves the daemon; a stop after a kill leaves nothing; what a
    hotplug script exports names no interface"""
    clean = rules.everything(lab.router)
    script = host.script("upnpd.init")
    environment = {"UPNPD_DEFAULTS": str(host.directory / "conf.d/upnpd"), **HOTPLUG}

    def gives(status, command):
        got, said = host.run(script, command, environment=environment)
        assert got == status, f"{command}: {got}\n{said}"
        return said

    gives(0, "start")
    add_mapping(lab)
    running = host.pid()
    good = host.daemon.configuration.read_text()
    break_file(host)
    for command in "restart", "try-restart", "reload":
        assert BROKEN.split()[0] in gives(1, command)
    assert host.pid() == running, "the old one serves on"
    host.daemon.configuration.write_text(good)
    gives(0, "restart")
    assert host.pid() not in (None, running)
    assert ControlPoint(lab.lan1, LAN1).specific("TCP", 40001).ok
    os.kill(host.pid(), signal.SIGKILL)
    wait_until(lambda: not host.daemon.processes(), 5, "end of all processes")
    gives(1, "status")
    assert rules.everything(lab.router) != clean
    gives(0, "stop")
    assert rules.everything(lab.router) == clean
    gives(3, "status")


def test_the_sysv_script_follows_the_pid_file(lab, host):
    """-p among the options"""
    options = host.directory / "conf.d/upnpd"
    other = host.directory / "other.pid"
    options.write_text(options.read_text().replace('"-c', f'"-p {other} -c'))
    environment = {"UPNPD_DEFAULTS": str(options)}
    script = host.script("upnpd.init")
    assert host.run(script, "start", environment=environment)[0] == 0
    assert int(other.read_text()) in host.daemon.processes() and not host.pid_file.exists()
    assert host.run(script, "status", environment=environment)[0] == 0
    assert host.run(script, "stop", environment=environment)[0] == 0
    assert not host.daemon.processes() and other.read_text() == "", "it is root's directory"
    assert host.run(script, "status", environment=environment)[0] == 3


@pytest.mark.skipif(not shutil.which("openrc-run"), reason="there is no OpenRC")
def test_the_openrc_script(lab, host):
    """Under supervise-daemon: syslog has all lines, a killed daemon is started again, a restart
    with a broken file leaves it, and a stop leaves nothing"""
    clean = rules.everything(lab.router)
    script = host.script("upnpd.openrc")
    for name in OPENRC_STATES:
        (host.directory / "run/openrc" / name).mkdir(parents=True)
    (host.directory / "run/openrc/softlevel").write_text("default")

    def gives(good, command):
        status, said = host.run("openrc-run", script, "--nodeps", command)
        assert (status == 0) == good, f"{command}: {status}\n{said}"

    gives(True, "start")
    host.syslog.wait_for("Listening for requests")
    add_mapping(lab)
    running = host.pid()
    os.kill(running, signal.SIGKILL)
    host.syslog.wait_for("Listening for requests", count=2)
    wait_until(lambda: host.pid() not in (None, running), 5, "another engine")
    assert ControlPoint(lab.lan1, LAN1).specific("TCP", 40001).ok
    running = host.pid()
    good = host.daemon.configuration.read_text()
    break_file(host)
    said = host.run("openrc-run", script, "--nodeps", "restart")[1]
    assert BROKEN.split()[0] in said, "OpenRC's own exit status tells nothing here"
    gives(False, "reload")
    assert host.pid() == running
    host.daemon.configuration.write_text(good)
    gives(True, "reload")
    host.syslog.wait_for("the configuration was read again")
    gives(True, "stop")
    wait_until(lambda: not host.daemon.processes(), 5, "end of all processes")
    assert rules.everything(lab.router) == clean


def test_the_journal_has_fields(lab, host):
    """Priority, client, port and action of a mapping; an error of the start is one"""
    daemon = [binary(), "-f", "--log-to", "journal", "-c", host.daemon.configuration]
    process = subprocess.Popen(host.command(*daemon, "wan0", "br-lan"), stderr=subprocess.PIPE)
    host.journal.wait_for("Listening for requests")
    add_mapping(lab)
    host.journal.wait_for("UPNPD_ACTION=granted")
    (entry,) = [each for each in host.journal.heard if "UPNPD_ACTION=granted" in each]
    fields = dict(line.partition("=")[::2] for line in entry.splitlines())
    assert fields.pop("MESSAGE").startswith("portmap: granted tcp 40001 -> 192.168.50.10:5000 for ")
    assert fields == {
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "upnpd",
        "UPNPD_CLIENT": LAN1,
        "UPNPD_PORT": "40001",
        "UPNPD_ACTION": "granted",
    }
    second = host.run(*daemon, "wan0", "br-lan")
    assert second == (1, ""), "all is in the journal"
    host.journal.wait_for("PRIORITY=3\nSYSLOG_IDENTIFIER=upnpd\nMESSAGE=cannot start: upnpd is run")
    os.kill(host.pid(), signal.SIGTERM)
    assert process.communicate(timeout=15)[1] == b""


def test_the_systemd_unit(lab):
    """systemd starts it when it serves; a reload with a broken file fails; a kill is followed by a
    cleanup and a start; a stop leaves nothing; the journal's priorities are ours"""
    clean = rules.everything(lab.router)
    daemon = lab.daemon(pid_file=None, control_socket=None, lease_file=None, user="upnpd")
    host = SystemdHost(lab, daemon)
    started = host.systemctl("start", "upnpd")
    assert started.returncode == 0, host.journal()
    add_mapping(lab)
    engine = host.systemctl("show", "--property=MainPID", "--value", "upnpd").stdout
    good = daemon.configuration.read_text()
    daemon.configuration.write_text(f"{good}{BROKEN}\n")
    assert host.systemctl("reload", "upnpd").returncode != 0
    daemon.configuration.write_text(good)
    assert host.systemctl("reload", "upnpd").returncode == 0
    (granted,) = host.journal("UPNPD_ACTION=granted")
    assert (granted["UPNPD_CLIENT"], granted["UPNPD_PORT"]) == (LAN1, "40001")
    assert host.systemctl("kill", "--signal=KILL", "--kill-who=main", "upnpd").returncode == 0
    wait_until(
        lambda: host.systemctl("is-active", "upnpd").stdout == "active\n"
        and host.systemctl("show", "--property=MainPID", "--value", "upnpd").stdout != engine,
        15,
        "another engine",
    )
    assert ControlPoint(lab.lan1, LAN1).specific("TCP", 40001).ok
    assert host.systemctl("stop", "upnpd").returncode == 0
    assert rules.everything(lab.router) == clean
    errors = [each["MESSAGE"] for each in host.journal("-p", "err")]
    assert len(errors) == 2 and BROKEN.split()[0] in errors[0] and "reload refused" in errors[1]
    assert len(host.journal("-p", "notice")) > 4
    assert not [each for each in host.journal() if each["MESSAGE"].startswith("upnpd: ")]
    daemon.configuration.write_text(f"{good}{BROKEN}\n")
    assert host.systemctl("start", "upnpd").returncode != 0
    error = host.journal("-p", "err")[len(errors) :]
    assert len(error) == 1 and BROKEN.split()[0] in error[0]["MESSAGE"]
