# SPDX-License-Identifier: GPL-2.0-or-later
"""A file system that is soon full."""

import contextlib
import pwd
import subprocess

SIZE = "256k"


@contextlib.contextmanager
def small_disk(directory, user):
    """Mounted on `directory`, which is made, and the user's."""
    directory.mkdir()
    owner = pwd.getpwnam(user).pw_uid
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},uid={owner},mode=755", "upnpd-lab", directory],
        check=True,
    )
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", directory], check=False)


def fill(directory):
    """To the last page; unlinking the file `fill` makes room again."""
    with contextlib.suppress(OSError), (directory / "fill").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
