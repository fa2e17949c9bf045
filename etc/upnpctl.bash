# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of upnpctl(8) in bash. upnpctl itself says what may follow, with what the daemon has open.

_upnpctl() {
    # Split by blanks: in bash's own words a colon stands by itself.
    local line=${COMP_LINE:0:COMP_POINT} candidate
    local word=${line##*[[:space:]]} words
    read -ra words <<<"${line%"$word"}"
    # bash takes a colon for the end of a word: it wants only what comes after the last one.
    local whole=${word%"${word##*:}"}
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        if [[ $candidate == :files ]]; then
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
        fi
        COMPREPLY+=("${candidate#"$whole"}")
    done < <(upnpctl complete "${words[@]:1}" "$word" 2>/dev/null)
    # "tcp:" is a beginning.
    [[ ${COMPREPLY[*]} != *: ]] || compopt -o nospace 2>/dev/null
}
complete -F _upnpctl upnpctl
