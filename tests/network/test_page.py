# SPDX-License-Identifier: GPL-2.0-or-later
"""The page at "/" of the HTTP port: it shows what is open, to whom it may, and nobody's markup."""

import subprocess
import time

import pytest

from lab import LAN1, LAN2, LAN1_6, ROUTER_LAN, ControlPoint, wait_until
from lab.control_point import envelope
from lab.page import Browser, Page

MAPPINGS, PINHOLE_TABLE, REFUSALS = "Port mappings", "Pinholes (IPv6)", "Refused in the last hour"
HOSTILE = "</bdi><script>alert(1)</script>\" onmouseover=\"x' \u202egnp &#60;b>"


@pytest.fixture
def started(lab):
    """A daemon, and control points on both hosts; `files` are settings with the contents of the
    file that each names."""

    def start(files=(), **settings):
        daemon = lab.daemon()
        for name, contents in dict(files).items():
            settings[name] = daemon.directory / name
            settings[name].write_text(contents, encoding="utf-8")
        daemon.configure(firewall_backend="nftables", **settings)
        daemon.start()
        one = ControlPoint(lab.lan1, LAN1)
        return daemon, one, ControlPoint(lab.lan2, LAN2, one.location)

    return start


def look(point):
    """A page that is fresh: the last one has been forgotten."""
    time.sleep(1.05)
    return Browser(point).page()


def password():
    """The settings with a file that has "secret" as a password."""
    made = subprocess.run(
        ["openssl", "passwd", "-6", "secret"], capture_output=True, check=True, text=True
    )
    return {"page_password": made.stdout}


def test_what_is_open(lab, started):
    lab.add_ipv6()
    _, one, other = started(reserved_ports="4444")
    assert "There are no open ports." in look(one).text
    agent = {"USER-AGENT": "Console/1.0"}
    arguments = one.arguments(
        "UDP", 3075, 3074, PortMappingDescription="Game", LeaseDuration=3600
    )
    answer = one.post(
        one.wan_ip,
        "AddPortMapping",
        envelope(
            one.wan_ip, "AddPortMapping", arguments
        ),
        agent,
    )
    assert answer.status == 200
    assert other.add("TCP", 8080).ok
    assert not one.add("TCP", 4444).ok
    page = look(one)
    table = page.tables[MAPPINGS]
    assert table.head[:4] == ["Device", "Port", "Outside port", "Protocol"]
    own, others = table.rows
    assert LAN1 in own[0]
    assert "this device" in own[0] and "this device" not in others[0]
    assert [cell[0] for cell in own[1:4]] == ["3074", "3075", "UDP"]
    assert own[4] == ["UPnP Game", "Console/1.0"]
    assert own[6][0] in ("in 59 min", "in 1 h")
    assert [cell[0] for cell in others[1:4]] == ["8080", "8080", "TCP"]
    refused = page.tables[REFUSALS].rows
    assert len(refused) == 1 and "4444" in refused[0][1][0] and refused[0][3] == ["UPnP"]
    assert "80.100.100.1" in page.text and LAN1 in page.text
    assert one.delete("UDP", 3075).ok
    assert len(look(one).tables[MAPPINGS].rows) == 1


def test_who_sees_what(started):
    daemon, one, other = started(page="own")
    assert one.add("UDP", 3074).ok and other.add("TCP", 8080).ok
    rows = look(one).tables[MAPPINGS].rows
    assert [row[2][0] for row in rows] == ["3074"]
    assert "8080" not in look(one).text
    daemon.read_again(page="none")
    wait_until(lambda: Browser(one).get().status == 404, 5, "no page")
    assert "presentationURL" not in one.get("/rootDesc.xml").body
    daemon.read_again(page="all")
    wait_until(lambda: Browser(one).get().status == 200, 5, "a page again")
    assert "<presentationURL>/</presentationURL>" in one.get("/rootDesc.xml").body


def test_strangers_write_no_markup(started):
    """In descriptions, names of programs and of hosts"""
    lease = f"0 02:00:00:00:00:01 {LAN1} <script>alert(2)</script> *\n"
    _, one, other = started({"host_names": lease})
    for port, text in enumerate((HOSTILE, "<" * 255, "\u0301" * 120, '"' * 255), 4000):
        answer = one.add("UDP", port, PortMappingDescription=text)
        assert answer.ok, answer
    assert not other.add("UDP", 4000, PortMappingDescription=HOSTILE).ok
    page = look(one)
    described = [row[4] for row in page.tables[MAPPINGS].rows]
    assert HOSTILE in described[0][0]
    assert len(described) == 4
    assert [tag for tag, _ in page.tags if tag in ("script", "style")] == ["style", "script"]
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
    assert "alert(2)" not in page.text


def test_headers(started):
    _, one, _ = started()
    answer = Browser(one).get()
    page = Page(answer.body)
    policy = answer.headers["content-security-policy"]
    assert policy == (
        f"default-src 'none'; style-src {page.hashes['style']}; script-src {page.hashes['script']};"
        " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    head = Browser(one).get("HEAD")
    assert head.status == 200 and head.body == ""
    assert head.headers["content-length"] == str(len(answer.body.encode()))
    assert one.request("POST", "/").status == 405


def test_other_sites_see_nothing(started):
    """SEC-WAN-14: by a name that was bound to the router's address anew, or from another origin"""
    _, one, _ = started()
    port = one.port
    for host in ("evil.example", f"evil.example:{port}", f"{ROUTER_LAN}:1", f"{LAN2}:{port}"):
        assert Browser(one).get(HOST=host).status == 403
    assert Browser(one).get(ORIGIN="http://evil.example").status == 403


def test_a_thousand_rows(started):
    """Their page comes in a second, and 100 rows have less than 60 kB"""
    _, one, other = started(mappings_per_client=2000, mappings_total=5000)
    for port in range(10000, 10100):
        assert one.add("UDP", port, PortMappingDescription="A game of the year").ok
    small = Browser(one).get()
    assert len(Page(small.body).tables[MAPPINGS].rows) == 100
    assert len(small.body.encode()) < 60_000
    for port in range(10100, 11100):
        assert one.add("UDP", port).ok
    begin = time.monotonic()
    page = look(one)
    taken = time.monotonic() - begin - 1.05
    print(f"1,100 rows in {taken:.3f} s")
    assert taken < 1
    assert len(page.tables[MAPPINGS].rows) == 1024 and "76 more are not shown here" in page.text
    begin = time.monotonic()
    assert other.add("TCP", 5000).ok
    assert time.monotonic() - begin < 1


def test_nobody_acts_without_a_password(started):
    _, one, _ = started()
    assert one.add("UDP", 3074).ok
    browser = Browser(one)
    assert "<form" not in browser.get().body
    for path in ("/sign-in", "/sign-out", "/close"):
        assert browser.post(path, password="", token="", id="1").status == 404
    assert one.specific("UDP", 3074).ok


def test_the_administrator_closes(lab, started):
    """After signing in, by the forms of the page alone; nobody guesses fast"""
    lab.add_ipv6()
    _, one, other = started(password())
    assert one.add("UDP", 3074).ok and other.add("TCP", 8080).ok
    assert one.pinhole(LAN1_6, 5000).ok
    browser = Browser(one)
    assert "Close" not in look(one).text
    assert browser.post("/sign-in", password="wrong").status == 403
    assert browser.post("/sign-in", password="secret").status == 503
    time.sleep(1.1)
    answer = browser.post("/sign-in", password="secret")
    assert answer.status == 303 and answer.headers["location"] == "/"
    assert "HttpOnly" in answer.headers["set-cookie"]
    page = browser.page()
    token = page.value("token")
    ids = [attributes["value"] for tag, attributes in page.tags if attributes.get("name") == "id"]
    assert len(ids) == 3 and token
    refused = [
        dict(headers={"ORIGIN": "http://evil.example"}, id=ids[1], token=token),
        dict(headers={"ORIGIN": None}, id=ids[1], token=token),
        dict(headers={"SEC-FETCH-SITE": "cross-site"}, id=ids[1], token=token),
        dict(headers={"COOKIE": None}, id=ids[1], token=token),
        dict(id=ids[1], token="x" * len(token)),
        dict(id=ids[1]),
    ]
    for fields in refused:
        assert browser.post("/close", **fields).status == 403, fields
    thief = Browser(other)
    thief.cookie = browser.cookie
    assert thief.post("/close", id=ids[1], token=token).status == 403
    assert browser.post("/close", id=ids[1], token=token).status == 303
    assert not other.specific("TCP", 8080).ok and one.specific("UDP", 3074).ok
    assert browser.post("/close", id=ids[2], token=token).status == 303
    assert PINHOLE_TABLE not in browser.page().tables
    assert browser.post("/close", id=ids[1], token=token).status == 409
    assert browser.post("/sign-out", token=token).status == 303
    assert browser.post("/close", id=ids[0], token=token).status == 403
    assert one.specific("UDP", 3074).ok


def test_the_administrator_says_yes(started):
    """And takes it back, which ends what the host has open (`approve`)"""
    _, one, other = started(password(), approve="new-hosts")
    assert not other.add("UDP", 3074).ok
    waiting = look(one).tables["Waiting for a yes"].rows
    assert len(waiting) == 1 and LAN2 in waiting[0][0] and "3074" in waiting[0][1][0]
    browser = Browser(one)
    assert browser.post("/sign-in", password="secret").status == 303
    token = browser.page().value("token")
    assert browser.post("/allow", host=LAN2, token="x").status == 403
    assert not other.add("UDP", 3074).ok
    assert browser.post("/allow", host=LAN2, token=token).status == 303
    assert other.add("UDP", 3074).ok
    page = browser.page()
    assert "Waiting for a yes" not in page.tables
    assert "Block" in page.tables[MAPPINGS].rows[0][6]
    assert browser.post("/block", host=LAN2, token=token).status == 303
    assert not other.specific("UDP", 3074).ok and not other.add("UDP", 3074).ok
    assert browser.post("/allow", host="80.100.100.9", token=token).status == 409
