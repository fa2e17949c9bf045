# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon under test: its configuration, its processes, its log."""

import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

from . import rules
from .waiting import wait_until

READY = "Listening for requests"
USER = "nobody"


class StartFailed(Exception):
    """The daemon ended before it was ready; the text is its log."""


def binary():
    """$UPNPD, else the one of the release tree."""
    root = pathlib.Path(__file__).resolve().parents[3]
    return os.environ.get("UPNPD") or str(root / "build/release/src/daemon/upnpd")


class Daemon:
    """settings: keys of upnpd.conf; `lines` are put behind them as they are. A value of None leaves
    the key out."""

    def __init__(self, router, interfaces=("wan0", "br-lan"), lines=(), **settings):
        self.router = router
        self.interfaces = list(interfaces)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="upnpd-lab-"))
        self.directory.chmod(0o755)
        os.chown(self.directory, *pwd.getpwnam(USER)[2:4])
        self.configuration = self.directory / "upnpd.conf"
        self.lease_file = self.directory / "leases"
        self.pid_file = self.directory / "upnpd.pid"
        self.control_socket = self.directory / "upnpd.sock"
        self._log = self.directory / "log"
        self._log.touch()
        self._mark = 0
        self.process = None
        self.prefix = []  # what runs it
        self.configure(lines, **settings)

    def configure(self, lines=(), **settings):
        # Tests ask faster than clients do; those of the rates leave these two out.
        rates = {"requests_per_client": 65535, "requests_total": 65535}
        values = {
            "lease_file": self.lease_file,
            "pid_file": self.pid_file,
            "control_socket": self.control_socket,
            "user": USER,
            "debug_mode": 3,
            **rates,
            **settings,
        }
        text = [f"{key} = {value}" for key, value in values.items() if value is not None]
        self.configuration.write_text("\n".join([*text, *lines]) + "\n", encoding="utf-8")

    def line_of(self, text):
        """Where the configuration says that, as diagnostics and the log name it."""
        lines = self.configuration.read_text(encoding="utf-8").splitlines()
        number = next(i for i, line in enumerate(lines, 1) if line.startswith(text))
        return f"{self.configuration}:{number}"

    def check(self):
        """upnpd -t"""
        return subprocess.run(
            self.command("-t"), capture_output=True, text=True, timeout=10, check=False
        )

    # -- running -----------------------------------------------------------------------------------

    def command(self, *options):
        return self.router.command(binary(), *options, "-c", self.configuration, *self.interfaces)

    def ctl(self, *words):
        """upnpctl, as root"""
        program = pathlib.Path(binary()).parents[1] / "upnpctl/upnpctl"
        return self.router.run(program, "-s", self.control_socket, *words, check=False)

    def ask(self, request):
        """One request to the control socket, as upnpctl makes it."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
            control.settimeout(5)
            control.connect(str(self.control_socket))
            control.send(request.encode())
            return json.loads(control.recv(1 << 19))

    def start(self, timeout=15, clock=None):
        """In the foreground, until it says that searches are answered; `clock`: how its wall clock
        is wrong, as faketime(1) writes it."""
        self.launch(clock)
        return self.wait_until_ready(timeout)

    def launch(self, clock=None):
        """In the foreground, without waiting."""
        self._mark = self._log.stat().st_size
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, *_clock(clock), *self.command("-f")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_until_ready(self, timeout=15):
        wait_until(
            lambda: READY in self.log or self.process.poll() is not None,
            timeout,
            f"{READY} in\n{self.log}",
        )
        if READY not in self.log:
            raise StartFailed(self.log)
        return self

    def hang_up(self):
        """SIGHUP, and what the daemon says of it."""

        def said():
            return self.log.count("the configuration was read again") + self.log.count(
                "reload refused"
            )

        before = said()
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: said() > before, 5, f"an answer in\n{self.log}")

    def read_again(self, *lines, **settings):
        """Another configuration is in force."""
        self.configure(*lines, **settings)
        self.hang_up()

    def stop(self, timeout=15):
        """TERM, as an init script does; returns the exit status and checks that no process is
        left."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait_for_end(timeout)

    def wait_for_end(self, timeout=15):
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(
                f"still running {timeout} s after it was told to end:\n{self.log}"
            ) from late
        wait_until(lambda: not self.processes(), 5, "end of all processes")
        self.check_log()
        return status

    def kill(self):
        """kill -9 of the engine, as the kernel does when memory runs out."""
        self.process.kill()
        self.process.wait()
        wait_until(lambda: not self.processes(), 5, "end of the front ends after the engine's")

    def running(self):
        return self.process is not None and self.process.poll() is None

    def remove(self):
        """Ends what is left, whatever a test did."""
        if self.running():
            with contextlib.suppress(AssertionError):
                self.stop(5)
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    # -- looking -----------------------------------------------------------------------------------

    @property
    def log(self):
        """Returns what was written since the last start."""
        if not self._log.exists():
            return "(removed)"
        with self._log.open("rb") as file:
            file.seek(self._mark)
            return file.read().decode("utf-8", "replace")

    def wait_for_log(self, text, timeout=5):
        wait_until(lambda: text in self.log, timeout, f"{text!r} in\n{self.log}")

    def check_log(self):
        """Sanitizers speak on standard error."""
        for sign in "AddressSanitizer", "runtime error:", "LeakSanitizer":
            assert sign not in self.log, self.log

    def processes(self):
        """Ids of all processes of the daemon, those of the engine first."""
        return sorted(pid for pid in self.router.processes() if _name(pid) == "upnpd")

    def front_ends(self):
        return [pid for pid in self.processes() if _program(pid) == "upnpd-front-end"]

    def capabilities(self, pid):
        """Returns the capabilities of a process, by name of the set."""
        return {
            name: int(value, 16)
            for name, value in self.status_of(pid).items()
            if name.startswith("Cap")
        }

    @staticmethod
    def status_of(pid):
        lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
        return dict(line.split(":\t", 1) for line in lines if ":\t" in line)

    def peak_memory(self):
        """kB, of the process that had most resident at any time (VmHWM)."""
        peaks = []
        for pid in self.processes():
            for line in (
                pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
            ):
                if line.startswith("VmHWM:"):
                    peaks.append(int(line.split()[1]))
        return max(peaks)

    def resources(self):
        """kB resident and descriptors of all processes together."""
        resident = descriptors = 0
        for pid in self.processes():
            status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
            resident += int(status.split("VmRSS:")[1].split()[0])
            descriptors += len(os.listdir(f"/proc/{pid}/fd"))
        return resident, descriptors

    def state(self):
        """All that a refused request must not change: kernel and lease file."""
        leases = self.lease_file.read_text(encoding="utf-8") if self.lease_file.exists() else ""
        return rules.everything(self.router), leases


def _clock(offset):
    if offset is None:
        return []
    library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    # A file that it leaves in /dev/shm would fail a later process with the same number.
    private = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /dev/shm && exec "$@"', "sh"]
    # The times of files are not wrong: they were written when another clock was right.
    return [
        *private,
        "env",
        f"LD_PRELOAD={library}",
        f"FAKETIME={offset}",
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
        "DONT_FAKE_MONOTONIC=1",
        "NO_FAKE_STAT=1",
    ]


def _program(pid):
    with contextlib.suppress(OSError):
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    return ""


def _name(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    return ""
