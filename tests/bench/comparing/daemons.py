# SPDX-License-Identifier: GPL-2.0-or-later
"""upnpd and Debian's miniupnpd, each at work in a network of its own, and what they are asked."""

import contextlib
import pathlib
import subprocess
import tempfile
import time

from lab import LAN1, ROUTER_LAN, ROUTER_WAN, ControlPoint, Lab, PortControlClient, wait_until
from lab import rival as miniupnpd
from lab.daemon import binary

from . import processes

FIRST_PORT = 10000
CLIENTS = 8
RIVAL_PATH = "/ctl/IPConn"
SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"
NFT_FOR_US = """table inet filter {
    chain forward {
        type filter hook forward priority 0; policy drop;
        ct state established,related accept;
    }
}"""
IPTABLES_FOR_US = """*filter
:FORWARD DROP
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
"""


def rules_of_others():
    """Returns 20,000 rules in 2,000 chains and a set of 100,000 networks, which no packet meets."""
    networks = (f"{100 + n // 65536}.{n // 256 % 256}.{n % 256}.0/25" for n in range(100000))
    lines = [
        "table inet others {",
        "set networks { type ipv4_addr; flags interval; elements = {",
        ", ".join(networks),
        "} }",
    ]
    for chain in range(2000):
        lines.append(f"chain c{chain} {{")
        lines += (f"ip saddr 100.64.{chain % 256}.{host} drop" for host in range(10))
        lines.append("}")
    return "\n".join([*lines, "}", ""])


def tool(name):
    return pathlib.Path(binary()).parents[2] / "tests/bench" / name


class Running:
    """A daemon that serves: where it is asked, and who runs it."""

    def __init__(self, lab, address, port, path, name):
        self.lab, self.address, self.port, self.path, self.name = lab, address, port, path, name
        self.next = FIRST_PORT

    def command(self, verb, first, count, protocol, *kept):
        return self.lab.lan1.command(
            tool("soap_load"),
            self.address,
            self.port,
            self.path,
            verb,
            protocol,
            first,
            count,
            LAN1,
            *kept,
        )

    def load(self, verb, first, count, protocol="TCP"):
        """Median microseconds of a request, one after the other."""
        return self.loaded(verb, first, count, protocol)[0]

    def loaded(self, verb, first, count, *how):
        """Returns that, and the requests a second; `how`: the protocol, and "kept" for one
        connection."""
        said = subprocess.run(
            self.command(verb, first, count, *how),
            text=True,
            capture_output=True,
            check=True,
            timeout=600,
        )
        return tuple(map(float, said.stdout.split()))

    def asked(self, ask, count):
        """Median microseconds until the answer to NAT-PMP's or PCP's request; each maps one more
        port."""
        times = []
        with PortControlClient(self.lab.lan1, LAN1, self.address, timeout=5) as client:
            for port in range(self.next, self.next + count):
                begin = time.perf_counter()
                reply = ask(client, port)
                times.append(time.perf_counter() - begin)
                assert reply.code == 0, f"{self.name}: {reply}"
        self.next += count
        return sorted(times)[count // 2] * 1e6

    def together(self, count, verb="add"):
        """Requests a second of several control points at once."""
        begin = time.perf_counter()
        clients = [
            subprocess.Popen(
                self.command(verb, self.next + i * count, count, "TCP"), stdout=subprocess.DEVNULL
            )
            for i in range(CLIENTS)
        ]
        assert [client.wait() for client in clients] == [0] * CLIENTS
        if verb == "add":
            self.next += CLIENTS * count
        return CLIENTS * count / (time.perf_counter() - begin)

    def add(self, count):
        self.next += count
        return self.load("add", self.next - count, count)

    def tried(self, count, protocol="TCP"):
        """Median microseconds of an addition, and of the processor's time that it takes in all
        processes. Ten are deleted before the next ten: what is present stays the same."""
        medians, spent = [], []
        for _ in range(count // 10):
            before = processes.processor_time(self.processes())
            medians.append(self.load("add", self.next, 10, protocol))
            spent.append((processes.processor_time(self.processes()) - before) / 10)
            self.load("delete", self.next, 10, protocol)
        return tuple(sorted(each)[len(each) // 2] for each in (medians, spent))

    def fill(self, present):
        missing = FIRST_PORT + present - self.next
        if missing > 0:
            self.add(missing)

    def processes(self):
        """Ids of all that it consists of."""
        return processes.called(self.name, self.lab.router.processes())

    def memory(self, kind="Pss"):
        """MB of all processes: `Pss` is the proportional share, `Rss` what is resident."""
        return sum(processes.memory(pid, kind) for pid in self.processes()) / 1024

    def flows(self, count):
        """New flows a second through the newest mapping, all of which must arrive."""
        port = self.next - 1
        self.lab.wan.ip(*(f"addr add 80.100.100.{host}/24 dev eth0" for host in range(20, 30)))
        self.load("add", port, 1, "UDP")
        counter = subprocess.Popen(
            self.lab.lan1.command(tool("udp_flows"), "count", port),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        counter.stdout.readline()
        rates = []
        for round_number in range(4):  # the first is to warm up
            sent = self.lab.wan.run(
                tool("udp_flows"), "send", ROUTER_WAN, port, count, "80.100.100.20", 10, timeout=120
            )
            rates.append(float(sent.stdout))
            self.lab.router.run("conntrack", "-F")
        arrived = int(counter.communicate("\n")[0])
        assert arrived >= 4 * count * 0.98, f"{arrived} of {4 * count} arrived"
        return sorted(rates[1:])[1]


@contextlib.contextmanager
def both(backend):
    """Yields upnpd and miniupnpd, which run at the same time."""
    with ours(backend) as (mine, _), rival(backend) as (other, _):
        yield mine, other


@contextlib.contextmanager
def ours(backend, present=0, beside=""):
    """Yields the daemon and the seconds that its start took, with `present` leases to restore and
    the rules `beside` of others."""
    with Lab(masquerade=False) as lab:
        if backend == "nftables":
            lab.router.run("nft", "-f", "-", input=NFT_FOR_US + "\n" + beside, timeout=120)
        else:
            lab.router.run("iptables-legacy-restore", "--noflush", input=IPTABLES_FOR_US)
        daemon = lab.daemon(
            firewall_backend=backend, mappings_per_client=20000, mappings_total=20000, debug_mode=1
        )
        if present:
            daemon.start()
            port = ControlPoint(lab.lan1, LAN1).port
            Running(lab, ROUTER_LAN, port, "/ctl/IPConn", "upnpd").fill(present)
            daemon.stop()
        begin = time.perf_counter()
        daemon.launch()
        wait_until(lambda: miniupnpd.answers(lab.lan1, ROUTER_LAN, 49152), 60, "an answer")
        seconds = time.perf_counter() - begin
        daemon.wait_until_ready()
        point = ControlPoint(lab.lan1, LAN1)
        running = Running(
            lab, point.address, point.port, point.services[SERVICE].control, "upnpd"
        )
        running.next += present
        yield running, seconds


@contextlib.contextmanager
def rival(backend, present=0, beside=""):
    with tempfile.TemporaryDirectory() as name, Lab(masquerade=False) as lab:
        directory = pathlib.Path(name)
        program = miniupnpd.program(backend)
        miniupnpd.lay_rules(lab.router, backend, "br-lan", "wan0")
        if beside:
            lab.router.run("nft", "-f", "-", input=beside, timeout=120)
        leases = directory / "leases"
        end = int(time.time()) + 3600
        leases.write_text(
            "".join(
                f"TCP:{FIRST_PORT + i}:{LAN1}:{FIRST_PORT + i}:{end}:bench\n"
                for i in range(present)
            ),
            encoding="ascii",
        )
        configuration = miniupnpd.settings_file(directory, "br-lan", "wan0", lease_file=leases)
        begin = time.perf_counter()
        # In the background, as it is used: its foreground mode is its debugging mode, and slow.
        subprocess.run(
            lab.router.command(program, "-f", configuration, "-P", directory / "pid"),
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: miniupnpd.answers(lab.lan1, ROUTER_LAN), 600, "miniupnpd's answer")
        running = Running(lab, ROUTER_LAN, miniupnpd.PORT, RIVAL_PATH, "miniupnpd")
        running.next += present
        yield running, time.perf_counter() - begin
        # Closing the lab ends what runs in its namespaces.


