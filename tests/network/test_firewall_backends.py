# SPDX-License-Identifier: GPL-2.0-or-later
"""The two firewall back ends by packets, without a daemon: firewall_driver speaks to the kernel,
the lab's hosts send through. Beside each dropping firewall stand a port that nobody mapped and a
port that the administrator forwards himself: neither may change its fate."""

import re
import socket
import sys
import threading

import pytest

from lab import LAN1, LAN1_6, LAN2, ROUTER_WAN, WAN_HOST, WAN_HOST6, Lab, rules, wait_until
from lab import system_calls
from lab.firewall_driver import Driver

BACKENDS = ("nftables", "iptables")
ADMIN_PORT = 2222  # the administrator's own DNAT to the second host
ADMIN_DNAT = f"""table ip admin {{
    chain prerouting {{
        type nat hook prerouting priority dstnat; policy accept;
        iifname "wan0" tcp dport {ADMIN_PORT} dnat to {LAN2}:7000
    }}
}}
"""
NFT_FINAL_REJECT = """table inet site {
    chain pass {
        type filter hook forward priority 10; policy accept;
        ct state established,related accept
        iifname "br-lan" accept
        counter reject with icmpx admin-prohibited
    }
}
"""
# Nothing passes that is not told to: replies neither.
NFT_DROP_STATELESS = """table inet filter {
    chain forward {
        type filter hook forward priority filter; policy drop;
    }
}
"""
IPTABLES_DROP = """*filter
:INPUT ACCEPT
:FORWARD DROP
:OUTPUT ACCEPT
-A FORWARD -i br-lan -o wan0 -j ACCEPT
COMMIT
"""
FIREWALLD_LIKE = """table inet firewalld {
    chain filter_FORWARD {
        type filter hook forward priority filter + 10; policy accept;
        ct state { established, related } accept
        ct status dnat accept
        iifname "br-lan" accept
        reject with icmpx admin-prohibited
    }
}
"""
# This is how iptables-restore-translate writes it: native rules in the table that iptables-nft
# would use.
TRANSLATED = """table ip filter {
    chain FORWARD {
        type filter hook forward priority filter; policy drop;
        ct state established,related counter accept
        iifname "br-lan" fib saddr type unicast counter accept
    }
}
"""
FIREWALLS = {
    "accept": (),
    "nft-drop": ("nft", NFT_DROP_STATELESS),
    "nft-final-reject": ("nft", NFT_FINAL_REJECT),
    "firewalld-like": ("nft", FIREWALLD_LIKE),
    "translated": ("nft", TRANSLATED),
    "legacy-drop": ("iptables-legacy-restore", IPTABLES_DROP),
    "iptables-nft-drop": ("iptables-nft-restore", IPTABLES_DROP),
}


class Stage:
    """A lab with echo servers, the administrator's DNAT and one of the FIREWALLS."""

    def __init__(self, lab, firewall):
        self.lab = lab
        self.router = lab.router
        lab.echo(lab.lan1, 7000)
        lab.echo(lab.lan2, 7000)
        self.router.run("nft", "-f", "-", input=ADMIN_DNAT)
        if FIREWALLS[firewall]:
            program, text = FIREWALLS[firewall]
            self.router.run(program, *(["-f", "-"] if program == "nft" else []), input=text)
        self.drivers = []

    def driver(self, backend, *options, prefix=()):
        driver = Driver(self.router, *prefix).open(backend, *options)
        self.drivers.append(driver)
        return driver

    def reaches(self, protocol, port, **options):
        return self.lab.reaches(protocol, port, **options)

    def ruleset(self):
        """Everything, as nft, iptables-nft and iptables-legacy tell it. A legacy table that has
        been looked at stays registered, empty: the kernel knows no way back."""
        xt = (
            self.router.run("iptables-nft-save").stdout
            if "xt" in rules.nftables(self.router)
            else ""
        )
        chains = [
            line
            for line in rules.legacy(self.router).splitlines()
            if line.startswith("-A") or " DROP" in line or (line.startswith(":") and " - " in line)
        ]
        return rules.nftables(self.router), re.sub(r"^#.*$|\[\d+:\d+\]", "", xt, flags=re.M), chains


@pytest.fixture
def stage(request):
    with Lab() as lab:
        laid = Stage(lab, getattr(request, "param", "accept"))
        try:
            yield laid
            for driver in laid.drivers:
                driver.close()
        finally:
            for driver in laid.drivers:
                driver.kill()


every_backend = pytest.mark.parametrize("backend", BACKENDS)
every_firewall = pytest.mark.parametrize("stage", FIREWALLS, indirect=True)


@every_backend
@every_firewall
def test_a_mapping_carries_packets_and_leaves_no_trace(stage, backend):
    before = stage.ruleset()
    admin = stage.reaches("tcp", ADMIN_PORT)
    driver = stage.driver(backend)
    driver.ok("replaceall")
    for protocol in "tcp", "udp":
        driver.ok("add", protocol, 80, LAN1, 7000, "comment=a~game")
        assert stage.reaches(protocol, 80), protocol
        assert not stage.reaches(protocol, 81), "a port that nobody mapped"
    assert stage.reaches("tcp", ADMIN_PORT) == admin, "the administrator's own DNAT"
    driver.ok("del", "tcp", 80)
    assert not stage.reaches("tcp", 80)
    assert stage.reaches("udp", 80), "the other one stays"
    driver.ok("removeall")
    assert not stage.reaches("udp", 80)
    assert stage.ruleset() == before


@every_backend
@pytest.mark.parametrize("stage", ["nft-drop", "legacy-drop"], indirect=True)
def test_a_remote_host_is_the_only_one_let_in(stage, backend):
    stage.lab.wan.ip("addr add 80.100.100.10/24 dev eth0")
    driver = stage.driver(backend)
    driver.ok("replaceall")
    driver.ok("add", "udp", 80, LAN1, 7000, "remote=80.100.100.10")
    assert not stage.reaches("udp", 80), "from " + WAN_HOST
    stage.lab.wan.ip("addr del 80.100.100.9/24 dev eth0", "addr add 80.100.100.10/24 dev eth0")
    wait_until(lambda: stage.reaches("udp", 80), 3, "an answer to the remote host")


@every_backend
@pytest.mark.parametrize("stage", ["nft-drop", "legacy-drop"], indirect=True)
def test_two_ports_to_one_endpoint_do_not_share_their_fate(stage, backend):
    driver = stage.driver(backend)
    driver.ok("replaceall")
    driver.ok("add", "udp", 80, LAN1, 7000)
    driver.ok("add", "udp", 81, LAN1, 7000)
    driver.ok("del", "udp", 80)
    assert not stage.reaches("udp", 80)
    assert stage.reaches("udp", 81)


@every_backend
def test_a_replaced_rule_leads_to_the_new_host(stage, backend):
    driver = stage.driver(backend)
    driver.ok("replaceall")
    driver.ok("add", "tcp", 80, LAN1, 1)
    assert not stage.reaches("tcp", 80)
    driver.ok("add", "tcp", 80, LAN2, 7000)
    assert stage.reaches("tcp", 80)
    assert rules.count(stage.router, "tcp", 80) == 1


class UdpFlow:
    """One flow from the WAN host: the same source port for every datagram."""

    def __init__(self, lab, port):
        self._socket = lab.wan.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0.4)
        self._socket.connect((ROUTER_WAN, port))

    def answered(self):
        try:
            self._socket.send(b"again")
            return self._socket.recv(100) == b"again"
        except OSError:
            return False


@every_backend
def test_flows_end_with_their_rule_and_survive_a_renewal(stage, backend):
    driver = stage.driver(backend)
    driver.ok("replaceall")
    driver.ok("add", "udp", 80, LAN1, 7000, "timeout=100")
    driver.ok("add", "udp", 81, LAN1, 7000)
    flow, other = UdpFlow(stage.lab, 80), UdpFlow(stage.lab, 81)
    assert flow.answered() and other.answered()
    entry = stage.router.run(
        "conntrack", "-L", "-o", "id", "-p", "udp", "--orig-port-dst", "80"
    ).stdout
    driver.ok("add", "udp", 80, LAN1, 7000, "timeout=200", "comment=renewed")
    renewed = stage.router.run(
        "conntrack", "-L", "-o", "id", "-p", "udp", "--orig-port-dst", "80"
    ).stdout
    assert re.search(r"id=\d+", entry)[0] == re.search(r"id=\d+", renewed)[0], (
        "a renewal ended the flow"
    )
    driver.ok("del", "udp", 80)
    stage.lab.wait_for_end_of_flow(80)
    assert not flow.answered()
    assert other.answered(), "a flow of another mapping"
    driver.ok("removeall")
    stage.lab.wait_for_end_of_flow(81)
    assert not other.answered()


@pytest.mark.parametrize("stage", ["accept", "nft-drop"], indirect=True)
def test_the_kernel_ends_a_lease_itself(stage):
    driver = stage.driver("nftables")
    driver.ok("replaceall")
    driver.ok("add", "tcp", 80, LAN1, 7000, "timeout=2")
    driver.ok("add", "tcp", 81, LAN1, 7000, "timeout=1")
    assert stage.reaches("tcp", 80)
    driver.ok("add", "tcp", 81, LAN1, 7000, "timeout=3600")
    wait_until(lambda: rules.count(stage.router, "tcp", 80) == 0, 5, "end of the element")
    assert not stage.reaches("tcp", 80)
    assert stage.reaches("tcp", 81), "a renewed lease ends with the new one"
    driver.ok("del", "tcp", 80)  # gone already: no error


@pytest.mark.parametrize("stage", ["accept"], indirect=True)
def test_a_lease_renewed_for_as_long_as_before_ends_later(stage):
    """Clients send the same request again. Kernels that renew elements in place (6.12) take no
    notice of the same timeout"""
    driver = stage.driver("nftables")
    driver.ok("replaceall")
    driver.ok("add", "tcp", 80, LAN1, 7000, "timeout=4")
    for clock, seconds in (81, 2), (82, 3):  # what ends before, and what ends after the first end
        driver.ok("add", "tcp", clock, LAN1, 7000, f"timeout={seconds}")
        wait_until(
            lambda: rules.count(stage.router, "tcp", clock) == 0,
            6,
            "end of the element that tells the time",
        )
        assert stage.reaches("tcp", 80)
        if clock == 81:
            driver.ok("add", "tcp", 80, LAN1, 7000, "timeout=4")
    wait_until(lambda: rules.count(stage.router, "tcp", 80) == 0, 5, "the end of the second lease")


@every_backend
def test_a_rule_is_never_missing_while_it_is_renewed(stage, backend):
    driver = stage.driver(backend)
    driver.ok("replaceall")
    driver.ok("add", "udp", 80, LAN1, 7000)
    ended = threading.Event()
    answers = []

    def renew():
        while not ended.is_set():
            answers.append(
                driver("add", "udp", 80, LAN1, 7000, "timeout=100", "comment=" + str(len(answers)))
            )

    renewing = threading.Thread(target=renew)
    renewing.start()
    try:
        while len(answers) < 300:
            assert stage.reaches("udp", 80)
    finally:
        ended.set()
        renewing.join()
    assert set(answers) == {"ok"}


@every_backend
@pytest.mark.parametrize("after", BACKENDS)
@pytest.mark.parametrize("stage", ["nft-drop", "legacy-drop", "iptables-nft-drop"], indirect=True)
def test_what_a_killed_daemon_left_is_recognised_by_either_back_end(stage, backend, after):
    before = stage.ruleset()
    killed = stage.driver(backend)
    killed.ok("replaceall")
    killed.ok("add", "tcp", 80, LAN1, 7000)
    killed.ok("add", "tcp", 81, LAN1, 7000)
    killed.kill()
    stage.drivers.remove(killed)
    driver = stage.driver(after)
    driver("forget")
    driver.ok("replaceall")
    assert not stage.reaches("tcp", 80)
    driver.ok("add", "tcp", 81, LAN1, 7000)
    assert stage.reaches("tcp", 81)
    driver.ok("removeall")
    driver.ok("removeall")
    assert stage.ruleset() == before


@every_backend
def test_a_description_cannot_leave_its_quotes(stage, backend):
    driver = stage.driver(backend)
    driver.ok("replaceall")
    for port, text in enumerate(
        ['";~flush~ruleset;~"', "\\", "*", "{~}~#~$x", "x" * 400, "ü" * 200], start=80
    ):
        driver.ok("add", "tcp", port, LAN1, 7000, "comment=" + text)
        assert stage.reaches("tcp", port), text


@every_backend
@pytest.mark.parametrize("stage", ["nft-drop", "legacy-drop", "iptables-nft-drop"], indirect=True)
def test_no_means_no(stage, backend):
    before = stage.ruleset()
    driver = stage.driver(backend, "insert=no")
    driver.ok("replaceall")
    driver.ok("add", "tcp", 80, LAN1, 7000)
    assert not stage.reaches("tcp", 80)
    driver.ok("removeall")
    assert stage.ruleset() == before


@every_backend
@pytest.mark.parametrize("tool", ["iptables-legacy", "iptables-nft"])
def test_a_chain_of_the_users_own_gets_the_rule(stage, backend, tool):
    for line in ("-N forwardUPnP", "-A FORWARD -j forwardUPnP", "-P FORWARD DROP"):
        stage.router.run(tool, *line.split())
    before = stage.ruleset()
    driver = stage.driver(backend, "forward=forwardUPnP")
    driver.ok("replaceall")
    driver.ok("add", "tcp", 80, LAN1, 7000)
    assert stage.reaches("tcp", 80)
    assert len(stage.router.run(tool, "-S", "forwardUPnP").stdout.splitlines()) > 1
    assert "upnpd" not in stage.router.run(tool, "-S", "FORWARD").stdout.lower()
    driver.ok("removeall")
    assert stage.ruleset() == before


@every_backend
def test_a_missing_chain_is_named(stage, backend):
    """A chain of somebody else's that is not there keeps nothing from starting"""
    before = stage.ruleset()
    driver = stage.driver(backend, "forward=nowhere")
    driver.ok("replaceall")
    driver.ok("removeall")
    assert 'no chain is called "nowhere"' in driver.close()
    stage.drivers.remove(driver)
    assert stage.ruleset() == before


def test_a_missing_prerouting_chain_is_an_error(stage):
    before = stage.ruleset()
    driver = stage.driver("iptables", "prerouting=nowhere")
    assert driver("replaceall") == "failed"
    assert stage.ruleset() == before


@pytest.mark.parametrize(
    "stage", ["accept", "nft-drop", "iptables-nft-drop", "legacy-drop"], indirect=True
)
def test_auto_takes_nftables_whatever_the_host_uses(stage):
    driver = Driver(stage.router)
    assert driver("open", "auto", "wan0") == "nftables"
    assert "nftables" in driver.close()


@pytest.mark.parametrize("stage", ["iptables-nft-drop"], indirect=True)
def test_iptables_can_still_list_its_own_chains(stage):
    driver = stage.driver("nftables")
    driver.ok("replaceall")
    listed = stage.router.run("iptables-nft", "-S", "FORWARD")
    assert '--comment "upnpd: new" -j ACCEPT' in listed.stdout


@pytest.mark.parametrize(
    "backend, rights", [("nftables", ""), ("nftables", "raw=yes"), ("iptables", "raw=yes")]
)
@pytest.mark.parametrize("stage", ["nft-drop", "legacy-drop", "iptables-nft-drop"], indirect=True)
def test_an_unprivileged_user_with_the_capability_is_enough(stage, backend, rights, request):
    """CAP_NET_ADMIN, and CAP_NET_RAW where legacy tables are concerned."""
    before = stage.ruleset()
    driver = stage.driver(backend)
    driver.ok("drop", rights)
    driver.ok("replaceall")
    driver.ok("add", "udp", 80, LAN1, 7000)
    blind = not rights and "legacy-drop" in request.node.name  # it says so in the log
    assert stage.reaches("udp", 80) != blind
    if "iptables-nft-drop" in request.node.name:
        stage.router.run("iptables-nft", "-S", "FORWARD")
    driver.ok("removeall")
    assert stage.ruleset() == before


@every_backend
@pytest.mark.parametrize("stage", ["nft-drop", "legacy-drop"], indirect=True)
def test_icmp_errors_of_a_flow_pass(stage, backend):
    """A datagram to a port where nobody listens: the host's port-unreachable must reach the
    sender."""
    driver = stage.driver(backend)
    driver.ok("replaceall")
    driver.ok("add", "udp", 80, LAN1, 9)
    with stage.lab.wan.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(2)
        probe.connect((ROUTER_WAN, 80))
        probe.send(b"x")
        with pytest.raises(ConnectionRefusedError):
            probe.recv(10)


FORWARDS = {
    "nft": (
        "nft",
        ["-f", "-"],
        """table ip site {
    chain pre {
        type nat hook prerouting priority dstnat; policy accept;
        iifname "wan0" tcp dport { 8080, 9000-9010 } dnat to 192.168.50.11:7000
        iifname "br-lan" tcp dport 53 redirect to :5353
    }
}
""",
        "ip site pre rule 1, to 192.168.50.11:7000",
    ),
    "iptables-nft": (
        "iptables-nft-restore",
        ["--noflush"],
        """*nat
:site - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j site
-A site -i wan0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.50.11:7000
-A site -i wan0 -p tcp --dport 9000:9010 -j DNAT --to-destination 192.168.50.11:7000
COMMIT
""",
        "ip nat site rule 1, to 192.168.50.11:7000",
    ),
    "iptables-legacy": (
        "iptables-legacy-restore",
        ["--noflush"],
        """*nat
-A PREROUTING -d 80.100.100.1/32 -p tcp --dport 8080 -j DNAT --to-destination 192.168.50.11:7000
-A PREROUTING -d 80.100.100.1/32 -p tcp --dport 9000:9010 -j REDIRECT --to-ports 22
COMMIT
""",
        "192.168.50.11:7000",
    ),
}


@every_backend
@pytest.mark.parametrize("tool", FORWARDS)
@pytest.mark.parametrize("rights", ["", "raw=yes"], ids=["root", "nobody"])
def test_the_administrators_own_forwards_are_known(stage, backend, tool, rights):
    """However they were made, and with no more rights than the daemon keeps"""
    driver = stage.driver(backend)
    if rights:
        driver.ok("drop", rights)
    driver.ok("external", ROUTER_WAN)
    driver.ok("replaceall")
    driver.ok("add", "tcp", 8081, LAN1, 7000)
    own = driver("foreign", "tcp", ADMIN_PORT)
    assert own.endswith(f", to {LAN2}:7000")
    program, words, text, rule = FORWARDS[tool]
    assert driver("foreign", "tcp", 8080) == "none"
    stage.router.run(program, *words, input=text)
    # In a chain of nft ours is asked after his anyway.
    assert (driver("damage") == "none") == (backend == "nftables"), "ours is to give way"
    assert rule in driver("foreign", "tcp", 8080)
    for port in 9000, 9005, 9010:
        assert driver("foreign", "tcp", port) != "none", port
    for protocol, port in ("tcp", 8999), ("tcp", 9011), ("udp", 8080), ("tcp", 8081), ("tcp", 53):
        assert driver("foreign", protocol, port) == "none", (protocol, port)


def flows(router, port):
    """The entries of the kernel's list about a client's port."""
    listed = router.run("cat", "/proc/net/nf_conntrack").stdout.splitlines()
    return [line for line in listed if f"sport={port} " in line]


@every_backend
def test_flows_are_made_kept_and_ended(stage, backend):
    stage.lab.add_ipv6()
    driver = stage.driver(backend)
    driver.ok("replaceall")
    four = ("flow", "udp", LAN1, 6000, f"{WAN_HOST}@53", ROUTER_WAN, 45000)
    six = ("flow", "udp", LAN1_6, 6001, f"{WAN_HOST6}@53", LAN1_6, 0)
    for flow, port, seen in (four, 6000, "dport=45000"), (six, 6001, "dport=6001"):
        driver.ok(*flow, "timeout=100")
        assert [seen in line for line in flows(stage.router, port)] == [True]
        stage.router.run("conntrack", "-F")
        driver.ok(*flow, "timeout=100", "renew=yes")
        assert len(flows(stage.router, port)) == 1, "it was gone, and is made again"
        driver.ok(*flow, "timeout=1000", "renew=yes")
        assert int(flows(stage.router, port)[0].split()[4]) > 900
        driver.ok(*flow, "del=yes")
        assert not flows(stage.router, port)


@every_backend
@pytest.mark.parametrize("stage", ["nft-drop", "legacy-drop"], indirect=True)
def test_a_change_of_all_kinds_is_carried_out_as_a_whole(stage, backend):
    stage.lab.add_ipv6()
    driver = stage.driver(backend)
    driver.ok("replaceall")
    driver.ok("flow", "udp", LAN1, 6000, f"{WAN_HOST}@53", ROUTER_WAN, 45000)
    before = stage.ruleset(), rules.legacy(stage.router, "ip6tables-legacy-save")

    def stage_all(external):
        driver.ok("stage", "udp", 80, LAN1, 7000)
        driver.ok("pinhole", "udp", LAN1_6, 5000, "stage=yes")
        flow = "flow", "udp", LAN1, 6001, f"{WAN_HOST}@53", ROUTER_WAN, external
        driver.ok(*flow, "stage=yes")

    stage_all(45000)
    assert driver("commit") == "failed", "another flow leaves by that port"
    assert (stage.ruleset(), rules.legacy(stage.router, "ip6tables-legacy-save")) == before
    assert not stage.reaches("udp", 80)
    stage_all(45001)
    driver.ok("commit")
    assert stage.reaches("udp", 80)
    assert driver("packets", "udp", LAN1_6, 5000) == "0"
    assert len(flows(stage.router, 6001)) == 1


@every_backend
def test_pinholes_with_filters_are_elements_of_their_own(stage, backend):
    stage.lab.add_ipv6()
    driver = stage.driver(backend)
    driver.ok("replaceall")
    before = stage.ruleset(), rules.legacy(stage.router, "ip6tables-legacy-save")
    kinds = (
        (),
        (f"remote={WAN_HOST6}",),
        ("remote=::/0@53",),
        (f"remote={WAN_HOST6}@53", "comment=a"),
        (f"filters={WAN_HOST6}/64,2001:db8::1@99", "comment=b"),
    )
    pinholes = [("pinhole", "udp", LAN1_6, 5000, *options) for options in kinds]
    for pinhole in pinholes:
        driver.ok(*pinhole)
        assert driver("packets", *pinhole[1:]) == "0"
    for pinhole in pinholes:
        driver.ok(*pinhole, "renew=yes", "timeout=90")
        assert driver("packets", *pinhole[1:]) == "0"
        driver.ok(*pinhole, "del=yes")
        assert driver("packets", *pinhole[1:]) == "failed"
    assert (stage.ruleset(), rules.legacy(stage.router, "ip6tables-legacy-save")) == before


@every_backend
@pytest.mark.parametrize("stage", ["nft-drop", "legacy-drop", "iptables-nft-drop"], indirect=True)
def test_nothing_is_left_after_cleaning_up_behind_a_killed_daemon(stage, backend):
    stage.lab.add_ipv6()
    before = stage.ruleset(), rules.legacy(stage.router, "ip6tables-legacy-save")
    killed = stage.driver(backend)
    killed.ok("replaceall")
    killed.ok("add", "udp", 80, LAN1, 7000)
    killed.ok("pinhole", "udp", LAN1_6, 5000)
    killed.kill()
    stage.drivers.remove(killed)
    driver = Driver(stage.router)
    driver.ok("cleanup")
    driver.close()
    assert (stage.ruleset(), rules.legacy(stage.router, "ip6tables-legacy-save")) == before


# -- legacy iptables -------------------------------------------------------------------------------

NO_LABELS = (sys.executable, system_calls.__file__, "no-labels")


@pytest.mark.parametrize("stage", ["accept", "nft-drop", "legacy-drop"], indirect=True)
def test_a_kernel_without_labels_has_a_rule_for_each_mapping(stage):
    """Mapping, two ports of one host, and hairpin, as on any other"""
    before = stage.ruleset()
    driver = stage.driver("iptables", prefix=NO_LABELS)
    driver.ok("replaceall")
    driver.ok("add", "udp", 80, LAN1, 7000)
    driver.ok("add", "udp", 81, LAN1, 7000)
    assert "connlabel" not in rules.legacy(stage.router)
    assert stage.reaches("udp", 80) and stage.reaches("udp", 81)
    driver.ok("del", "udp", 80)
    assert not stage.reaches("udp", 80) and stage.reaches("udp", 81)
    driver.ok("removeall")
    assert stage.ruleset() == before


@pytest.mark.parametrize("stage", ["legacy-drop"], indirect=True)
def test_one_rule_in_the_forward_chain_is_enough_for_all_mappings(stage):
    driver = stage.driver("iptables")
    driver.ok("replaceall")
    filters = stage.router.run("iptables-legacy", "-S").stdout
    driver.ok("add", "tcp", 80, LAN1, 7000)
    driver.ok("add", "udp", 81, LAN2, 7000)
    assert stage.reaches("tcp", 80) and stage.reaches("udp", 81)
    assert stage.router.run("iptables-legacy", "-S").stdout == filters


LATER_DNAT = f"""table ip later {{
    chain prerouting {{
        type nat hook prerouting priority dstnat + 50; policy accept;
        iifname "wan0" tcp dport 2223 dnat to {LAN2}:7000
    }}
}}
"""


@pytest.mark.parametrize("stage", ["legacy-drop"], indirect=True)
def test_a_translation_behind_ours_is_not_opened(stage):
    """Its flows have met our chain, and are not ours"""
    stage.router.run("nft", "-f", "-", input=LATER_DNAT)
    driver = stage.driver("iptables")
    driver.ok("replaceall")
    driver.ok("add", "tcp", 80, LAN1, 7000)
    assert stage.reaches("tcp", 80)
    assert not stage.reaches("tcp", 2223)
    stage.router.run("iptables-legacy", "-P", "FORWARD", "ACCEPT")
    assert stage.reaches("tcp", 2223), "the administrator's policy keeps it out, and nothing else"


@every_backend
@pytest.mark.parametrize("stage", ["nft-drop", "legacy-drop"], indirect=True)
def test_the_bits_of_the_mark_are_the_configurations(stage, backend):
    """Also when an earlier run, with others, could not clean up"""
    before = stage.ruleset()
    for bits in 0x00000100, 0x00000200:
        driver = stage.driver(backend, f"marks={bits}")
        driver.ok("replaceall")
        driver.ok("add", "tcp", 80, LAN1, 7000)
        assert stage.reaches("tcp", 80)
        driver.kill()
        stage.drivers.remove(driver)
    driver = stage.driver(backend)
    driver.ok("replaceall")
    driver.ok("add", "tcp", 80, LAN1, 7000)
    assert stage.reaches("tcp", 80)
    driver.ok("removeall")
    assert stage.ruleset() == before


@pytest.mark.parametrize("stage", ["nft-drop"], indirect=True)
def test_marks_are_the_administrators(stage):
    """A mark of his opens nothing, whatever its bits, and neither his rules in POSTROUTING nor the
    marks of connections ever see ours"""

    def mangle(*words):
        stage.router.run("iptables-legacy", "-t", "mangle", *words)

    driver = stage.driver("iptables")
    driver.ok("replaceall")
    driver.ok("add", "tcp", 80, LAN1, 7000)
    assert stage.reaches("tcp", 80)
    mangle("-A", "PREROUTING", "-j", "CONNMARK", "--restore-mark")
    mangle("-A", "POSTROUTING", "-m", "mark", "!", "--mark", "0", "-j", "DROP")
    mangle("-A", "POSTROUTING", "-j", "CONNMARK", "--save-mark")
    assert stage.reaches("tcp", 80)
    mangle("-F", "PREROUTING")
    mangle("-A", "PREROUTING", "-i", "wan0", "-j", "MARK", "--set-mark", "0x00ff0000")
    assert not stage.reaches("tcp", ADMIN_PORT), "translated by him, and dropped by him"


@pytest.mark.parametrize("stage", ["nft-drop"], indirect=True)
def test_marks_are_the_administrators_with_pinholes_too(stage):
    stage.lab.add_ipv6().echo(stage.lab.lan1, 7001, socket.AF_INET6)

    def mangle(*words):
        stage.router.run("ip6tables-legacy", "-t", "mangle", *words)

    driver = stage.driver("iptables")
    driver.ok("replaceall")
    driver.ok("pinhole", "udp", LAN1_6, 7001)
    mangle("-A", "POSTROUTING", "-m", "mark", "!", "--mark", "0", "-j", "DROP")
    assert stage.reaches("udp", 7001, host=LAN1_6)
    mangle("-F", "POSTROUTING")
    mangle("-A", "PREROUTING", "-j", "MARK", "--set-mark", "0x00ff0000")
    assert not stage.reaches("tcp", 7001, host=LAN1_6)


def rules_in(router, chain):
    return router.run("iptables-legacy", "-t", "nat", "-S", chain).stdout.splitlines()[1:]


@pytest.mark.parametrize("stage", ["legacy-drop"], indirect=True)
def test_many_mappings_stand_in_chains_that_are_short(stage):
    """So that a new flow meets few rules; and when they end nothing of that is left"""
    driver = stage.driver("iptables")
    driver.ok("replaceall")
    empty = stage.ruleset()
    ports = [1024 + 37 * number for number in range(400)]
    for protocol in "tcp", "udp":
        for port in ports:
            driver.ok("stage", protocol, port, LAN1, port + 1)
    driver.ok("stage", "tcp", 80, LAN1, 7000)
    driver.ok("commit")
    assert driver("damage") == "none"
    chains = [
        line.split()[1]
        for line in stage.router.run("iptables-legacy", "-t", "nat", "-S").stdout.splitlines()
        if line.startswith("-N UPNPD")
    ]
    assert max(len(rules_in(stage.router, chain)) for chain in chains) <= 64
    found = [entry[:2] for entry in rules.translations(stage.router)]
    assert sorted(found) == sorted(
        [("tcp", 80), *((protocol, port) for protocol in ("tcp", "udp") for port in ports)]
    )
    assert stage.reaches("tcp", 80)
    for protocol in "tcp", "udp":
        for port in ports:
            driver.ok("stage", protocol, port, LAN1, port + 1, "del=yes")
    driver.ok("stage", "tcp", 80, LAN1, 7000, "del=yes")
    driver.ok("commit")
    assert driver("damage") == "none"
    assert stage.ruleset() == empty
