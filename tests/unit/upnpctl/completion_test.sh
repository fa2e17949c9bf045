#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# completion_test.sh FILE UPNPCTL: what bash is offered behind the beginnings of command lines, without a daemon.
set -u
. "$1" || exit 1
program=$2
failures=0

upnpctl() {
    "$program" "$@"
}

# offers LINE WANTED: the ends of words behind LINE are WANTED
offers() {
    local wanted=$2
    COMP_LINE=$1 COMP_POINT=${#1}
    _upnpctl
    [[ "${COMPREPLY[*]}" == "$wanted" ]] && return
    echo "behind \"$1\": \"${COMPREPLY[*]}\" and not \"$wanted\""
    failures=$((failures + 1))
}

offers "upnpctl st" "status"
offers "upnpctl -j re" "reload"
offers "upnpctl check --" "--live --wait --json --socket --config"
offers "upnpctl explain 192.168.50.10 u" "udp"
offers "upnpctl add ud" "udp:"
offers "upnpctl list --pro" "--proto"
offers "upnpctl list --proto s" "sctp"
offers "upnpctl -c $1" "$1"
exit $((failures != 0))
