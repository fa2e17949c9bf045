# SPDX-License-Identifier: GPL-2.0-or-later
"""One device, three trees: which description a search leads to, and what is called by its names."""

import re
import urllib.parse

import pytest
from test_description import VERSION1, VERSION2, tree, udns

from lab import LAN1, ROUTER_LAN, ControlPoint, Echo, Subscriber, search
from lab.control_point import LAYER3, PINHOLES, WAN_PPP

IGD1 = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
IGD2 = IGD1.replace(":1", ":2")


@pytest.mark.parametrize("setting", ["auto", 2])
def test_what_igd_version_shows_whom(lab, setting):
    """SSDP-MSEARCH-08: with auto version 2 is shown to those who ask for it, with 2 to those who do
    not ask for version 1"""
    lab.daemon(igd_version=setting).start()
    point = ControlPoint(lab.lan1, LAN1)
    usual = VERSION1 if setting == "auto" else VERSION2
    shown = {IGD1: VERSION1, IGD2: VERSION2, "upnp:rootdevice": usual, LAYER3: usual}
    shown |= {f"uuid:{udns(point.description)[1]}": usual, PINHOLES: VERSION2}
    for target, expected in shown.items():
        (answer,) = search(lab.lan1, target, to=(ROUTER_LAN, 1900), mx=None, expect=1)
        path = urllib.parse.urlsplit(answer["location"]).path
        assert tree(point.get(path).body) == expected, target
        config = re.search(r'configId="(\d+)"', point.get(path).body)[1]
        assert answer["configid.upnp.org"] == config, target
    answers = search(lab.lan1, "ssdp:all", to=(ROUTER_LAN, 1900), mx=None, timeout=0.3)
    assert len(answers) == len(usual[2][1]) + 9
    for path, version in {"/rootDesc.xml": 1, "/rootDesc2.xml": 2, "/rootDescPPP.xml": 1}.items():
        found = ControlPoint(lab.lan1, LAN1, f"http://{ROUTER_LAN}:{point.port}{path}")
        named = found.call("GetDefaultConnectionService", service=LAYER3)
        assert f":WANConnectionDevice:{version}," in named["NewDefaultConnectionService"], path


def test_who_knows_nothing_but_wan_ppp_maps_a_port(point, shared_lab):
    """IGD-Quirk-06, IGD-WANPPP-01, 03, 05, 06, 07: by its search, its description and its name"""
    (found,) = search(point.host, WAN_PPP, to=(ROUTER_LAN, 1900), mx=None, expect=1)
    old = ControlPoint(point.host, point.own, found["location"], wan_ip=WAN_PPP)
    assert tree(old.description) == [*VERSION1[:2], (VERSION1[2][0], [WAN_PPP])]
    assert udns(old.description) == udns(point.description)
    with Subscriber(old) as subscriber:
        assert subscriber.subscribe(WAN_PPP).status == 200
        subscriber.wait_for(lambda event: event.sequence == 0, "the initial one")
        assert old.add("TCP", 40001, 5000).ok
        subscriber.wait_for(
            lambda event: event.values.get("PortMappingNumberOfEntries") == "1", "the mapping"
        )
    assert point.specific("TCP", 40001)["NewInternalClient"] == LAN1
    with Echo(shared_lab.lan1, 5000):
        assert shared_lab.reaches("TCP", 40001)
    number = old.call("GetPortMappingNumberOfEntries", service=WAN_PPP)
    assert number["NewPortMappingNumberOfEntries"] == "1"
    assert f'xmlns:u="{WAN_PPP}"' in number.text
    info = old.call("GetConnectionTypeInfo", service=WAN_PPP)
    assert info["NewConnectionType"] == "IP_Routed"
    rates = old.call("GetLinkLayerMaxBitRates", service=WAN_PPP)
    assert list(rates.values) == ["NewUpstreamMaxBitRate", "NewDownstreamMaxBitRate"]
    assert old.delete("TCP", 40001).ok and point.listing() == []
