// SPDX-License-Identifier: GPL-2.0-or-later
// All openings, by name, by place in the lists that clients read, by account, by internal end, by
// UPnP's id and by end, each found in O(log n).
#pragma once

#include "port_mask.h"

#include "upnpd/portmap/opening.h"

#include <boost/multi_index/key_extractors.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index/ranked_index.hpp>
#include <boost/multi_index_container.hpp>

#include <map>
#include <tuple>
#include <vector>

namespace igd {

class Ledger {
public:
    /// Returns the opening, or nullptr. Valid until the next change, as are all pointers from here.
    [[nodiscard]] const Opening* find(const OpeningName& name) const;
    /// Returns the mapping that has that external port, alone or in its set.
    [[nodiscard]] const Opening* find(const MappingKey& key) const;
    [[nodiscard]] const Opening* byPinholeId(PinholeId id) const;
    /// Returns the mapping at `index`, in the order in which they were made; an overwritten one
    /// keeps its place (IGD-Map-06). nullptr past the end.
    [[nodiscard]] const Opening* mappingAt(std::size_t index) const;
    /// Returns the same among the mappings of `account`.
    [[nodiscard]] const Opening* mappingAt(const Account& account, std::size_t index) const;

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] std::size_t count(OpeningKind kind) const;
    /// For quotas a set counts as its ports: returns how many there are in all, of `account`, and
    /// of hosts that were never seen as neighbours.
    [[nodiscard]] std::size_t ports() const { return size() + more_.all; }
    [[nodiscard]] std::size_t portsOf(const Account& account) const;
    [[nodiscard]] std::size_t portsOfUnseen() const;

    /// Returns at most `limit` mappings of that protocol that have an external port in `ports`, by
    /// port.
    [[nodiscard]] std::vector<const Opening*> mappingsIn(Protocol protocol, const PortRange& ports,
                                                         std::size_t limit) const;
    /// Returns the same among the mappings of `account`.
    [[nodiscard]] std::vector<const Opening*> mappingsIn(const Account& account, Protocol protocol,
                                                         const PortRange& ports,
                                                         std::size_t limit) const;
    /// Returns the openings of that kind to that internal end, alone or in a set, oldest first.
    [[nodiscard]] std::vector<const Opening*> leadingTo(OpeningKind kind, Protocol protocol,
                                                        const IpEndpoint& internal) const;
    /// Returns the external ports of that protocol's mappings.
    [[nodiscard]] const PortMask& externalPorts(Protocol protocol) const;
    /// Returns the first internal port behind `internal` to which another opening of that kind
    /// leads; nullopt: none.
    [[nodiscard]] std::optional<Port> nextLedTo(OpeningKind kind, Protocol protocol,
                                                const IpEndpoint& internal) const;
    /// Returns whatever leads to a port of `client`.
    [[nodiscard]] std::vector<const Opening*> ofClient(const IpAddress& client) const;
    [[nodiscard]] std::vector<const Opening*> ofKind(OpeningKind kind) const;
    /// Returns at most `most` of that kind, oldest first, from the place `from` on.
    [[nodiscard]] std::vector<const Opening*> page(OpeningKind kind, std::size_t from,
                                                   std::size_t most) const;
    /// Returns all, oldest first within a kind.
    [[nodiscard]] std::vector<const Opening*> all() const;
    /// Returns those of which a claim, or the host's time, ends at or before `now`, earliest first,
    /// and at most `most`.
    [[nodiscard]] std::vector<const Opening*> endingBy(TimePoint now, std::size_t most) const;
    /// Returns the next such end; nullopt: none.
    [[nodiscard]] std::optional<TimePoint> nextEnd() const;

    /// Puts `opening` in the place of the one with its name, or adds it. Without an id it keeps the
    /// place of that one, or gets the next; so it does with an id that is another's. Returns what
    /// is in the ledger now. For a Transaction, and for what the kernel need not know (whose it is,
    /// whether its host was seen).
    const Opening& put(Opening opening);
    void erase(const OpeningName& name);

private:
    struct Entry {
        Opening opening;
        using Place = std::tuple<OpeningKind, std::uint32_t>;
        using OwnPlace = std::tuple<Account, OpeningKind, std::uint32_t>;
        using OwnPort = std::tuple<Account, OpeningKind, Protocol, Port>;
        using Internal = std::tuple<IpAddress, OpeningKind, Protocol, Port, std::uint32_t>;
        [[nodiscard]] OpeningName name() const { return opening.name(); }
        [[nodiscard]] Place place() const { return {opening.kind, opening.id}; }
        [[nodiscard]] OwnPlace ownPlace() const {
            return {opening.account, opening.kind, opening.id};
        }
        [[nodiscard]] OwnPort ownPort() const {
            return {opening.account, opening.kind, opening.protocol, opening.externalPort};
        }
        [[nodiscard]] Internal internal() const {
            return {opening.internal.address, opening.kind, opening.protocol, opening.internal.port,
                    opening.id};
        }
        /// 0: none, which is no UniqueID.
        [[nodiscard]] PinholeId pinholeId() const { return opening.pinholeId.value_or(0); }
        [[nodiscard]] TimePoint end() const { return opening.nextEnd(); }
        [[nodiscard]] bool seen() const { return opening.hostSeen; }
    };
    struct ByName {};
    struct ByPlace {};
    struct ByOwnPlace {};
    struct ByOwnPort {};
    struct ByInternal {};
    struct ByPinholeId {};
    struct ByEnd {};
    struct BySeen {};
    template <class Tag, class Key, Key (Entry::*Member)() const>
    using Unique =
        boost::multi_index::ordered_unique<boost::multi_index::tag<Tag>,
                                           boost::multi_index::const_mem_fun<Entry, Key, Member>>;
    template <class Tag, class Key, Key (Entry::*Member)() const>
    using Ranked =
        boost::multi_index::ranked_unique<boost::multi_index::tag<Tag>,
                                          boost::multi_index::const_mem_fun<Entry, Key, Member>>;
    template <class Tag, class Key, Key (Entry::*Member)() const>
    using Several = boost::multi_index::ordered_non_unique<
        boost::multi_index::tag<Tag>, boost::multi_index::const_mem_fun<Entry, Key, Member>>;
    using Entries = boost::multi_index_container<
        Entry,
        boost::multi_index::indexed_by<
            Unique<ByName, OpeningName, &Entry::name>, Ranked<ByPlace, Entry::Place, &Entry::place>,
            Ranked<ByOwnPlace, Entry::OwnPlace, &Entry::ownPlace>,
            Several<ByOwnPort, Entry::OwnPort, &Entry::ownPort>,
            Unique<ByInternal, Entry::Internal, &Entry::internal>,
            Several<ByPinholeId, PinholeId, &Entry::pinholeId>,
            Several<ByEnd, TimePoint, &Entry::end>,
            boost::multi_index::ranked_non_unique<
                boost::multi_index::tag<BySeen>,
                boost::multi_index::const_mem_fun<Entry, bool, &Entry::seen>>>>;

    /// The ports of sets beyond their first.
    struct More {
        std::size_t all = 0;
        std::size_t unseen = 0;
        std::map<Account, std::size_t> of{};
        void add(const Opening& opening);
        void take(const Opening& opening);
    };

    Entries entries_;
    More more_;
    std::map<Protocol, PortMask> external_;  ///< of mappings
    std::uint16_t largestSet_ = 1;           ///< that there ever was
    std::uint32_t lastId_ = 0;
};

}  // namespace igd
