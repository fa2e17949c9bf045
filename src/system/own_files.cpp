// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/own_files.h"

#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igd {
namespace {

namespace fs = std::filesystem;

/// The lease file has these beside it (LeaseFile, Approvals).
constexpr std::array kEndings{"", ".new", ".bad", ".miniupnpd", ".approved", ".approved.new"};

std::string nameOfUser(uid_t uid) {
    const passwd* const entry = ::getpwuid(uid);
    return entry != nullptr ? entry->pw_name : fmt::to_string(uid);
}

/// Gives the file to the account, unless it has another name as well: that may be anybody's file,
/// for the account could have made the link itself.
void giveOne(const fs::path& path, const SystemUser& account) {
    struct stat status {};
    const UniqueFd file{::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    if (file && ::fstat(file.get(), &status) == 0 && !S_ISDIR(status.st_mode) &&
        status.st_nlink > 1)
        throw std::runtime_error(
            fmt::format("{}: has another name as well, which is refused", path.string()));
    if (!file || ::fchownat(file.get(), "", account.uid, account.gid, AT_EMPTY_PATH) != 0)
        throw FileError{path, errno};
}

}  // namespace

std::string whyNotWritten(const fs::path& path, int error) {
    if (error == ELOOP) return "is a symbolic link, which is refused";
    if (error != EACCES && error != EPERM) return std::strerror(error);
    struct stat status {};
    const bool itself = ::lstat(path.c_str(), &status) == 0 && ::access(path.c_str(), W_OK) != 0;
    const fs::path place = itself ? path : path.parent_path();
    const std::string owner = ::stat(place.c_str(), &status) == 0
                                  ? fmt::format(" (owner {})", nameOfUser(status.st_uid))
                                  : "";
    return fmt::format("user {} cannot write {}{}{}", nameOfUser(::geteuid()), itself ? "" : "in ",
                       place.string(), owner);
}

std::size_t writeAll(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return text.size();
}

UniqueFd replaceFile(const fs::path& path, std::string_view text) {
    const std::string next = path.string() + ".new";
    UniqueFd file{::open(next.c_str(),
                         O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)};
    // On the disk before it takes the other's place.
    if (file && writeAll(file.get(), text) == 0 && ::fdatasync(file.get()) == 0 &&
        ::rename(next.c_str(), path.c_str()) == 0)
        return file;
    const FileError error{next, errno};
    ::unlink(next.c_str());
    throw error;
}

bool isAboutDisk(int error) {
    return error == ENOSPC || error == EDQUOT || error == EFBIG || error == EIO || error == EROFS;
}

FileError::FileError(const fs::path& path, int error)
    : std::runtime_error(fmt::format("{}: {}", path.string(), whyNotWritten(path, error))),
      cause(error) {}

bool makeDirectory(const fs::path& directory) {
    std::error_code ignored;
    if (fs::is_directory(directory, ignored)) return false;
    if (directory.has_relative_path()) makeDirectory(directory.parent_path());
    if (::mkdir(directory.c_str(), 0755) == 0) return true;
    const int error = errno;
    if (error == EEXIST && fs::is_directory(directory, ignored)) return false;
    throw FileError{directory, error};
}

void requireSocketPlace(const fs::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode))
        throw std::runtime_error(
            fmt::format("control_socket {}: is there already and is no socket: move it away, or "
                        "name another path",
                        path.string()));
}

void OwnDirectories::add(const fs::path& file) {
    const fs::path directory = file.parent_path();
    if (makeDirectory(directory)) made_.insert(directory);
    for (const char* const ending : kEndings)
        names_[directory].insert(file.filename().string() + ending);
}

bool OwnDirectories::isOurs(const fs::path& directory, const std::set<std::string>& names) const {
    if (made_.contains(directory)) return true;
    if (directory.filename() != "upnpd") return false;
    return std::ranges::all_of(fs::directory_iterator{directory}, [&](const auto& entry) {
        return names.contains(entry.path().filename().string());
    });
}

void OwnDirectories::give(const SystemUser& account) const {
    if (!isRoot()) return;
    for (const auto& [directory, names] : names_) {
        if (!isOurs(directory, names)) continue;
        for (const auto& entry : fs::directory_iterator{directory}) giveOne(entry.path(), account);
        giveOne(directory, account);
    }
}

}  // namespace igd
