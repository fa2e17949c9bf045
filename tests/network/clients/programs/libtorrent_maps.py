# SPDX-License-Identifier: GPL-2.0-or-later
"""libtorrent, with one of its two ways to map a port: enable_upnp or enable_natpmp (PCP first)."""

import sys

import libtorrent

endpoint, way = sys.argv[1:]
settings = {"enable_upnp": False, "enable_natpmp": False, "enable_dht": False, "enable_lsd": False}
session = libtorrent.session({**settings, "listen_interfaces": endpoint, way: True})
sys.stdin.readline()
del session
