# SPDX-License-Identifier: GPL-2.0-or-later
"""system_calls.py NAME... COMMAND...: runs COMMAND, which begins with a path, `env` or `ip`, with
those system calls alone; any other one is EPERM to it, as with SystemCallErrorNumber=EPERM of a
systemd unit. With `without` before the names: all but those. With `no-seccomp` in place of them:
all, on what looks like a kernel without seccomp; with `no-netfilter`, on what looks like one
without netlink sockets of netfilter; with `no-labels`, on what looks like one whose legacy iptables
has no match `connlabel`, nor any other that it is asked for."""

import ctypes
import errno
import os
import sys

ALLOW = 0x7FFF0000
ERROR = 0x00050000 | errno.EPERM
MISSING = 0x00050000 | errno.ENOENT
UNKNOWN = 0x00050000 | errno.EINVAL
NOT_SUPPORTED = 0x00050000 | errno.EPROTONOSUPPORT
PR_SET_SECCOMP = 22
AF_NETLINK = 16
NETLINK_NETFILTER = 12
IPPROTO_IP = 0
IPT_SO_GET_REVISION_MATCH = 66


class Comparison(ctypes.Structure):
    """scmp_arg_cmp: an argument (from 0), the comparison (4: equal) and what with"""

    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("mask", ctypes.c_uint64),
    ]


class Filter:
    def __init__(self, otherwise):
        self._library = ctypes.CDLL("libseccomp.so.2")
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(otherwise)))
        if not self._context:
            sys.exit("seccomp_init")

    def add(self, action, name, *comparisons):
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # none of this machine's
        rules = (Comparison * len(comparisons))(*comparisons)
        if self._library.seccomp_rule_add_array(
            self._context, ctypes.c_uint32(action), number, len(comparisons), rules
        ):
            sys.exit(f"seccomp_rule_add {name}")

    def load(self):
        if self._library.seccomp_load(self._context) != 0:
            sys.exit("seccomp_load")


def hide_seccomp():
    rules = Filter(ALLOW)
    rules.add(UNKNOWN, "seccomp")
    rules.add(UNKNOWN, "prctl", Comparison(0, 4, PR_SET_SECCOMP, 0))
    rules.load()


def hide_netfilter():
    rules = Filter(ALLOW)
    rules.add(
        NOT_SUPPORTED,
        "socket",
        Comparison(0, 4, AF_NETLINK, 0),
        Comparison(2, 4, NETLINK_NETFILTER, 0),
    )
    rules.load()


def hide_labels():
    rules = Filter(ALLOW)
    rules.add(
        MISSING,
        "getsockopt",
        Comparison(1, 4, IPPROTO_IP, 0),
        Comparison(2, 4, IPT_SO_GET_REVISION_MATCH, 0),
    )
    rules.load()


def restrict(names):
    if names == ["no-seccomp"]:
        return hide_seccomp()
    if names == ["no-netfilter"]:
        return hide_netfilter()
    if names == ["no-labels"]:
        return hide_labels()
    forbidden = names[:1] == ["without"]
    otherwise, named = (ALLOW, ERROR) if forbidden else (ERROR, ALLOW)
    rules = Filter(otherwise)
    for name in names[forbidden:]:
        rules.add(named, name)
    return rules.load()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    begin = next(
        i for i, word in enumerate(arguments) if word in ("env", "ip") or word.startswith("/")
    )
    restrict(arguments[:begin])
    os.execvp(arguments[begin], arguments[begin:])
