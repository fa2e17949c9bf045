# SPDX-License-Identifier: GPL-2.0-or-later
"""Starting: as a daemon or in the foreground, what its exit status tells, what the configuration
may say."""

import os
import pathlib
import pwd
import signal
import socket
import subprocess
import sys
import time

import pytest

from conftest import BACKENDS
from lab import LAN1, ROUTER_LAN, ControlPoint, StartFailed, rules, search, system_calls, wait_until
from lab.daemon import USER, binary
from lab.disk import fill, small_disk


def run(daemon, *arguments, timeout=15):
    """The program to its end, with the output in files' place."""
    return daemon.router.run(binary(), *arguments, timeout=timeout, check=False)


def daemonise(daemon):
    """Without -f; what it prints goes nowhere, since a daemon that keeps a pipe open would keep us
    waiting."""
    return subprocess.run(
        daemon.command(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=20,
        check=False,
    ).returncode


def test_daemonising_ends_when_ready(lab):
    """Exit status 0 once a search is answered; the pid file names the engine and goes away with
    it"""
    daemon = lab.daemon()
    assert daemonise(daemon) == 0
    assert search(lab.lan1, "upnp:rootdevice", to=(ROUTER_LAN, 1900), mx=None, expect=1)
    pid = int(daemon.pid_file.read_text())
    assert pid in daemon.processes()
    assert os.getsid(pid) != os.getsid(0), "a session of its own"
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not daemon.processes(), 10, "end of all processes")
    assert not daemon.pid_file.exists()


def test_a_second_daemon_does_not_start(lab):
    """The port is busy: the parent says so by its exit status and the first one goes on"""
    first = lab.daemon(listenport=49200).start()
    second = lab.daemon(listenport=49200, pid_file=first.directory / "second.pid")
    assert daemonise(second) == 1
    assert first.running()
    assert ControlPoint(lab.lan1, LAN1).call("GetStatusInfo").ok


def test_one_daemon_for_a_network_namespace(lab):
    """Two would repair each other's rules for ever: the second names the first, and changes
    nothing"""
    first = lab.daemon().start()
    before = rules.everything(lab.router)
    with pytest.raises(StartFailed, match=f"running already.* with pid {first.process.pid}"):
        lab.daemon().start()
    assert rules.everything(lab.router) == before and first.running()


def test_a_busy_port_is_named(lab):
    """listenport is taken by another program: refused with the port's number, and no rule is
    left"""
    before = rules.everything(lab.router)
    with lab.router.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind((ROUTER_LAN, 49200))
        other.listen()
        daemon = lab.daemon(listenport=49200)
        with pytest.raises(StartFailed, match="49200"):
            daemon.start()
        assert daemon.process.wait() == 1
        assert daemonise(daemon) == 1
    wait_until(lambda: not daemon.processes(), 5, "end of all processes")
    assert rules.everything(lab.router) == before


def test_the_configured_port_is_used(lab):
    """listenport = 2869, as old firewalls expect"""
    lab.daemon(listenport=2869).start()
    assert ControlPoint(lab.lan1, LAN1).port == 2869


def test_the_front_end_has_no_privilege(lab):
    """Own user, no capability, no new privileges"""
    daemon = lab.daemon().start()
    for pid in daemon.front_ends():
        status = daemon.status_of(pid)
        assert set(status["Uid"].split()) == {str(pwd.getpwnam("nobody").pw_uid)}
        for capabilities in "CapInh", "CapPrm", "CapEff", "CapAmb":
            assert int(status[capabilities], 16) == 0, capabilities
        assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
        assert int(status["Seccomp_filters"]) == 2, "the engine's filter and its own"
    engine = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
    assert (
        "\nUid:\t0" not in engine and "\nSeccomp:\t2\n" in engine and "\nNoNewPrivs:\t1\n" in engine
    )


def test_front_ends_have_an_account_of_their_own(lab, tmp_path):
    """Where the system has upnpd-front-end: the engine can end them, and they have no rights"""
    accounts = tmp_path / "passwd"
    accounts.write_text(
        pathlib.Path("/etc/passwd").read_text() + "upnpd-front-end:x:65123:65123::/:/bin/false\n"
    )
    daemon = lab.daemon()
    script = f'mount --bind {accounts} /etc/passwd && exec "$0" "$@"'
    daemon.prefix = ["unshare", "--mount", "sh", "-c", script]
    daemon.start()
    (front_end,) = daemon.front_ends()
    status = daemon.status_of(front_end)
    engine = str(pwd.getpwnam("nobody").pw_uid)
    assert status["Uid"].split() == ["65123", "65123", engine, "65123"]
    assert set(status["Gid"].split()) == {"65123"}
    assert daemon.capabilities(front_end)["CapEff"] == 0
    assert ControlPoint(lab.lan1, LAN1).add("UDP", 40000).ok
    daemon.stop()
    wait_until(lambda: not daemon.processes(), 5, "end of all processes")


@pytest.mark.parametrize("missing", ["capset", "setresuid"])
def test_a_daemon_that_cannot_drop_its_rights_does_not_start(lab, missing):
    """Rules are not left either"""
    before = rules.everything(lab.router)
    daemon = lab.daemon()
    daemon.prefix = [sys.executable, system_calls.__file__, "without", missing]
    with pytest.raises(StartFailed, match="cannot start: "):
        daemon.start()
    assert daemon.process.wait() == 1
    wait_until(lambda: not daemon.processes(), 5, "end of all processes")
    assert rules.everything(lab.router) == before


@pytest.mark.parametrize("required", ["no", "yes"])
def test_a_kernel_without_seccomp(lab, required):
    """Is a warning, and with require_seccomp = yes the end"""
    daemon = lab.daemon(require_seccomp=required)
    daemon.prefix = [sys.executable, system_calls.__file__, "no-seccomp"]
    missing = "this kernel has no seccomp"
    if required == "yes":
        with pytest.raises(StartFailed, match=f"cannot start: {missing}"):
            daemon.start()
        assert daemon.process.wait() == 1
        return
    daemon.start()
    assert missing in daemon.log
    assert ControlPoint(lab.lan1, LAN1).add("UDP", 40000).ok


@pytest.mark.parametrize("options", [["--help"], ["--version"]])
def test_help_and_version(lab, options):
    shown = run(lab.daemon(), *options)
    assert shown.returncode == 0 and shown.stdout


@pytest.mark.parametrize("options", [["--nonsense"], ["wan0"], ["-c"]])
def test_a_bad_command_line(lab, options):
    shown = run(lab.daemon(), *options)
    assert shown.returncode == 2 and shown.stderr


@pytest.mark.parametrize(
    "line",
    [
        "no_such_key = 1",
        "debug_mode = many",
        "listenport = 70000",
        "firewall_backend = ipfw",
        "duration = 25:99:1",
        "duration = 100000000",
        "uuid = x",
        "just words",
        "user = zork",
        "user = root",
        "internal_interface = a-name-too-long-for-it",
    ],
)
def test_a_bad_line_is_named(lab, line):
    """`file:line`, what was expected, exit status 2, nothing started - with and without -t"""
    daemon = lab.daemon(lines=["# a comment", line])
    number = daemon.configuration.read_text().splitlines().index(line) + 1
    for options in (["-t"], ["-f"], []):
        shown = run(daemon, *options, "-c", daemon.configuration, "wan0", "br-lan")
        assert shown.returncode == 2, shown
        assert f"{daemon.configuration}:{number}" in shown.stderr
    assert not daemon.processes() and not rules.ours(lab.router)


def test_a_missing_file_is_named(lab):
    daemon = lab.daemon()
    shown = run(daemon, "-f", "-c", daemon.directory / "missing.conf", "wan0", "br-lan")
    assert shown.returncode == 2 and "missing.conf" in shown.stderr


def test_checking_starts_nothing(lab):
    daemon = lab.daemon()
    assert run(daemon, "-t", "-c", daemon.configuration, "wan0", "br-lan").returncode == 0
    assert not daemon.processes() and not rules.ours(lab.router)


def test_the_wan_is_no_lan(lab):
    """SEC-WAN-09"""
    daemon = lab.daemon()
    shown = run(daemon, "-f", "-c", daemon.configuration, "wan0", "wan0")
    assert shown.returncode == 2 and "wan0" in shown.stderr


def test_interfaces_may_stand_in_the_file(lab):
    """... and the ones of the command line win"""
    daemon = lab.daemon(
        interfaces=(), external_interface="wan0", internal_interface="br-lan"
    ).start()
    assert ControlPoint(lab.lan1, LAN1).call("GetStatusInfo")["NewConnectionStatus"] == "Connected"
    assert daemon.stop() == 0
    daemon.configure(external_interface="nothing0", internal_interface="nothing1")
    daemon.interfaces = ["wan0", "br-lan"]
    daemon.start()
    assert ControlPoint(lab.lan1, LAN1).call("GetStatusInfo")["NewConnectionStatus"] == "Connected"


@pytest.mark.parametrize(
    "names",
    [
        ("INTERFACE", "OUTERFACE"),
        ("INTIFACE", "EXTIFACE"),
        ("INT_IFACE", "EXT_IFACE"),
        ("INTERNAL_INTERFACE", "EXTERNAL_INTERFACE"),
    ],
)
def test_the_shell_style_file_is_understood(lab, names):
    """Gentoo's /etc/linuxigd/upnpd.conf of 2003 and its relatives (heritage 1.3)"""
    inner, outer = names
    daemon = lab.daemon(interfaces=())
    daemon.configuration.write_text(
        f'# which is which\n{inner}="br-lan"\n{outer}="wan0"\nALLOW_MULTICAST=yes\n'
    )
    shown = run(daemon, "-t", "-c", daemon.configuration)
    assert shown.returncode == 0, shown


def test_old_keys_are_understood(lab):
    """heritage 1.2, old and new names"""
    daemon = lab.daemon(
        interfaces=(),
        lines=[
            'iptables_location = "/sbin/iptables"',
            "create_forward_rules = yes",
            "forward_rules_append = no",
            "forward_chain_name = FORWARD",
            "prerouting_chain_name = PREROUTING",
            "upstream_bitrate = 512000",
            "downstream_bitrate = 2048000",
            "duration = 0",
            "description_document_name = gatedesc.xml",
            "xml_document_path = /etc/linuxigd",
            "external_interface = wan0",
            "internal_interface = br-lan",
        ],
    ).start()
    link = ControlPoint(lab.lan1, LAN1).call(
        "GetCommonLinkProperties", service="urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1"
    )
    assert (link["NewLayer1UpstreamMaxBitRate"], link["NewLayer1DownstreamMaxBitRate"]) == (
        "512000",
        "2048000",
    )
    assert daemon.stop() == 0


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_readiness_is_logged_at_every_level(lab, level):
    lab.daemon(debug_mode=level).start()


def test_a_lease_of_the_configuration(lab):
    """duration: the lease of a client that asks for 0"""
    lab.daemon(duration="00:10").start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001).ok
    assert 590 <= int(point.specific("TCP", 40001)["NewLeaseDuration"]) <= 600


def test_quotas(lab):
    """IGD-Map-16: 501 in version 1; overwriting still succeeds"""
    lab.daemon(mappings_per_client=2).start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001).ok and point.add("TCP", 40002).ok
    assert point.add("TCP", 40003).code == 501
    assert point.add("TCP", 40002, 5000).ok


def test_permission_lines(lab):
    """IGD-Access-15: the first line that matches decides"""
    lab.daemon(lines=["allow 80 192.168.50.10/32 80", "deny 40000-40010 0.0.0.0/0 0-65535"]).start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 80).ok
    assert point.add("TCP", 40005).code == 718
    assert point.add("TCP", 40011).ok
    assert ControlPoint(lab.lan2, "192.168.50.11").add("TCP", 80).code == 718


def test_each_mapping_has_its_line_in_the_log(lab):
    """Granted, refused and ended, with who asked; strings from the network are quoted"""
    daemon = lab.daemon(debug_mode=2).start()
    point = ControlPoint(lab.lan1, LAN1)
    assert point.add("TCP", 40001, PortMappingDescription="evil\u2028text").ok
    assert point.add("TCP", 40002, client="192.168.50.11").code == 718
    assert point.delete("TCP", 40001).ok
    lines = [line for line in daemon.log.splitlines() if LAN1 in line]
    assert len([line for line in lines if "40001" in line]) == 2, daemon.log
    assert len([line for line in lines if "40002" in line]) == 1, daemon.log


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_start_that_fails_late_leaves_no_rule(lab, backend):
    """The lease file cannot be written when the rules are laid already"""
    before = rules.everything(lab.router)
    daemon = lab.daemon(firewall_backend=backend, lines=[f"mapping = tcp 40005 {LAN1}:5000 kept"])
    daemon.lease_file.with_name("leases.new").mkdir()
    with pytest.raises(StartFailed, match="cannot start: lease file"):
        daemon.start()
    assert rules.everything(lab.router) == before


@pytest.mark.parametrize("key", ["lease_file", "pid_file"])
def test_a_file_of_roots_is_not_given_away(lab, key):
    """In a directory of its own the account may have made a link to it, where the kernel lets it"""
    daemon = lab.daemon()
    directory = daemon.directory / "upnpd"
    directory.mkdir()
    secret = daemon.directory / "secret"
    secret.write_text("of root's")
    secret.chmod(0o600)
    os.link(secret, directory / "file")
    daemon.configure(**{key: directory / "file"})
    with pytest.raises(StartFailed, match="another name"):
        daemon.start()
    assert (secret.stat().st_uid, secret.stat().st_mode & 0o777, secret.read_text()) == (
        0,
        0o600,
        "of root's",
    )


# -- where the start meets what nobody expects -----------------------------------------------------


def test_rights_are_asked_for_first(lab):
    """One sentence, and nothing is made"""
    user = pwd.getpwnam(USER)
    daemon = lab.daemon()
    ended = lab.router.run(
        *("setpriv", "--reuid", user.pw_uid, "--regid", user.pw_gid, "--clear-groups"),
        *(binary(), "-f", "-c", daemon.configuration, "wan0", "br-lan"),
        check=False,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "needs to be started as root, or with CAP_NET_ADMIN and CAP_NET_RAW" in line
    assert not daemon.pid_file.exists() and not daemon.control_socket.exists()


def test_a_kernel_without_netfilters_sockets_is_named(lab):
    daemon = lab.daemon()
    daemon.prefix = [sys.executable, system_calls.__file__, "no-netfilter"]
    with pytest.raises(StartFailed, match="cannot start: this kernel has no netlink socket of net"):
        daemon.start()
    assert daemon.process.wait() == 1


def test_a_signal_in_the_first_moment_waits(lab):
    """SIGHUP once the program has been linked, before it has read a file: it starts, and has read
    the file again"""
    daemon = lab.daemon()
    held = 1 << signal.SIGHUP - 1
    for pause in 0, 0.002, 0.01, 0.05:
        daemon.launch()
        while not int(daemon.status_of(daemon.process.pid)["SigBlk"], 16) & held:
            assert daemon.running()
        time.sleep(pause)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_until_ready()
        daemon.wait_for_log("the configuration was read again")
        assert daemon.stop() == 0
        assert not rules.ours(lab.router)


def test_without_standard_streams(lab):
    """Closed 0, 1 and 2: the start comes back, and a second one finds the first"""
    daemon = lab.daemon()

    def start():
        script = 'exec "$0" "$@" <&- >&- 2>&-'
        return subprocess.run(["sh", "-c", script, *daemon.command()], timeout=20, check=False)

    assert start().returncode == 0
    assert start().returncode == 1
    pid = int(daemon.pid_file.read_text())
    for stream in range(3):
        assert os.readlink(f"/proc/{pid}/fd/{stream}") == "/dev/null"
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not daemon.processes(), 10, "end of all processes")


@pytest.mark.parametrize("mask", ["0", "077"])
def test_the_mask_of_the_caller_does_not_count(lab, mask):
    """A directory that is made is for everybody to read, so anybody may ask by upnpctl"""
    daemon = lab.daemon()
    directory = daemon.directory / "run"
    daemon.pid_file, daemon.control_socket = directory / "upnpd.pid", directory / "upnpd.sock"
    daemon.configure()
    daemon.prefix = ["sh", "-c", f'umask {mask} && exec "$0" "$@"']
    daemon.start()
    assert directory.stat().st_mode & 0o777 == 0o755
    assert directory.owner() == USER
    assert daemon.pid_file.stat().st_mode & 0o777 == 0o644
    asked = daemon.router.run(
        *("setpriv", "--reuid", "65531", "--regid", "65531", "--clear-groups"),
        pathlib.Path(binary()).parents[1] / "upnpctl/upnpctl",
        *("-s", daemon.control_socket, "status"),
        check=False,
    )
    assert asked.returncode == 0, asked


def test_a_disk_that_is_full_at_the_start(lab):
    """It serves, says so, and writes the leases when it can"""
    daemon = lab.daemon()
    with small_disk(daemon.directory / "disk", USER) as disk:
        lab.at_close(daemon.remove)  # before it is unmounted
        daemon.configure(lease_file=disk / "leases")
        fill(disk)
        daemon.start()
        assert f"lease file {disk}/leases.new: No space left on device" in daemon.log
        assert ControlPoint(lab.lan1, LAN1).add("TCP", 40001, 5000).ok
        (disk / "fill").unlink()
        daemon.wait_for_log("the lease file can be written again", 10)
        assert "40001" in (disk / "leases").read_text()
        assert daemon.stop() == 0


def test_files_that_cannot_be_written_are_named(lab):
    """... with who cannot write where, and what to do; nothing of others is changed"""
    daemon = lab.daemon()
    foreign = daemon.directory / "foreign"
    foreign.mkdir()
    foreign.chmod(0o755)
    link = daemon.directory / "link"
    link.symlink_to(daemon.directory / "target")
    file = daemon.directory / "file"
    file.write_text("somebody's")
    for settings, said in (
        ({"lease_file": foreign / "leases"}, f"user {USER} cannot write in {foreign} (owner root)"),
        ({"pid_file": link}, "is a symbolic link, which is refused"),
        ({"control_socket": file}, f"control_socket {file}: is there already and is no socket"),
    ):
        daemon.configure(**settings)
        with pytest.raises(StartFailed) as failed:
            daemon.start()
        assert "error   cannot start: " in str(failed.value) and said in str(failed.value)
        assert daemon.process.wait() == 1
    assert file.read_text() == "somebody's" and foreign.owner() == "root"


def test_paths_may_be_relative(lab):
    """-c and -p: to where the command was given, though the daemon goes to /"""
    daemon = lab.daemon()
    command = lab.router.command(binary(), "-c", "upnpd.conf", "-p", "other.pid", "wan0", "br-lan")
    nowhere = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    started = subprocess.run(command, cwd=daemon.directory, timeout=20, check=False, **nowhere)
    assert started.returncode == 0
    pid = int((daemon.directory / "other.pid").read_text())
    assert daemon.ctl("reload").returncode == 0
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not daemon.processes(), 10, "end of all processes")
    assert not (daemon.directory / "other.pid").exists()
