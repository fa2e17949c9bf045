// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_formats.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <algorithm>

namespace igd::leases {
namespace {

using Words = std::vector<std::string_view>;

/// "020000000001", as odhcpd has the hardware address of a client of IPv4.
std::optional<MacAddress> macOfDigits(std::string_view digits) {
    MacAddress mac;
    if (digits.size() != 2 * mac.bytes.size()) return std::nullopt;
    for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
        const auto octet = parseUnsigned<std::uint8_t>(digits.substr(2 * i, 2), 16);
        if (!octet) return std::nullopt;
        mac.bytes[i] = *octet;
    }
    return mac;
}

/// odhcpd: # INTERFACE DUID IAID|ipv4 NAME END ID LENGTH ADDRESS/LENGTH ...
void readOdhcpd(const Words& words, Collector& to) {
    constexpr std::size_t kAddresses = 8;
    if (words.size() <= kAddresses) return;
    const bool ipv4 = words[3] == "ipv4";
    for (std::size_t i = kAddresses; i < words.size(); ++i) {
        const std::string_view address = words[i].substr(0, words[i].find('/'));
        // A prefix that was delegated is no host.
        if (const auto host = parseIpAddress(address);
            host && (words[i].ends_with("/128") || words[i].ends_with("/32")))
            to.lease(*host, ipv4 ? macOfDigits(words[2]) : std::nullopt, words[4]);
    }
}

/// dnsmasq: END MAC ADDRESS NAME ID; of IPv6 the second is the IAID. Hardware that is not Ethernet
/// has its kind in front: 06-02:00:00:00:00:01.
void readDnsmasq(const Words& words, Collector& to) {
    const auto address = parseIpAddress(words[2]);
    if (address) to.lease(*address, parseMacAddress(words[1]), words[3]);
}

}  // namespace

void forEachLine(std::string_view text, const std::function<void(std::string_view)>& take) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        take(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void readLine(std::string_view line, Collector& to) {
    const Words words = igd::words(line);
    if (words.size() < 2) return;
    if (words[0] == "#") return readOdhcpd(words, to);
    if (words.size() >= 4 && parseUnsigned<std::uint64_t>(words[0])) return readDnsmasq(words, to);
    if (const auto address = parseIpAddress(words[0])) to.lease(*address, std::nullopt, words[1]);
}

}  // namespace igd::leases
