// SPDX-License-Identifier: GPL-2.0-or-later
#include "outbound_timeout.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fstream>
#include <string>

namespace igd {

std::optional<Seconds> conntrackTimeout(Protocol protocol, const std::filesystem::path& folder) {
    const std::string name =
        protocol == Protocol::Udp ? "udp_timeout_stream" : "tcp_timeout_established";
    std::string line;
    if (!std::getline(std::ifstream{folder / ("nf_conntrack_" + name)}, line)) return std::nullopt;
    const auto seconds = parseUnsigned<std::uint32_t>(trimmed(line));
    return seconds ? std::optional{Seconds{*seconds}} : std::nullopt;
}

}  // namespace igd
