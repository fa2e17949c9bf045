// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables_nft.h"

#include "names.h"
#include "program.h"

#include <fmt/format.h>

#include <vector>

namespace igd::firewall::iptables_nft {
namespace {

constexpr int kMostCopies = 16;  // of a rule of ours, should several daemons have been killed

std::vector<std::string> arguments(const char* command, const std::string& chain) {
    const std::string mark = fmt::format("{0:#x}/{0:#x}", kPacketMark);
    return {"iptables-nft",
            "-t",
            "filter",
            command,
            chain,
            "-m",
            "mark",
            "--mark",
            mark,
            "-m",
            "conntrack",
            "--ctstate",
            "DNAT",
            "-m",
            "comment",
            "--comment",
            std::string{kTag},
            "-j",
            "ACCEPT"};
}

bool run(const char* command, const std::string& chain) {
    return succeeds(arguments(command, chain));
}

}  // namespace

bool open(const std::string& chain, Place place) {
    return run("-C", chain) || run(place == Place::End ? "-A" : "-I", chain);
}

bool close(const std::string& chain) {
    int closed = 0;
    while (closed < kMostCopies && run("-D", chain)) ++closed;
    return closed > 0;
}

}  // namespace igd::firewall::iptables_nft
