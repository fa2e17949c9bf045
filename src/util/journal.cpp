// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal.h"

#include <algorithm>
#include <iterator>

#include <sys/socket.h>
#include <sys/stat.h>

namespace igd::log {

std::string journalEntry(int priority, std::string_view text, const Subject& subject) {
    std::string entry;
    const auto add = [&](std::string_view name, const auto& value) {
        entry += fmt::format("{}={}\n", name, value);
    };
    add("PRIORITY", priority);
    add("SYSLOG_IDENTIFIER", "upnpd");
    add("MESSAGE", text);
    if (!subject.client.empty()) add("UPNPD_CLIENT", subject.client);
    if (subject.port != 0) add("UPNPD_PORT", subject.port);
    if (!subject.action.empty()) add("UPNPD_ACTION", subject.action);
    return entry;
}

bool isJournalStream(int descriptor, std::string_view variable) {
    struct stat status {};
    return !variable.empty() && ::fstat(descriptor, &status) == 0 &&
           variable == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

Journal::Journal(std::string_view path) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    address_.sun_family = AF_UNIX;
    path.copy(address_.sun_path, sizeof address_.sun_path - 1);
}

bool Journal::write(int priority, std::string_view text, const Subject& subject) const {
    const std::string entry = journalEntry(priority, text, subject);
    return ::sendto(socket_.get(), entry.data(), entry.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address_),
                    sizeof address_) == std::ssize(entry);
}

}  // namespace igd::log
