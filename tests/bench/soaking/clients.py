# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that ask for ports and keep what they were told. Each is a thread with random numbers of
its own."""

import collections
import contextlib
import random
import socket
import struct
import threading
import time

from lab import ControlPoint, PortControlClient, ROUTER_LAN, Subscriber, WAN_HOST
from lab.control_point import WAN_IP
from lab.port_control import SUCCESS, TCP, UDP, PcpReply, PmpReply

from .model import Told

PROTOCOLS = {"tcp": TCP, "udp": UDP}
OPCODES = {TCP: 2, UDP: 1}  # of NAT-PMP
PCP_LEAST = 120  # pcp_lease_min
LEASES = (4, 9, 30, 300, 3600)
PORTS = 10  # of each kind and protocol
MAPPED, FORWARDED = 20000, 1000  # each client has so many ports of its own from the first on


class Source:
    """A host of the lab whose connections come from one of its addresses."""

    def __init__(self, host, own):
        self._host, self._own = host, own

    def __getattr__(self, name):
        return getattr(self._host, name)

    def socket(self, *arguments):
        own = self._own

        class FromOwn(socket.socket):
            def connect(self, address):
                self.bind((own, 0))
                super().connect(address)

        with self._host.entered():
            return FromOwn(*arguments)


class Board:
    """All clients share a board: whether they work, whether anything is being done to the daemon,
    and what went wrong."""

    def __init__(self):
        self.working = threading.Event()
        self.ended = threading.Event()
        self.calm = 0  # the number of the present calm; 0: something is being done to the daemon
        self._calms = 0
        self.counts = collections.Counter()
        self.wrong = []
        self._lock = threading.Lock()

    def calm_down(self):
        self._calms += 1
        self.calm = self._calms

    def disturb(self):
        self.calm = 0

    def count(self, name):
        with self._lock:
            self.counts[name] += 1

    def complain(self, text):
        with self._lock:
            self.wrong.append(text)
        print("WRONG:", text, flush=True)


class Client(threading.Thread):
    def __init__(self, board, host, own, number, seed, location, six=None):
        """`six`: its IPv6 address, for pinholes."""
        super().__init__(daemon=True)
        self.six = six
        self.board, self.random = board, random.Random(f"{seed}-{number}")
        self.told = Told(own)
        self.base = MAPPED + number * FORWARDED
        self.point = ControlPoint(Source(host, own), own, location)
        self.ports = PortControlClient(host, own, ROUTER_LAN, timeout=0.6)
        self.subscriber = Subscriber(self.point)
        self.subscriptions = []
        self.idle = threading.Event()

    def run(self):
        deeds = (
            [self.add] * 6
            + [self.delete] * 4
            + [self.look] * 3
            + [self.list_all, self.subscribe, self.unsubscribe, self.peer]
        )
        deeds += [self.pinhole] * 3 + [self.no_pinhole] * 2 if self.six else []
        deeds += (
            [self.pmp_map] * 3 + [self.pmp_unmap] * 2 + [self.pcp_map] * 3 + [self.pcp_unmap] * 2
        )
        while not self.board.ended.is_set():
            if not self.board.working.is_set():
                self.idle.set()
                self.board.working.wait(0.05)
                continue
            self.idle.clear()
            self.do(self.random.choice(deeds))
            time.sleep(self.random.uniform(0.01, 0.08))
        self.subscriber.__exit__()
        self.ports.close()

    def do(self, deed):
        """A deed that is begun and ended while nothing is done to the daemon must succeed; it says
        why it did not."""
        calm, began = self.board.calm, time.monotonic()
        try:
            why = deed()
        except (OSError, ConnectionError) as error:
            why = repr(error)
        except AssertionError as error:
            why = f"no answer: {error}"
        self.board.count(deed.__name__)
        if why is None:
            return
        self.board.count("not done")
        if calm and self.board.calm == calm:
            self.board.complain(
                f"{self.told.own} {deed.__name__}: {why}, "
                f"after {time.monotonic() - began:.2f} s and without a cause"
            )

    def port(self, kind):
        protocol = self.random.choice(("tcp", "udp"))
        return protocol, self.base + 100 * kind + (
            50 if protocol == "udp" else 0
        ) + self.random.randrange(PORTS)

    @contextlib.contextmanager
    def asking(self, protocol, internal):
        """Whatever comes instead of an answer, nobody knows what was done."""
        try:
            yield time.monotonic()
        except BaseException:
            self.told.unanswered(protocol, internal)
            raise

    # -- UPnP --------------------------------------------------------------------------------------

    def add(self):
        protocol, port = self.port(0)
        lease = self.random.choice(LEASES)
        with self.asking(protocol, port) as begin:
            answer = self.point.add(protocol.upper(), port + 10000, port, LeaseDuration=lease)
        if answer.ok:
            return self.told.granted(protocol, port, port + 10000, "igd", lease, begin)
        return self._not_done(answer, protocol, port)

    def delete(self):
        protocol, port = self.port(0)
        had = self.told.sure(protocol, port)
        with self.asking(protocol, port):
            answer = self.point.delete(protocol.upper(), port + 10000)
        if answer.ok or answer.code == 714:
            had = had and self.told.sure(protocol, port)  # it may have ended meanwhile
            self.told.ended(protocol, port)
            return f"deleting {had}: {answer}" if had and not answer.ok else None
        return self._not_done(answer, protocol, port)

    def look(self):
        protocol, port = self.port(0)
        had = self.told.sure(protocol, port)
        answer = self.point.specific(protocol.upper(), port + 10000)
        if had and not answer.ok and self.told.sure(protocol, port):
            return f"{had}: {answer}"
        if answer.ok and int(answer["NewInternalPort"]) != port:
            return f"{port}: {answer}"
        return None if answer.ok or answer.code == 714 else f"{answer}"

    def list_all(self):
        entries = []
        while (answer := self.point.entry(len(entries))).ok and len(entries) < 20:
            entries.append(answer)
        return None if answer.ok or answer.code == 713 else f"{answer}"

    def subscribe(self):
        if len(self.subscriptions) > 4:
            return self.unsubscribe()
        response = self.subscriber.subscribe(WAN_IP)
        if response.status != 200:
            return f"{response}"
        sid = response.headers["sid"]
        self.subscriptions.append(sid)
        self.subscriber.wait_for(lambda event: event.sid == sid, "the first one")
        del self.subscriber.events[:-20]
        return None

    def unsubscribe(self):
        if not self.subscriptions:
            return None
        status = self.subscriber.unsubscribe(WAN_IP, self.subscriptions.pop()).status
        return None if status in (200, 412) else f"{status}"  # 412: of a front end that was killed

    def pinhole(self):
        """A new one, or a renewal of the same."""
        protocol, port = self.port(3)
        lease = self.random.choice(LEASES)
        had = self.told.sure(protocol + "6", port)
        with self.asking(protocol + "6", port) as begin:
            if had and self.random.random() < 0.5:
                answer = self.point.of_pinhole("UpdatePinhole", had.external, NewLeaseTime=lease)
            else:
                answer, had = self.point.pinhole(self.six, port, PROTOCOLS[protocol], lease), None
        if answer.ok:
            number = had.external if had else int(answer["UniqueID"])
            return self.told.granted(protocol + "6", port, number, "igd", lease, begin)
        return self._not_done(answer, protocol + "6", port)

    def no_pinhole(self):
        protocol, port = self.port(3)
        had = self.told.sure(protocol + "6", port)
        if had is None:
            return None
        with self.asking(protocol + "6", port):
            answer = self.point.of_pinhole("DeletePinhole", had.external)
        if answer.ok:
            return self.told.ended(protocol + "6", port)
        if answer.code == 704 and self.told.sure(protocol + "6", port) is None:
            return None  # it has just ended
        return self._not_done(answer, protocol + "6", port)

    def _not_done(self, answer, protocol, port):
        """A SOAP error says that nothing was changed; anything else says nothing."""
        if answer.status != 500:
            self.told.unanswered(protocol, port)
        return f"{answer}"

    # -- NAT-PMP and PCP ---------------------------------------------------------------------------

    def _ask(self, packet, make, is_answer):
        """The answer, and whether it is of the only copy of the packet that was sent: the router
        may do different things to the others. Answers to copies of earlier packets are passed
        over."""
        for copies in range(1, 5):
            octets = self.ports.ask(packet)
            end = time.monotonic() + 0.5
            while octets is not None and time.monotonic() < end:
                reply = make(octets)
                if is_answer(reply):
                    return reply, copies == 1
                octets = self.ports.more()
        raise AssertionError("no answer")

    def _map(self, kind, via, lease, packet, make, is_answer):
        protocol, port = self.port(kind)
        had = self.told.sure(protocol, port)
        with self.asking(protocol, port) as begin:
            reply, alone = self._ask(
                packet(PROTOCOLS[protocol], port),
                make,
                lambda reply: is_answer(reply, protocol, port),
            )
        if reply.code != SUCCESS:
            if not alone:
                self.told.unanswered(protocol, port)
            return f"{reply}, had {had}"
        if lease == 0:
            return self.told.ended(protocol, port)
        return self.told.granted(protocol, port, reply.external, via, reply.lifetime, begin)

    def _pmp(self, lease):
        def packet(protocol, port):
            return struct.pack(
                "!BBHHHI", 0, OPCODES[protocol], 0, port, port + 10000 if lease else 0, lease
            )

        def is_answer(reply, protocol, port):
            mine = (reply.version, reply.opcode, reply.port) == (
                0,
                128 + OPCODES[PROTOCOLS[protocol]],
                port,
            )
            return mine and (reply.code != SUCCESS or reply.lifetime == lease)

        return self._map(1, "nat-pmp", lease, packet, PmpReply, is_answer)

    def _pcp(self, lease):
        def packet(protocol, port):
            return self.ports.map_packet(protocol, port, lease, port + 10000 if lease else 0)

        def is_answer(reply, protocol, port):
            mine = (reply.version, reply.opcode, reply.protocol, reply.port) == (
                2,
                0x81,
                PROTOCOLS[protocol],
                port,
            )
            return mine and (
                reply.code != SUCCESS or reply.lifetime == (max(lease, PCP_LEAST) if lease else 0)
            )

        return self._map(2, "pcp", lease, packet, PcpReply, is_answer)

    def pmp_map(self):
        return self._pmp(self.random.choice(LEASES))

    def pmp_unmap(self):
        return self._pmp(0)

    def pcp_map(self):
        return self._pcp(self.random.choice(LEASES))

    def pcp_unmap(self):
        return self._pcp(0)

    def peer(self):
        port = self.base + 900 + self.random.randrange(PORTS)
        reply = self.ports.peer(UDP, port, WAN_HOST, 7000, 120)
        return None if reply.code == SUCCESS else f"{reply}"
