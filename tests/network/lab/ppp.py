# SPDX-License-Identifier: GPL-2.0-or-later
"""A dial-up line: ppp0 on the router and on the Internet's side, point to point, there for as long
as the line is up."""

import fcntl
import os
import select
import struct
import threading

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
PEER = "80.100.255.1"  # the provider's side


def _open(namespace):
    with namespace.entered():
        end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", b"ppp0", IFF_TUN_NO_PI))
    return end


class Ppp:
    """The interface does as pppd's: it appears, gets its addresses, comes up; at hang_up() it is
    gone."""

    def __init__(self, router, provider, address):
        self._ends = [_open(router), _open(provider)]
        self._over, self._hang_up = os.pipe()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()
        provider.ip(f"addr add {PEER} peer {address} dev ppp0", "link set ppp0 up")
        router.ip(
            f"addr add {address} peer {PEER} dev ppp0",
            "link set ppp0 up",
            "route replace default dev ppp0",
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hang_up()

    def hang_up(self):
        if not self._ends:
            return
        os.write(self._hang_up, b"x")
        self._thread.join(5)
        for descriptor in *self._ends, self._over, self._hang_up:
            os.close(descriptor)
        self._ends = []

    def _carry(self):
        one, other = self._ends
        while True:
            ready, _, _ = select.select([one, other, self._over], [], [])
            if self._over in ready:
                return
            for end in ready:
                try:
                    os.write(other if end == one else one, os.read(end, 65536))
                except OSError:
                    continue  # an interface that is down takes nothing
