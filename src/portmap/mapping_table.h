// SPDX-License-Identifier: GPL-2.0-or-later
// The mappings, by key, by index, by client, by internal endpoint and by end of lease, each in
// O(log n) or better.
#pragma once

#include "upnpd/portmap/mapping.h"

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/key_extractors.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index/ranked_index.hpp>
#include <boost/multi_index_container.hpp>

#include <vector>

namespace igd {

class MappingTable {
public:
    /// The mapping with that key; nullptr when there is none. Valid until the next change.
    [[nodiscard]] const Mapping* find(const MappingKey& key) const;
    /// In the order of insertion; an overwritten mapping keeps its place (IGD-Map-06). nullptr past
    /// the end.
    [[nodiscard]] const Mapping* at(std::size_t index) const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] std::size_t countOf(Ipv4Address internalClient) const;
    /// The one that NAT-PMP and PCP mean by that internal endpoint: their own, else the first that
    /// lets any remote host in. nullptr when there is none; valid until the next change.
    [[nodiscard]] const Mapping* leadingTo(Protocol protocol, const Endpoint& internal) const;
    [[nodiscard]] std::vector<Mapping> ofClient(Ipv4Address internalClient) const;

    /// New at the end, or in the place of the mapping with the same key.
    void store(const Mapping& mapping);
    void erase(const MappingKey& key);

    /// Those that end at or before `now`, first end first.
    [[nodiscard]] std::vector<Mapping> endingBy(TimePoint now) const;
    [[nodiscard]] std::optional<TimePoint> nextExpiry() const;
    [[nodiscard]] std::vector<Mapping> all() const;

private:
    struct Entry {
        std::uint64_t serial;
        Mapping mapping;
        [[nodiscard]] std::uint32_t key() const;
        [[nodiscard]] std::uint32_t client() const { return mapping.internal.address.value(); }
        [[nodiscard]] std::uint64_t internal() const {
            return packed(mapping.key.protocol, mapping.internal);
        }
        /// Of the first of its leases that ends.
        [[nodiscard]] TimePoint end() const;
    };
    struct ByKey {};
    struct BySerial {};
    struct ByClient {};
    struct ByInternal {};
    struct ByEnd {};
    using Entries = boost::multi_index_container<
        Entry, boost::multi_index::indexed_by<
                   boost::multi_index::hashed_unique<
                       boost::multi_index::tag<ByKey>,
                       boost::multi_index::const_mem_fun<Entry, std::uint32_t, &Entry::key>>,
                   boost::multi_index::ranked_unique<
                       boost::multi_index::tag<BySerial>,
                       boost::multi_index::member<Entry, std::uint64_t, &Entry::serial>>,
                   boost::multi_index::hashed_non_unique<
                       boost::multi_index::tag<ByClient>,
                       boost::multi_index::const_mem_fun<Entry, std::uint32_t, &Entry::client>>,
                   boost::multi_index::hashed_non_unique<
                       boost::multi_index::tag<ByInternal>,
                       boost::multi_index::const_mem_fun<Entry, std::uint64_t, &Entry::internal>>,
                   boost::multi_index::ordered_non_unique<
                       boost::multi_index::tag<ByEnd>,
                       boost::multi_index::const_mem_fun<Entry, TimePoint, &Entry::end>>>>;

    static std::uint32_t packed(const MappingKey& key);
    static std::uint64_t packed(Protocol protocol, const Endpoint& internal);

    Entries entries_;
    std::uint64_t nextSerial_ = 0;
};

}  // namespace igd
