// SPDX-License-Identifier: GPL-2.0-or-later
// The journal of systemd takes an entry as one datagram of lines NAME=value (systemd's "Native
// Journal Protocol").
#pragma once

#include "upnpd/util/log.h"
#include "upnpd/util/unique_fd.h"

#include <string>
#include <string_view>

#include <sys/un.h>

namespace igd::log {

constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

/// Returns the datagram of an entry. `text` is one line.
[[nodiscard]] std::string journalEntry(int priority, std::string_view text, const Subject& subject);

/// Returns whether `descriptor` is a stream to the journal, as $JOURNAL_STREAM (systemd.exec(5))
/// says: "DEVICE:INODE".
[[nodiscard]] bool isJournalStream(int descriptor, std::string_view variable);

class Journal {
public:
    explicit Journal(std::string_view path = kJournalSocket);
    /// Returns whether the journal has taken the entry. It does not wait.
    [[nodiscard]] bool write(int priority, std::string_view text, const Subject& subject) const;

private:
    sockaddr_un address_{};
    UniqueFd socket_;
};

}  // namespace igd::log
