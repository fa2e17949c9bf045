# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks at what there is: as UPnP and upnpctl list it, in the kernel, in the lease file; and at how
much memory it takes."""

import json
import math
import pathlib
import random
import re
import threading
import time

from lab import rules
from lab.daemon import binary

PATIENCE = 12  # seconds for all to agree, once it is quiet
EVERY = 10


class Looking:
    def __init__(self, lab, daemon, clients, seed):
        self.lab, self.daemon, self.clients = lab, daemon, clients
        self.random = random.Random(f"{seed}-looking")
        self.probes = 0

    def control(self, *words):
        program = pathlib.Path(binary()).parents[1] / "upnpctl/upnpctl"
        return json.loads(
            self.lab.router.run(program, "-c", self.daemon.configuration, "-j", *words).stdout
        )

    def external_address(self):
        return self.control("status")["external"].get("address")

    def listed(self):
        """Mappings, and pinholes as the model has them."""
        owner = {client.six: client.told.own for client in self.clients if client.six}
        found = self.control("list")
        return found["mappings"] + [
            {
                **hole,
                "protocol": hole["protocol"] + "6",
                "external_port": hole["unique_id"],
                "six": hole["internal_address"],
                "internal_address": owner.get(hole["internal_address"]),
            }
            for hole in found["pinholes"]
        ]

    # -- agreement ---------------------------------------------------------------------------------

    def agree(self):
        """Texts of what does not agree, after as long as it may take; then what was not certain is
        known."""
        end = time.monotonic() + PATIENCE
        while True:
            listed = self.listed()
            wrong = self._of_clients(listed) + self._elsewhere(listed)
            if not wrong or (
                time.monotonic() > end and self._keys(listed) == self._keys(self.listed())
            ):
                break  # what ended between one look and the next is nobody's fault
            time.sleep(0.2)
        for client in self.clients:
            client.told.adopt(
                [entry for entry in listed if entry["internal_address"] == client.told.own]
            )
        return wrong or self._traffic(listed)

    @staticmethod
    def _keys(listed):
        return sorted(
            (entry["protocol"], entry["external_port"], entry["internal_port"]) for entry in listed
        )

    def _of_clients(self, listed):
        wrong = []
        for client in self.clients:
            wrong += client.told.disagreements(
                [entry for entry in listed if entry["internal_address"] == client.told.own]
            )
        owners = {client.told.own for client in self.clients}
        return wrong + [
            f"nobody asked for {entry}"
            for entry in listed
            if entry["internal_address"] not in owners
        ]

    def _elsewhere(self, listed):
        keys = sorted(
            (
                entry["protocol"],
                entry["external_port"],
                entry["internal_address"],
                entry["internal_port"],
            )
            for entry in listed
            if "six" not in entry
        )
        holes = sorted(
            (entry["six"], entry["protocol"][:-1], entry["internal_port"])
            for entry in listed
            if "six" in entry
        )
        wrong = (
            []
            if (found := rules.pinholes(self.lab.router)) == holes
            else [f"the kernel lets {found} in, listed are {holes}"]
        )
        for place, found in (
            ("the kernel", rules.translations(self.lab.router)),
            ("the lease file", self._leases()),
            ("the list of UPnP", self._upnp()),
        ):
            if found != keys and sorted(set(found)) == keys:
                wrong.append(f"{place} has something twice")
            elif found != keys:
                wrong.append(
                    f"{place} has {sorted(set(found) - set(keys))} "
                    f"and lacks {sorted(set(keys) - set(found))}"
                )
        return wrong

    def _leases(self):
        found, now = {}, time.time()
        for line in self.daemon.lease_file.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:2] == ["open", "mapping"]:
                address, port = words[4].split(":")
                ends = [
                    math.inf if end == "never" else int(end) / 1000
                    for end in re.findall(r";end=(\w+)", line)
                ]
                found[words[2], int(words[3])] = (
                    (words[2], int(words[3]), address, int(port)),
                    max(ends),
                )
            elif words[:2] == ["close", "mapping"]:
                found.pop((words[2], int(words[3])), None)
        return sorted(mapping for mapping, end in found.values() if end > now)

    def _upnp(self):
        found = []
        for entry in self.clients[0].point.listing():
            found.append(
                (
                    entry["NewProtocol"].lower(),
                    int(entry["NewExternalPort"]),
                    entry["NewInternalClient"],
                    int(entry["NewInternalPort"]),
                )
            )
        return sorted(found)

    def _traffic(self, listed):
        """Through some of the mappings, from the WAN host to the client and back."""
        lasting = [entry for entry in listed if entry["lease"] > 5 and "six" not in entry]
        wrong = []
        for entry in self.random.sample(lasting, min(4, len(lasting))):
            self.probes += 1
            if not any(
                self.lab.reaches(
                    entry["protocol"], entry["external_port"], self.external_address(), timeout=1
                )
                for _ in range(2)
            ):
                wrong.append(f"no packet passes {entry}")
        return wrong


class Memory(threading.Thread):
    """kB resident of each process every so many seconds: (seconds, process, kB)."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.watched, self.samples = daemon, []
        self._begin = time.monotonic()
        self._end = threading.Event()

    def run(self):
        while not self._end.wait(EVERY if self.samples else 2):
            self.sample()

    def stop(self):
        self._end.set()
        self.join()
        self.sample()

    def sample(self):
        for pid in self.watched.processes():
            name = "engine" if pid == self.watched.process.pid else "front end"
            try:
                status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
                self.samples.append(
                    (
                        time.monotonic() - self._begin,
                        name,
                        int(status.split("VmRSS:")[1].split()[0]),
                    )
                )
            except (OSError, IndexError):  # it has just ended
                pass

    def report(self, seconds):
        """Lines for each process, and whether both are flat after the first third."""
        lines, flat = [], True
        for name in "engine", "front end":
            mine = [(when, size) for when, process, size in self.samples if process == name]
            begin, end = mine[0][1], mine[-1][1]
            third = next((size for when, size in mine if when >= seconds / 3), end)
            grown = end > third * 1.1 + 1024
            flat = flat and not grown
            lines.append(
                f"resident, {name:10} begin {begin} kB, a third {third} kB, "
                f"end {end} kB, most {max(size for _, size in mine)} kB"
                f"{': IT GROWS' if grown else ''}"
            )
        return lines, flat
