// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/page.h"

#include "page/page_document.h"
#include "page/page_response.h"

#include "upnpd/portmap/call_times.h"

#include <algorithm>
#include <utility>

namespace igd::upnp {
namespace {

/// Looks at the engine in a second, of one host and of all.
constexpr FairLimit::Rates kLooks{.perHost = 5, .total = 40};
/// A document of 1,024 rows has 0.5 MB, and 3 MB when each text in it is as long as it may be.
constexpr std::size_t kOfHost = 8 << 20;
constexpr std::size_t kOfAll = 32 << 20;
/// So many documents are kept at a time.
constexpr std::size_t kMostKept = 16;

Response refusal(http::status status) {
    if (status != http::status::service_unavailable) return statusOnly(status);
    auto response = pageNotice(status, "The router is busy: try again in a moment.");
    setHeader(response, "RETRY-AFTER", "1");
    return response;
}

}  // namespace

Page::Page(Gateway& gateway, const DeviceIdentity& identity, std::function<TimePoint()> now)
    : identity_(identity),
      now_(std::move(now)),
      reader_(gateway),
      looks_(kLooks),
      sending_(kOfHost, kOfAll) {}

void Page::handle(const Peer& peer, const PageRights& rights, Reply reply) {
    const TimePoint now = now_();
    forgetOld(now);
    Waiting waiting{peer.host, std::move(reply)};
    const Viewer viewer{peer.address, rights};
    if (const auto page = pages_.find(viewer); page != pages_.end()) {
        if (page->second.document) return answer(page->second.document, waiting);
        page->second.waiting.push_back(std::move(waiting));
        return;
    }
    if (!looks_.admits(peer.address, peer.host, now) || !makeRoom())
        return waiting.reply({refusal(http::status::service_unavailable)});
    pages_[viewer].waiting.push_back(std::move(waiting));
    look(viewer, now);
}

void Page::look(const Viewer& viewer, TimePoint now) {
    reader_.read(viewer.first, now + kCallTime,
                 [this, viewer](const Result<PageFacts>& facts) { looked(viewer, facts); });
}

void Page::looked(const Viewer& viewer, const Result<PageFacts>& facts) {
    const auto page = pages_.extract(viewer);
    Kept& kept = page.mapped();
    const auto waiting = std::exchange(kept.waiting, {});
    if (!facts) {
        const bool isNone = facts.error() == MappingError::NotAuthorized;
        for (const Waiting& each : waiting)
            each.reply(
                {refusal(isNone ? http::status::not_found : http::status::service_unavailable)});
        return;
    }
    const auto document =
        std::make_shared<const std::string>(pageDocument(*facts, identity_, viewer.second));
    if (!kept.isStale) pages_[viewer] = {document, false, now_(), {}};
    for (const Waiting& each : waiting) answer(document, each);
}

/// The octets count until they have left, or the connection is closed: both drop `sent`.
void Page::answer(const Document& document, const Waiting& waiting) {
    auto room = sending_.take(waiting.host, document->size());
    if (!room) return waiting.reply({refusal(http::status::service_unavailable)});
    const auto ticket = std::make_shared<HostQuota::Ticket>(std::move(*room));
    waiting.reply({.response = pageResponse(*document), .sent = [ticket](bool /*written*/) {}});
}

/// Whoever has many addresses does not keep others out: the document that is kept longest goes.
bool Page::makeRoom() {
    if (pages_.size() < kMostKept) return true;
    const auto oldest = std::ranges::min_element(pages_, {}, [](const auto& page) {
        return page.second.document ? page.second.at : TimePoint::max();
    });
    if (!oldest->second.document) return false;
    pages_.erase(oldest);
    return true;
}

void Page::forgetOld(TimePoint now) {
    std::erase_if(pages_, [now](const auto& page) {
        return page.second.document && now - page.second.at >= kKept;
    });
}

void Page::forget(const IpAddress& requester) {
    for (auto& [viewer, kept] : pages_)
        if (viewer.first == requester) kept.isStale = true;
    std::erase_if(pages_, [](const auto& page) {
        return page.second.isStale && page.second.document != nullptr;
    });
}

}  // namespace igd::upnp
