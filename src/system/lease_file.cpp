// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/lease_file.h"

#include "lease_lines.h"
#include "lease_miniupnpd.h"
#include "lease_reader.h"

#include "upnpd/system/own_files.h"
#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
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
/// Room for 300,000 openings with long descriptions, each written twice.
constexpr std::size_t kLargestFile = 512UL << 20;

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

/// Returns what is in the file; nullopt: there is none. Throws std::runtime_error.
std::optional<std::string> contents(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error == std::errc::no_such_file_or_directory) return std::nullopt;
    if (error || size > kLargestFile)
        throw std::runtime_error(
            fmt::format("lease file {}: {}", path.string(),
                        error ? error.message() : std::string{"larger than any of ours"}));
    std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw failure(path);
    return std::move(text).str();
}

/// Copies the file that ours takes the place of, once for each text.
void keepForeign(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::path kept = path.string() + ".miniupnpd";
    std::error_code error;
    for (int i = 1; std::filesystem::exists(kept, error); ++i) {
        if (contents(kept) == text) return;  // a start that failed later did it
        kept = fmt::format("{}.miniupnpd.{}", path.string(), i);
    }
    std::filesystem::copy_file(path, kept, error);
    if (error)
        log::error("system: miniupnpd's file {} cannot be kept as {}: {}", path.string(),
                   kept.string(), error.message());
    else
        log::notice("system: {} is miniupnpd's: it is kept as {}", path.string(), kept.string());
}

}  // namespace

bool isLeaseFileOfMiniupnpd(std::string_view text) {
    return lease::isOfMiniupnpd(text);
}

LeaseFile::LeaseFile(std::filesystem::path path, All all, std::function<void()> failed)
    : path_(std::move(path)), all_(std::move(all)), failed_(std::move(failed)), bootId_(bootId()) {}

std::vector<Opening> LeaseFile::load(const Now& now, Seconds longest,
                                     const std::optional<std::filesystem::path>& pinholes) const {
    const auto text = contents(path_);
    const bool isForeign = text && lease::isOfMiniupnpd(*text);
    if (text && !text->empty() && !isForeign) {
        auto leases = lease::readLeases(*text, now, longest, {bootId_, lastWritten(path_)});
        if (!leases.badLines.empty()) keepBadFile(path_, leases.badLines);
        return std::move(leases.openings);
    }
    std::vector<Opening> openings;
    if (isForeign) {
        keepForeign(path_, *text);
        openings = takeOver(path_, *text, now, longest);
    }
    try {
        if (const auto more = pinholes ? contents(*pinholes) : std::nullopt)
            std::ranges::move(takeOver(*pinholes, *more, now, longest),
                              std::back_inserter(openings));
    } catch (const std::runtime_error& error) {
        log::error("system: {}: its pinholes are not taken over", error.what());
    }
    return openings;
}

std::vector<Opening> LeaseFile::takeOver(const std::filesystem::path& path, std::string_view text,
                                         const Now& now, Seconds longest) const {
    auto leases = lease::readMiniupnpd(text, now, longest, {bootId_, lastWritten(path)});
    log::notice("system: {} lease(s) of miniupnpd are taken over from {}", leases.openings.size(),
                path.string());
    if (!leases.badLines.empty())
        log::warning("system: {}:{}: {} line(s) cannot be read and are left out", path.string(),
                     leases.badLines.front(), leases.badLines.size());
    return std::move(leases.openings);
}

void LeaseFile::open(const Now& now) {
    try {
        rewrite(now);
    } catch (const FileError& error) {
        if (!isAboutDisk(error.cause))
            throw std::runtime_error(fmt::format("lease file {}", error.what()));
        reportFailure(fmt::format("lease file {}", error.what()));
    }
}

void LeaseFile::rewrite(const Now& now) {
    const Now written = inMilliseconds(now);
    std::string text = fmt::format("{}{}\n", kHeader, lease::clockLine(written, bootId_));
    std::size_t lines = 0;
    for (const Opening& opening : all_())
        if (const auto line = lease::openLine(opening, written); !line.empty()) {
            text += line + '\n';
            ++lines;
        }
    file_ = replaceFile(path_, text);
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
    log::change("system: the lease file can be written again");
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
