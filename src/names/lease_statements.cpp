// SPDX-License-Identifier: GPL-2.0-or-later
// dhcpd writes at the end of its file only, as Kea does: the newest statement about an address
// counts.
#include "lease_formats.h"

#include "upnpd/util/text.h"

namespace igd::leases {
namespace {

/// A lease while its lines are read.
struct Lease {
    IpAddress address;
    std::optional<MacAddress> mac{};
    std::string_view name{};
    bool active = true;
};

/// The text between the first two quotes; empty: there are none.
std::string_view quotedIn(std::string_view line) {
    const std::size_t begin = line.find('"');
    if (begin == std::string_view::npos) return {};
    line.remove_prefix(begin + 1);
    const std::size_t end = line.find('"');
    return end == std::string_view::npos ? std::string_view{} : line.substr(0, end);
}

/// A word of a statement, without the semicolon that ends it.
std::string_view valueAt(const std::vector<std::string_view>& words, std::size_t place) {
    if (words.size() <= place) return {};
    return words[place].substr(0, words[place].find(';'));
}

void readStatement(std::string_view line, Lease& lease) {
    const auto words = igd::words(line);
    if (words.empty()) return;
    if (words[0] == "hardware") lease.mac = parseMacAddress(valueAt(words, 2));
    if (words[0] == "client-hostname") lease.name = quotedIn(line);
    if (words[0] == "binding") lease.active = valueAt(words, 2) == "active";
}

void hand(const Lease& lease, Collector& to) {
    if (lease.active)
        to.lease(lease.address, lease.mac, lease.name);
    else
        to.ended(lease.address);
}

}  // namespace

void readStatements(std::string_view file, Collector& to) {
    std::optional<Lease> lease;
    forEachLine(file, [&](std::string_view line) {
        const auto words = igd::words(line);
        if (words.size() >= 3 && words[0] == "lease" && words[2] == "{") {
            const auto address = parseIpAddress(words[1]);
            lease = address ? std::optional{Lease{*address}} : std::nullopt;
        } else if (lease && words.size() == 1 && words[0] == "}") {
            hand(*lease, to);
            lease.reset();
        } else if (lease) {
            readStatement(line, *lease);
        }
    });
}

}  // namespace igd::leases
