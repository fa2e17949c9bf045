# SPDX-License-Identifier: GPL-2.0-or-later
"""A small network in namespaces with the real daemon on its router; tests/README.md has the
drawing."""

from .control_point import ControlPoint, Service
from .daemon import Daemon, StartFailed
from .double_nat import (
    FAR_HOST,
    LOWER_WAN,
    STRANGER,
    TOP_WAN,
    UPPER_LAN,
    UPPER_WAN,
    DoubleNat,
)
from .gena import Subscriber
from .http import request
from .outer_nat import CARRIER, OUTER, STUN_HOST, OuterNat
from .port_control import Announcements, PortControlClient
from .ssdp import Capture, search, search_many
from .stun_server import StunServer
from .topology import (
    GUEST,
    INNER,
    LAN1,
    LAN1_6,
    LAN2,
    LAN2_6,
    ROUTER_GUEST,
    ROUTER_LAN,
    ROUTER_LAN6,
    ROUTER_SECOND,
    ROUTER_WAN,
    SECOND,
    WAN_HOST,
    WAN_HOST6,
    Lab,
    sweep,
)
from .traffic import Echo, Mirror
from .waiting import wait_until

__all__ = [
    "Announcements",
    "CARRIER",
    "Capture",
    "ControlPoint",
    "Daemon",
    "DoubleNat",
    "Echo",
    "FAR_HOST",
    "GUEST",
    "INNER",
    "LAN1",
    "LAN1_6",
    "LAN2",
    "LAN2_6",
    "LOWER_WAN",
    "Lab",
    "Mirror",
    "OUTER",
    "OuterNat",
    "PortControlClient",
    "ROUTER_GUEST",
    "ROUTER_LAN",
    "ROUTER_LAN6",
    "ROUTER_SECOND",
    "ROUTER_WAN",
    "SECOND",
    "STRANGER",
    "STUN_HOST",
    "Service",
    "StartFailed",
    "StunServer",
    "Subscriber",
    "TOP_WAN",
    "UPPER_LAN",
    "UPPER_WAN",
    "WAN_HOST",
    "WAN_HOST6",
    "request",
    "search",
    "search_many",
    "sweep",
    "wait_until",
]
