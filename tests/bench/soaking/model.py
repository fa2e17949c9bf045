# SPDX-License-Identifier: GPL-2.0-or-later
"""A model keeps what a client was told, and finds what of it is not so. A pinhole is a mapping of
"tcp6" or "udp6" whose external port is its number."""

import threading
import time
from dataclasses import dataclass

SLACK = 2.5  # seconds: leases are told in whole ones, and requests take time


@dataclass
class Held:
    external: int
    via: str
    earliest: float  # the end of the lease on the monotonic clock lies between the two
    latest: float


class Told:
    """Keeps what one client was told. Its mappings are told apart by protocol and internal port, of
    which each protocol has its own range."""

    def __init__(self, own):
        self.own = own
        self.held = {}
        self.uncertain = (
            set()
        )  # no answer came, or the state was lost with permission: both are right
        self._lock = threading.Lock()

    def granted(self, protocol, internal, external, via, lease, asked_at):
        with self._lock:
            self.uncertain.discard((protocol, internal))
            self.held[protocol, internal] = Held(
                external, via, asked_at + lease - SLACK, time.monotonic() + lease + SLACK
            )

    def ended(self, protocol, internal):
        with self._lock:
            self.uncertain.discard((protocol, internal))
            self.held.pop((protocol, internal), None)

    def unanswered(self, protocol, internal):
        with self._lock:
            self.uncertain.add((protocol, internal))

    def sure(self, protocol, internal):
        """The mapping that this client must have now; None: it has none, or nobody knows."""
        with self._lock:
            found = self.held.get((protocol, internal))
            known = (protocol, internal) not in self.uncertain
            return found if found and known and time.monotonic() < found.earliest else None

    def disagreements(self, listed):
        """`listed`: mappings of this client as upnpctl has them. Texts; none: all is as it was
        told."""
        now, found = time.monotonic(), []
        present = {(entry["protocol"], entry["internal_port"]): entry for entry in listed}
        if len(present) != len(listed):
            found.append(f"{self.own}: two mappings of one internal port: {listed}")
        for key, entry in present.items():
            if key not in self.uncertain:
                found += self._compare(key, entry, now)
        for key, held in self.held.items():
            if key not in present and key not in self.uncertain and now < held.earliest:
                found.append(
                    f"{self.own} was told that it has {key} -> {held}, "
                    f"{held.earliest - now:.1f} s more, and there is none"
                )
        return found

    def _compare(self, key, entry, now):
        held = self.held.get(key)
        if held is None:
            return [f"{self.own}: nobody was told of {entry}"]
        if (entry["external_port"], entry["via"]) != (held.external, held.via):
            return [f"{self.own}: {entry} is not {held}"]
        if not held.earliest - now - SLACK <= entry["lease"] <= held.latest - now + SLACK:
            return [
                f"{self.own}: {key} ends in {entry['lease']} s, "
                f"as told in {held.earliest - now:.1f} s"
            ]
        return []

    def adopt(self, listed):
        """Takes what is there now for what is not certain."""
        present = {(entry["protocol"], entry["internal_port"]): entry for entry in listed}
        now = time.monotonic()
        with self._lock:
            for key in self.uncertain:
                self.held.pop(key, None)
                if entry := present.get(key):
                    self.held[key] = Held(
                        entry["external_port"],
                        entry["via"],
                        now + entry["lease"] - SLACK,
                        now + entry["lease"] + SLACK,
                    )
            self.uncertain.clear()
            for key in [key for key in self.held if key not in present]:
                del self.held[key]
