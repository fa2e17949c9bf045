# SPDX-License-Identifier: GPL-2.0-or-later
"""Control points that give a second or three and stop listening after the first, while all
processors are busy."""

import contextlib
import os
import select
import socket
import struct
import subprocess
import sys
import time

import pytest
from test_discovery import ANNOUNCED, udns

from lab import LAN1, LAN2, ControlPoint, Lab
from lab.ssdp import GROUP, headers, message

SO_TIMESTAMP = 29  # asm-generic/socket.h
ROUNDS = 20
PAUSE = 0.15  # between the beginnings of two rounds
ENOUGH = 0.8  # seconds for all answers: some listen for one, whatever MX they send


@pytest.fixture(scope="module")
def busy_lab():
    with Lab() as lab, contextlib.ExitStack() as stack:
        lab.daemon(searches_per_client=200).start()
        for _ in range(os.cpu_count()):
            burner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(burner.wait)
            stack.callback(burner.kill)
        yield lab


class Search:
    """One socket, and what has come to it in time, by the kernel's clock."""

    def __init__(self, host, own, target, mx):
        self.found = []
        self.socket = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)
        self.socket.bind((own, 0))
        self.end = time.time() + ENOUGH
        self.socket.sendto(message(target, mx=mx), GROUP)

    def read(self):
        datagram, ancillary, _, _ = self.socket.recvmsg(65536, 256)
        seconds, microseconds = struct.unpack("@qq", ancillary[0][2])
        if seconds + microseconds / 1e6 <= self.end:
            self.found.append(headers(datagram)["st"])


def rounds(start):
    """Begins `ROUNDS` rounds, each of the searches that start(mx) sends, and returns these by round
    when all are over."""
    begun, following = [], time.monotonic()
    while len(begun) < ROUNDS or any(each.end > time.time() for one in begun for each in one):
        if len(begun) < ROUNDS and time.monotonic() >= following:
            begun.append(start(1 + len(begun) % 3))
            following += PAUSE
        waiting = {each.socket: each for one in begun for each in one}
        for ready in select.select(list(waiting), [], [], 0.02)[0]:
            waiting[ready].read()
    for one in begun:
        for each in one:
            each.socket.close()
    return begun


def test_everything_is_found_by_one_search(busy_lab):
    """SSDP-MSEARCH-16, 17: as gssdp-discover and Cling search"""
    wanted = sorted([*ANNOUNCED, "upnp:rootdevice", *udns(ControlPoint(busy_lab.lan1, LAN1))])
    for (search,) in rounds(lambda mx: [Search(busy_lab.lan1, LAN1, "ssdp:all", mx)]):
        assert sorted(search.found) == wanted


def test_everything_is_found_by_many_searches(busy_lab):
    """SSDP-MSEARCH-35: as libupnp's control points and Java's search, for each target by itself"""
    targets = [*ANNOUNCED, "upnp:rootdevice"]
    for searches in rounds(
        lambda mx: [Search(busy_lab.lan2, LAN2, target, mx) for target in targets]
    ):
        assert [search.found for search in searches] == [[target] for target in targets]
