# SPDX-License-Identifier: GPL-2.0-or-later
"""HTTP by hand: nothing is made right on the way, so that a test can send what is wrong."""

import socket
import time
from dataclasses import dataclass, field


@dataclass
class Response:
    status: int
    headers: dict = field(default_factory=dict)  # names in lower case
    body: str = ""


def request(
    host, address, port, method, path, headers=None, body=b"", timeout=10, version="HTTP/1.1"
):
    """One request on a connection of its own. `host` is the namespace it comes from. A HOST header
    and CONTENT-LENGTH are added unless `headers` names them; a value of None leaves one out."""
    body = body.encode() if isinstance(body, str) else body
    fields = {
        "HOST": f"[{address}]:{port}" if ":" in address else f"{address}:{port}",
        "CONTENT-LENGTH": str(len(body)),
        "CONNECTION": "close",
    }
    fields.update({name.upper(): value for name, value in (headers or {}).items()})
    if method in ("GET", "HEAD", "SUBSCRIBE", "UNSUBSCRIBE") and not body:
        fields["CONTENT-LENGTH"] = None
    lines = [f"{method} {path} {version}"] + [
        f"{k}: {v}" for k, v in fields.items() if v is not None
    ]
    return exchange(host, address, port, "\r\n".join(lines).encode() + b"\r\n\r\n" + body, timeout)


def exchange(host, address, port, data, timeout=10):
    """Sends `data`, reads to the end of the answer. Raises OSError when nothing listens or
    answers."""
    six = ":" in address
    with host.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        connection.connect((address, port, 0, host.interface()) if six else (address, port))
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before it was all sent; the answer may be there nevertheless
        return _read(connection, timeout)


def _read(connection, timeout):
    end = time.monotonic() + timeout
    data = b""
    while time.monotonic() < end:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            break
        data += piece
        if not piece or _complete(data):
            break
    if not data:
        raise ConnectionError("closed without an answer")
    return _parse(data)


def _complete(data):
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return False
    length = _headers(head).get("content-length")
    return length is not None and len(body) >= int(length)


def _headers(head):
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }


def _parse(data):
    head, _, body = data.partition(b"\r\n\r\n")
    headers = _headers(head)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = _unchunk(body)
    return Response(int(head.split(b" ", 2)[1]), headers, body.decode("utf-8"))


def _unchunk(data):
    body = b""
    while data:
        size, _, rest = data.partition(b"\r\n")
        length = int(size.split(b";")[0] or b"0", 16)
        if length == 0:
            break
        body, data = body + rest[:length], rest[length + 2 :]
    return body
