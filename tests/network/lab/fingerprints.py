# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients as they are on the wire: each one's searches, the headers of its GETs and POSTs, its
documents in their order and its SOAP bodies. Each says where that is known from."""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from .control_point import PINHOLES, WAN_IP, WAN_IP2, WAN_PPP

IGD1 = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
IGD2 = IGD1.replace(":1", ":2")
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
TYPES = {"ExternalPort": "ui2", "InternalPort": "ui2", "Enabled": "boolean", "LeaseDuration": "ui4"}


def search_of_windows(target):
    """Windows, and Apple's imitation of it."""
    return (
        f"M-SEARCH * HTTP/1.1\r\nHost:239.255.255.250:1900\r\nST:{target}\r\n"
        'Man:"ssdp:discover"\r\nMX:3\r\n\r\n'
    )


def search_of_miniupnpc(target, mx=2):
    return (
        f"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nST: {target}\r\n"
        f'MAN: "ssdp:discover"\r\nMX: {mx}\r\n\r\n'
    )


def plain(prefix, action, kind, arguments):
    """`prefix` of the envelope, and after a blank that of the action."""
    envelope, inner = prefix.split()
    inside = "".join(f"<New{name}>{escape(str(value))}</New{name}>" for name, value in arguments)
    return (
        f'<?xml version="1.0"?>\r\n<{envelope}:Envelope '
        f'xmlns:{envelope}="http://schemas.xmlsoap.org/soap/envelope/" '
        f'{envelope}:encodingStyle="{ENCODING}"><{envelope}:Body>'
        f'<{inner}:{action} xmlns:{inner}="{kind}">{inside}</{inner}:{action}>'
        f"</{envelope}:Body></{envelope}:Envelope>\r\n"
    )


def typed(prefix, action, kind, arguments):
    """With Microsoft's data types at each argument."""
    envelope, inner = prefix.split()
    datatypes = 'xmlns:dt="urn:schemas-microsoft-com:datatypes"'
    inside = "".join(
        f'<New{name} {datatypes} dt:dt="{TYPES.get(name, "string")}">{escape(str(value))}'
        f"</New{name}>"
        for name, value in arguments
    )
    return (
        f'<?xml version="1.0"?>\r\n<{envelope}:Envelope '
        f'xmlns:{envelope}="http://schemas.xmlsoap.org/soap/envelope/" '
        f'{envelope}:encodingStyle="{ENCODING}"><{envelope}:Body>'
        f'<{inner}:{action} xmlns:{inner}="{kind}">{inside}</{inner}:{action}>'
        f"</{envelope}:Body></{envelope}:Envelope>\r\n\r\n"
    )


@dataclass
class Client:
    name: str
    source: str
    searches: list  # of each datagram; the first one that is answered counts
    get: list  # header lines beside HOST
    post: list  # header lines beside HOST, SOAPACTION and CONTENT-LENGTH
    body: object = plain
    prefix: str = "s u"
    shown: str = WAN_IP  # the service that it is to find, and calls
    documents: list = field(default_factory=list)  # further ones that it reads, by service type
    before: list = field(default_factory=list)  # actions without arguments before it maps
    queries: list = field(default_factory=list)  # state variables that it asks for
    order: list = None  # of the arguments; None: the standard's


WINDOWS_XP = "User-Agent: Mozilla/4.0 (compatible; UPnP/1.0; Windows {})"
NO_CACHE = ["Cache-Control: no-cache", "Connection: Close", "Pragma: no-cache"]
TEXT = 'Content-Type: text/xml; charset="utf-8"'
ACCEPT = "Accept: text/xml, application/xml"
TEREDO = ["GetExternalIPAddress"]
HASHED = [  # Java's HashMap
    *("Protocol", "InternalClient", "Enabled", "ExternalPort", "LeaseDuration", "InternalPort"),
    *("RemoteHost", "PortMappingDescription"),
]
LAYER3 = "urn:schemas-upnp-org:service:Layer3Forwarding:1"
COMMON = "urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1"
EVERYTHING = [LAYER3, COMMON, WAN_IP]


def windows(name, agent, reader, source, **more):
    return Client(
        name,
        source,
        searches=[search_of_windows(IGD1)],
        get=[*NO_CACHE, ACCEPT, f"User-Agent: {reader}"],
        post=[*NO_CACHE, TEXT, f"User-Agent: {agent}"],
        body=typed,
        prefix="SOAP-ENV m",
        **more,
    )


CLIENTS = [
    Client(
        "PlayStation 4",
        "no User-Agent at all: OpenWrt's patch 10 of miniupnpd; opnsense/plugins pull request 5005",
        searches=[search_of_miniupnpc(IGD1)],
        get=["Connection: close"],
        post=["Connection: close", TEXT],
        before=["GetExternalIPAddress"],
    ),
    Client(
        "Xbox 360",
        "User-Agent as media servers match it (fuppes, xupnpd); Teredo's calls: miniupnp issue 519",
        searches=[search_of_windows(IGD1)],
        get=["User-Agent: Xbox/2.0.17559.0 UPnP/1.0 Xbox/2.0.17559.0", "Connection: Keep-alive"],
        post=["User-Agent: Xbox/2.0.17559.0 UPnP/1.0 Xbox/2.0.17559.0", TEXT],
        body=typed,
        prefix="SOAP-ENV m",
        before=TEREDO,
    ),
    windows(
        "Xbox One",
        "Microsoft-Windows/10.0 UPnP/1.0",
        "Microsoft-Windows/10.0 UPnP/1.0",
        "miniupnp issues 167 and 519",
        before=TEREDO,
    ),
    windows(
        "Windows XP",
        WINDOWS_XP.format("9x").partition(" ")[2],
        WINDOWS_XP.format("NT/5.1").partition(" ")[2],
        "what mDNSResponder imitates; presentationURL and Layer3Forwarding: miniupnpd's changelog",
        documents=EVERYTHING,
    ),
    windows(
        "Windows 7",
        "Microsoft-Windows/6.1 UPnP/1.0",
        "Microsoft-Windows/6.1 UPnP/1.0",
        "captured requests for igd.xml, l3f.xml, ifc.xml and ipc.xml of a router, in this order",
        documents=EVERYTHING,
    ),
    windows(
        "Windows 10",
        "Microsoft-Windows/10.0 UPnP/1.0",
        "FDSSDP",
        "miniupnpd's upnphttp.c; miniupnp issue 539",
        documents=EVERYTHING,
    ),
    Client(
        "macOS (mDNSResponder)",
        "mDNSResponder, LegacyNATTraversal.c",
        searches=[search_of_windows(WAN_IP)],
        get=[ACCEPT, WINDOWS_XP.format("NT/5.1"), "Connection: close"],
        post=[TEXT, WINDOWS_XP.format("9x"), "Connection: close", "Pragma: no-cache"],
        body=typed,
        prefix="SOAP-ENV m",
    ),
    Client(
        "Cling",
        "Cling 2.0, core: ssdp:all by default, types compared with those of version 1",
        searches=[
            'M-SEARCH * HTTP/1.1\r\nMX: 3\r\nST: ssdp:all\r\nMAN: "ssdp:discover"\r\n'
            "HOST: 239.255.255.250:1900\r\n\r\n"
        ],
        get=["User-Agent: Linux/5.10 UPnP/1.0 Cling/2.0", "Connection: keep-alive"],
        post=["User-Agent: Linux/5.10 UPnP/1.0 Cling/2.0", TEXT],
        documents=EVERYTHING,
    ),
    Client(
        "weupnp (Java)",
        "weupnp 0.1.4, GatewayDiscover.java and GatewayDevice.java",
        searches=[search_of_miniupnpc(target, 2) for target in (IGD1, WAN_IP, WAN_PPP)],
        get=["User-Agent: Java/17.0.9", "Accept: text/html, image/gif, image/jpeg, */*; q=.2"],
        post=["Content-Type: text/xml", "Connection: Close", "User-Agent: Java/17.0.9"],
        prefix="SOAP-ENV m",
        before=["GetStatusInfo", "GetExternalIPAddress", "GetPortMappingNumberOfEntries"],
        order=HASHED,
    ),
    Client(
        "aMule (libupnp)",
        "aMule 2.3.3, UPnPBase.cpp: AddPortMappings; libupnp 1.14, ssdp_ctrlpt.c",
        searches=[
            'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n'
            f"MX: 3\r\nST: {target}\r\n"
            "USER-AGENT: Linux/6.1.0, UPnP/1.0, Portable SDK for UPnP devices/1.14.13\r\n\r\n"
            for target in (IGD1, LAYER3, WAN_IP, WAN_PPP)
        ],
        get=["USER-AGENT: Linux/6.1.0, UPnP/1.0, Portable SDK for UPnP devices/1.14.13"],
        post=["USER-AGENT: Linux/6.1.0, UPnP/1.0, Portable SDK for UPnP devices/1.14.13", TEXT],
        queries=[
            *("ConnectionType", "PossibleConnectionTypes", "ConnectionStatus", "Uptime"),
            *("LastConnectionError", "RSIPAvailable", "NATEnabled", "ExternalIPAddress"),
            *("PortMappingNumberOfEntries", "PortMappingLeaseDuration"),
        ],
        documents=EVERYTHING,
    ),
    Client(
        "libtorrent",
        "libtorrent 2.0, upnp.cpp: no User-Agent",
        searches=[
            "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nST:upnp:rootdevice\r\n"
            'MAN:"ssdp:discover"\r\nMX:3\r\n\r\n'
        ],
        get=["Connection: close"],
        post=['Content-Type: text/xml; charset="utf-8"'],
        before=["GetExternalIPAddress"],
    ),
    Client(
        "Open.NAT (.NET)",
        "Open.NAT 2.1, UpnpSearcher.cs and SoapClient.cs: no User-Agent, version 2 first",
        searches=[
            'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 3\r\n'
            f"ST: {target}\r\n\r\n"
            for target in (WAN_IP2, WAN_PPP.replace(":1", ":2"), WAN_IP, WAN_PPP)
        ],
        get=["ACCEPT-LANGUAGE: en", "Connection: Keep-Alive"],
        post=['Content-Type: text/xml; charset="utf-8"'],
        shown=WAN_IP2,
        before=["GetExternalIPAddress"],
    ),
    Client(
        "Nicotine+",
        "Nicotine+ 3.2, pynicotine/portmapper.py: all searches at once, version 2 first",
        searches=[search_of_miniupnpc(t, 1) for t in (IGD2, WAN_IP2, IGD1, WAN_IP, WAN_PPP)],
        get=["Accept-Encoding: identity", "User-Agent: Python-urllib/3.11", "Connection: close"],
        post=["Content-Type: text/xml; charset=utf-8", "Connection: close"],
        shown=WAN_IP2,
    ),
    Client(
        "miniupnpc",
        "miniupnpc 2.2.4: it searches for version 1 alone, and takes the version that it finds",
        searches=[search_of_miniupnpc(IGD1)],
        get=["Connection: Close", "User-Agent: Debian/12, UPnP/1.1, MiniUPnPc/2.2.4"],
        post=["User-Agent: Debian/12, UPnP/1.1, MiniUPnPc/2.2.4", "Content-Type: text/xml"],
        shown=WAN_IP2,
        documents=[PINHOLES],
        before=["GetStatusInfo", "GetExternalIPAddress"],
    ),
]
