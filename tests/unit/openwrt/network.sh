# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# A stand-in for OpenWrt's /lib/functions/network.sh: networks are lines of $NETWORKS, "NAME DEVICE SUBNET"; a
# network without a line is not up.

# of NETWORK COLUMN
of() { awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$NETWORKS"; }

# found VARIABLE VALUE: fails without a value, and leaves the variable then.
found() { [ -n "$2" ] && eval "$1=\$2"; }

network_flush_cache() { arity network_flush_cache 0 0 $#; }
network_get_device() { arity network_get_device 2 2 $#; found "$1" "$(of "$2" 2)"; }
network_get_subnets() { arity network_get_subnets 2 2 $#; found "$1" "$(of "$2" 3)"; }
network_find_wan() { arity network_find_wan 1 2 $#; found "$1" "$(of wan 1)"; }
network_find_wan6() { arity network_find_wan6 1 2 $#; found "$1" "$(of wan6 1)"; }
