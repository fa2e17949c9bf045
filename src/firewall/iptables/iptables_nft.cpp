// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/iptables_nft.h"

#include "names.h"
#include "program.h"

#include <fmt/format.h>

#include <vector>

namespace igd::firewall::iptables_nft {
namespace {

constexpr int kMostCopies = 16;  // of a rule of ours, should several daemons have been killed

std::vector<std::string> arguments(const char* command, const std::string& chain,
                                   const Opening& opening) {
    const Family& family = opening.family;
    const std::string mark = fmt::format("{0:#x}/{0:#x}", opening.markBits);
    return {family.iptablesNft,
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
            family.translates ? "DNAT" : "NEW,RELATED,ESTABLISHED",
            "-m",
            "comment",
            "--comment",
            std::string{family.tag},
            "-j",
            "ACCEPT"};
}

bool run(const char* command, const std::string& chain, const Opening& opening) {
    return succeeds(arguments(command, chain, opening));
}

}  // namespace

bool open(const std::string& chain, Place place, const Opening& opening) {
    return run("-C", chain, opening) || run(place == Place::End ? "-A" : "-I", chain, opening);
}

bool close(const std::string& chain, const Opening& opening) {
    int closed = 0;
    while (closed < kMostCopies && run("-D", chain, opening)) ++closed;
    return closed > 0;
}

}  // namespace igd::firewall::iptables_nft
