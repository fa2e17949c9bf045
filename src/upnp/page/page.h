// SPDX-License-Identifier: GPL-2.0-or-later
// Shows people what is open: asks the engine, keeps the document for a second. A host that loads
// the page again and again costs the engine one look a second, and all together twenty; more
// get 503. The documents that are on their way have a budget. Loop thread only.
#pragma once

#include "http/http_message.h"
#include "page/facts_reader.h"
#include "page/page_actions.h"

#include "upnpd/igd/description.h"
#include "upnpd/net/fair_limit.h"
#include "upnpd/net/host_quota.h"

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace igd::upnp {

class Page {
public:
    static constexpr Seconds kKept{1};

    /// `gateway` and `identity` must outlive this.
    Page(
        Gateway& gateway, const DeviceIdentity& identity,
        std::function<TimePoint()> now = [] { return Clock::now(); });

    /// Answers with the page as `peer` may see it, and with the forms that `rights` allow: 404
    /// where there is none, 503 when the engine does not answer, or for a host that asks for too
    /// much. `reply` is called once, at once or later, unless the process ends before.
    void handle(const Peer& peer, const PageRights& rights, Reply reply);

    /// Drops what is kept for that address: it has changed something.
    void forget(const IpAddress& requester);

private:
    using Document = std::shared_ptr<const std::string>;
    struct Waiting {
        HostKey host;
        Reply reply;
    };
    struct Kept {
        Document document{};   ///< nullptr: the engine has been asked
        bool isStale = false;  ///< something was changed since it was asked
        TimePoint at{};        ///< when it was read
        std::vector<Waiting> waiting{};
    };

    using Viewer = std::pair<IpAddress, PageRights>;

    void look(const Viewer& viewer, TimePoint now);
    void looked(const Viewer& viewer, const Result<PageFacts>& facts);
    void answer(const Document& document, const Waiting& waiting);
    void forgetOld(TimePoint now);
    [[nodiscard]] bool makeRoom();

    const DeviceIdentity& identity_;
    const std::function<TimePoint()> now_;
    FactsReader reader_;
    FairLimit looks_;
    HostQuota sending_;  ///< octets
    std::map<Viewer, Kept> pages_;
};

}  // namespace igd::upnp
