# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Redis server (redis-server, or valkey-server) on a host of the lab, and what can be wrong
between it and the daemon."""

import contextlib
import os
import pathlib
import selectors
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from .waiting import wait_until

PORT = 6379
ROWS = "upnpd:opening:"


def program():
    for name in "redis-server", "valkey-server":
        if found := shutil.which(name, path="/usr/bin:/usr/sbin:/bin"):
            return found
    raise AssertionError("neither redis-server nor valkey-server is installed")


class Store:
    """On `host` at `address`; with `path` at a UNIX socket too. It keeps nothing on disk: whoever
    kills it loses all."""

    def __init__(self, host, address, port=PORT):
        self.host, self.address, self.port = host, address, port
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="upnpd-store-"))
        self.directory.chmod(0o755)
        self.path = self.directory / "redis.sock"
        self.process = None

    def url(self, database=0):
        return f"redis://{self.address}:{self.port}/{database}"

    def start(self, *options):
        self.process = subprocess.Popen(
            self.host.command(
                program(),
                *("--port", self.port, "--bind", self.address, "--protected-mode", "no"),
                *("--save", "", "--appendonly", "no", "--dir", self.directory),
                *("--unixsocket", self.path, "--unixsocketperm", "777"),
                *("--loglevel", "warning", "--logfile", self.directory / "log"),
                *options,
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self.answers, 10, "an answer of the store")
        return self

    def answers(self):
        with contextlib.suppress(OSError):
            return self.ask("PING") in ("PONG",) or True
        return False

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def remove(self):
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def ask(self, *words, login=None):
        """One command; returns its answer: a text, a number, a list or None."""
        with self.host.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
            connection.settimeout(5)
            connection.connect((self.address, self.port))
            stream = connection.makefile("rwb")
            if login:
                _send(stream, "AUTH", *login)
                _answer(stream)
            _send(stream, *words)
            return _answer(stream)

    def rows(self):
        """The names of all openings, "mapping udp 3074"."""
        keys = self.ask("KEYS", ROWS + "*")
        return sorted(key.removeprefix(ROWS) for key in keys)

    def line(self, name):
        return self.ask("HGET", ROWS + name, "line")


def _send(stream, *words):
    octets = [str(word).encode() for word in words]
    stream.write(b"*%d\r\n" % len(octets))
    for word in octets:
        stream.write(b"$%d\r\n%s\r\n" % (len(word), word))
    stream.flush()


def _answer(stream):
    line = stream.readline().rstrip(b"\r\n")
    kind, rest = line[:1], line[1:]
    if kind in (b"+", b"-"):
        return rest.decode()
    if kind == b":":
        return int(rest)
    if kind == b"$":
        return None if rest == b"-1" else stream.read(int(rest) + 2)[:-2].decode()
    if kind == b"*":
        return None if rest == b"-1" else [_answer(stream) for _ in range(int(rest))]
    raise OSError(f"no answer of a Redis server: {line!r}")


class _Listener:
    """Takes connections on `host` in a thread, until it is closed."""

    def __init__(self, host, address, port):
        self._listener = host.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((address, port))
        self._listener.listen(16)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join(10)
        self._listener.close()


class SlowProxy(_Listener):
    """Leads to the store; what the store says is `delay` seconds late."""

    def __init__(self, host, address, port, store, delay):
        self._host, self._store, self.delay = host, store, delay
        super().__init__(host, address, port)

    def _serve(self):
        self._listener.settimeout(0.05)
        pairs, late, selector = {}, [], selectors.DefaultSelector()
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                near = self._listener.accept()[0]
                far = self._host.socket(socket.AF_INET, socket.SOCK_STREAM)
                far.connect((self._store.address, self._store.port))
                pairs[near], pairs[far] = (far, 0), (near, self.delay)
                for each in near, far:
                    selector.register(each, selectors.EVENT_READ)
            for key, _ in selector.select(0):
                to, delay = pairs[key.fileobj]
                octets = b""
                with contextlib.suppress(OSError):
                    octets = key.fileobj.recv(65536)
                if not octets:
                    selector.unregister(key.fileobj)
                    to.close() if delay else to.shutdown(socket.SHUT_WR)
                    continue
                late.append((time.monotonic() + (self.delay if delay else 0), to, octets))
            due = [each for each in late if each[0] <= time.monotonic()]
            late = [each for each in late if each not in due]
            for _, to, octets in due:
                with contextlib.suppress(OSError):
                    to.sendall(octets)
        for each in pairs:
            each.close()


class Babbler(_Listener):
    """Says `octets` to whoever asks it something, again and again."""

    def __init__(self, host, address, port, octets=None):
        self._octets = octets or (lambda: os.urandom(4096))
        self.asked = 0
        super().__init__(host, address, port)

    def _serve(self):
        self._listener.settimeout(0.05)
        while not self._ended.is_set():
            with contextlib.suppress(OSError):
                connection = self._listener.accept()[0]
                with connection:
                    connection.settimeout(1)
                    while connection.recv(65536):
                        self.asked += 1
                        connection.sendall(self._octets())
