#compdef upnpctl
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of upnpctl(8) in zsh. upnpctl itself says what may follow, with what the daemon has open.

local line word meaning
local -a words_before found
words_before=("${(@Q)words[2,CURRENT-1]}")
while IFS= read -r line; do
    if [[ $line == :files ]]; then
        _files
        return
    fi
    word=${line%%$'\t'*}
    meaning=${line#"$word"}
    found+=("${word//:/\\:}${meaning:+:${meaning#$'\t'}}")
done < <(upnpctl complete $words_before "${(Q)PREFIX}" 2>/dev/null)
_describe -o upnpctl found
