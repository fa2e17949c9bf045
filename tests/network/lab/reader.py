# SPDX-License-Identifier: GPL-2.0-or-later
"""A thread that takes what comes at sockets."""

import contextlib
import selectors
import socket
import threading


class Reader:
    """Calls `take(socket)` for each of `sockets` at which something has come, until close(), which
    closes them. Whatever a sender has broken off (OSError) is no matter."""

    def __init__(self, sockets, take):
        self._sockets, self._take = tuple(sockets), take
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._wake.close()
        self._thread.join(5)
        for each in (*self._sockets, self._woken):
            each.close()

    def _read(self):
        with selectors.DefaultSelector() as selector:
            for each in (*self._sockets, self._woken):
                selector.register(each, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if self._woken in ready:
                    return
                for each in ready:
                    with contextlib.suppress(OSError):
                        self._take(each)
