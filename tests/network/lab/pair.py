# SPDX-License-Identifier: GPL-2.0-or-later
"""Two routers as one: both are on the LAN's segment and on the WAN's, with keepalived, conntrackd
and upnpd on each; a third host has the store of leases.

           wan 80.100.100.9                        lan1 .10, lan2 .11
                 |                                        |
        ---------+--- br-wan ---+---              --------+--- br-lan ---
                 |              |                      |            |
            router1 wan0   router2 wan0          router1 br-lan  router2 br-lan
              .2               .3                  192.168.50.2    .3
                    80.100.100.1  virtual  192.168.50.1
                          10.99.0.1, .2, store .9  on br-sync
"""

import contextlib
import os
import pathlib
import signal
import subprocess

from .daemon import Daemon
from .namespace import batch
from .pair_programs import CONNTRACKD, KEEPALIVED
from .topology import LAN1, LAN2, ROUTER_LAN, ROUTER_WAN, WAN_HOST, Lab
from .waiting import wait_until

STORE = "10.99.0.9"
UUID = "0b5a1f9e-6a52-4dd1-8a3c-111111111111"
STANDS_BY = "this router stands by until"
SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "init/keepalived/upnpd-pair"

# Packets of flows that are not known yet must meet neither the router itself nor the Internet.
FIREWALL = f"""table ip lab_nat {{
    chain postrouting {{
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan0" ip saddr 192.168.50.0/24 snat to {ROUTER_WAN}
    }}
}}
table ip lab_filter {{
    chain input {{
        type filter hook input priority filter; policy accept;
        iifname "wan0" ip daddr {ROUTER_WAN} drop
    }}
    chain forward {{
        type filter hook forward priority filter; policy drop;
        ct state invalid drop
        ct state established,related accept
        iifname "br-lan" oifname "wan0" accept
    }}
}}
"""

class Router:
    """One of the pair: its namespace, its upnpd, its keepalived and its conntrackd."""

    def __init__(self, lab, namespace, number, settings):
        self.namespace, self.number = namespace, number
        self.daemon = Daemon(namespace, **settings)
        self.own = f"192.168.50.{1 + number}"
        self._programs = []
        self._folder = self.daemon.directory
        lab.at_close(self._remove)

    def start(self):
        """upnpd alone: it stands by then."""
        self.daemon.launch()
        self.daemon.wait_for_log(STANDS_BY, 15)
        return self

    def promote(self):
        said = self.daemon.ctl("promote")
        assert said.returncode == 0, (said, self.daemon.log)
        return self

    def demote(self):
        said = self.daemon.ctl("demote")
        assert said.returncode == 0, (said, self.daemon.log)
        return self

    def status(self):
        return self.daemon.ask("status")

    def role(self):
        return self.status()["role"]

    def rules(self):
        return self.namespace.run("nft", "list", "ruleset").stdout

    def addresses(self, *words):
        """"add" or "del", of the virtual addresses, as keepalived does."""
        for word in words:
            self.namespace.ip(
                f"addr {word} {ROUTER_LAN}/24 dev br-lan", f"addr {word} {ROUTER_WAN}/24 dev wan0"
            )
        return self

    def is_meant_by(self, *hosts):
        """They send to this router what they send to the virtual addresses, whoever has them."""
        for device, address in ("br-lan", ROUTER_LAN), ("wan0", ROUTER_WAN):
            mac = self.namespace.run("cat", f"/sys/class/net/{device}/address").stdout.strip()
            for host in hosts:
                host.ip(f"neigh replace {address} lladdr {mac} dev eth0 nud permanent")

    # -- keepalived and conntrackd -----------------------------------------------------------------

    def start_conntrackd(self):
        configuration = self._folder / "conntrackd.conf"
        configuration.write_text(
            CONNTRACKD.format(number=self.number, other=3 - self.number, folder=self._folder),
            encoding="ascii",
        )
        self._run("conntrackd", "-C", configuration)
        wait_until((self._folder / "conntrackd.ctl").exists, 5, "conntrackd's socket")
        return self

    def start_keepalived(self):
        upnpctl = pathlib.Path(os.environ["UPNPD"]).parents[1] / "upnpctl/upnpctl"
        script = self._folder / "upnpd-pair"
        script.write_text(
            "#!/bin/sh\n"
            f'UPNPCTL="{upnpctl} -s {self.daemon.control_socket}"\n'
            f'CONNTRACKD="conntrackd -C {self._folder}/conntrackd.conf"\n'
            f"STATE={self._folder}/pair.state\n"
            "export UPNPCTL CONNTRACKD STATE\n"
            f'exec {SCRIPT} "$@"\n',
            encoding="ascii",
        )
        script.chmod(0o755)
        configuration = self._folder / "keepalived.conf"
        configuration.write_text(
            KEEPALIVED.format(
                script=script, priority=110 - 10 * self.number, lan=ROUTER_LAN, wan=ROUTER_WAN
            ),
            encoding="ascii",
        )
        self._run(
            "keepalived",
            *("--dont-fork", "--log-console", "--vrrp", "-f", configuration),
            *("-p", self._folder / "keepalived.pid", "-r", self._folder / "vrrp.pid"),
        )
        return self

    def _run(self, *words):
        with (self._folder / f"{words[0]}.out").open("ab") as output:
            self._programs.append(
                subprocess.Popen(
                    self.namespace.command(*words),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
            )

    def said(self):
        """Whatever the programs of this router have said, for a test that fails."""
        texts = [f"--- router{self.number}\n{self.daemon.log}"]
        for name in "keepalived.out", "conntrackd.out", "conntrackd.log", "pair.state":
            with contextlib.suppress(OSError):
                texts.append(f"--- {name}\n" + (self._folder / name).read_text("utf-8", "replace"))
        return "\n".join(texts)

    # -- faults ------------------------------------------------------------------------------------

    def _links(self, word):
        self.namespace.ip(*(f"link set {name} {word}" for name in ("wan0", "br-lan", "sync0")))

    def lose_power(self):
        """All of it at once, without a word to anybody: its links are dead first."""
        self._links("down")
        for pid in self.namespace.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for program in self._programs:
            program.wait()
        self._programs = []
        self.daemon.process.wait()
        wait_until(lambda: not self.namespace.processes(), 5, "the end of all processes")

    def get_power(self):
        """It has been off: no rule, no flow and no virtual address is left."""
        self.addresses_gone()
        self.namespace.run("nft", "flush ruleset")
        self.namespace.run("nft", "-f", "-", input=FIREWALL)
        self.namespace.run("conntrack", "-F", check=False)
        for name in "conntrackd.lock", "conntrackd.ctl", "keepalived.pid", "vrrp.pid":
            (self._folder / name).unlink(missing_ok=True)
        self._links("up")
        self.namespace.ip(f"route replace default via {WAN_HOST}")

    def addresses_gone(self):
        for device, address in ("br-lan", ROUTER_LAN), ("wan0", ROUTER_WAN):
            self.namespace.run("ip", "addr", "del", f"{address}/24", "dev", device, check=False)

    def unplug(self):
        self._links("down")

    def plug_in(self):
        self._links("up")
        self.namespace.ip(f"route replace default via {WAN_HOST}")

    def hang(self):
        """upnpd is stopped, as by a fault of its own; the rest of the router goes on."""
        for pid in self.daemon.processes():
            os.kill(pid, signal.SIGSTOP)

    def go_on(self):
        for pid in self.daemon.processes():
            os.kill(pid, signal.SIGCONT)

    def _remove(self):
        with contextlib.suppress(Exception):
            self.go_on()
        for program in self._programs:
            program.terminate()
        for program in self._programs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(5)
        self.daemon.remove()


class Pair(Lab):
    """`one` and `two` are routers with upnpd, which is not started yet; `lab.router` is the first
    one's namespace. `store` is the host of the store of leases."""

    def __init__(self, **settings):
        self._hosts = {}
        super().__init__(masquerade=False)
        common = {
            "role": "pair",
            "uuid": UUID,
            "lease_store": f"redis://{STORE}",
            "virtual_addresses": f"{ROUTER_LAN}, {ROUTER_WAN}",
            "external_address": ROUTER_WAN,
            "mappings_per_client": 1000,
            "listenport": 49152,
            **settings,
        }
        self.one = Router(self, self.router, 1, common)
        self.two = Router(self, self._hosts["router2"], 2, common)
        self.routers = [self.one, self.two]

    def start_store(self):
        """redis-server, which keeps nothing on disk."""
        process = subprocess.Popen(
            self.store.command(
                *("redis-server", "--bind", STORE, "--save", "", "--appendonly", "no"),
                *("--protected-mode", "no", "--dir", "/"),
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def end():
            process.kill()
            process.wait()

        self.at_close(end)
        wait_until(
            lambda: "PONG" in self.store.run("redis-cli", "-h", STORE, "ping", check=False).stdout,
            10,
            "redis-server",
        )
        return process

    def start(self):
        """All of it; the first router is the active one."""
        self.start_store()
        for router in self.routers:
            router.start().start_conntrackd()
        self.one.start_keepalived()
        self.wait_for_active(self.one)
        self.two.start_keepalived()
        return self

    def wait_for_active(self, router, timeout=20):
        def is_active():
            return router.daemon.running() and router.role() == "active"

        try:
            wait_until(is_active, timeout, "the active router")
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.said()}") from late

    def said(self):
        return "\n".join(router.said() for router in self.routers)

    # -- laying it ---------------------------------------------------------------------------------

    def _lay_hosts(self):
        names = ["wan", "router", "router2", "lan1", "lan2", "switch", "store"]
        added = self._add_namespaces([self._prefix + name for name in names])
        self._hosts = dict(zip(names, added))
        self.wan, self.router, self.lan1, self.lan2, self.store = (
            self._hosts[name] for name in ("wan", "router", "lan1", "lan2", "store")
        )
        for router in self.router, self._hosts["router2"]:
            # Both have addresses of one network on two interfaces, and flows that they took over.
            router.sysctl(net__ipv4__ip_forward=1, net__ipv4__conf__all__arp_ignore=1)

    def _lay_links(self):
        segments = {
            "br-wan": [("wan", "eth0"), ("router", "wan0"), ("router2", "wan0")],
            "br-lan": [
                *(("router", "br-lan"), ("router2", "br-lan")),
                *(("lan1", "eth0"), ("lan2", "eth0")),
            ],
            "br-sync": [("router", "sync0"), ("router2", "sync0"), ("store", "eth0")],
        }
        switch = self._hosts["switch"]
        switch.ip(*(f"link add {name} type bridge" for name in segments))
        switch.ip(*(f"link set {name} up" for name in segments))
        number = 0
        for segment, ends in segments.items():
            for host, interface in ends:
                number += 1
                batch(
                    [
                        f"link add port{number} netns {switch.name} type veth "
                        f"peer name {interface} netns {self._hosts[host].name}"
                    ]
                )
                switch.ip(f"link set port{number} master {segment}", f"link set port{number} up")
        for host, address in ("wan", WAN_HOST), ("lan1", LAN1), ("lan2", LAN2):
            self._address(self._hosts[host], address)
        self._address(self.store, STORE)
        for host, last in ("router", 2), ("router2", 3):
            self._hosts[host].ip(
                "link set lo up",
                f"addr add 80.100.100.{last}/24 brd + dev wan0",
                f"addr add 192.168.50.{last}/24 brd + dev br-lan",
                f"addr add 10.99.0.{last - 1}/24 brd + dev sync0",
                *(f"link set {name} up" for name in ("wan0", "br-lan", "sync0")),
            )

    def _lay_routes(self, default_route, route_to_lan):
        super()._lay_routes(default_route, route_to_lan)
        self._hosts["router2"].ip(f"route add default via {WAN_HOST}")

    def _lay_firewall(self, forward, masquerade):
        for router in self.router, self._hosts["router2"]:
            router.run("nft", "-f", "-", input=FIREWALL)
