// SPDX-License-Identifier: GPL-2.0-or-later
#include "password_file.h"

#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igd::ctl {
namespace {

constexpr mode_t kForRootAndTheDaemon = 0640;

Failure failureOf(const std::filesystem::path& path) {
    const int error = errno;
    return {fmt::format("{}: {}", path.string(), std::generic_category().message(error)),
            error == EACCES || error == EPERM ? kNotPermitted : kRefused};
}

/// Without that group root alone may read it.
gid_t groupOfDaemon() {
    const group* const ours = ::getgrnam("upnpd");
    return ours == nullptr ? 0 : ours->gr_gid;
}

bool fill(int file, const std::string& text) {
    return ::fchown(file, 0, groupOfDaemon()) == 0 && ::fchmod(file, kForRootAndTheDaemon) == 0 &&
           ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
           ::fsync(file) == 0;
}

}  // namespace

Outcome<void> writePasswordFile(const std::filesystem::path& path, const std::string& hash) {
    std::filesystem::path next = path;
    next += ".new";
    ::unlink(next.c_str());  // one that an earlier run has left
    const UniqueFd file{
        ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file) return tl::unexpected(failureOf(next));
    if (fill(file.get(), hash + "\n") && ::rename(next.c_str(), path.c_str()) == 0) return {};
    const Failure failure = failureOf(path);
    ::unlink(next.c_str());
    return tl::unexpected(failure);
}

}  // namespace igd::ctl
