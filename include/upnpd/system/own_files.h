// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's own files: their directories are made and given to the account that it becomes, and
// what keeps one from being written is said in words.
#pragma once

#include "upnpd/system/privileges.h"
#include "upnpd/util/unique_fd.h"

#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// Returns in words why this process could not write `path`, by the errno of the call that failed:
/// "user nobody cannot write in /var/lib/upnpd (owner root)".
[[nodiscard]] std::string whyNotWritten(const std::filesystem::path& path, int error);

/// Returns whether that errno speaks of the disk (full, over quota, broken, read-only), which may
/// be mended, and not of a mistake in the configuration.
[[nodiscard]] bool isAboutDisk(int error);

/// A file or directory that cannot be written: "/var/lib/upnpd: ...".
struct FileError : std::runtime_error {
    FileError(const std::filesystem::path& path, int error);
    int cause;  ///< an errno
};

/// Writes `text` into `file`. Returns the octets of it that could not be written: errno says why.
[[nodiscard]] std::size_t writeAll(int file, std::string_view text);

/// Puts a file with `text`, for the account alone, in the place of `path`: a loss of power leaves
/// the one or the other. Returns it, open to append to. Throws FileError; nothing has changed then.
UniqueFd replaceFile(const std::filesystem::path& path, std::string_view text);

/// Makes `directory` and those above it that are missing, for everybody to read as far as the mask
/// lets them. Returns whether it was missing. Throws FileError.
bool makeDirectory(const std::filesystem::path& directory);

/// Throws std::runtime_error when `path`, where a socket is to be made, has something else.
void requireSocketPlace(const std::filesystem::path& path);

/// The directories of the daemon's files.
class OwnDirectories {
public:
    /// Makes the directory of `file` if it is missing. Throws FileError.
    void add(const std::filesystem::path& file);

    /// Makes `account` the owner of each directory that was made, and of each that is called
    /// "upnpd" and has nothing in it but files that were added: with these files. Any other one is
    /// somebody else's and stays as it is. Only root gives; for others nothing happens. Throws
    /// std::runtime_error.
    void give(const SystemUser& account) const;

private:
    [[nodiscard]] bool isOurs(const std::filesystem::path& directory,
                              const std::set<std::string>& names) const;

    std::map<std::filesystem::path, std::set<std::string>> names_;  ///< of files, by directory
    std::set<std::filesystem::path> made_;
};

}  // namespace igd
