// SPDX-License-Identifier: GPL-2.0-or-later
// Messages between the engine and the process that speaks with the store: one message a packet of a
// SOCK_SEQPACKET pair. The engine treats whatever that process sends as a stranger's bytes.
#pragma once

#include "upnpd/portmap/opening.h"
#include "upnpd/store/store_setting.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace igd::store {

/// Most openings of one Write.
constexpr std::size_t kMaxBatch = 48;
/// Most rows of which a reader takes notice: as many as there may be openings, and some.
constexpr std::size_t kMaxRows = 300'000;
/// Times of day in milliseconds since 1970.
using UnixTime = std::uint64_t;

/// The first message to the process.
struct Begin {
    StoreSetting setting{};
    StoreLogin login{};
    std::string name{};          ///< of this daemon, for people
    std::uint64_t instance = 0;  ///< of this run: nobody else has it
    std::uint64_t token = 0;     ///< of the lead that it has; 0: none
    UnixTime leadsSince = 0;     ///< 0: it follows
    bool operator==(const Begin&) const = default;
};
/// Takes the lead, and keeps it over losses of the connection until Follow.
struct TakeLead {
    UnixTime since = 0;
    bool operator==(const TakeLead&) const = default;
};
struct Follow {
    bool operator==(const Follow&) const = default;
};
/// Asks for Confirmed.
struct Confirm {
    std::uint32_t number = 0;
    bool operator==(const Confirm&) const = default;
};
/// An opening of the next Write.
struct Keep {
    std::string name{};       ///< leaseNameText()
    std::string line{};       ///< leaseText()
    UnixTime end = 0;         ///< of its last claim; 0: it has none
    std::uint64_t first = 0;  ///< openings are told in the order of these
    bool operator==(const Keep&) const = default;
};
struct Forget {
    std::string name{};
    bool operator==(const Forget&) const = default;
};
/// The next leader is to go on with this; part of the next Write.
/// The process tells so what the one that leads has left until then.
struct KeepEpoch {
    UnixTime start = 0;        ///< 0: as it is there
    std::uint32_t bootId = 0;  ///< 0: likewise
    std::string external{};    ///< empty: likewise
    bool operator==(const KeepEpoch&) const = default;
};
/// All that came since the last one is to be written, at once or not at all. Nothing comes behind
/// it before the answer.
struct Write {
    std::uint32_t number = 0;
    bool operator==(const Write&) const = default;
};
/// The answer to Pause.
struct GoOn {
    bool operator==(const GoOn&) const = default;
};
using ToProcess =
    std::variant<Begin, TakeLead, Follow, Confirm, Keep, Forget, KeepEpoch, Write, GoOn>;

/// The store does not answer, or not as it should; `problem` is a sentence.
struct Away {
    std::string problem{};
    bool operator==(const Away&) const = default;
};
/// All rows of the store follow, and then Read.
struct ReadBegins {
    bool operator==(const ReadBegins&) const = default;
};
/// An opening that is in the store: one of those that were read, or a change of somebody else's.
struct Row {
    Opening opening{};
    std::uint64_t first = 0;
    std::uint64_t digest = 0;  ///< digestOf() its line
    bool operator==(const Row&) const = default;
};
/// An opening that is in the store no more.
struct Gone {
    OpeningName name{};
    bool operator==(const Gone&) const = default;
};
struct Read {
    std::uint32_t bad = 0;  ///< rows that are none of ours
    bool operator==(const Read&) const = default;
};
/// More rows come after GoOn.
struct Pause {
    std::uint32_t bad = 0;  ///< changes before it that are none of ours
    bool operator==(const Pause&) const = default;
};
/// This daemon leads from now on.
struct Led {
    std::uint64_t token = 0;
    UnixTime epochStart = 0;  ///< 0: nobody has led before
    std::uint32_t bootId = 0;
    std::string external{};  ///< empty: not known
    /// When the one that led last took the lead, if it has the name of this one; 0: another led.
    UnixTime ledSince = 0;
    bool operator==(const Led&) const = default;
};
/// Another daemon leads.
struct Leader {
    std::uint64_t token = 0;
    std::string name{};
    bool replaces = false;  ///< this daemon led until then
    bool operator==(const Leader&) const = default;
};
struct Confirmed {
    std::uint32_t number = 0;
    bool operator==(const Confirmed&) const = default;
};
/// The answer to Write.
struct Written {
    std::uint32_t number = 0;
    std::string problem{};  ///< why it was not; empty: it was
    bool operator==(const Written&) const = default;
};
using ToEngine = std::variant<Away, ReadBegins, Row, Gone, Read, Pause, Led, Leader, Confirmed,
                              Written, KeepEpoch>;

/// Returns a number by which lines are told apart; never 0.
[[nodiscard]] std::uint64_t digestOf(std::string_view line);

/// Returns the octets of `message`; texts are made clean and cut. nullopt: a value is not allowed.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> encode(const ToProcess& message);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> encode(ToEngine message);

/// Returns the message in `bytes`; nullopt for anything that encode() would not have written.
[[nodiscard]] std::optional<ToProcess> decodeToProcess(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::optional<ToEngine> decodeToEngine(std::span<const std::uint8_t> bytes);

}  // namespace igd::store
