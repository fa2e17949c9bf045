// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/store/store_setting.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include <sys/stat.h>
#include <sys/un.h>

namespace igd {
namespace {

constexpr std::string_view kPlain = "redis://";
constexpr std::string_view kTls = "rediss://";
constexpr std::string_view kUnix = "redis+unix://";
constexpr std::string_view kDatabase = "?db=";
constexpr Port kUsualPort{6379};
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kLongestWord = 512;

/// Takes `start` away from the beginning of `text`.
bool takeStart(std::string_view& text, std::string_view start) {
    if (!text.starts_with(start)) return false;
    text.remove_prefix(start.size());
    return true;
}

std::optional<StoreSetting> atSocket(std::string_view text) {
    const auto mark = text.find(kDatabase);
    const auto path = text.substr(0, mark);
    StoreSetting setting{.place = std::filesystem::path{path}};
    if (mark != std::string_view::npos) {
        const auto database = parseUnsigned<std::uint16_t>(text.substr(mark + kDatabase.size()));
        if (!database) return std::nullopt;
        setting.database = *database;
    }
    const bool isPath = path.size() > 1 && path.front() == '/' && path.size() <= kLongestPath;
    return isPath ? std::optional{setting} : std::nullopt;
}

std::optional<StoreSetting> atAddress(std::string_view text, bool tls) {
    const auto slash = text.find('/');
    const auto place = parseAuthority(text.substr(0, slash), kUsualPort);
    if (!place || place->port == Port{0}) return std::nullopt;
    StoreSetting setting{.place = *place, .tls = tls};
    if (slash == std::string_view::npos || slash + 1 == text.size()) return setting;
    const auto database = parseUnsigned<std::uint16_t>(text.substr(slash + 1));
    if (!database) return std::nullopt;
    setting.database = *database;
    return setting;
}

}  // namespace

std::optional<StoreSetting> parseStoreSetting(std::string_view text) {
    if (takeStart(text, kUnix)) return atSocket(text);
    if (takeStart(text, kPlain)) return atAddress(text, false);
    return takeStart(text, kTls) ? atAddress(text, true) : std::nullopt;
}

std::string toString(const StoreSetting& setting) {
    if (const auto* const path = std::get_if<std::filesystem::path>(&setting.place))
        return fmt::format("{}{}{}{}", kUnix, path->string(), kDatabase, setting.database);
    return fmt::format("{}{}/{}", setting.tls ? kTls : kPlain,
                       toString(std::get<IpEndpoint>(setting.place)), setting.database);
}

std::optional<std::string> faultOfLogin(const std::filesystem::path& file, std::uint32_t account) {
    constexpr mode_t kOthers = 077;
    struct stat status {};
    const bool isFound = ::stat(file.c_str(), &status) == 0;
    if (!isFound && errno == EACCES) return std::nullopt;  // root can read it, at the start
    if (!isFound)
        return fmt::format("{}: make it, with the password of the store", std::strerror(errno));
    if (!S_ISREG(status.st_mode)) return "it is no file";
    if ((status.st_mode & kOthers) != 0)
        return fmt::format("others can read it: chmod 600 {}", file.string());
    if (status.st_uid != 0 && status.st_uid != account)
        return fmt::format("somebody else owns it: chown root {}", file.string());
    return std::nullopt;
}

tl::expected<StoreLogin, std::string> readLogin(const std::filesystem::path& file) {
    constexpr std::size_t kLongest = 2 * kLongestWord + 2;
    std::array<char, kLongest> octets{};
    std::ifstream stream{file};
    if (!stream)
        return tl::unexpected(
            fmt::format("lease_store_login = {}: {}", file.string(), std::strerror(errno)));
    stream.read(octets.data(), octets.size());
    std::string text{octets.data(), static_cast<std::size_t>(stream.gcount())};
    for (char& each : text)
        if (each == '\n' || each == '\r') each = ' ';
    const auto found = words(text);
    if (!stream.eof() || found.empty() || found.size() > 2)
        return tl::unexpected(fmt::format(
            "lease_store_login = {}: expected a password, or a user and a password, with a blank "
            "or a new line between them",
            file.string()));
    if (found.size() == 1) return StoreLogin{.password = std::string{found[0]}};
    return StoreLogin{.user = std::string{found[0]}, .password = std::string{found[1]}};
}

}  // namespace igd
