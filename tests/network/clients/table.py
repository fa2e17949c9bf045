# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs that people use, each with what runs it and the ports that it is to get."""

from dataclasses import dataclass, field

ANY = 0  # a port of the program's own choice


@dataclass
class Client:
    """In `command` and `files` stand {own} for the host's address, {home} for an empty folder,
    {programs}, {npm} and {go} for the folders of the drivers, {java} and {python} for these."""

    name: str
    command: str  # for the shell; it becomes the program
    ports: set  # (protocol, internal port)
    serves: bool = False  # listens at its ports itself
    end: str = "line"  # how it is told to leave: a line on standard input, SIGTERM, or "itself"
    leaves: bool = True  # deletes what it has mapped
    files: dict = field(default_factory=dict)
    needs: tuple = ()  # "npm", "go": what has to be made before


def both(port):
    return {("TCP", port), ("UDP", port)}


UPNPC = """for protocol in TCP UDP; do upnpc -a {own} 40001 40001 $protocol || exit; done
read line
for protocol in TCP UDP; do upnpc -d 40001 $protocol; done"""
NATPMPC = """for protocol in tcp udp; do natpmpc -a 40002 40002 $protocol 600 || exit; done
read line
for protocol in tcp udp; do natpmpc -a 0 40002 $protocol 0; done"""
QBITTORRENT = """[LegalNotice]
Accepted=true
[BitTorrent]
Session\\Port=51414
"""
DELUGE = """{"file": 1, "format": 1}{"random_port": false, "listen_ports": [51415, 51415]}"""
AMULE = """[eMule]
Port=4662
UDPPort=4672
UPnPEnabled=1
UPnPTCPPort=50000
Autoconnect=0
ConnectToKad=0
ConnectToED2K=0
TempDir={home}/.aMule/Temp
IncomingDir={home}/.aMule/Incoming
[ExternalConnect]
AcceptExternalConnections=1
ECPassword=5ebe2294ecd0e0f08eab7690d2a6ee69
"""
EISKALT = """<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<DCPlusPlus><Settings>
<IncomingConnections type="int">1</IncomingConnections>
<InPort type="int">51416</InPort><UDPPort type="int">51416</UDPPort>
</Settings></DCPlusPlus>
"""

CLIENTS = (
    Client("upnpc", UPNPC, both(40001)),
    Client("natpmpc", NATPMPC, both(40002)),
    Client("gupnp-tools", "exec {python} {programs}/gupnp_maps.py {own}", both(40005)),
    Client("libgupnp-igd", "exec {python} {programs}/libgupnp_igd.py {own}", both(40004)),
    Client("libnice", "exec {python} {programs}/libnice.py", {("UDP", ANY)}, serves=True),
    Client(
        "libtorrent",
        "exec {python} {programs}/libtorrent_maps.py {own}:6881 enable_upnp",
        both(6881),
        serves=True,
    ),
    Client(
        "libtorrent (PCP)",
        "exec {python} {programs}/libtorrent_maps.py {own}:6882 enable_natpmp",
        both(6882),
        serves=True,
    ),
    Client(
        "transmission-daemon",
        "exec transmission-daemon -f -g {home} -P 51413",
        both(51413),
        serves=True,
        end="term",
    ),
    Client(
        "qbittorrent-nox",
        "exec qbittorrent-nox --profile={home}",
        both(51414),
        serves=True,
        end="term",
        files={"qBittorrent/config/qBittorrent.conf": QBITTORRENT},
    ),
    Client(
        "deluged",
        "exec deluged -d -c {home}",
        both(51415),
        serves=True,
        end="term",
        files={"core.conf": DELUGE},
    ),
    Client(
        "syncthing",
        "exec syncthing -no-browser -home {home}",
        {("TCP", 22000)},
        serves=True,
        end="term",
        leaves=False,
    ),
    Client(
        "amuled",
        "mkdir {home}/.aMule/Temp {home}/.aMule/Incoming; exec amuled",
        {("TCP", 4662), ("UDP", 4665), ("UDP", 4672)},
        serves=True,
        end="term",
        files={".aMule/amule.conf": AMULE},
    ),
    Client(
        "i2pd",
        "exec i2pd --datadir={home} --upnp.enabled=1 --port=51417",
        both(51417),
        serves=True,
        end="term",
        leaves=False,
    ),
    Client(
        "eiskaltdcpp-daemon",
        "exec eiskaltdcpp-daemon -c {home} -l {home}",
        both(51416),
        serves=True,
        end="term",
        leaves=False,
        files={"DCPlusPlus.xml": EISKALT},
    ),
    # Its own example: it maps a port, waits ten seconds and deletes the mapping.
    Client(
        "weupnp",
        "exec {java} -cp /usr/share/java/weupnp.jar org.bitlet.weupnp.Main",
        {("TCP", 6991)},
        end="itself",
    ),
    Client("nat-upnp", "exec node {npm}/nat_upnp.js", both(40006), needs=("npm",)),
    Client("nat-api", "exec node {npm}/nat_api.js", both(40007), needs=("npm",)),
    Client(
        "nat-port-mapper",
        "exec node {npm}/nat_port_mapper.mjs {own}",
        both(40008),
        leaves=False,  # it deletes without naming a protocol
        needs=("npm",),
    ),
    Client("Net::UPnP", "exec perl {programs}/net_upnp.pl {own}", both(40009)),
    Client("goupnp", "exec {go}/goupnp {own}", both(40010), needs=("go",)),
    Client("go-nat-pmp", "exec {go}/go_nat_pmp 192.168.50.1", both(40011), needs=("go",)),
)
