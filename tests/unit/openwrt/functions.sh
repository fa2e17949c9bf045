# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034
# Stand-ins for OpenWrt's /lib/functions.sh, /lib/functions/procd.sh and programs, with the interfaces that these
# document. Each call is one line of $CALLS; a call that they would not take is a line "misuse".

call() { printf '%s\n' "$*" >>"$CALLS"; }
misuse() { call "misuse: $*"; }

# arity NAME LEAST MOST GIVEN
arity() {
    if [ "$4" -lt "$2" ] || [ "$4" -gt "$3" ]; then misuse "$1 with $4 arguments"; fi
}

# -- uci -------------------------------------------------------------------------------------------
# The test writes $UCI: CONFIG_SECTIONS, and CONFIG_<section>_TYPE and CONFIG_<section>_<option> for each section.

config_load() {
    arity config_load 1 1 $#
    # shellcheck source=/dev/null
    . "$UCI/$1"
    loaded=1
}

# config_get VARIABLE SECTION OPTION [DEFAULT]
config_get() {
    arity config_get 3 4 $#
    [ -n "$loaded" ] || misuse "config_get before config_load"
    eval "$1=\"\${CONFIG_${2}_${3}:-\${4-}}\""
}

config_get_bool() {
    local bool_value
    arity config_get_bool 3 4 $#
    config_get bool_value "$2" "$3" "${4-}"
    case $bool_value in
    1 | on | true | yes | enabled) bool_value=1 ;;
    0 | off | false | no | disabled) bool_value=0 ;;
    *) bool_value=${4-} ;;
    esac
    eval "$1=\$bool_value"
}

# config_foreach FUNCTION TYPE [ARGUMENT...]
config_foreach() {
    local each_function=$1 each_type=$2 each_section each_found
    arity config_foreach 2 9 $#
    shift 2
    for each_section in $CONFIG_SECTIONS; do
        config_get each_found "$each_section" TYPE
        [ "$each_found" != "$each_type" ] || "$each_function" "$each_section" "$@"
    done
}

# -- procd -----------------------------------------------------------------------------------------

procd_open_instance() {
    arity procd_open_instance 0 1 $#
    [ -z "$instance" ] || misuse "an instance within an instance"
    instance=1
}

procd_set_param() {
    [ -n "$instance" ] || misuse "procd_set_param outside of an instance"
    case $1 in
    command | file) arity "procd_set_param $1" 2 99 $# ;;
    respawn) case $# in 1 | 4) ;; *) misuse "respawn takes none or three" ;; esac ;;
    reload_signal) case $2 in HUP | USR1 | USR2) ;; *) misuse "no signal $2" ;; esac ;;
    term_timeout) case $2 in '' | *[!0-9]*) misuse "term_timeout $2" ;; esac ;;
    *) misuse "nobody has used procd's $1 here so far" ;;
    esac
    call "procd $*"
}

procd_close_instance() {
    arity procd_close_instance 0 0 $#
    [ -n "$instance" ] || misuse "no instance is open"
    instance=
    call "procd end"
}

procd_add_reload_trigger() {
    arity procd_add_reload_trigger 1 99 $#
    call "trigger $*"
}

# -- programs --------------------------------------------------------------------------------------

logger() {
    [ "$1 $2 $3" = "-t upnpd -p" ] || misuse "logger $*"
    local priority=$4
    shift 4
    if [ $# -gt 0 ]; then call "log $priority $*"; else while read -r line; do call "log $priority $line"; done; fi
}

fw4() {
    [ "$# $1 $2" = "3 -q zone" ] || misuse "fw4 $*"
    [ "$3" != wan ] || printf 'pppoe-wan\nwwan0\n'
}

# -- rc.common: as it calls a script of procd's ----------------------------------------------------

stop_service() { :; }
start() {
    start_service
    call "procd set"
}
stop() {
    stop_service
    call "procd delete"
}
restart() {
    stop
    start
}
reload() { reload_service; }

# run_script SCRIPT COMMAND
run_script() {
    # shellcheck source=/dev/null
    . "$1"
    case $START$STOP$USE_PROCD in [0-9][0-9][0-9][0-9]1) ;; *) misuse "START, STOP, USE_PROCD" ;; esac
    "$2"
}
