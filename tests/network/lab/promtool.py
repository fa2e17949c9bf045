# SPDX-License-Identifier: GPL-2.0-or-later
"""Prometheus' own judge of metrics and rules: that of the host, else that of Debian's package. It
is unpacked below build/ and not installed, because its service would start."""

import pathlib
import shutil
import subprocess
import tempfile

CACHE = pathlib.Path(__file__).resolve().parents[3] / "build/prometheus"


def promtool():
    """Its path. Raises subprocess.CalledProcessError where apt cannot fetch it."""
    found = shutil.which("promtool")
    program = CACHE / "usr/bin/promtool"
    if found or program.exists():
        return found or program
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        fetch = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", "prometheus"]
        if subprocess.run(fetch, cwd=folder, check=False).returncode != 0:
            subprocess.run(["apt-get", "-qq", "update"], check=True)
            subprocess.run(fetch, cwd=folder, check=True)
        (package,) = pathlib.Path(folder).glob("*.deb")
        members = subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", package], check=True, capture_output=True
        )
        subprocess.run(
            ["tar", "-x", "-C", CACHE, "./usr/bin/promtool"], input=members.stdout, check=True
        )
    return program
