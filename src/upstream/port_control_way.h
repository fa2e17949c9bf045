// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the gateway above by PCP (RFC 6887) or NAT-PMP (RFC 6886).
#pragma once

#include "link_socket.h"
#include "question_queue.h"
#include "server_epoch.h"
#include "way.h"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>

namespace igd::above {

class PortControlWay final : public Way {
public:
    /// Where a server listens (RFC 6887 section 19.1), and where its announcements arrive.
    static constexpr Port kServerPort{5351};
    static constexpr Port kAnnouncementPort{5350};

    /// `nonceSeed` is a UUID. Throws std::system_error without a socket. Announcements may be out
    /// of reach: what they tell is asked for now and then as well.
    PortControlWay(boost::asio::io_context& loop, const Link& link, bool isPcp,
                   const std::string& nonceSeed, Handlers handlers);

    [[nodiscard]] Upstream name() const override {
        return isPcp_ ? Upstream::Pcp : Upstream::NatPmp;
    }
    void find(std::function<void(const PulseAnswer&)> answered) override;
    void check(std::function<void(const PulseAnswer&)> answered) override;
    void ask(const MappingKey& key, bool exactly,
             std::function<void(const WayAnswer&)> answered) override;
    void release(const MappingKey& key, std::function<void()> done) override;

private:
    using Heard = std::function<void(const std::optional<pcp::ServerAnswer>&)>;

    void receive();
    void receiveAnnouncement();
    void heard(pcp::Datagram datagram, bool isAnnouncement);
    void look(std::function<void(const PulseAnswer&)> answered, bool isFirst);
    void askAddress(const std::function<void(const PulseAnswer&)>& answered, bool isFirst);
    void tryMapping(const std::function<void(const PulseAnswer&)>& answered);
    void askMapping(const pcp::MapQuestion& question, Heard answered);
    [[nodiscard]] pcp::MapQuestion questionFor(const MappingKey& key, Seconds lifetime) const;

    boost::asio::io_context& loop_;
    Link link_;
    bool isPcp_;
    std::string nonceSeed_;
    Handlers handlers_;
    ServerEpoch epoch_;
    boost::asio::posix::stream_descriptor socket_;
    std::optional<boost::asio::posix::stream_descriptor> announcements_;
    QuestionQueue questions_;
    std::optional<Ipv4Address> external_;  ///< as it was told last
    bool natPmpTells_ = false;             ///< beside PCP, where only mappings tell it
};

}  // namespace igd::above
