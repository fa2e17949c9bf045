# SPDX-License-Identifier: GPL-2.0-or-later
"""The real firewall tools of Debian on the router, without installing them: installing starts their
services, on whatever machine the tests run. Their packages are unpacked below build/ and laid over
/usr, /etc and /var in a mount namespace of the router's own, where they write what they like. The
lock of legacy iptables is the host's, as for the daemon. Tools of another release run in the whole
system of that release, from its folder."""

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
ENTER = """set -e
mount -t tmpfs system {work}
mkdir {work}/root {work}/upper {work}/work
own=upperdir={work}/upper,workdir={work}/work
mount -t overlay system -o lowerdir={root},$own {work}/root
for folder in proc sys dev; do mount --rbind /$folder {work}/root/$folder; done
mount -t tmpfs run {work}/root/run
mkdir -p {work}/root/run/dbus
echo ready
exec chroot {work}/root sleep infinity
"""


def of_this_release(package):
    """`package` is "a|b" where releases call it differently."""
    for name in package.split("|"):
        shown = subprocess.run(
            ["apt-cache", "show", "--no-all-versions", name], check=False, capture_output=True
        )
        if shown.stdout:
            return name
    raise LookupError(f"apt knows no package {package}")


def download(packages, folder):
    """Them, and what they depend on that is not installed."""
    (pathlib.Path(folder) / "partial").mkdir(exist_ok=True)
    names = [of_this_release(package) for package in packages]
    subprocess.run(
        ["apt-get", "install", "--download-only", "--reinstall", "--no-install-recommends"]
        + ["--yes", "-qq", "-o", f"Dir::Cache::Archives={folder}", "-o", "Debug::NoLocking=1"]
        + ["-o", "APT::Sandbox::User=root", *names],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def download_with_an_old_index(packages, folder):
    """Asks for a new index when the one that is there names files that are gone, or none."""
    try:
        download(packages, folder)
    except (LookupError, subprocess.CalledProcessError):
        subprocess.run(["apt-get", "-qq", "update"], check=True)
        download(packages, folder)


def unpacked(packages):
    """The folder with what is in the packages, merged into usr, etc and var."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder, listed = CACHE / packages[0], "\n".join(packages)
    complete = folder / "complete"
    with (CACHE / f"{packages[0]}.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test files run side by side
        if complete.exists() and complete.read_text(encoding="ascii") == listed:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        with tempfile.TemporaryDirectory() as archives:
            download_with_an_old_index(packages, archives)
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
        complete.write_text(listed, encoding="ascii")
    return folder


class Tools:
    """Commands in a mount namespace on the router; what they write is gone at the end."""

    more = ()  # namespaces and the like that are entered, too

    def __init__(self, router, script, trouble):
        self._work = tempfile.mkdtemp(prefix="upnpd-tools-")
        script = script.replace("{work}", self._work)
        self._holder = subprocess.Popen(
            router.command("unshare", "--mount", "--propagation", "private", "sh", "-c", script),
            stdout=subprocess.PIPE,
            text=True,
        )
        self._background = []
        if self._holder.stdout.readline() != "ready\n":
            self.close()
            raise RuntimeError(trouble)

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
            *self.more,
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


class Toolbox(Tools):
    """Commands that see the packages' files."""

    def __init__(self, router, packages):
        super().__init__(
            router,
            LAY.replace("{root}", str(unpacked(packages))),
            "the packages' files cannot be laid over the system's (overlay file system?)",
        )


class System(Tools):
    """Commands of another release, whose files are below the folder `root`."""

    more = ("--root", "--wd")

    def __init__(self, router, root):
        super().__init__(
            router,
            ENTER.replace("{root}", str(root)),
            f"the system in {root} cannot be entered (overlay file system?)",
        )

    def command(self, *words):
        # The first sleep is the shell's successor, whose root is the system's.
        return super().command("/usr/bin/env", "PATH=/usr/sbin:/usr/bin", *words)
