// SPDX-License-Identifier: GPL-2.0-or-later
// The engine knows this of each port at the gateway above. It is pure: the time comes with each
// call.
#pragma once

#include "above_messages.h"

#include "upnpd/portmap/error.h"
#include "upnpd/portmap/mapping.h"
#include "upnpd/util/time.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace igd::above {

class AboveTable {
public:
    /// How long a refusal holds before the gateway is asked again for that port.
    static constexpr Seconds kRefused{10};
    static constexpr Seconds kSilent{2};
    /// A question that has no answer by then has none.
    static constexpr Seconds kPatience{3};
    /// A port that was given, and that nobody has mapped by then, is given back.
    static constexpr Seconds kSpare{15};

    enum class Outlook : std::uint8_t {
        Ready,  ///< it is held, or mapped already
        Wait,   ///< it is asked for, or was refused
        Ask,    ///< the caller is to ask for it now
    };
    [[nodiscard]] Outlook prepare(const MappingKey& key, TimePoint now);

    /// They are PortsAbove's.
    [[nodiscard]] std::optional<Refusal> refuses(const MappingKey& key, TimePoint now) const;
    [[nodiscard]] std::optional<Refusal> refusesAll(TimePoint now) const;
    [[nodiscard]] std::optional<Port> offeredFor(const MappingKey& key, TimePoint now) const;

    /// The process has said that. Returns why a mapping has lost its port above; nullopt: none has.
    [[nodiscard]] std::optional<std::string> take(const Held& held, TimePoint now);
    [[nodiscard]] std::optional<std::string> take(const NotHeld& refusal, TimePoint now);
    void take(Hop hop) { hop_ = std::move(hop); }

    /// There is a mapping with that port. Returns whether it is to be asked for.
    [[nodiscard]] bool mapped(const MappingKey& key, TimePoint now);
    /// There is none any more. Returns whether the port is to be given back.
    [[nodiscard]] bool unmapped(const MappingKey& key);
    /// Returns ports to be given back, for nobody has mapped them.
    [[nodiscard]] std::vector<MappingKey> takeSpare(TimePoint now);
    /// Returns mapped ports that are to be asked for again.
    [[nodiscard]] std::vector<MappingKey> missing(TimePoint now);
    /// Nothing is known any more, not even what is mapped.
    void forget();

    /// Says nothing before the gateway was looked for.
    [[nodiscard]] const std::optional<Hop>& hop() const { return hop_; }
    [[nodiscard]] std::size_t countHeld() const;
    /// A mapped port that the gateway above does not lead here.
    struct Missing {
        MappingKey key;
        std::string reason;
    };
    [[nodiscard]] std::vector<Missing> notHeld() const;

private:
    enum class State : std::uint8_t { Asked, Held, Refused };
    struct Entry {
        State state = State::Asked;
        bool isMapped = false;
        TimePoint at;  ///< of the state
        NotHeld::Why why{};
        std::string reason{};
        std::optional<Port> offered{};
    };
    [[nodiscard]] const Entry* refused(const MappingKey& key, TimePoint now) const;

    std::map<MappingKey, Entry> entries_;
    std::optional<Hop> hop_;
    std::optional<std::pair<NotHeld, TimePoint>> noneUntil_;  ///< no port is to be had until then
};

}  // namespace igd::above
