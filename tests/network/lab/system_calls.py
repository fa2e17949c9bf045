# SPDX-License-Identifier: GPL-2.0-or-later
"""system_calls.py NAME... COMMAND...: runs COMMAND, which begins with a path or `env`, with those
system calls alone; any other one is EPERM to it, as with SystemCallErrorNumber=EPERM of a systemd
unit. With `without` before the names: all but those."""

import ctypes
import errno
import os
import sys

ALLOW = 0x7FFF0000
ERROR = 0x00050000 | errno.EPERM


def restrict(names):
    forbidden = names[:1] == ["without"]
    otherwise, named = (ALLOW, ERROR) if forbidden else (ERROR, ALLOW)
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(otherwise)))
    if not context:
        sys.exit("seccomp_init")
    for name in names[forbidden:]:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            continue  # none of this machine's
        if seccomp.seccomp_rule_add(context, ctypes.c_uint32(named), number, 0) != 0:
            sys.exit(f"seccomp_rule_add {name}")
    if seccomp.seccomp_load(context) != 0:
        sys.exit("seccomp_load")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    begin = next(i for i, word in enumerate(arguments) if word == "env" or word.startswith("/"))
    restrict(arguments[:begin])
    os.execvp(arguments[begin], arguments[begin:])
