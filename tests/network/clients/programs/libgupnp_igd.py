# SPDX-License-Identifier: GPL-2.0-or-later
"""The library of Empathy, Pidgin and libnice."""

import sys

import gi

for version in "1.0", "1.6":  # its major version changed with Debian 13
    try:
        gi.require_version("GUPnPIgd", version)
        break
    except ValueError:
        continue
from gi.repository import GLib, GUPnPIgd  # noqa: E402

ADDRESS = sys.argv[1]
loop = GLib.MainLoop()
client = GUPnPIgd.SimpleIgd()


def remove(*_):
    for protocol in "TCP", "UDP":
        client.remove_port(protocol, 40004)
    GLib.timeout_add(500, loop.quit)


for protocol in "TCP", "UDP":
    client.add_port(protocol, 40004, ADDRESS, 40004, 600, "gupnp")
GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IO_IN, remove)
loop.run()
