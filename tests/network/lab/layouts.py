# SPDX-License-Identifier: GPL-2.0-or-later
"""Rulesets of routers, from files, on the lab's router; each replaces the one before."""

import pathlib

from .topology import MASQUERADE

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "layouts"
NO_RULES = """*filter
:INPUT ACCEPT
:FORWARD ACCEPT
:OUTPUT ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT
:INPUT ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
COMMIT
*mangle
:PREROUTING ACCEPT
:INPUT ACCEPT
:FORWARD ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
COMMIT
"""


def names(suffix):
    """The layouts of one kind: "nft", or "ipt" with or without a file of ip6tables beside it."""
    return sorted(path.stem for path in FOLDER.glob(f"*.{suffix}"))


def lay(router, name, world):
    """world: nft, iptables-nft or iptables-legacy, the tool that loads it. Connections that were
    tracked before are forgotten."""
    router.run("nft", "flush", "ruleset")
    if world == "nft":
        router.run("nft", "-f", FOLDER / f"{name}.nft")
        router.run("nft", "-f", "-", input=MASQUERADE)
    else:
        for program, suffix in (world, "ipt"), (world.replace("ip", "ip6", 1), "ipt6"):
            file = FOLDER / f"{name}.{suffix}"
            if world == "iptables-legacy":
                router.run(f"{program}-restore", input=NO_RULES)
            if file.exists():
                router.run(f"{program}-restore", file)
    router.run("conntrack", "-F")
