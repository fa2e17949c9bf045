# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the arrows out of the #include lines and compares them with the file `layers`."""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read_layers():
    layers, libraries = {}, {}
    for line in (HERE / "layers").read_text(encoding="utf-8").splitlines():
        words = line.partition("#")[0].split()
        if words[:1] == ["layer"]:
            layers.update({room: int(words[1]) for room in words[2:]})
        elif words[:1] == ["library"]:
            libraries[words[1]] = set(words[2:])
    return layers, libraries


def files():
    """(file, its room, whether it is a door that other rooms may include)"""
    for top, public in (ROOT / "src", False), (ROOT / "include/upnpd", True):
        for path in sorted([*top.rglob("*.cpp"), *top.rglob("*.h")]):
            yield path, path.relative_to(top).parts[0], public


def complaint(included, quoted, path, room, public, layers, libraries):
    if included.startswith("upnpd/"):
        target = included.split("/")[1]
        if target not in layers:
            return f"room {target} is not in tests/layering/layers"
        if target != room and layers[target] >= layers[room]:
            return f"{room} may not see {target}"
        return None if (ROOT / "include" / included).exists() else "no such header"
    if quoted:
        if public:
            return "a door includes doors only"
        places = (path.parent / included, ROOT / "src" / room / included)
        return None if any(place.exists() for place in places) else "not a header of this room"
    for prefix, rooms in libraries.items():
        if included.startswith(prefix) and (public or room not in rooms):
            where = ", not into its doors" if public else ""
            return f"{prefix} belongs into {', '.join(sorted(rooms))}{where}"
    return None


def main():
    layers, libraries = read_layers()
    wrong = number = 0
    for path, room, public in files():
        number += 1
        if room not in layers:
            print(f"{path.relative_to(ROOT)}: room {room} is not in tests/layering/layers")
            wrong += 1
            continue
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(text)
            if not match:
                continue
            said = complaint(match[2], match[1] == '"', path, room, public, layers, libraries)
            if said:
                print(f"{path.relative_to(ROOT)}:{line}: {text.strip()}: {said}")
                wrong += 1
    print(f"{number} files, {wrong} arrows that run up")
    return 1 if wrong or not number else 0


sys.exit(main())
