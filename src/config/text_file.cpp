// SPDX-License-Identifier: GPL-2.0-or-later
#include "text_file.h"

#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igd {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;

std::string messageOf(int error) {
    return std::system_category().message(error);
}

using FileText = tl::expected<std::string, Unreadable>;

FileText readAll(int fd) {
    std::string text;
    std::array<char, 65536> buffer{};
    while (text.size() <= kLargestFile) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got == 0) return text;
        if (got > 0)
            text.append(buffer.data(), static_cast<std::size_t>(got));
        else if (errno != EINTR)
            return tl::unexpected(
                Unreadable{false, fmt::format("cannot be read: {}", messageOf(errno))});
    }
    return tl::unexpected(Unreadable{false, fmt::format("has more than {} bytes", kLargestFile)});
}

}  // namespace

tl::expected<std::string, Unreadable> readTextFile(const std::string& path) {
    // A FIFO in its place must not hold up the start.
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!fd) return tl::unexpected(Unreadable{errno == ENOENT, messageOf(errno)});
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return tl::unexpected(Unreadable{false, messageOf(errno)});
    if (!S_ISREG(status.st_mode)) return tl::unexpected(Unreadable{false, "is not a regular file"});
    return readAll(fd.get());
}

}  // namespace igd
