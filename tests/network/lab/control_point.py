# SPDX-License-Identifier: GPL-2.0-or-later
"""A control point: finds the gateway from a LAN host as a program does, reads its description,
calls actions."""

import time
import urllib.parse
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .http import request
from .ssdp import newest_location
from .topology import ROUTER_LAN

DEVICE = "{urn:schemas-upnp-org:device-1-0}"
CONTROL = "{urn:schemas-upnp-org:control-1-0}"
LISTING = "{urn:schemas-upnp-org:gw:WANIPConnection}"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
WAN_IP = "urn:schemas-upnp-org:service:WANIPConnection:1"
WAN_IP2 = "urn:schemas-upnp-org:service:WANIPConnection:2"
WAN_PPP = "urn:schemas-upnp-org:service:WANPPPConnection:1"
PINHOLES = "urn:schemas-upnp-org:service:WANIPv6FirewallControl:1"
WAN_COMMON = "urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1"
LAYER3 = "urn:schemas-upnp-org:service:Layer3Forwarding:1"


@dataclass
class Service:
    type: str
    id: str
    scpd: str
    control: str
    event: str


@dataclass
class Answer:
    """An action's answer has an HTTP status, a UPnP error code (0: none), out arguments in their
    order."""

    status: int
    code: int = 0
    values: dict = field(default_factory=dict)
    text: str = ""

    @property
    def ok(self):
        return self.status == 200 and self.code == 0

    def __getitem__(self, name):
        return self.values[name]


def envelope(service_type, action, arguments):
    """arguments: a dict or a list of pairs; a pair whose value is None is left out."""
    pairs = arguments.items() if isinstance(arguments, dict) else arguments
    inside = "".join(
        f"<{name}>{escape(str(value))}</{name}>" for name, value in pairs if value is not None
    )
    return (
        f'<?xml version="1.0"?>\n<s:Envelope xmlns:s="{ENVELOPE}" '
        's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
        f'<u:{action} xmlns:u="{service_type}">{inside}</u:{action}></s:Body></s:Envelope>\r\n'
    )


class ControlPoint:
    """On `host`, a namespace; `own` is that host's address; `wan_ip` the version of WANIPConnection
    it speaks; `router` is asked."""

    def __init__(self, host, own, location=None, wan_ip=WAN_IP, router=ROUTER_LAN):
        self.host = host
        self.wan_ip = wan_ip
        self.own = own
        self.timeout = 10  # seconds for an answer
        self.location = location or self._discover(router)
        parts = urllib.parse.urlsplit(self.location)
        self.address, self.port = parts.hostname, parts.port
        self.description = self.get(parts.path).body
        self.services = {service.type: service for service in services_in(self.description)}
        if WAN_IP2 in self.services:  # whoever has version 2 answers to version 1, too
            self.services[WAN_IP] = self.services[WAN_IP2]

    def _discover(self, router):
        # Asked again as control points do: a host gets so many answers a second and no more, so it
        # may have that for version 1 alone.
        location = None
        for _ in range(3):
            location = newest_location(self.host, router) or location
            if location and (self.wan_ip == WAN_IP or location.endswith("2.xml")):
                break
            time.sleep(0.2)
        assert location, "no answer to a unicast search for upnp:rootdevice"
        return location

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def request(self, method, path, headers=None, body=b"", **options):
        options = {"timeout": self.timeout, **options}
        return request(self.host, self.address, self.port, method, path, headers, body, **options)

    def post(self, service_type, action, body, headers=None, **options):
        """A control request whose body is given as it is."""
        fields = {
            "CONTENT-TYPE": 'text/xml; charset="utf-8"',
            "SOAPACTION": f'"{service_type}#{action}"',
            **(headers or {}),
        }
        return self.request("POST", self.services[service_type].control, fields, body, **options)

    def call(self, action, arguments=(), service=WAN_IP, as_type=None):
        """`as_type`: the service type to name in the request, if not the service's own."""
        arguments = dict(arguments) if not isinstance(arguments, list) else arguments
        kind = as_type or service
        fields = {"SOAPACTION": f'"{kind}#{action}"'}
        return _answer(self.post(service, action, envelope(kind, action, arguments), fields))

    # -- what most tests ask for -------------------------------------------------------------------

    def arguments(self, protocol, external, internal=None, client=None, **changes):
        """The eight of AddPortMapping in their order; `changes` by name without New, None leaves
        one out."""
        values = {
            "RemoteHost": "",
            "ExternalPort": external,
            "Protocol": protocol,
            "InternalPort": internal or external,
            "InternalClient": client or self.own,
            "Enabled": 1,
            "PortMappingDescription": "a test",
            "LeaseDuration": 0,
            **changes,
        }
        return [("New" + name, value) for name, value in values.items()]

    def add(self, protocol, external, internal=None, client=None, **changes):
        return self.call(
            "AddPortMapping",
            self.arguments(protocol, external, internal, client, **changes),
            service=self.wan_ip,
        )

    def add_any(self, protocol, external, internal=None, client=None, **changes):
        return self.call(
            "AddAnyPortMapping",
            self.arguments(protocol, external, internal, client, **changes),
            service=self.wan_ip,
        )

    def delete(self, protocol, external, remote=""):
        return self.call(
            "DeletePortMapping",
            [("NewRemoteHost", remote), ("NewExternalPort", external), ("NewProtocol", protocol)],
            service=self.wan_ip,
        )

    def delete_range(self, protocol, start, end, manage=0):
        return self.call(
            "DeletePortMappingRange",
            [
                ("NewStartPort", start),
                ("NewEndPort", end),
                ("NewProtocol", protocol),
                ("NewManage", manage),
            ],
            service=self.wan_ip,
        )

    def list_range(self, protocol, start, end, manage=0, number=0):
        """The entries as dicts by element name without New; an Answer when there was an error."""
        answer = self.call(
            "GetListOfPortMappings",
            [
                ("NewStartPort", start),
                ("NewEndPort", end),
                ("NewProtocol", protocol),
                ("NewManage", manage),
                ("NewNumberOfPorts", number),
            ],
            service=self.wan_ip,
        )
        if not answer.ok:
            return answer
        return [
            {child.tag.removeprefix(LISTING + "New"): child.text or "" for child in entry}
            for entry in ElementTree.fromstring(answer["NewPortListing"])
        ]

    def pinhole(self, client, port, protocol=6, lease=3600, remote="", remote_port=0, **changes):
        """AddPinhole"""
        values = {
            "RemoteHost": remote,
            "RemotePort": remote_port,
            "InternalClient": client,
            "InternalPort": port,
            "Protocol": protocol,
            "LeaseTime": lease,
            **changes,
        }
        return self.call("AddPinhole", values, service=PINHOLES)

    def of_pinhole(self, action, number, **more):
        """Update, Delete, GetPinholePackets, CheckPinholeWorking"""
        return self.call(action, {"UniqueID": number, **more}, service=PINHOLES)

    def specific(self, protocol, external, remote=""):
        return self.call(
            "GetSpecificPortMappingEntry",
            [("NewRemoteHost", remote), ("NewExternalPort", external), ("NewProtocol", protocol)],
            service=self.wan_ip,
        )

    def entry(self, index):
        return self.call(
            "GetGenericPortMappingEntry", [("NewPortMappingIndex", index)], service=self.wan_ip
        )

    def listing(self):
        """All entries by index; the end must be 713 (IGD-GetGeneric-02)."""
        entries = []
        while True:
            answer = self.entry(len(entries))
            if not answer.ok:
                assert answer.code == 713, answer
                return entries
            entries.append(answer.values)


def services_in(description):
    for element in ElementTree.fromstring(description).iter(DEVICE + "service"):
        yield Service(
            *(
                element.findtext(DEVICE + name)
                for name in ("serviceType", "serviceId", "SCPDURL", "controlURL", "eventSubURL")
            )
        )


def _answer(response):
    if response.status not in (200, 500):
        return Answer(response.status, text=response.body)
    body = ElementTree.fromstring(response.body)[0]
    error = body.find(f".//{CONTROL}UPnPError")
    if error is not None:
        return Answer(
            response.status,
            int(error.findtext(CONTROL + "errorCode")),
            text=error.findtext(CONTROL + "errorDescription"),
        )
    return Answer(
        response.status, 0, {item.tag: item.text or "" for item in body[0]}, response.body
    )
