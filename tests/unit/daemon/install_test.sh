#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A packager's staged install: everything but the program lands in its place, and is what the tools expect.
# usage: install_test.sh CMAKE BUILD-DIRECTORY
set -eu
cmake=$1
build=$2
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

for part in etc man init; do
    DESTDIR=$stage "$cmake" --install "$build/$part" >/dev/null
done
prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build/CMakeCache.txt")
case $prefix in /usr | /) etc=/etc ;; *) etc=$prefix/etc ;; esac

failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}
placed() { [ -f "$stage$1" ] || fail "$1 is not there"; }
program() { [ -x "$stage$1" ] || fail "$1 cannot be run"; }

placed "$etc/linuxigd/upnpd.conf"
placed "$etc/default/upnpd"
placed "$etc/init.d/upnpd"
program "$etc/init.d/upnpd"
placed "$prefix/share/man/man8/upnpd.8"
placed "$prefix/share/man/man8/upnpctl.8"
placed "$prefix/share/man/man5/upnpd.conf.5"
placed "$prefix/share/bash-completion/completions/upnpctl"
placed "$prefix/lib/systemd/system/upnpd.service"
placed "$prefix/lib/sysusers.d/upnpd.conf"
placed "$prefix/lib/tmpfiles.d/upnpd.conf"
placed "$prefix/share/upnpd/openrc/upnpd.initd"
placed "$prefix/share/upnpd/openrc/upnpd.confd"
if grep -rl "@CMAKE" "$stage"; then fail "a variable was not replaced"; fi
[ "$(find "$stage" -type f | wc -l)" -eq 12 ] || fail "files more or less than expected: $(find "$stage" -type f)"

if command -v systemd-analyze >/dev/null; then
    unit=$stage/upnpd.service
    # The program of the unit need not be installed on the machine of the test.
    sed 's|^\(Exec[A-Za-z]*\)=[^ ]*|\1=/bin/true|; /^Documentation=/d' \
        "$stage$prefix/lib/systemd/system/upnpd.service" >"$unit"
    said=$(systemd-analyze verify "$unit" 2>&1 | grep upnpd || true)
    [ -z "$said" ] || fail "systemd-analyze verify: $said"
fi
if command -v mandoc >/dev/null; then
    said=$(mandoc -T lint -W warning "$stage$prefix/share/man/man8/upnpd.8" "$stage$prefix/share/man/man8/upnpctl.8" \
        "$stage$prefix/share/man/man5/upnpd.conf.5" 2>&1) || fail "mandoc: $said"
fi
if command -v shellcheck >/dev/null; then
    shellcheck -s sh "$stage$etc/init.d/upnpd" || fail "shellcheck of the init script"
fi
exit $failed
