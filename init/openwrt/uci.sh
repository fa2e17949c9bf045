# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# Makes upnpd.conf(5) of /etc/config/upnpd, in both of its layouts: the one of miniupnpd's packages until now (section
# "config", lines "perm_rule"), and the one that LuCI calls 2.0 (section "settings", lines "acl_entry", presets).
# config_load upnpd comes first.

# upnpd_note WORD...: a line in the log.
upnpd_note() { logger -t upnpd -p daemon.warn "/etc/config/upnpd: $*"; }

# Prints the name of the section with the settings.
upnpd_section() {
    local type
    config_get type settings TYPE
    if [ -n "$type" ]; then echo settings; else echo config; fi
}

upnpd_enabled() {
    local enabled
    case $(upnpd_section) in
    settings) config_get_bool enabled settings enabled 0 ;;
    *) config_get_bool enabled config enabled 1 ;;
    esac
    [ "$enabled" = 1 ]
}

# upnpd_line KEY VALUE: a setting; one without a value is none.
upnpd_line() {
    case $2 in
    '') ;;
    *"
"*) upnpd_note "$1: a value has one line; it is left out" ;;
    *'"'*) printf "%s = '%s'\n" "$1" "$2" ;;
    *) printf '%s = "%s"\n' "$1" "$2" ;;
    esac
}

# upnpd_copy SECTION OPTION KEY: the option as it is.
upnpd_copy() {
    local value
    config_get value "$1" "$2"
    upnpd_line "$3" "$value"
}

# upnpd_flag SECTION OPTION DEFAULT KEY [NO YES]: the option as a word, "no" or "yes" unless others are given.
upnpd_flag() {
    local value
    config_get_bool value "$1" "$2" "$3"
    if [ "$value" = 1 ]; then upnpd_line "$4" "${6:-yes}"; else upnpd_line "$4" "${5:-no}"; fi
}

# upnpd_rate SECTION OPTION BITS KEY: the option counts in so many bits per second.
upnpd_rate() {
    local value
    config_get value "$1" "$2"
    case $value in
    '') ;;
    *[!0-9]*) upnpd_note "$2 '$value' is no number; it is left out" ;;
    *) upnpd_line "$4" "$((value * $3))" ;;
    esac
}

# upnpd_device_of VARIABLE SECTION FAMILY: the device to the Internet, FAMILY "" or 6; nothing while it is not up.
# shellcheck disable=SC2034 # read by eval
upnpd_device_of() {
    local upnpd_network upnpd_zone upnpd_found=
    config_get upnpd_network "$2" "external_iface$3"
    config_get upnpd_zone "$2" external_zone
    if [ -z "$upnpd_network" ] && [ -n "$upnpd_zone" ]; then
        upnpd_found=$(fw4 -q zone "$upnpd_zone" 2>/dev/null | head -n 1)
    else
        [ -n "$upnpd_network" ] || "network_find_wan$3" upnpd_network
        [ -z "$upnpd_network" ] || network_get_device upnpd_found "$upnpd_network"
    fi
    eval "$1=\$upnpd_found"
}

# upnpd_external SECTION: fails as long as the device is not known.
upnpd_external() {
    local device device6
    upnpd_device_of device "$1" ""
    upnpd_device_of device6 "$1" 6
    # A line for IPv6 alone is one as well.
    device=${device:-$device6}
    [ -n "$device" ] || {
        upnpd_note "the network to the Internet is not up; upnpd starts when it is"
        return 1
    }
    upnpd_line external_interface "$device"
    [ "$device6" = "$device" ] || upnpd_line ext_ifname6 "$device6"
}

# Each network that is served, as the second layout has it.
upnpd_add_network() {
    local network
    config_get network "$1" interface
    networks="$networks $network"
}

# upnpd_internal SECTION: fails when none of the networks is there.
upnpd_internal() {
    local networks network device some=1
    config_get networks "$1" internal_iface
    config_foreach upnpd_add_network internal_network
    for network in ${networks:-lan}; do
        device=
        network_get_device device "$network"
        if [ -n "$device" ]; then
            upnpd_line internal_interface "$device"
            some=0
        else
            upnpd_note "the network $network is not up; it is served when it is"
        fi
    done
    return $some
}

# upnpd_leases PATH: the daemon, which is not root, has its files in directories of its own. A file of miniupnpd's is
# copied there once.
upnpd_leases() {
    local ours
    [ -n "$1" ] || return 0
    ours=${1%/*}/upnpd/${1##*/}
    case ${1%/*} in */upnpd) ours=$1 ;; esac
    if [ -s "$IPKG_INSTROOT$1" ] && [ ! -e "$IPKG_INSTROOT$ours" ]; then
        mkdir -p "$IPKG_INSTROOT${ours%/*}"
        cp "$IPKG_INSTROOT$1" "$IPKG_INSTROOT$ours"
    fi
    upnpd_line lease_file "$ours"
}

# upnpd_stun HOST PORT
upnpd_stun() {
    if [ -z "$1" ]; then
        upnpd_note "STUN needs stun_host; without it, clients are told the address of the interface"
        return 0
    fi
    upnpd_line external_address stun
    upnpd_line stun_server "$1${2:+:$2}"
}

# upnpd_range TEXT: 1000:2000 is 1000-2000 as well.
upnpd_range() {
    case $1 in
    *:*) echo "${1%%:*}-${1##*:}" ;;
    *) echo "$1" ;;
    esac
}

# Prints one line of an access list. Actions that nobody knows deny.
upnpd_rule() {
    local action outside inside address expression
    config_get action "$1" action deny
    case $action in
    allow | accept) action=allow ;;
    ignore) return 0 ;;
    *) action=deny ;;
    esac
    config_get outside "$1" ext_port
    config_get outside "$1" ext_ports "${outside:-0-65535}"
    config_get inside "$1" int_port
    config_get inside "$1" int_ports "${inside:-0-65535}"
    config_get address "$1" int_addr any
    config_get expression "$1" descr_filter
    echo "$action $(upnpd_range "$outside") $address $(upnpd_range "$inside")${expression:+ \"$expression\"}"
}

# upnpd_first SECTION CLIENT: what is refused whatever else permits it.
upnpd_first() {
    local ports port
    config_get ports "$1" acl_reject_ports "21 23 135 137-139 445 3389"
    config_get ports "$1" reject_ports "$ports"
    for port in $ports; do
        echo "deny $port $2 0-65535"
        echo "deny 0-65535 $2 $port"
    done
}

# upnpd_last SECTION CLIENT: what the preset and the list of ports permit, and nothing else.
upnpd_last() {
    local preset ports port
    config_get preset "$1" acl_preset
    config_get preset "$1" access_preset "$preset"
    config_get ports "$1" acl_accept_ports
    config_get ports "$1" accept_ports "$ports"
    case $preset in *web*) ports="80 443 $ports" ;; esac
    case $preset in *dns*) ports="53 $ports" ;; esac
    case $preset in *high-ports*) ports="1024-65535 $ports" ;; esac
    case $preset in *all-ports*) [ "${preset#accept}" = "$preset" ] || ports=0-65535 ;; esac
    for port in $ports; do
        echo "allow $port $2 $port"
    done
    echo "deny 0-65535 $2 0-65535"
}

# upnpd_checks_list SECTION: whether the access list counts there.
upnpd_checks_list() {
    local check ignore
    config_get_bool check "$1" check_acl 1
    config_get_bool ignore "$1" ignore_acl 0
    [ "$check" = 1 ] && [ "$ignore" = 0 ]
}

# upnpd_subnet ADDRESS/LENGTH: the network, without the bits of the host.
upnpd_subnet() {
    local a b c d bits
    IFS=. read -r a b c d <<ADDRESS
${1%/*}
ADDRESS
    bits=$(((a << 24 | b << 16 | c << 8 | d) & (0xffffffff << (32 - ${1#*/}))))
    echo "$((bits >> 24 & 255)).$((bits >> 16 & 255)).$((bits >> 8 & 255)).$((bits & 255))/${1#*/}"
}

# upnpd_for_network SECTION YES-OR-NO FUNCTION: does FUNCTION for each subnet of a network that checks the list, or not.
# (A line about IPv4 addresses binds the IPv6 addresses of their hosts as well.)
upnpd_for_network() {
    local network subnets subnet checks=no
    upnpd_checks_list "$1" && checks=yes
    [ "$checks" = "$2" ] || return 0
    config_get network "$1" interface
    subnets=
    network_get_subnets subnets "$network"
    for subnet in $subnets; do
        "$3" "$1" "$(upnpd_subnet "$subnet")"
    done
}

# upnpd_access SECTION: the first line that matches decides, so a network that does not check the list comes before it.
upnpd_access() {
    config_foreach upnpd_for_network internal_network no upnpd_first
    config_foreach upnpd_for_network internal_network no upnpd_last
    config_foreach upnpd_for_network internal_network yes upnpd_first
    [ "$1" = settings ] && upnpd_first "$1" any
    if upnpd_checks_list "$1"; then
        config_foreach upnpd_rule perm_rule
        config_foreach upnpd_rule acl_entry
    fi
    config_foreach upnpd_for_network internal_network yes upnpd_last
    [ "$1" = settings ] && upnpd_last "$1" any
    return 0
}

# The settings that only the layout until now has.
upnpd_config_section() {
    local address stun host port leases
    upnpd_flag config enable_upnp 1 upnp
    upnpd_flag config enable_natpmp 1 port_control none both
    upnpd_flag config secure_mode 1 allow_third_party yes no
    upnpd_flag config igdv1 0 igd_version 2 1
    upnpd_flag config log_output 0 debug_mode 1 3
    config_get port config port 5000
    upnpd_line listenport "$port"
    upnpd_rate config download 8192 downstream_bitrate
    upnpd_rate config upload 8192 upstream_bitrate
    config_get leases config upnp_lease_file
    upnpd_leases "$leases"
    config_get_bool stun config use_stun 0
    config_get host config stun_host
    config_get port config stun_port
    config_get address config external_ip
    upnpd_line external_address "$address"
    [ "$stun" = 0 ] || [ -n "$address" ] || upnpd_stun "$host" "$port"
}

# upnpd_third_party WHO PROTOCOLS: the list of the daemon is one for all protocols.
upnpd_third_party() {
    case $1:$2 in
    1:* | upnp-igd:upnp-igd | pcp:pcp*) upnpd_line allow_third_party yes ;;
    upnp-igd:* | pcp:*)
        upnpd_note "allow_third_party_mapping '$1': upnpd has one list for all protocols; nobody may"
        upnpd_line allow_third_party no
        ;;
    *) upnpd_line allow_third_party no ;;
    esac
}

# The settings that only layout 2.0 has.
upnpd_settings_section() {
    local protocols third level cgnat address host compat port leases
    config_get protocols settings enable_protocols all
    case $protocols in pcp*) upnpd_line upnp no ;; *) upnpd_line upnp yes ;; esac
    case $protocols in upnp*) upnpd_line port_control none ;; *) upnpd_line port_control both ;; esac
    config_get third settings allow_third_party_mapping
    upnpd_third_party "$third" "$protocols"
    config_get compat settings upnp_igd_compat igdv1
    upnpd_line igd_version "$([ "$compat" = igdv2 ] && echo 2 || echo 1)"
    config_get level settings log_output default
    case $level in debug) level=3 ;; info) level=2 ;; *) level=1 ;; esac
    upnpd_line debug_mode $level
    config_get port settings http_port 5000
    upnpd_line listenport "$port"
    upnpd_rate settings download_kbps 1000 downstream_bitrate
    upnpd_rate settings upload_kbps 1000 upstream_bitrate
    upnpd_copy settings friendly_name friendly_name
    config_get leases settings lease_file
    upnpd_leases "$leases"
    config_get cgnat settings allow_cgnat
    config_get address settings external_ip
    config_get host settings stun_host stun.nextcloud.com
    case $cgnat in
    1 | allow-filtered) upnpd_stun "$host" ;;
    *) upnpd_line external_address "$address" ;;
    esac
}

# Prints the configuration; fails as long as one side has no device.
upnpd_configuration() {
    local section
    # shellcheck source=/dev/null
    . "$IPKG_INSTROOT/lib/functions/network.sh"
    network_flush_cache
    section=$(upnpd_section)
    echo "# Made of /etc/config/upnpd at each start and reload."
    upnpd_external "$section" && upnpd_internal "$section" || return 1
    upnpd_flag "$section" ipv6_disable 0 ipv6_pinholes yes no
    upnpd_copy "$section" model_number model_number
    upnpd_copy "$section" serial_number serial_number
    upnpd_copy "$section" presentation_url presentation_url
    upnpd_copy "$section" uuid uuid
    "upnpd_${section}_section"
    upnpd_access "$section"
}
