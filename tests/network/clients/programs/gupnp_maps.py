# SPDX-License-Identifier: GPL-2.0-or-later
"""GUPnP, the library of gupnp-tools: calls actions as gupnp-universal-cp does on a click."""

import sys

import gi

gi.require_version("GUPnP", "1.6")
from gi.repository import GLib, GUPnP  # noqa: E402

ADDRESS = sys.argv[1]
loop = GLib.MainLoop()
found = []


def call(name, **arguments):
    names = ["New" + key for key in arguments]
    action = GUPnP.ServiceProxyAction.new_from_list(name, names, list(arguments.values()))
    found[0].call_action(action, None)


def available(_, proxy):
    found.append(proxy)
    if len(found) > 1:
        return
    for protocol in "TCP", "UDP":
        call(
            "AddPortMapping",
            RemoteHost="",
            ExternalPort=40005,
            Protocol=protocol,
            InternalPort=40005,
            InternalClient=ADDRESS,
            Enabled=True,
            PortMappingDescription="GUPnP",
            LeaseDuration=600,
        )


def remove(*_):
    for protocol in "TCP", "UDP":
        call("DeletePortMapping", RemoteHost="", ExternalPort=40005, Protocol=protocol)
    loop.quit()


context = GUPnP.Context.new("eth0", 0)
point = GUPnP.ControlPoint.new(context, "urn:schemas-upnp-org:service:WANIPConnection:1")
point.connect("service-proxy-available", available)
point.set_active(True)
GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IO_IN, remove)
loop.run()
