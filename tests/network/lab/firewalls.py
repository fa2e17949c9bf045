# SPDX-License-Identifier: GPL-2.0-or-later
"""Everybody's firewall on the lab's router: each as its users set it up, with its own tool. Each
lets the LAN out and nothing in, but answers and what Internet hosts are to reach at the
administrator's own port."""

import contextlib
import pathlib

from .toolbox import Toolbox
from .topology import LAN2
from .waiting import wait_until

ADMIN_PORT = 2222  # the administrator's own way in to the second LAN host
PYTHON = "/usr/bin/python3"
INIT = pathlib.Path(__file__).resolve().parents[3] / "init"

NFT = """table ip admin {{
    chain prerouting {{
        type nat hook prerouting priority dstnat; policy accept;
        iifname "wan0" tcp dport {port} dnat to {host}:7000
    }}
    chain postrouting {{
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan0" masquerade
    }}
}}
table inet filter {{
{chains}
}}
"""
IPTABLES_NAT = f"""*nat
:PREROUTING ACCEPT
:INPUT ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
-A PREROUTING -i wan0 -p tcp --dport {ADMIN_PORT} -j DNAT --to-destination {LAN2}:7000
-A POSTROUTING -o wan0 -j MASQUERADE
COMMIT
"""
LET_ADMIN_IN = f"-d {LAN2} -p tcp --dport 7000 -j ACCEPT"
ESTABLISHED = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"


def nft(router, chains):
    router.run("nft", "-f", "-", input=NFT.format(port=ADMIN_PORT, host=LAN2, chains=chains))


def forward_chain(*rules, policy="drop"):
    lines = "\n        ".join(rules)
    return (
        "    chain forward {\n        type filter hook forward priority filter; policy "
        + policy
        + ";\n        "
        + lines
        + "\n    }"
    )


NFT_LAN_OUT = 'iifname "br-lan" accept'
NFT_ADMIN_IN = f"ip daddr {LAN2} tcp dport 7000 accept"
NFT_ANSWERS = "ct state established,related accept"
NFT_ANSWERS_STATELESS = 'oifname "wan0" accept'


@contextlib.contextmanager
def nothing(lab):
    nft(lab.router, "")
    yield


@contextlib.contextmanager
def nft_policy_drop(lab):
    nft(lab.router, forward_chain(NFT_ANSWERS, NFT_LAN_OUT, NFT_ADMIN_IN))
    yield


@contextlib.contextmanager
def nft_policy_drop_stateless(lab):
    nft(lab.router, forward_chain(NFT_ANSWERS_STATELESS, NFT_ADMIN_IN))
    yield


@contextlib.contextmanager
def nft_final_drop(lab):
    nft(
        lab.router,
        forward_chain(NFT_ANSWERS, NFT_LAN_OUT, NFT_ADMIN_IN, "counter drop", policy="accept"),
    )
    yield


@contextlib.contextmanager
def nft_final_reject(lab):
    nft(
        lab.router,
        forward_chain(
            NFT_ANSWERS,
            NFT_LAN_OUT,
            NFT_ADMIN_IN,
            "reject with icmpx admin-prohibited",
            policy="accept",
        ),
    )
    yield


@contextlib.contextmanager
def nft_shared_chain(lab):
    """One chain for INPUT and FORWARD, which ends in drop."""
    nft(
        lab.router,
        f"""    chain common {{
        {NFT_ANSWERS}
        {NFT_LAN_OUT}
        {NFT_ADMIN_IN}
        drop
    }}
    chain input {{
        type filter hook input priority filter; policy accept;
        iifname "lo" accept
        jump common
    }}
    chain forward {{
        type filter hook forward priority filter; policy accept;
        jump common
    }}""",
    )
    yield


def iptables(router, program, *filter_lines):
    router.run(
        program + "-restore",
        input=IPTABLES_NAT + "*filter\n" + "\n".join(filter_lines) + "\nCOMMIT\n",
    )


def policy_drop(program):
    @contextlib.contextmanager
    def lay(lab):
        iptables(
            lab.router,
            program,
            ":INPUT ACCEPT",
            ":FORWARD DROP",
            ":OUTPUT ACCEPT",
            "-A FORWARD " + ESTABLISHED,
            "-A FORWARD -i br-lan -o wan0 -j ACCEPT",
            "-A FORWARD " + LET_ADMIN_IN,
        )
        yield

    return lay


def shared_chain(program):
    """The user's own chain, called from INPUT and FORWARD, which ends in DROP."""

    @contextlib.contextmanager
    def lay(lab):
        iptables(
            lab.router,
            program,
            ":INPUT ACCEPT",
            ":FORWARD ACCEPT",
            ":OUTPUT ACCEPT",
            ":firewall -",
            "-A INPUT -j firewall",
            "-A FORWARD -j firewall",
            "-A firewall -i lo -j ACCEPT",
            "-A firewall " + ESTABLISHED,
            "-A firewall -i br-lan -j ACCEPT",
            "-A firewall " + LET_ADMIN_IN,
            "-A firewall -j DROP",
        )
        yield

    return lay


@contextlib.contextmanager
def docker(lab):
    """The chains that Docker makes when it finds forwarding switched off, with one published
    port."""
    iptables(
        lab.router,
        "iptables-nft",
        ":INPUT ACCEPT",
        ":FORWARD DROP",
        ":OUTPUT ACCEPT",
        ":DOCKER -",
        ":DOCKER-ISOLATION-STAGE-1 -",
        ":DOCKER-ISOLATION-STAGE-2 -",
        ":DOCKER-USER -",
        "-A FORWARD -j DOCKER-USER",
        "-A FORWARD -j DOCKER-ISOLATION-STAGE-1",
        "-A FORWARD -o docker0 " + ESTABLISHED,
        "-A FORWARD -o docker0 -j DOCKER",
        "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT",
        "-A FORWARD -i docker0 -o docker0 -j ACCEPT",
        "-A FORWARD " + ESTABLISHED,
        "-A FORWARD -i br-lan -j ACCEPT",
        "-A FORWARD " + LET_ADMIN_IN,
        "-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT",
        "-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2",
        "-A DOCKER-ISOLATION-STAGE-1 -j RETURN",
        "-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP",
        "-A DOCKER-ISOLATION-STAGE-2 -j RETURN",
        "-A DOCKER-USER -j RETURN",
    )
    yield


UFW = ("ufw",)
UFW_SETUP = """cp /usr/share/ufw/ufw.conf /etc/ufw/
for file in /usr/share/ufw/iptables/*.rules /usr/share/ufw/*.init; do
    rm -f /etc/ufw/${file##*/}; cp $file /etc/ufw/
done
sed -i 's/^IPV6=.*/IPV6=no/; s/^MANAGE_BUILTINS=.*/MANAGE_BUILTINS=no/' /etc/default/ufw
cat - /etc/ufw/before.rules > /etc/ufw/before.new; mv /etc/ufw/before.new /etc/ufw/before.rules
"""


@contextlib.contextmanager
def ufw(lab):
    """Its defaults (FORWARD policy DROP), upnpd open to the LAN, the administrator's NAT in
    before.rules as its manual says."""
    with Toolbox(lab.router, UFW) as tools:
        tools.write("/etc/ufw/applications.d/upnpd", (INIT / "upnpd.ufw").read_text())
        tools.run(
            "sh",
            "-c",
            "printf %s '"
            + IPTABLES_NAT.replace("*nat\n", "*nat\n-F\n")
            + "' | ( "
            + UFW_SETUP
            + ")",
        )
        tools.run("ufw", "--force", "enable")
        for rule in (
            "allow in on br-lan to any app upnpd",
            "route allow in on br-lan out on wan0",
            f"route allow in on wan0 to {LAN2} port 7000 proto tcp",
        ):
            tools.run("ufw", *rule.split())
        yield lambda: tools.run("ufw", "reload")


FIREWALLD = (
    "firewalld",
    "python3-firewall",
    "python3-nftables",
    "python3-dbus",
    "python3-cap-ng",
    "dbus-daemon",
    "libdbus-1-3",
    "libapparmor1",
    "dbus-system-bus-common",
)
# Abstract, so that it is the router's alone and seen from every mount namespace.
BUS_ADDRESS = "unix:abstract=upnpd-lab-bus"
BUS = f"""<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>{BUS_ADDRESS}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_destination="*" eavesdrop="true"/><allow receive_sender="*" eavesdrop="true"/>
</policy></busconfig>
"""
LAN_OUT = """<?xml version="1.0" encoding="utf-8"?>
<policy target="ACCEPT"><ingress-zone name="internal"/><egress-zone name="external"/></policy>
"""
ZONES = {
    "external": f"""<interface name="wan0"/><masquerade/>
<forward-port port="{ADMIN_PORT}" protocol="tcp" to-port="7000" to-addr="{LAN2}"/>""",
    "internal": '<interface name="br-lan"/><service name="upnpd"/>',
}


class Firewalld:
    """wan0 in zone external (masquerade), br-lan in zone internal, with a bus of its own."""

    def __init__(self, tools):
        self.tools = tools
        self.process = None
        tools.write("/etc/dbus-1/lab.conf", BUS)
        for name, text in ZONES.items():
            tools.write(f"/etc/firewalld/zones/{name}.xml", f"<zone>{text}</zone>")
        tools.write("/etc/firewalld/services/upnpd.xml", (INIT / "upnpd.service.xml").read_text())
        # Without a policy nothing passes from one zone to another.
        tools.write("/etc/firewalld/policies/lan-out.xml", LAN_OUT)
        tools.background(
            "dbus-daemon", "--config-file=/etc/dbus-1/lab.conf", "--nofork", "--nopidfile"
        )

    def command(self, *words):
        return ("env", "DBUS_SYSTEM_BUS_ADDRESS=" + BUS_ADDRESS, PYTHON, *words)

    def cmd(self, *words, check=True):
        return self.tools.run(*self.command("/usr/bin/firewall-cmd", *words), check=check)

    def start(self):
        self.process = self.tools.background(
            *self.command("/usr/sbin/firewalld", "--nofork", "--nopid")
        )
        wait_until(lambda: self.cmd("--state", check=False).returncode == 0, 20, "firewalld")
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def reload(self):
        self.cmd("--reload")


@contextlib.contextmanager
def firewalld(lab):
    """Debian 12's, whose table anybody may write to."""
    with Toolbox(lab.router, FIREWALLD) as tools:
        yield Firewalld(tools).start().reload


SHOREWALL = (
    "shorewall",
    "shorewall-core",
    "perl",
    "perl-modules-5.36|perl-modules-5.40",
    "libperl5.36|libperl5.40",
    "libdigest-sha-perl",
)
SHOREWALL_FILES = {
    "zones": "fw firewall\nnet ipv4\nloc ipv4\n",
    "interfaces": "?FORMAT 2\nnet wan0 upnp\nloc br-lan routeback\n",
    "policy": "$FW all ACCEPT\nloc all ACCEPT\nnet all DROP\nall all REJECT\n",
    "snat": "MASQUERADE 192.168.50.0/24 wan0\n",
    "rules": f"?SECTION NEW\nforwardUPnP net loc\nDNAT net loc:{LAN2}:7000 tcp {ADMIN_PORT}\n",
}


@contextlib.contextmanager
def shorewall(lab):
    """Two interfaces, with its own provision for UPnP: option upnp, and forwardUPnP in the
    rules."""
    with Toolbox(lab.router, SHOREWALL) as tools:
        for name, text in SHOREWALL_FILES.items():
            tools.write(f"/etc/shorewall/{name}", text)
        tools.run(
            "sed",
            "-i",
            "s/^STARTUP_ENABLED=.*/STARTUP_ENABLED=Yes/; s/^IP_FORWARDING=.*/IP_FORWARDING=On/",
            "/etc/shorewall/shorewall.conf",
        )
        tools.run("shorewall", "start")
        yield lambda: tools.run("shorewall", "reload")
        tools.run("shorewall", "clear")
