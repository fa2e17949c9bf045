# SPDX-License-Identifier: GPL-2.0-or-later
"""Thousands of hosts on one LAN, a daemon that serves them, and what they ask of it."""

import contextlib
import ipaddress
import json
import pathlib
import re
import subprocess
import time

from comparing import processes
from lab import Lab
from lab.daemon import binary
from lab.frames import hardware_address

ROUTER = "10.64.0.1"
FIRST_HOST = int(ipaddress.IPv4Address("10.64.1.0"))
PEOPLE = "10.64.250.10"  # speaks UPnP, and is no part of the crowd
LEASE = 7200
NEWCOMERS = 200
SETTINGS = {
    "firewall_backend": "nftables",
    "debug_mode": 1,
    "mappings_per_client": 1000,
    "mappings_total": 300000,
    "pcp_lease_min": 1,
    "delete_mappings": "all",
    "port_requests_per_client": 50000,
    "insert_forward_rules": "yes",
    "listenport": 5000,  # no port of the crowd's
}


def generator():
    return pathlib.Path(binary()).parents[2] / "tests/bench/host_load"


def _neighbour(number):
    host = FIRST_HOST + number
    octets = (0x02, 0x10, *host.to_bytes(4, "big"))
    return f"{ipaddress.IPv4Address(host)} lladdr {':'.join(f'{octet:02x}' for octet in octets)}"


class Crowd:
    """`hosts` of them have `openings` together; as many as NEWCOMERS have none yet."""

    def __init__(self, openings, hosts):
        self.openings, self.hosts = openings, hosts
        self.lab = Lab(forward="nft-drop")
        router, people = self.lab.router, self.lab.lan1
        router.ip("addr flush dev br-lan", f"addr add {ROUTER}/16 brd + dev br-lan")
        people.ip(
            "addr flush dev eth0",
            f"addr add {PEOPLE}/16 brd + dev eth0",
            f"route add default via {ROUTER}",
        )
        # Else 10,000 hosts would have to answer the kernel's questions, too.
        router.ip(
            *(
                f"neigh add {_neighbour(number)} dev br-lan nud permanent"
                for number in range(hosts + NEWCOMERS + 1)
            )
        )
        self.daemon = self.lab.daemon(**SETTINGS)
        self._router = hardware_address(router, "br-lan")

    def close(self):
        self.lab.close()

    # -- asking ------------------------------------------------------------------------------------

    def _command(self, first_host, hosts, first, count, requests, lifetime, rate, window, port=0):
        return self.lab.lan1.command(
            generator(), "eth0", self._router, ROUTER,
            ipaddress.IPv4Address(FIRST_HOST + first_host), hosts, first, count, requests,
            lifetime, rate, window, port,
        )  # fmt: skip

    def ask(self, lifetime=LEASE, rate=0, window=256):
        """Each opening is asked for once; returns what host_load tells."""
        count = self.openings
        return _told(self._command(0, self.hosts, 0, count, count, lifetime, rate, window))

    def newcomers(self):
        """One host after another asks for its first opening."""
        first = self.openings
        return _told(
            self._command(self.hosts, NEWCOMERS, first, NEWCOMERS, NEWCOMERS, LEASE, 0, 1)
        )

    def want(self, port, window=32):
        """Each host asks for the same port, in UDP and in TCP."""
        count, hosts = 2 * self.hosts, self.hosts
        return _told(self._command(0, hosts, 0, count, count, LEASE, 0, window, port))

    @contextlib.contextmanager
    def watched(self, seconds, rate=100):
        """One more host renews its opening all the time. Yields what is told at the end: max_ms is
        the longest time in which nothing was answered."""
        number = self.openings + NEWCOMERS
        command = self._command(
            self.hosts + NEWCOMERS, 1, number, 1, int(seconds * rate), LEASE, rate, 1
        )
        told = {}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            yield told
            told.update(json.loads(process.communicate()[0]))
        finally:
            process.kill()
            process.wait()

    # -- looking -----------------------------------------------------------------------------------

    def memory(self):
        """MB of all processes: the proportional share."""
        return sum(processes.memory(pid, "Pss") for pid in self.daemon.processes()) / 1024

    def peak(self):
        """MB of the largest process at any time."""
        return self.daemon.peak_memory() / 1024

    def processor_time(self):
        """Seconds of all processes so far."""
        return processes.processor_time(self.daemon.processes()) / 1e6

    def present(self):
        """Returns how many openings the daemon has."""
        return int(self.daemon.ask("status")["mappings"])

    def in_kernel(self):
        """Returns how many mappings the kernel has."""
        listed = self.lab.router.run("nft", "list", "map", "inet", "upnpd", "dnat4", timeout=120)
        return len(re.findall(r" \d+ (?:timeout .*?)?(?:comment .*?)?: ", listed.stdout))

    def timed(self, *words):
        """Seconds of a command of upnpctl, its exit status, and the octets that it says."""
        begin = time.monotonic()
        program = pathlib.Path(binary()).parents[1] / "upnpctl/upnpctl"
        said = self.lab.router.run(
            program, "-s", self.daemon.control_socket, *words, timeout=300, check=False
        )
        return time.monotonic() - begin, said.returncode, len(said.stdout)


def _told(command):
    return json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=590).stdout
    )
