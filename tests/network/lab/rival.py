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
NFT = """table inet filter {{
    chain forward {{
        type filter hook forward priority 0; policy drop;
        ct state established,related accept; iifname "{inside}" accept; jump miniupnpd;
    }}
    chain miniupnpd {{ }}
    chain prerouting {{ type nat hook prerouting priority -100; jump prerouting_miniupnpd; }}
    chain prerouting_miniupnpd {{ }}
    chain postrouting {{ type nat hook postrouting priority 100; jump postrouting_miniupnpd; }}
    chain postrouting_miniupnpd {{ }}
}}"""
IPTABLES = """*nat
:MINIUPNPD -
:MINIUPNPD-POSTROUTING -
-A PREROUTING -i {outside} -j MINIUPNPD
-A POSTROUTING -o {outside} -j MINIUPNPD-POSTROUTING
COMMIT
*mangle
:MINIUPNPD -
-A PREROUTING -i {outside} -j MINIUPNPD
COMMIT
*filter
:FORWARD DROP
:MINIUPNPD -
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i {inside} -j ACCEPT
-A FORWARD -i {outside} ! -o {outside} -j MINIUPNPD
COMMIT
"""


def program(build):
    """`build`: nftables or iptables."""
    return unpacked([f"miniupnpd-{build}"]) / "usr/sbin/miniupnpd"


def lay_rules(router, build, inside, outside):
    """Lays the rules of a router that it adds its own to."""
    sides = {"inside": inside, "outside": outside}
    if build == "nftables":
        router.run("nft", "-f", "-", input=NFT.format(**sides))
    else:
        router.run("iptables-legacy-restore", "--noflush", input=IPTABLES.format(**sides))


def settings_file(directory, inside, outside, **settings):
    values = {
        "ext_ifname": outside,
        "listening_ip": inside,
        "port": PORT,
        "enable_natpmp": "yes",
        "enable_upnp": "yes",
        "secure_mode": "yes",
        "uuid": "11111111-2222-3333-4444-555555555555",
        **settings,
    }
    lines = [f"{key}={value}" for key, value in values.items()]
    file = directory / "miniupnpd.conf"
    file.write_text(
        "\n".join([*lines, "allow 1024-65535 0.0.0.0/0 1024-65535\n"]), encoding="ascii"
    )
    return file


@contextlib.contextmanager
def miniupnpd(router, build, address, host, **settings):
    """It serves eth0, where it has `address`, until the end; `host` sees it there."""
    lay_rules(router, build, "eth0", "eth1")
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        configuration = settings_file(directory, "eth0", "eth1", **settings)
        process = subprocess.Popen(
            router.command(program(build), "-d", "-f", configuration, "-P", directory / "pid"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: answers(host, address), 20, "miniupnpd's answer")
            yield process
        finally:
            process.terminate()
            process.wait(10)


def answers(host, address, port=PORT):
    """HTTP is spoken there, whatever the answer."""
    with contextlib.suppress(OSError):
        return request(host, address, port, "GET", "/", timeout=5).status > 0
    return False
