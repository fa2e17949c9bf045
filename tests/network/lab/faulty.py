# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of faulty files: situation, the lines of the file or the options, the messages."""

import dataclasses
import pathlib

TABLE = pathlib.Path(__file__).resolve().parents[1] / "faulty.txt"
SIDES = ["external_interface = wan0", "internal_interface = br-lan"]


@dataclasses.dataclass
class Situation:
    title: str
    lines: list = dataclasses.field(default_factory=lambda: list(SIDES))
    options: list | None = None  # instead of a file
    said: list = dataclasses.field(default_factory=list)


def situations():
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            found.append(Situation(line[3:]))
        elif line == "bare":
            found[-1].lines = []
        elif line.startswith("| "):
            found[-1].lines.append(line[2:].replace("\\x07", "\x07"))
        elif line.startswith("$ "):
            found[-1].options = line[2:].split()
        elif line.startswith("> "):
            found[-1].said.append(line[2:])
    return found
