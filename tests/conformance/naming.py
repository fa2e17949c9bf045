# SPDX-License-Identifier: GPL-2.0-or-later
"""How tests and sources name items: "IGD-Lease-05, 07", "SSDP-MSEARCH-01 to 03", in a docstring or
a comment. The file `items` holds the weight and the sentence of each."""

import collections
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent

_NAME = re.compile(
    r"((?:IGD|SSDP|GENA|SEC|PMP|NATPMP|PCP|CGN)-[A-Za-z0-9]+|DESC|EPOCH|ANN|IWF|DROP)-(\d\d)\b"
    r"|, -?(\d\d)\b(?!\d)|(?:to|\.\.\.) -?(\d\d)\b"
)

Item = collections.namedtuple("Item", "weight sentence")


def named(text):
    """The items that `text` names."""
    found, prefix, last = set(), None, 0
    for match in _NAME.finditer(text):
        if match[1]:
            prefix, last = match[1], int(match[2])
            found.add(f"{prefix}-{match[2]}")
        elif prefix and match[3]:
            last = int(match[3])
            found.add(f"{prefix}-{match[3]}")
        elif prefix and match[4]:
            found.update(f"{prefix}-{number:02d}" for number in range(last, int(match[4]) + 1))
    return found


def named_by(docstring, source):
    """The items that a test names."""
    return set().union(*map(named, [docstring or "", *re.findall(r"#.*", source)]))


def lines(name):
    """The first word of each line of a file of this folder, and the rest."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split(None, 1)


def items():
    """Each item by its name."""
    return {name: Item(*[*rest.split(None, 1), ""][:2]) for name, rest in lines("items")}
