# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's rules as text, without what changes by itself (counters, time left)."""

import re


def nftables(router):
    return router.run("nft", "-s", "list", "ruleset").stdout


def legacy(router):
    """iptables-legacy-save of every table in use, without counters and the comments that carry the time."""
    text = router.run("iptables-legacy-save").stdout
    kept = [re.sub(r"\[\d+:\d+\]", "", line) for line in text.splitlines() if not line.startswith("#")]
    return "\n".join(kept)


def everything(router):
    return nftables(router), legacy(router)


def count(router, protocol, port):
    """How many translations of that external port the kernel holds, in both worlds together."""
    protocol = protocol.lower()
    dnat = re.findall(rf"^-A .*-p {protocol} .*--dport {port} .*-j DNAT", legacy(router), re.M)
    number = {"tcp": 6, "udp": 17}[protocol]
    elements = re.findall(rf"\b(?:{protocol}|{number}) \. {port}\b[^:,]*:", nftables(router))
    return len(dnat) + len(elements)


def ours(router):
    """Whether anything of the daemon's is in the kernel."""
    return "upnpd" in nftables(router).lower() or "upnpd" in legacy(router).lower()
