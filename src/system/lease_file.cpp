// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/lease_file.h"

#include "lease_lines.h"
#include "lease_reader.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igd {
namespace {

constexpr std::string_view kHeader = "# upnpd leases: changes made here are lost\n";
/// Lines beyond twice the openings before the file is written anew: rare enough for flash memory.
constexpr std::size_t kSpareLines = 1000;
constexpr std::size_t kLargestFile = 64UL << 20;

/// Empty where the kernel does not tell.
std::string bootId() {
    std::string id;
    std::getline(std::ifstream{"/proc/sys/kernel/random/boot_id"}, id);
    return id;
}

WallTime lastWritten(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    const timespec& time = status.st_mtim;
    return WallTime{Seconds{time.tv_sec}} +
           std::chrono::floor<WallTime::duration>(std::chrono::nanoseconds{time.tv_nsec});
}

/// A reader of the clock line finds the same times again.
Now inMilliseconds(const Now& now) {
    return {std::chrono::floor<lease::Milliseconds>(now.monotonic),
            std::chrono::floor<lease::Milliseconds>(now.wall)};
}

/// Returns the octets of `text` that could not be written.
std::size_t writeAll(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return text.size();
}

std::runtime_error failure(const std::filesystem::path& path) {
    return std::runtime_error(
        fmt::format("lease file {}: {}", path.string(), std::strerror(errno)));
}

void keepBadFile(const std::filesystem::path& path, const std::vector<std::size_t>& lines) {
    const std::filesystem::path copy = path.string() + ".bad";
    std::error_code error;
    std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing,
                               error);
    log::error("system: {}:{}: {} line(s) cannot be read and are left out{}", path.string(),
               lines.front(), lines.size(),
               error ? "" : fmt::format("; the file is kept as {}", copy.string()));
}

}  // namespace

LeaseFile::LeaseFile(std::filesystem::path path, All all, std::function<void()> failed)
    : path_(std::move(path)), all_(std::move(all)), failed_(std::move(failed)), bootId_(bootId()) {}

std::vector<Opening> LeaseFile::load(const Now& now, Seconds longest) const {
    std::error_code error;
    const auto size = std::filesystem::file_size(path_, error);
    if (error == std::errc::no_such_file_or_directory) return {};
    if (error || size > kLargestFile)
        throw std::runtime_error(
            fmt::format("lease file {}: {}", path_.string(),
                        error ? error.message() : std::string{"larger than any of ours"}));
    std::ifstream file{path_};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw failure(path_);
    auto leases = lease::readLeases(text.view(), now, longest, {bootId_, lastWritten(path_)});
    if (!leases.badLines.empty()) keepBadFile(path_, leases.badLines);
    return std::move(leases.openings);
}

void LeaseFile::open(const Now& now) {
    rewrite(now);
}

void LeaseFile::rewrite(const Now& now) {
    const std::string next = path_.string() + ".new";
    UniqueFd file{::open(next.c_str(),
                         O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)};
    const Now written = inMilliseconds(now);
    std::string text = fmt::format("{}{}\n", kHeader, lease::clockLine(written, bootId_));
    std::size_t lines = 0;
    for (const Opening& opening : all_())
        if (const auto line = lease::openLine(opening, written); !line.empty()) {
            text += line + '\n';
            ++lines;
        }
    // On the disk before it takes the other's place: a loss of power leaves the one or the other.
    if (!file || writeAll(file.get(), text) != 0 || ::fdatasync(file.get()) != 0 ||
        ::rename(next.c_str(), path_.c_str()) != 0) {
        const auto error = failure(path_);
        ::unlink(next.c_str());
        throw error;
    }
    file_ = std::move(file);
    written_ = written;
    lines_ = lines;
    // Twice the openings, so that the work stays O(1) for a line.
    rewriteAt_ = 2 * lines_ + kSpareLines;
}

/// The wall clock of the file's clock line goes on, whatever becomes of the real one.
Now LeaseFile::asWritten(const Now& now) const {
    return {now.monotonic, written_.wall + std::chrono::duration_cast<WallTime::duration>(
                                               now.monotonic - written_.monotonic)};
}

void LeaseFile::clockWasSet(const Now& now) {
    rewriteAt_ = 0;
    rewriteIfGrown(now);
}

void LeaseFile::rewriteIfGrown(const Now& now) {
    if (lines_ < rewriteAt_) return;
    try {
        rewrite(now);
    } catch (const std::runtime_error& error) {
        reportFailure(error.what());
        rewriteAt_ = lines_ + kSpareLines;
    }
}

bool LeaseFile::writeLine(const std::string& line) {
    const std::size_t missing = writeAll(file_.get(), line);
    if (missing == 0) return true;
    const int cause = errno;
    // Half a line would spoil the next one.
    struct stat now {};
    const auto half = static_cast<off_t>(line.size() - missing);
    if (half > 0 &&
        (::fstat(file_.get(), &now) != 0 || ::ftruncate(file_.get(), now.st_size - half) != 0))
        log::debug("system: the lease file cannot be cut");
    errno = cause;
    return false;
}

void LeaseFile::append(const std::string& line, const Now& now) {
    if (!writeLine(line + '\n')) return reportFailure(failure(path_).what());
    ++lines_;
    // Lines were lost meanwhile: only the whole file is right again.
    if (failing_) return static_cast<void>(retry(now));
    rewriteIfGrown(now);
}

void LeaseFile::reportFailure(std::string_view what) {
    if (std::exchange(failing_, true)) return;
    log::error("system: {}: mappings made now do not survive a restart", what);
    if (failed_) failed_();
}

void LeaseFile::reportRecovery() {
    failing_ = false;
    log::notice("system: the lease file can be written again");
}

/// Lines that were lost are in no file: nobody may ask for anything again before the next restart.
bool LeaseFile::retry(const Now& now) {
    if (!failing_) return true;
    try {
        rewrite(now);
    } catch (const std::runtime_error& error) {
        log::debug("system: {}", error.what());
        return false;
    }
    reportRecovery();
    return true;
}

void LeaseFile::stored(const Opening& opening, const Now& now) {
    const auto line = lease::openLine(opening, asWritten(now));
    // The administrator has taken what was a client's.
    append(line.empty() ? lease::closeLine(opening.name()) : line, now);
}

void LeaseFile::ended(const Opening& opening, const Now& now) {
    append(lease::closeLine(opening.name()), now);
}

}  // namespace igd
