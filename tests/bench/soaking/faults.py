# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults are done to the daemon while clients ask. Each leaves the host as a running one has it,
for all then to agree."""

import contextlib
import os
import random
import signal
import time

from lab import ROUTER_WAN, WAN_HOST, wait_until
from lab.disk import fill

OTHER_WAN = "80.100.100.2"


class Faults:
    """Each takes `seconds`, during which clients go on."""

    def __init__(self, lab, daemon, looking, seed):
        self.lab, self.daemon, self.looking = lab, daemon, looking
        self.random = random.Random(f"{seed}-faults")
        self.address = ROUTER_WAN
        self.kinds = {
            "front end killed": self.kill_front_end,
            "firewall flushed": self.flush,
            "WAN address changed": self.change_address,
            "WAN down and up": self.down_and_up,
            "disk full": self.fill_disk,
            "SIGHUP": self.hang_up,
            "engine killed": self.kill_engine,
        }

    def serving(self):
        """The front end answers."""
        with contextlib.suppress(OSError):
            return self.looking.clients[0].point.get("/").status == 200
        return False

    def kill_front_end(self, seconds):
        for pid in self.daemon.front_ends():
            os.kill(pid, signal.SIGKILL)
        wait_until(
            lambda: not self.serving() or self.daemon.front_ends(), 5, "the end of the front end"
        )
        time.sleep(seconds / 2)
        wait_until(self.serving, 10, "the next front end")

    def kill_engine(self, seconds):
        self.daemon.kill()
        time.sleep(seconds / 4)
        self.daemon.start()

    def flush(self, seconds):
        for _ in range(self.random.randint(1, 3)):
            self.lab.router.run("nft", "flush", "ruleset")
            for table in "filter", "nat", "mangle":
                self.lab.router.run("iptables-legacy", "-t", table, "-F")
            self.lab.router.run("ip6tables-legacy", "-F")
            time.sleep(seconds / 3)

    def change_address(self, seconds):
        old, self.address = self.address, OTHER_WAN if self.address == ROUTER_WAN else ROUTER_WAN
        self.lab.router.ip(f"addr del {old}/24 dev wan0")
        time.sleep(self.random.uniform(0, seconds / 2))
        self._address_again()

    def _address_again(self):
        self.lab.router.ip(
            f"addr replace {self.address}/24 brd + dev wan0",
            f"route replace default via {WAN_HOST}",
        )
        wait_until(
            lambda: self.looking.external_address() == self.address, 5, "the external address"
        )

    def down_and_up(self, seconds):
        carrier = self.random.random() < 0.5
        interface, host = ("eth0", self.lab.wan) if carrier else ("wan0", self.lab.router)
        host.ip(f"link set {interface} down")
        time.sleep(seconds)
        host.ip(f"link set {interface} up")
        self._address_again()

    def fill_disk(self, seconds):
        """Freed again when clients have stopped, so that none of their requests has the file
        written."""
        fill(self.daemon.lease_file.parent)
        self.daemon.wait_for_log(
            "mappings made now do not survive a restart", 30
        )  # the file's own last page has room for some
        time.sleep(seconds / 2)

    def free_disk(self):
        (self.daemon.lease_file.parent / "fill").unlink(missing_ok=True)

    def hang_up(self, seconds):
        self.daemon.process.send_signal(signal.SIGHUP)
        time.sleep(seconds / 2)
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_until(self.serving, 10, "the front end")
