# SPDX-License-Identifier: GPL-2.0-or-later
"""libnice (calls and conferences): an agent that gathers candidates, also from the gateway."""

import gi

gi.require_version("Nice", "0.1")
from gi.repository import GLib, Nice  # noqa: E402

loop = GLib.MainLoop()
agent = Nice.Agent.new(loop.get_context(), Nice.Compatibility.RFC5245)
agent.set_property("upnp", True)
agent.set_property("upnp-timeout", 10000)
stream = agent.add_stream(1)
agent.gather_candidates(stream)


def remove(*_):
    agent.remove_stream(stream)
    GLib.timeout_add(1000, loop.quit)


GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IO_IN, remove)
loop.run()
