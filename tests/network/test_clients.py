# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that people use, each on a host of its own behind one gateway: each finds it with its
defaults and maps its ports, packets go through from the Internet and back, and it takes them away
again when it leaves. The last test prints the table."""

import concurrent.futures
import contextlib
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field

import pytest

from clients import supply
from clients.overheard import Overheard
from clients.table import ANY, CLIENTS
from lab import LAN2, ROUTER_WAN, ControlPoint, Echo, Lab, Mirror, wait_until
from lab.toolbox import Toolbox
from lab.traffic import accepts

HEADINGS = ("client", "shown and used", "found after ms", "mapped", "packets", "deleted")
JAVA = "/usr/lib/jvm/default-java/bin/java"


@dataclass
class Row:
    """The course of one program."""

    client: object
    overheard: Overheard = None
    mapped: dict = field(default_factory=dict)  # external port by (protocol, internal port)
    packets: bool = False
    deleted: bool = False
    trouble: str = ""
    absent: str = ""  # why it could not run

    def cells(self):
        if self.absent:
            return (self.client.name, "skipped", "", "", "", "")
        told = self.overheard
        versions = "".join(f"IGD:{version} " for version in sorted(told.shown)) if told else ""
        return (
            self.client.name,
            versions + ", ".join(sorted(told.used) if told else ()),
            str(told.found_after() if told else ""),
            " ".join(f"{protocol}:{port}" for (protocol, _), port in sorted(self.mapped.items())),
            "yes" if self.packets else "NO",
            "yes" if self.deleted else "left to its lease" if not self.client.leaves else "NO",
        )


class Listing:
    """The gateway's list as another host sees it, read at most ten times a second for all."""

    def __init__(self, lab):
        self._point = ControlPoint(lab.lan2, LAN2)
        self._lock = threading.Lock()
        self._read, self._entries = 0, []

    def has(self, protocol, external):
        return self._point.specific(protocol, external).ok

    def of(self, address):
        """External port by (protocol, internal port). While others delete theirs one may be passed
        over: an entry is read by its place in the list."""
        with self._lock:
            if time.monotonic() - self._read > 0.1:
                self._entries, self._read = self._point.listing(), time.monotonic()
            return {
                (entry["NewProtocol"], int(entry["NewInternalPort"])): int(entry["NewExternalPort"])
                for entry in self._entries
                if entry["NewInternalClient"] == address
            }


class Household:
    """All the programs at once, each on a host of its own."""

    def __init__(self, lab, pool):
        self.lab, self.listing = lab, Listing(lab)
        self._supplies = {"npm": pool.submit(supply.npm), "go": pool.submit(supply.go)}
        self.rows = {
            client.name: pool.submit(self._course, client, number)
            for number, client in enumerate(CLIENTS, 3)
        }

    def _course(self, client, number):
        row = Row(client)
        host, own = self.lab.add_host(number)
        try:
            made = {name: self._supplies[name].result() for name in client.needs}
        except supply.Absent as error:
            row.absent = str(error)
            return row
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
            Toolbox(host, supply.DEBIAN) as tools,
            Mirror(host),
            Overheard(host) as row.overheard,
            contextlib.ExitStack() as stack,
        ):
            if not client.serves:
                for port in {port for _, port in client.ports}:
                    stack.enter_context(Echo(host, port))
            tools.write("/etc/resolv.conf", "")  # no name server: asking one takes no time
            program = stack.enter_context(Program(client, tools, home, own, made))
            try:
                self._observe(row, own, program)
            except AssertionError as error:
                row.trouble = f"{error}\n{program.output()}"
        return row

    def _observe(self, row, own, program):
        wanted = row.client.ports

        def mapped():
            row.mapped = self.listing.of(own)
            have = set(row.mapped) | {(protocol, ANY) for protocol, _ in row.mapped}
            return wanted <= have or not program.runs()

        wait_until(mapped, 60, "the mappings")
        wait_until(lambda: self._all_reached(row), 5, "packets to get through")
        row.packets = True
        program.leave()
        if row.client.leaves:
            wait_until(lambda: not self._any_listed(row), 20, "the end of the mappings")
            wait_until(lambda: not self._any_reached(row), 2, "packets to be kept out")
            row.deleted = True

    def _all_reached(self, row):
        """One port is enough of a program that maps whatever it has: it may name a socket of its
        address of IPv6, at whose port nobody listens over IPv4"""
        reached = {key for key in row.mapped if self._reached(row, *key)}
        if any(port == ANY for _, port in row.client.ports):
            return row.client.ports <= reached | {(protocol, ANY) for protocol, _ in reached}
        return bool(reached) and reached == set(row.mapped)

    def _any_listed(self, row):
        return any(self.listing.has(key[0], port) for key, port in row.mapped.items())

    def _any_reached(self, row):
        return any(self._reached(row, *key) for key in row.mapped)

    def _reached(self, row, protocol, internal):
        external = row.mapped[protocol, internal]
        if protocol == "TCP" and row.client.serves:
            return accepts(self.lab.wan, ROUTER_WAN, external, 0.4)
        return self.lab.reaches(protocol, external)


class Program:
    """One of them at work."""

    def __init__(self, client, tools, home, own, made):
        self._client = client
        names = {"own": own, "home": home, "programs": supply.PROGRAMS, "java": JAVA}
        names |= {"python": sys.executable, **made}
        for name, text in client.files.items():
            path = pathlib.Path(home) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{home}", home), encoding="utf-8")
        self._output = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            tools.command("env", f"HOME={home}", "sh", "-c", client.command.format(**names)),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=self._output,
            cwd=home,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._output.close()

    def runs(self):
        return self._process.poll() is None

    def output(self):
        self._output.seek(0)
        return self._output.read()[-3000:].decode("utf-8", "replace")

    def leave(self):
        if self._client.end == "line":
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()
        elif self._client.end == "term":
            self._process.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def household():
    with Lab(forward="nft-drop") as lab, concurrent.futures.ThreadPoolExecutor(32) as pool:
        lab.add_ipv6()
        lab.daemon().start()
        yield Household(lab, pool)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_client(household, client):
    """Version 2 is shown to who has searched for it, and to miniupnpc, which says that it knows it
    by its name only"""
    row = household.rows[client.name].result()
    if row.absent:
        pytest.skip(row.absent)
    assert not row.trouble, row.trouble
    assert row.packets and row.deleted == client.leaves
    told = row.overheard
    searched = any(target.endswith(b":2") for target in told.targets)
    if not searched and not any(b"MiniUPnPc" in agent for agent in told.agents):
        assert told.shown <= {1}, (told.targets, told.agents)


def test_the_table(household, capsys):
    """Printed, however the tests before have ended"""
    rows = [row.result() for row in household.rows.values()]
    lines = [HEADINGS] + [row.cells() for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    with capsys.disabled():
        print()
        for line in lines:
            print("  ".join(map(str.ljust, line, widths)).rstrip())
    assert all(row.packets or row.absent for row in rows)
