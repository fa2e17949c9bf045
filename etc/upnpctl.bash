# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of upnpctl(8) in bash: commands, options, and the mappings that there are.
_upnpctl() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local options="--json --socket --config"
    case $before in
    upnpctl) COMPREPLY=($(compgen -W "status list check del sync reload version help $options" -- "$word")) ;;
    list) COMPREPLY=($(compgen -W "--client --proto" -- "$word")) ;;
    --proto) COMPREPLY=($(compgen -W "tcp udp" -- "$word")) ;;
    --socket | --config | -s | -c) COMPREPLY=($(compgen -f -- "$word")) ;;
    --client) COMPREPLY=($(compgen -W "$(upnpctl list 2>/dev/null | awk '$1 ~ /[.:]/ { print $1 }')" -- "$word")) ;;
    check | del)
        local mappings
        mappings=$(upnpctl list 2>/dev/null | awk '$1 ~ /[.]/ { print $3 "/" $4 }')
        [[ $before == check ]] || mappings+=" --client --all"
        COMPREPLY=($(compgen -W "$mappings" -- "$word"))
        ;;
    esac
}
complete -F _upnpctl upnpctl
