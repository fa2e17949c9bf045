// SPDX-License-Identifier: GPL-2.0-or-later
#include "password_hash.h"

#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>

#include <crypt.h>
#include <sys/random.h>

namespace igd::ctl {
namespace {

/// Returns `length` characters of six random bits each.
std::string randomText(std::size_t length) {
    constexpr std::string_view kDigits =
        "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::array<unsigned char, 32> octets{};
    if (::getrandom(octets.data(), octets.size(), 0) != static_cast<ssize_t>(octets.size()))
        throw std::system_error{errno, std::generic_category(), "getrandom"};
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += kDigits[octets.at(i) & 0x3fU];
    return text;
}

/// Returns the hash by `setting`, the method and the salt; nullopt: the C library does not know it.
std::optional<std::string> hashBy(const std::string& password, const std::string& setting) {
    const auto data = std::make_unique<crypt_data>();
    const char* const hash = ::crypt_r(password.c_str(), setting.c_str(), data.get());
    const std::string_view method{setting.data(), 3};
    if (hash == nullptr || !std::string_view{hash}.starts_with(method)) return std::nullopt;
    return hash;
}

}  // namespace

std::optional<std::string> hashOf(const std::string& password) {
    if (password.empty() || password.size() > kLongestPassword) return std::nullopt;
    // 128 bits are 21 digits and two bits more, so the last digit has four zeros.
    if (auto hash = hashBy(password, "$y$j9T$" + randomText(21) + ".")) return hash;
    return hashBy(password, "$6$" + randomText(16));
}

}  // namespace igd::ctl
