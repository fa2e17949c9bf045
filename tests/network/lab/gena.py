# SPDX-License-Identifier: GPL-2.0-or-later
"""An event subscriber on a LAN host: subscribes, listens, keeps what it was told."""

import re
import socket
from dataclasses import dataclass
from xml.etree import ElementTree

from .reader import Reader
from .waiting import wait_until

EVENT = "{urn:schemas-upnp-org:event-1-0}"


@dataclass
class Event:
    sid: str
    sequence: int
    values: dict


class Subscriber(Reader):
    """Listens on a port of its own; `events` holds what came, oldest first, and `senders` from
    which addresses."""

    def __init__(self, point):
        self.point = point
        self.events = []
        self.senders = set()
        six = ":" in point.own
        listener = point.host.socket(
            socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM
        )
        listener.bind((point.own, 0, 0, point.host.interface()) if six else (point.own, 0))
        listener.listen(512)
        own = f"[{point.own}]" if six else point.own
        self.callback = f"http://{own}:{listener.getsockname()[1]}/events"
        super().__init__([listener], self._serve)

    def subscribe(self, service, callback=None, timeout="Second-1800", **headers):
        """The response; a header of None is left out."""
        fields = {
            "CALLBACK": callback or f"<{self.callback}>",
            "NT": "upnp:event",
            "TIMEOUT": timeout,
            **headers,
        }
        return self.point.request("SUBSCRIBE", self.point.services[service].event, fields)

    def renew(self, service, sid, **headers):
        return self.point.request(
            "SUBSCRIBE",
            self.point.services[service].event,
            {"SID": sid, "TIMEOUT": "Second-1800", **headers},
        )

    def unsubscribe(self, service, sid):
        return self.point.request("UNSUBSCRIBE", self.point.services[service].event, {"SID": sid})

    def wait_for(self, condition, what, timeout=3):
        """The first event for which `condition` holds."""
        return wait_until(
            lambda: next(filter(condition, list(self.events)), None),
            timeout,
            f"event: {what}; came: {self.events}",
        )

    def _serve(self, listener):
        connection, sender = listener.accept()
        self.senders.add(sender[0])
        with connection:
            connection.settimeout(3)
            self._receive(connection)

    def _receive(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?im)^content-length:\s*(\d+)", head).group(1))
        while len(body) < length:
            body += connection.recv(65536)
        self.events.append(_event(head.decode("latin-1"), body.decode()))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def _event(head, body):
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
    }
    assert (
        head.startswith("NOTIFY ")
        and fields["nt"] == "upnp:event"
        and fields["nts"] == "upnp:propchange"
    ), head
    values = {
        item.tag: item.text or ""
        for item in (entry[0] for entry in ElementTree.fromstring(body).iter(EVENT + "property"))
    }
    return Event(fields["sid"], int(fields["seq"]), values)
