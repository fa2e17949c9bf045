// SPDX-License-Identifier: GPL-2.0-or-later
// The commands of upnpctl(8), each with what its words say.
#pragma once

#include "word_values.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace igd::ctl {

struct Status {};
struct List {
    std::optional<std::string> client;  ///< an address, a hardware address or a name
    std::optional<Protocol> protocol;
};
/// Tells everything about one opening.
struct ShowOne {
    std::optional<std::uint64_t> id;
};
struct Delete {
    std::optional<MappingKey> key;         ///< one mapping,
    std::optional<PinholeTarget> pinhole;  ///< the pinholes to an endpoint,
    std::optional<std::uint64_t> id;       ///< one opening,
    std::optional<std::string> client;     ///< all of a client,
    bool all = false;                      ///< or all
};
/// Opens a port, or a pinhole to a host of IPv6.
struct Add {
    std::optional<Protocol> protocol;
    std::optional<Port> externalPort;
    std::optional<HostWord> target;
    std::optional<Seconds> lease;  ///< nullopt: it has no end
    std::optional<std::string> comment;
    bool dryRun = false;  ///< says what would happen
};
struct Check {
    std::vector<MappingKey> keys;  ///< of one port; none: every mapping
    /// --live: waits so long for a packet to that port, and follows it.
    std::optional<std::chrono::seconds> live;
};
/// How talkative the log is to be.
struct SetLog {
    std::optional<int> debugMode;     ///< 0..3
    std::optional<Seconds> duration;  ///< nullopt: until something else is said
};
/// Asks what a client would get, and why.
struct Explain {
    std::optional<std::string> client;
    std::optional<Protocol> protocol;
    std::optional<Port> externalPort;
    std::optional<Port> internalPort;
};
/// Asks for the line that decides.
struct Acl {
    Explain asked;
};
/// Follows what happens.
struct Watch {
    bool initial = false;  ///< begins with what is open
};
/// A live table.
struct Top {
    std::optional<std::uint32_t> times;  ///< nullopt: until it is stopped
    std::optional<Seconds> interval;     ///< nullopt: 2 s
};
struct ShowConfig {
    bool changed = false;  ///< only what is not the default
};
struct Metrics {
    bool openMetrics = false;
};
struct Approve {
    std::optional<std::string> host;  ///< nullopt: lists what waits
};
struct Block {
    std::optional<std::string> host;
};
struct PagePassword {
    bool fromInput = false;  ///< one line of standard input
};
/// Prints what could follow the words of an unfinished command line, for shells.
struct Complete {
    std::vector<std::string> words;
};
/// Makes this router of a pair the active one, or the one that stands by.
struct Promote {};
struct Demote {};
struct Sync {};
struct Reload {};
struct Version {};
struct Help {};

using Command = std::variant<Status, List, ShowOne, Check, Explain, Acl, Watch, Top, ShowConfig,
                             Metrics, Add, Delete, Approve, Block, PagePassword, SetLog, Promote,
                             Demote, Sync, Reload, Complete, Version, Help>;

}  // namespace igd::ctl
