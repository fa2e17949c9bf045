# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients and hosts of the Internet, while one of two routers takes over from the other."""

import contextlib
import select
import socket
import struct
import threading
import time

from . import ssdp
from .topology import ROUTER_LAN, ROUTER_WAN
from .traffic import Mirror, udp_reply

EXTERNAL_ADDRESS = b"\0\0"  # NAT-PMP


class _Worker:
    """A thread that repeats step() until it is closed."""

    def __init__(self, pause):
        self._pause, self._over = pause, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join(10)

    def _run(self):
        while not self._over.wait(self._pause):
            self.step()


class NewFlows(_Worker):
    """A host of the Internet sends from a new port to a mapped one, again and again."""

    def __init__(self, wan, port):
        super().__init__(0.01)
        self._wan, self._port, self.answered = wan, port, []

    def step(self):
        begin = time.monotonic()
        if udp_reply(self._wan, ROUTER_WAN, self._port, 0.15):
            self.answered.append(begin)

    def longest_gap(self, since):
        """Seconds without a new flow that reached its client, after `since`."""
        times = [since, *(each for each in self.answered if each > since)]
        return max(later - each for each, later in zip(times, times[1:]))

    def works(self, since):
        return any(each > since for each in self.answered)


class Sessions:
    """TCP connections and flows of UDP that hosts of the Internet have begun to mapped ports."""

    def __init__(self, lab, tcp_ports, udp_ports, further_ports):
        self._mirror = Mirror(lab.lan1)
        self._listeners = []
        for port in [*udp_ports, *further_ports]:
            listener = lab.lan1.socket(socket.AF_INET, socket.SOCK_DGRAM)
            listener.bind(("", port))  # nobody reads: the mirror answers
            self._listeners.append(listener)
        self.tcp, self.udp = [], []
        for port in tcp_ports:
            listener = lab.lan1.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("", port))
            listener.listen(4)
            self._listeners.append(listener)
            near = lab.wan.socket(socket.AF_INET, socket.SOCK_STREAM)
            near.settimeout(5)
            near.connect((ROUTER_WAN, port))
            far, _ = listener.accept()
            self.tcp.append((near, far))
        for port in udp_ports:
            near = lab.wan.socket(socket.AF_INET, socket.SOCK_DGRAM)
            near.connect((ROUTER_WAN, port))
            self.udp.append(near)

    def __enter__(self):
        self._mirror.__enter__()
        assert self.alive() == (len(self.tcp), len(self.udp))
        return self

    def __exit__(self, *_):
        self._mirror.__exit__()
        for each in [*self._listeners, *self.udp, *(end for pair in self.tcp for end in pair)]:
            each.close()

    def alive(self, timeout=15):
        """How many of both carry a payload there and back still."""
        return (
            sum(_carries_tcp(near, far, timeout) for near, far in self.tcp),
            sum(_carries_udp(near) for near in self.udp),
        )


def _carries_tcp(near, far, timeout):
    for sender, receiver in (near, far), (far, near):
        try:
            sender.settimeout(timeout)
            receiver.settimeout(timeout)
            sender.sendall(b"upnpd-test-session")
            if receiver.recv(64) != b"upnpd-test-session":
                return False
        except OSError:
            return False
    return True


def _carries_udp(near):
    near.settimeout(0.5)
    for _ in range(6):
        with contextlib.suppress(OSError):
            near.send(b"upnpd-test-flow")
            if near.recv(64) == b"upnpd-test-flow":
                return True
    return False


class Asker(_Worker):
    """A client that asks by NAT-PMP at the virtual address and at the routers' own ones, and
    searches. `answers` are those to each question: (address that was asked, time, senders)."""

    def __init__(self, lan, own):
        super().__init__(0.05)
        self._lan = lan
        self._targets = [ROUTER_LAN, *own]
        self.questions, self.epochs = [], []

    def step(self):
        self._ask()
        begin = time.monotonic()
        found = ssdp.search(self._lan, "upnp:rootdevice", timeout=1.2)
        self.questions.append(("search", begin, [each["from"][0] for each in found]))

    def _ask(self):
        begin = time.monotonic()
        with contextlib.ExitStack() as stack:
            asked = {}
            for target in self._targets:
                one = stack.enter_context(self._lan.socket(socket.AF_INET, socket.SOCK_DGRAM))
                with contextlib.suppress(OSError):
                    one.sendto(EXTERNAL_ADDRESS, (target, 5351))
                asked[one] = (target, [])
            while (left := begin + 0.3 - time.monotonic()) > 0:
                for one in select.select(list(asked), [], [], left)[0]:
                    with contextlib.suppress(OSError):
                        data, sender = one.recvfrom(2048)
                        asked[one][1].append(sender[0])
                        if len(data) == 12:
                            epoch = struct.unpack("!I", data[4:8])[0]
                            self.epochs.append((time.monotonic(), epoch))
            self.questions += [(target, begin, senders) for target, senders in asked.values()]

    def doubles(self):
        """Questions that more than one answered, or one that clients are not to know."""
        return [
            each
            for each in self.questions
            if len(each[2]) > 1 or any(sender != ROUTER_LAN for sender in each[2])
        ]

    def lost_states(self):
        """How often an epoch said that mappings were lost (RFC 6886 section 3.6)."""
        lost = 0
        for (when, epoch), (later, next_epoch) in zip(self.epochs, self.epochs[1:]):
            lost += next_epoch < epoch + 7 / 8 * (later - when) - 2
        return lost
