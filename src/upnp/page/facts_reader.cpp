// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/facts_reader.h"

#include <cstdint>
#include <memory>
#include <set>
#include <utility>

namespace igd::upnp {

struct FactsReader::Look {
    PageFacts facts;
    TimePoint deadline;
    Read read;
    std::uint32_t place = 0;  ///< of the next row
    std::set<std::uint32_t> seen{};
};

void FactsReader::read(const IpAddress& requester, TimePoint deadline, Read read) {
    const auto look =
        std::make_shared<Look>(Look{{.requester = requester}, deadline, std::move(read)});
    gateway_.ask(GetOverview{requester}, deadline, [this, look](const GatewayReply& reply) {
        auto overview = resultIn<Overview>(reply);
        if (!overview) return look->read(fail(overview.error()));
        look->facts.overview = std::move(*overview);
        readRows(look);
    });
}

/// Openings may come and go between two questions: the page may lack a row until the next look, but
/// has none twice.
void FactsReader::readRows(const std::shared_ptr<Look>& look) {
    const GetRows question{look->place, look->facts.requester};
    gateway_.ask(question, look->deadline, [this, look](const GatewayReply& reply) {
        auto answer = resultIn<OpeningRows>(reply);
        if (!answer) return look->read(fail(answer.error()));
        auto& [facts, deadline, read, place, seen] = *look;
        place += static_cast<std::uint32_t>(answer->rows.size());
        facts.total = answer->total;
        for (OpeningRow& row : answer->rows)
            if (seen.insert(row.id).second) facts.rows.push_back(std::move(row));
        if (answer->rows.empty() || place >= facts.total || place >= kMostRows)
            return read(std::move(facts));
        readRows(look);
    });
}

}  // namespace igd::upnp
