# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's miniupnpd on the upper router, unpacked and not installed: its two builds exclude each
other, and its service is not wanted."""

import contextlib
import pathlib
import subprocess
import tempfile

from .http import request
from .toolbox import unpacked
from .waiting import wait_until

PORT = 5555
NFT = """table inet filter {
    chain forward {
        type filter hook forward priority 0; policy drop;
        ct state established,related accept; iifname "eth0" accept; jump miniupnpd;
    }
    chain miniupnpd { }
    chain prerouting { type nat hook prerouting priority -100; jump prerouting_miniupnpd; }
    chain prerouting_miniupnpd { }
    chain postrouting { type nat hook postrouting priority 100; jump postrouting_miniupnpd; }
    chain postrouting_miniupnpd { }
}"""
IPTABLES = """*nat
:MINIUPNPD -
:MINIUPNPD-POSTROUTING -
-A PREROUTING -i eth1 -j MINIUPNPD
-A POSTROUTING -o eth1 -j MINIUPNPD-POSTROUTING
COMMIT
*mangle
:MINIUPNPD -
-A PREROUTING -i eth1 -j MINIUPNPD
COMMIT
*filter
:FORWARD DROP
:MINIUPNPD -
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i eth0 -j ACCEPT
-A FORWARD -i eth1 ! -o eth1 -j MINIUPNPD
COMMIT
"""


@contextlib.contextmanager
def miniupnpd(router, build, address, host, **settings):
    """It serves eth0, where it has `address`, until the end; `host` sees it there. `build`:
    nftables or iptables."""
    program = unpacked([f"miniupnpd-{build}"]) / "usr/sbin/miniupnpd"
    if build == "nftables":
        router.run("nft", "-f", "-", input=NFT)
    else:
        router.run("iptables-legacy-restore", "--noflush", input=IPTABLES)
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        values = {
            "ext_ifname": "eth1",
            "listening_ip": "eth0",
            "port": PORT,
            "enable_natpmp": "yes",
            "enable_upnp": "yes",
            "secure_mode": "yes",
            "uuid": "11111111-2222-3333-4444-555555555555",
            **settings,
        }
        lines = [f"{key}={value}" for key, value in values.items()]
        configuration = directory / "miniupnpd.conf"
        configuration.write_text(
            "\n".join([*lines, "allow 1024-65535 0.0.0.0/0 1024-65535\n"]), encoding="ascii"
        )
        process = subprocess.Popen(
            router.command(program, "-d", "-f", configuration, "-P", directory / "pid"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: _answers(host, address), 20, "miniupnpd's answer")
            yield process
        finally:
            process.terminate()
            process.wait(10)


def _answers(host, address):
    with contextlib.suppress(OSError):
        return request(host, address, PORT, "GET", "/", timeout=5).status > 0
    return False
