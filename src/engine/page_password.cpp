// SPDX-License-Identifier: GPL-2.0-or-later
#include "page_password.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace igd {

std::string readPageHash(const std::optional<std::filesystem::path>& file) {
    if (!file) return {};
    constexpr std::size_t kLongest = 384;  // CRYPT_OUTPUT_SIZE of libxcrypt
    std::array<char, kLongest + 1> octets{};
    std::ifstream stream{*file};
    if (!stream) {
        log::warning("page_password: nobody can act on the page: {}: {}", file->string(),
                     std::strerror(errno));
        return {};
    }
    stream.getline(octets.data(), octets.size());
    std::string hash{trimmed(octets.data())};
    if (!stream.fail() && hash.starts_with('$')) return hash;
    log::warning(
        "page_password: nobody can act on the page: {} has no hash of a password in its first line",
        file->string());
    return {};
}

}  // namespace igd
