# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's rules as text, without what changes by itself (counters, time left)."""

import contextlib
import json
import re


def nftables(router):
    return router.run("nft", "-s", "list", "ruleset").stdout


def legacy(router, save="iptables-legacy-save"):
    """iptables-legacy-save without counters and the comments that carry the time. A table without
    rules, chains and policies is left out: the kernel makes it when somebody looks, and keeps it
    for ever."""
    text = router.run(save).stdout
    lines = [
        re.sub(r" \[\d+:\d+\]", "", line) for line in text.splitlines() if not line.startswith("#")
    ]
    tables = re.findall(r"^\*.*?^COMMIT$", "\n".join(lines), re.M | re.S)
    return "\n".join(
        table for table in tables if not re.fullmatch(r"\*\w+\n(:[A-Z]+ ACCEPT\n)*COMMIT", table)
    )


def everything(router):
    return nftables(router), legacy(router), legacy(router, "ip6tables-legacy-save")


@contextlib.contextmanager
def unchanged(router):
    """Whatever is done meanwhile: afterwards the rules are as they were, byte for byte."""
    before = everything(router)
    yield
    assert everything(router) == before


def count(router, protocol, port):
    """How many translations of that external port the kernel holds, in both worlds together."""
    rules = re.findall(
        rf"^-A .*-p {protocol.lower()} .*--dport {port} .*-j DNAT", legacy(router), re.M
    )
    return len(rules) + sum(key[-2:] == [protocol.lower(), int(port)] for key in _map_keys(router))


def _map_keys(router):
    """The keys of all nftables maps, as lists: ["tcp", 40001]."""
    for item in json.loads(router.run("nft", "-j", "list", "ruleset").stdout)["nftables"]:
        for key, _ in item.get("map", {}).get("elem", []):
            value = key["elem"]["val"] if isinstance(key, dict) and "elem" in key else key
            yield value["concat"] if isinstance(value, dict) and "concat" in value else [value]


def translations(router):
    """Returns what the kernel translates, in both worlds: a sorted list of (protocol, external
    port, client, internal port)."""
    found = []
    for item in json.loads(router.run("nft", "-j", "list", "ruleset").stdout)["nftables"]:
        mapping = item.get("map", {})
        if mapping.get("name", "").startswith("dnat4"):
            for key, value in mapping.get("elem", []):
                key = key["elem"]["val"] if "elem" in key else key
                found.append((*key["concat"][-2:], *value["concat"]))
    for protocol, port, client, internal in re.findall(
        r"^-A .*-p (tcp|udp) .*--dport (\d+) .*-j DNAT --to-destination ([\d.]+):(\d+)$",
        legacy(router),
        re.M,
    ):
        found.append((protocol, int(port), client, int(internal)))
    return sorted(found)


def pinholes(router):
    """Returns what the kernel lets in over IPv6 from anywhere, in both worlds: a sorted list of
    (client, protocol, port)."""
    found = []
    for item in json.loads(router.run("nft", "-j", "list", "ruleset").stdout)["nftables"]:
        if item.get("set", {}).get("name") == "pinholes":
            found += [
                tuple(element["elem"]["val"]["concat"]) for element in item["set"].get("elem", [])
            ]
    for protocol, client, port in re.findall(
        r"--ctproto (\d+) --ctorigdst (\S+) --ctorigdstport (\d+) ",
        router.run("ip6tables-legacy-save").stdout,
    ):
        found.append((client, {"6": "tcp", "17": "udp"}[protocol], int(port)))
    return sorted(found)


def ours(router):
    """Whether anything of the daemon's is in the kernel."""
    return "upnpd" in nftables(router).lower() or "upnpd" in legacy(router).lower()
