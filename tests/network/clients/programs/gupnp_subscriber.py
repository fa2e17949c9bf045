# SPDX-License-Identifier: GPL-2.0-or-later
"""A control point made with GUPnP: finds WANIPConnection over IPv4 or IPv6, subscribes, and says
how many mappings each event tells. It subscribes anew for each line on standard input."""

import sys

import gi

gi.require_version("GUPnP", "1.6")
gi.require_version("GSSDP", "1.6")
from gi.repository import Gio, GLib, GSSDP, GUPnP  # noqa: E402

loop = GLib.MainLoop()
found = []


def changed(_proxy, _variable, value, *_):
    print(value, flush=True)


def lost(*_):
    print("lost", flush=True)


def available(_, proxy):
    found.append(proxy)
    proxy.add_notify("PortMappingNumberOfEntries", int, changed, None)
    proxy.connect("subscription-lost", lost)
    proxy.set_subscribed(True)


def again(*_):
    if not sys.stdin.readline():
        loop.quit()
        return False
    for proxy in found:
        proxy.set_subscribed(False)
        proxy.set_subscribed(True)
    return True


address = Gio.InetAddress.new_from_string(sys.argv[1])
context = GUPnP.Context.new_full("eth0", address, 0, GSSDP.UDAVersion.VERSION_1_0)
point = GUPnP.ControlPoint.new(context, "urn:schemas-upnp-org:service:WANIPConnection:1")
point.connect("service-proxy-available", available)
point.set_active(True)
GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IO_IN, again)
loop.run()
