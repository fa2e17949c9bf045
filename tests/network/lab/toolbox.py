# SPDX-License-Identifier: GPL-2.0-or-later
"""The real firewall tools of Debian on the router, without installing them: installing starts their
services, on whatever machine the tests run. Their packages are unpacked below build/ and laid over
/usr, /etc and /var in a mount namespace of the router's own, where they write what they like. The
lock of legacy iptables is the host's, as for the daemon."""

import contextlib
import fcntl
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
CACHE = ROOT / "build/firewall-tools"
LAY = """set -e
mount -t tmpfs toolbox {work}
for folder in usr etc var; do
    mkdir {work}/$folder {work}/$folder.work
    own=upperdir={work}/$folder,workdir={work}/$folder.work
    mount -t overlay toolbox -o lowerdir={root}/$folder:/$folder,$own /$folder
done
mkdir -p {work}/run/dbus {work}/run/lock {work}/run/netns
touch /run/xtables.lock {work}/run/xtables.lock
mount --bind /run/xtables.lock {work}/run/xtables.lock
mount --rbind {work}/run /run
echo ready
exec sleep infinity
"""


def download(package, folder):
    """`package` is "a|b" where releases call it differently."""
    for name in package.split("|"):
        if (
            subprocess.run(
                ["apt-get", "download", "-qq", name], cwd=folder, check=False, capture_output=True
            ).returncode
            == 0
        ):
            return
    raise RuntimeError(
        f"apt-get download {package} failed: is the package index there (apt-get update)?"
    )


def unpacked(packages):
    """The folder with what is in the packages, merged into usr, etc and var."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / packages[0]
    with (CACHE / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test files run side by side
        if (folder / "complete").exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        with tempfile.TemporaryDirectory() as archives:
            for package in packages:
                download(package, archives)
            for archive in sorted(pathlib.Path(archives).glob("*.deb")):
                subprocess.run(["dpkg", "-x", archive, folder], check=True)
        for old in "lib", "sbin", "bin":
            if (folder / old).is_dir():
                shutil.copytree(
                    folder / old, folder / "usr" / old, symlinks=True, dirs_exist_ok=True
                )
                shutil.rmtree(folder / old)
        for needed in "usr", "etc", "var":
            (folder / needed).mkdir(exist_ok=True)
        (folder / "complete").touch()
    return folder


class Toolbox:
    """Commands on the router that see the packages' files; what they write is gone at the end."""

    def __init__(self, router, packages):
        self._router = router
        self._work = tempfile.mkdtemp(prefix="upnpd-tools-")
        script = LAY.format(work=self._work, root=unpacked(packages))
        self._holder = subprocess.Popen(
            router.command("unshare", "--mount", "--propagation", "private", "sh", "-c", script),
            stdout=subprocess.PIPE,
            text=True,
        )
        self._background = []
        if self._holder.stdout.readline() != "ready\n":
            self.close()
            raise RuntimeError(
                "the packages' files cannot be laid over the system's (overlay file system?)"
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in reversed(self._background):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
        self._holder.kill()
        self._holder.wait()
        self._holder.stdout.close()
        shutil.rmtree(self._work, ignore_errors=True)

    def command(self, *words):
        return [
            "nsenter",
            "--target",
            str(self._holder.pid),
            "--mount",
            "--net",
            "--",
            *(str(word) for word in words),
        ]

    def run(self, *words, check=True):
        result = subprocess.run(
            self.command(*words),
            text=True,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert result.returncode == 0 or not check, f"{words}: {result.stdout}{result.stderr}"
        return result

    def write(self, path, text):
        """A file that only the tools see."""
        subprocess.run(
            self.command("tee", path), input=text, text=True, check=True, stdout=subprocess.DEVNULL
        )

    def background(self, *words):
        process = subprocess.Popen(
            self.command(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._background.append(process)
        return process
