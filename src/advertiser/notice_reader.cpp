// SPDX-License-Identifier: GPL-2.0-or-later
#include "notice_reader.h"

namespace igd {
namespace {

/// Returns the value of that header, or an empty text.
std::string_view headerIn(std::string_view datagram, std::string_view name) {
    while (!datagram.empty()) {
        const auto end = datagram.find("\r\n");
        std::string_view line = datagram.substr(0, end);
        datagram.remove_prefix(end == std::string_view::npos ? datagram.size() : end + 2);
        if (!line.starts_with(name) || !line.substr(name.size()).starts_with(':')) continue;
        line.remove_prefix(name.size() + 1);
        const auto begin = line.find_first_not_of(' ');
        return begin == std::string_view::npos ? std::string_view{} : line.substr(begin);
    }
    return {};
}

}  // namespace

std::optional<Notice> noticeIn(std::string_view datagram) {
    const auto kind = headerIn(datagram, "NTS");
    const auto target = headerIn(datagram, "NT");
    const auto usn = headerIn(datagram, "USN");
    const bool alive = kind == "ssdp:alive";
    if (!datagram.starts_with("NOTIFY ") || (!alive && kind != "ssdp:byebye") || target.empty() ||
        usn.empty())
        return std::nullopt;
    return Notice{alive, std::string{target}, std::string{usn}};
}

}  // namespace igd
