# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's page as a browser reads it."""

import base64
import hashlib
import html.parser
import urllib.parse
from dataclasses import dataclass, field


@dataclass
class Table:
    caption: str = ""
    head: list = field(default_factory=list)
    rows: list = field(default_factory=list)  # of texts, a line for each element of a cell


class Page(html.parser.HTMLParser):
    """`tags` are all that there are, each with its attributes; `tables`, by caption without its
    number; `hashes`, what a Content-Security-Policy has to name."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.tables, self.hashes, self.text = [], {}, {}, ""
        self._table = self._cell = self._raw = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "table":
            self._table = Table()
        elif tag == "tr" and self._table:
            self._table.rows.append([])
        elif tag in ("td", "th", "caption"):
            self._cell = [""]
        elif tag in ("small", "b", "button") and self._cell is not None:
            self._cell.append("")
        if tag in ("style", "script"):
            self._raw = tag

    def handle_endtag(self, tag):
        if tag in ("td", "th", "caption"):
            texts = [text.strip() for text in self._cell if text.strip()]
            self._cell = None
            if tag == "caption":
                self._table.caption = texts[0].partition(":")[0]
            elif tag == "th":
                self._table.head.append(texts[0])
            else:
                self._table.rows[-1].append(texts)
        elif tag == "table":
            self._table.rows = [row for row in self._table.rows if row]
            self.tables[self._table.caption] = self._table
            self._table = None
        self._raw = None if tag == self._raw else self._raw

    def handle_data(self, data):
        if self._raw:
            digest = hashlib.sha256(data.encode()).digest()
            self.hashes[self._raw] = f"'sha256-{base64.b64encode(digest).decode()}'"
            return
        self.text += data
        if self._cell is not None:
            self._cell[-1] += data

    def value(self, name):
        """The value of the first field of that name; None: there is none."""
        fields = (attributes for tag, attributes in self.tags if tag == "input")
        return next((each["value"] for each in fields if each.get("name") == name), None)


class Browser:
    """Loads the page and sends its forms, with cookies and with the headers of a browser."""

    def __init__(self, point):
        self.point, self.cookie = point, None
        self.origin = f"http://{point.address}:{point.port}"

    def get(self, method="GET", **headers):
        return self.point.request(method, "/", {"COOKIE": self.cookie, **headers})

    def page(self):
        answer = self.get()
        assert answer.status == 200, answer
        return Page(answer.body)

    def post(self, path, headers=None, **fields):
        answer = self.point.request(
            "POST",
            path,
            {
                "CONTENT-TYPE": "application/x-www-form-urlencoded",
                "ORIGIN": self.origin,
                "SEC-FETCH-SITE": "same-origin",
                "COOKIE": self.cookie,
                **(headers or {}),
            },
            urllib.parse.urlencode(fields),
        )
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer
