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
expected=$(mktemp)
trap 'rm -rf "$stage" "$expected"' EXIT
placed() {
    [ -f "$stage$1" ] || fail "$1 is not there"
    echo "$stage$1" >>"$expected"
}
program() { [ -x "$stage$1" ] || fail "$1 cannot be run"; }

placed "$etc/linuxigd/upnpd.conf"
placed "$etc/default/upnpd"
placed "$etc/init.d/upnpd"
program "$etc/init.d/upnpd"
placed "$prefix/share/man/man8/upnpd.8"
placed "$prefix/share/man/man8/upnpctl.8"
placed "$prefix/share/upnpd/keepalived/upnpd-pair"
program "$prefix/share/upnpd/keepalived/upnpd-pair"
placed "$prefix/share/upnpd/upnpctl.schema.json"
placed "$prefix/share/man/man5/upnpd.conf.5"
placed "$prefix/share/man/man7/upnpd-consoles.7"
placed "$prefix/share/man/man7/upnpd-linuxigd.7"
placed "$prefix/share/man/man7/upnpd-miniupnpd.7"
placed "$prefix/share/bash-completion/completions/upnpctl"
placed "$prefix/share/zsh/site-functions/_upnpctl"
placed "$prefix/share/fish/vendor_completions.d/upnpctl.fish"
placed "$prefix/lib/systemd/system/upnpd.service"
placed "$etc/ufw/applications.d/upnpd"
placed "$prefix/lib/firewalld/services/upnpd.xml"
placed "$prefix/lib/firewalld/policies/upnpd.xml"
placed "$prefix/share/apparmor/extra-profiles/upnpd"
placed "$prefix/share/doc/upnpd/examples/grafana-dashboard.json"
placed "$prefix/share/doc/upnpd/examples/conntrackd.conf"
placed "$prefix/share/doc/upnpd/examples/keepalived.conf"
placed "$prefix/share/doc/upnpd/examples/logrotate"
placed "$prefix/share/doc/upnpd/examples/netdata-prometheus.conf"
placed "$prefix/share/doc/upnpd/examples/nftables.conf"
placed "$prefix/share/doc/upnpd/examples/prometheus-alerts.yml"
placed "$prefix/share/doc/upnpd/examples/prometheus.yml"
placed "$prefix/share/doc/upnpd/examples/rsyslog.conf"
placed "$prefix/share/polkit-1/rules.d/upnpd.rules"
placed "$prefix/lib/sysusers.d/upnpd.conf"
placed "$prefix/lib/tmpfiles.d/upnpd.conf"
placed "$prefix/share/upnpd/openrc/upnpd.initd"
placed "$prefix/share/upnpd/openrc/upnpd.confd"
if grep -rl "@CMAKE" "$stage"; then fail "a variable was not replaced"; fi
more=$(find "$stage" -type f | grep -vxFf "$expected" || true)
[ -z "$more" ] || fail "nobody expects: $more"

# Installed again, what somebody has edited is kept, with the new one beside it, and a line says so.
echo "external_interface = ppp0" >>"$stage$etc/linuxigd/upnpd.conf"
echo "EXTIFACE=ppp0" >>"$stage$etc/default/upnpd"
said=$(for part in etc init; do DESTDIR=$stage "$cmake" --install "$build/$part"; done)
for file in linuxigd/upnpd.conf default/upnpd; do
    [ "$(tail -c 5 "$stage$etc/$file")" = ppp0 ] || fail "$etc/$file was overwritten"
    placed "$etc/$file.new"
    echo "$said" | grep -q "Kept: .*$etc/$file differs" || fail "nothing is said of $etc/$file"
done
[ "$(find "$stage" -name '*.new' | wc -l)" -eq 2 ] || fail "files were kept that nobody has edited"

# Another prefix: everything is below it, and speaks of it.
other=$stage/other
for part in etc man init; do
    DESTDIR=$other "$cmake" --install "$build/$part" --prefix /opt/igd >/dev/null
done
outside=$(find "$other" -type f ! -path "$other/opt/igd/*")
[ -z "$outside" ] || fail "outside of the prefix: $outside"
names() { grep -q "$2" "$other/opt/igd/$1" || fail "$1 does not name $2"; }
names lib/systemd/system/upnpd.service '^ExecStart=/opt/igd/sbin/upnpd '
names lib/systemd/system/upnpd.service '^EnvironmentFile=-/opt/igd/etc/default/upnpd'
names etc/init.d/upnpd '[-]/opt/igd/sbin/upnpd}'
names etc/init.d/upnpd '[-]/opt/igd/etc/linuxigd/upnpd.conf}'
names share/apparmor/extra-profiles/upnpd '^profile upnpd /opt/igd/sbin/upnpd '
names share/apparmor/extra-profiles/upnpd ' /opt/igd/libexec/upnpd/upnpd-{'
names share/man/man5/upnpd.conf.5 ' /opt/igd/etc/linuxigd/upnpd.conf'
names share/man/man8/upnpd.8 ' /opt/igd/etc/default/upnpd'

if command -v systemd-analyze >/dev/null; then
    unit=$stage/upnpd.service
    # The program of the unit need not be installed on the machine of the test.
    sed 's|^\(Exec[A-Za-z]*\)=[^ ]*|\1=/bin/true|; /^Documentation=/d' \
        "$stage$prefix/lib/systemd/system/upnpd.service" >"$unit"
    said=$(systemd-analyze verify "$unit" 2>&1 | grep upnpd || true)
    [ -z "$said" ] || fail "systemd-analyze verify: $said"
fi
if command -v apparmor_parser >/dev/null; then
    said=$(apparmor_parser -QK "$stage$prefix/share/apparmor/extra-profiles/upnpd" 2>&1) || fail "apparmor_parser: $said"
fi
# Whoever may not change the packet filter cannot have a ruleset checked.
if nft list tables >/dev/null 2>&1; then
    said=$(nft -c -f "$stage$prefix/share/doc/upnpd/examples/nftables.conf" 2>&1) || fail "nft: $said"
fi
if command -v mandoc >/dev/null; then
    said=$(mandoc -T lint -W warning "$stage$prefix/share/man/man8/upnpd.8" "$stage$prefix/share/man/man8/upnpctl.8" \
        "$stage$prefix/share/man/man5/upnpd.conf.5" "$stage$prefix"/share/man/man7/*.7 2>&1) || fail "mandoc: $said"
fi
if command -v shellcheck >/dev/null; then
    shellcheck -s sh "$stage$etc/init.d/upnpd" || fail "shellcheck of the init script"
fi
exit $failed
