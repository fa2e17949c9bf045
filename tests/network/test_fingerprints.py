# SPDX-License-Identifier: GPL-2.0-or-later
"""Each client of lab/fingerprints.py finds the gateway as itself, is shown what it understands, and
maps a port that carries packets."""

import urllib.parse

import pytest

from lab import LAN1, ControlPoint, Echo
from lab.control_point import WAN_IP, services_in
from lab.fingerprints import CLIENTS
from lab.http import exchange
from lab.ssdp import search_first

QUERY = "urn:schemas-upnp-org:control-1-0"


class Acting:
    """A client in the house."""

    def __init__(self, client, host):
        self.client, self.host = client, host
        answer = search_first(host, [text.encode() for text in client.searches])
        location = urllib.parse.urlsplit(answer["location"])
        self.own = ControlPoint(host, LAN1, answer["location"])  # reads what the client would
        self.place = location.hostname, location.port
        self.own.description = self.read(location.path)
        self.own.services = {each.type: each for each in services_in(self.own.description)}

    def send(self, request, lines, body=b""):
        lines = [request, f"Host: {self.place[0]}:{self.place[1]}", *lines]
        return exchange(self.host, *self.place, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def read(self, path):
        answer = self.send(f"GET {path} HTTP/1.1", self.client.get)
        assert answer.status == 200, path
        return answer.body

    def call(self, action, arguments=(), kind=None):
        kind = kind or self.client.shown
        body = self.client.body(self.client.prefix, action, kind, arguments).encode()
        if kind == QUERY:
            body = body.replace(b"NewvarName", b"u:varName")
        lines = [f'SOAPAction: "{kind}#{action}"', f"Content-Length: {len(body)}"]
        lines += self.client.post
        control = self.own.services[self.client.shown].control
        return self.send(f"POST {control} HTTP/1.1", lines, body)

    def map(self, port, internal):
        values = dict(
            RemoteHost="",
            ExternalPort=port,
            Protocol="UDP",
            InternalPort=internal,
            InternalClient=LAN1,
            Enabled=1,
            PortMappingDescription=self.client.name,
            LeaseDuration=0,
        )
        order = self.client.order or list(values)
        return self.call("AddPortMapping", [(name, values[name]) for name in order])


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_client_is_shown_what_it_understands(client, point, shared_lab):
    """IGD-Quirk-01, 02, 05, 17, 18, 21, IGD-SOAP-23, SSDP-MSEARCH-08"""
    acting = Acting(client, point.host)
    assert client.shown in acting.own.services, acting.own.description
    assert (client.shown == WAN_IP) == ("WANIPConnection:2" not in acting.own.description)
    for kind in client.documents:
        assert "<scpd" in acting.read(acting.own.services[kind].scpd)
    for action in client.before:
        answer = acting.call(action)
        assert answer.status == 200 and f'"{client.shown}"' in answer.body, action
    for variable in client.queries:
        answer = acting.call("QueryStateVariable", [("varName", variable)], QUERY)
        assert answer.status == 200 and f'<u:QueryStateVariableResponse xmlns:u="{QUERY}"' in (
            answer.body
        )
    with Echo(shared_lab.lan1, 3074):
        assert not shared_lab.reaches("UDP", 40001)
        assert acting.map(40001, 3074).status == 200
        assert shared_lab.reaches("UDP", 40001)
        key = [("RemoteHost", ""), ("ExternalPort", 40001), ("Protocol", "UDP")]
        entry = acting.call("GetSpecificPortMappingEntry", key)
        assert entry.status == 200 and client.name in entry.body
        assert acting.call("DeletePortMapping", key).status == 200
        assert acting.call("GetSpecificPortMappingEntry", key).status == 500
        assert not shared_lab.reaches("UDP", 40001)
