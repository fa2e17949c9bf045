# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of upnpctl(8) in fish. upnpctl itself says what may follow, with what the daemon has open.

function __upnpctl_candidates
    set -l before (commandline -opc)
    set -l found (upnpctl complete $before[2..] (commandline -ct) 2>/dev/null)
    if test "$found" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $found
    end
end
complete -c upnpctl -f -a '(__upnpctl_candidates)'
