// SPDX-License-Identifier: GPL-2.0-or-later
#include "file_checks.h"

#include "upnpd/system/own_files.h"
#include "upnpd/system/privileges.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>
#include <string_view>

#include <pwd.h>
#include <sys/stat.h>

namespace igd {
namespace {

/// An account, with what the mode of a file says to it.
struct Account {
    std::string name;
    uid_t uid{};
    gid_t gid{};

    [[nodiscard]] bool mayWriteIn(const struct stat& directory) const {
        constexpr mode_t kWriteAndSearch = 03;
        const mode_t mode = directory.st_uid == uid   ? directory.st_mode >> 6
                            : directory.st_gid == gid ? directory.st_mode >> 3
                                                      : directory.st_mode;
        return (mode & kWriteAndSearch) == kWriteAndSearch;
    }
};

std::optional<Account> accountOf(const std::string& name) {
    const passwd* const entry = ::getpwnam(name.c_str());
    if (entry == nullptr) return std::nullopt;
    return Account{name, entry->pw_uid, entry->pw_gid};
}

class Checker {
public:
    Checker(const std::string& file, ParsedConfiguration& parsed) : file_(file), parsed_(parsed) {}

    /// An account that is not named may be missing (findSystemUser).
    bool checkUser() {
        if (!parsed_.lines.contains("user")) return true;
        const auto fault = faultOfUser(parsed_.settings.user);
        if (fault)
            say("user", Severity::Error,
                fmt::format("user = {}: {}", parsed_.settings.user, *fault));
        return !fault;
    }

    void checkFiles() {
        auto account = accountOf(parsed_.settings.user);
        if (!account) account = accountOf("nobody");
        if (!account) return;
        if (parsed_.settings.leaseFile)
            checkDirectory("lease_file", *parsed_.settings.leaseFile, *account);
        if (parsed_.settings.controlSocket) {
            if (checkSocket(*parsed_.settings.controlSocket))
                checkDirectory("control_socket", *parsed_.settings.controlSocket, *account);
        }
        if (parsed_.settings.leaseStore && parsed_.settings.leaseStoreLogin)
            checkLogin(*parsed_.settings.leaseStoreLogin, *account);
        if (parsed_.settings.onChange) checkProgram(*parsed_.settings.onChange);
        struct stat status {};
        if (::lstat(parsed_.settings.pidFile.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
            say("pid_file", Severity::Warning,
                fmt::format("pid_file = {}: {}", parsed_.settings.pidFile.string(),
                            S_ISLNK(status.st_mode)
                                ? "is a symbolic link, which is refused"
                                : "is there and is no file: name another path"));
    }

private:
    void say(std::string_view key, Severity severity, std::string text) {
        const auto line = parsed_.lines.find(key);
        parsed_.diagnostics.push_back(
            {file_, line == parsed_.lines.end() ? 0 : line->second, severity, std::move(text)});
    }

    bool checkSocket(const std::filesystem::path& path) {
        try {
            requireSocketPlace(path);
            return true;
        } catch (const std::runtime_error& error) {
            say("control_socket", Severity::Warning, error.what());
            return false;
        }
    }

    /// Whoever may write it would act for the daemon.
    void checkProgram(const std::filesystem::path& path) {
        constexpr mode_t kWrittenByOthers = 022;
        constexpr mode_t kRunByAll = 05;
        struct stat status {};
        std::string fault;
        if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
            fault = "there is no such program";
        else if (status.st_uid != 0 || (status.st_mode & kWrittenByOthers) != 0)
            fault = "others than root may write it: chown root, chmod go-w";
        else if ((status.st_mode & kRunByAll) != kRunByAll)
            fault = "not everybody may run it, and it runs without rights: chmod 755";
        if (!fault.empty())
            say("on_change", Severity::Error,
                fmt::format("on_change = {}: {}", path.string(), fault));
    }

    void checkLogin(const std::filesystem::path& path, const Account& account) {
        if (const auto fault = faultOfLogin(path, account.uid))
            say("lease_store_login", Severity::Error,
                fmt::format("lease_store_login = {}: {}", path.string(), *fault));
    }

    /// One that is missing is made, and one called "upnpd" is given to the account.
    void checkDirectory(std::string_view key, const std::filesystem::path& path,
                        const Account& account) {
        const auto directory = path.parent_path();
        struct stat status {};
        if (directory.filename() == "upnpd" || ::stat(directory.c_str(), &status) != 0) return;
        if (!S_ISDIR(status.st_mode))
            return say(
                key, Severity::Error,
                fmt::format("{} = {}: {} is no directory", key, path.string(), directory.string()));
        if (account.mayWriteIn(status)) return;
        const passwd* const owner = ::getpwuid(status.st_uid);
        say(key, Severity::Warning,
            fmt::format("{} = {}: user {} cannot write in {} (owner {}): give it a "
                        "directory of its own",
                        key, path.string(), account.name, directory.string(),
                        owner != nullptr ? owner->pw_name : std::to_string(status.st_uid)));
    }

    const std::string& file_;
    ParsedConfiguration& parsed_;
};

}  // namespace

void checkAccountAndFiles(const std::string& file, ParsedConfiguration& parsed) {
    Checker checker{file, parsed};
    if (checker.checkUser()) checker.checkFiles();
}

}  // namespace igd
