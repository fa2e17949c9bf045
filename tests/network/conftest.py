# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the network tests. Everything they lay is taken away again, also after a failure."""

import inspect
import json
import os
import pathlib
import signal
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))
from naming import named_by  # noqa: E402

from lab import LAN1, LAN2, ROUTER_LAN, ControlPoint, Lab, PortControlClient, sweep
from lab.control_point import WAN_IP, WAN_IP2

BACKENDS = ("nftables", "iptables")


def pytest_configure(config):
    """An assertion in a thread of a test counts as well."""
    config.addinivalue_line("filterwarnings", "error::pytest.PytestUnhandledThreadExceptionWarning")


def pytest_sessionstart(session):
    if os.geteuid() != 0:
        pytest.exit("the network tests lay network namespaces and need root", returncode=1)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # so that everything is taken away then too
    sweep()


ITEMS = {}  # by name of the item: by test, whether it passed


def pytest_sessionfinish(session):
    """Leaves for tests/conformance/report what was proved."""
    directory = os.environ.get("UPNPD_ITEMS")
    if directory and ITEMS:
        pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
        name = "-".join(sorted({item.path.stem for item in session.items}))
        (pathlib.Path(directory) / f"{name}.json").write_text(json.dumps(ITEMS), encoding="utf-8")


def note_items(item, report):
    if report.when != "call" and report.passed or report.skipped:
        return
    for name in named_by(inspect.getdoc(item.function), inspect.getsource(item.function)):
        tests = ITEMS.setdefault(name, {})
        label = f"{item.path.stem}::{item.function.__name__}"
        tests[label] = tests.get(label, True) and report.passed


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the daemon's log."""
    report = (yield).get_result()
    note_items(item, report)
    daemon = item.funcargs.get("daemon") if hasattr(item, "funcargs") else None
    if report.failed and daemon is not None and hasattr(daemon, "log"):
        report.sections.append(("log of upnpd", daemon.log[-8000:]))


@pytest.fixture(scope="module")
def shared_lab():
    """For tests that leave the network as it was."""
    with Lab(route_to_lan=True) as lab:
        yield lab


@pytest.fixture(scope="module")
def shared_daemon(shared_lab):
    """Runs through all tests of a file."""
    daemon = shared_lab.daemon(firewall_backend="nftables").start()
    yield daemon
    assert daemon.stop() == 0


@pytest.fixture
def daemon(shared_daemon):
    """The shared one, which the test before must have left alive."""
    assert shared_daemon.running(), shared_daemon.log
    return shared_daemon


@pytest.fixture
def point(shared_lab, daemon):
    """A control point on the first LAN host; its mappings are deleted afterwards."""
    yield from _control_point(shared_lab.lan1, LAN1)


@pytest.fixture
def other(shared_lab, daemon):
    """A control point on the second LAN host."""
    yield from _control_point(shared_lab.lan2, LAN2)


@pytest.fixture
def point2(shared_lab, daemon):
    """One on the first LAN host that speaks version 2 of WANIPConnection."""
    yield from _control_point(shared_lab.lan1, LAN1, WAN_IP2)


@pytest.fixture
def other2(shared_lab, daemon):
    """And one on the second."""
    yield from _control_point(shared_lab.lan2, LAN2, WAN_IP2)


@pytest.fixture
def ports(shared_lab, daemon):
    """A client of NAT-PMP and PCP on the first LAN host; what it has mapped is deleted
    afterwards."""
    with PortControlClient(shared_lab.lan1, LAN1, ROUTER_LAN) as client:
        yield client
        client.forget()


@pytest.fixture
def other_ports(shared_lab, daemon):
    """And one on the second."""
    with PortControlClient(shared_lab.lan2, LAN2, ROUTER_LAN) as client:
        yield client
        client.forget()


def _control_point(host, own, wan_ip=WAN_IP):
    control_point = ControlPoint(host, own, wan_ip=wan_ip)
    yield control_point
    for entry in control_point.listing():
        control_point.delete(entry["NewProtocol"], entry["NewExternalPort"], entry["NewRemoteHost"])


@pytest.fixture
def lab():
    """A network of the test's own."""
    with Lab() as own:
        yield own
