# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the programs come from: Debian's packages, unpacked and not installed, since installing
would start them; the npm registry; and drivers in Go, compiled. All of it stays below build/."""

import contextlib
import pathlib
import shutil
import subprocess

from lab.toolbox import ROOT, Toolbox

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"
MADE = ROOT / "build/clients"
DEBIAN = (
    "transmission-daemon",
    "qbittorrent-nox",
    "deluged",
    "syncthing",
    "amule-daemon",
    "i2pd",
    "eiskaltdcpp-daemon",
    "gir1.2-nice-0.1",
    "default-jre-headless",
    "libweupnp-java",
    "libnet-upnp-perl",
)
if not shutil.which("node"):
    DEBIAN += ("nodejs",)
GO = ("golang-go", "golang-github-huin-goupnp-dev", "golang-github-jackpal-go-nat-pmp-dev")
NPM = ("nat-upnp@1.1.1", "nat-api@0.3.1", "@achingbrain/nat-port-mapper@4.0.5")


class Absent(Exception):
    """Something cannot be had on this machine; the text says why."""


class Here:
    """The machine itself, as the place where a toolbox is."""

    @staticmethod
    def command(*words):
        return [str(word) for word in words]


def npm():
    """The folder with the drivers in JavaScript and the packages that they load."""
    folder, listed = MADE / "npm", "\n".join(NPM)
    complete = folder / "complete"
    if not complete.exists() or complete.read_text(encoding="ascii") != listed:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text('{"private": true}', encoding="ascii")
        options = ("--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1")
        options += ("--loglevel=error", "--prefix", folder)
        with contextlib.ExitStack() as stack:
            place = Here if shutil.which("npm") else stack.enter_context(Toolbox(Here, ("npm",)))
            command = place.command("npm", "install", *options, *NPM)
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise Absent(f"npm cannot install {' '.join(NPM)}: {done.stderr[-300:]}")
        complete.write_text(listed, encoding="ascii")
    for driver in PROGRAMS.glob("*js"):
        shutil.copy(driver, folder)
    return folder


def go():
    """The folder with the drivers in Go, compiled with what Debian has of their libraries."""
    folder = MADE / "go"
    sources = sorted(PROGRAMS.glob("*.go"))
    if all(_newer(folder / source.stem, source) for source in sources):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    settings = ("GO111MODULE=off", "GOPATH=/usr/share/gocode", f"GOCACHE={folder}/cache")
    with Toolbox(Here, GO) as tools:
        for source in sources:
            tools.run("env", *settings, "go", "build", "-o", folder / source.stem, source)
    return folder


def _newer(made, source):
    return made.exists() and made.stat().st_mtime > source.stat().st_mtime
