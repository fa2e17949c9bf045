// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_control_way.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <netinet/in.h>
#include <sys/socket.h>

namespace igd::above {
namespace {

using pcp::ServerAnswer;

constexpr std::size_t kBuffer = 2048;
constexpr unsigned kMostLooks = 3;
constexpr unsigned kMostTries = 2;
constexpr std::uint8_t kUnsupportedVersion = 1;
constexpr std::uint8_t kUnsupportedOpcode = 4;

/// PCP tells the external address with a mapping alone. This one is asked for to learn it, where
/// NAT-PMP does not tell it, and ends at once. Ports below 1024 are refused by many, ours among
/// them.
constexpr MappingKey kProbe{Protocol::Udp, Port{65009}};

/// One run of the daemon finds the mappings of an earlier one by the same nonces (RFC 6887 section
/// 11.3.1), and only whoever knows the seed finds them.
Nonce nonceFor(const std::string& seed, const MappingKey& key) {
    const std::string text = toString(key);
    const boost::uuids::uuid made =
        boost::uuids::name_generator_sha1{boost::uuids::string_generator{}(seed)}(text);
    Nonce nonce{};
    std::copy_n(made.begin(), nonce.size(), nonce.begin());
    return nonce;
}

bool isPulse(const ServerAnswer& answer, bool isPcp) {
    if (answer.kind == ServerAnswer::Kind::Refused) return true;
    if (!isPcp) return !answer.isPcp ? answer.kind == ServerAnswer::Kind::Address : true;
    return answer.isPcp && answer.kind == ServerAnswer::Kind::Announce;
}

}  // namespace

PortControlWay::PortControlWay(boost::asio::io_context& loop, const Link& link, bool isPcp,
                               const std::string& nonceSeed, Handlers handlers)
    : loop_(loop),
      link_(link),
      isPcp_(isPcp),
      nonceSeed_(nonceSeed),
      handlers_(std::move(handlers)),
      epoch_(isPcp),
      socket_(loop, connectedSocket(link, kServerPort).release()),
      questions_(loop, [this](const pcp::Bytes& request) {
          static_cast<void>(::send(socket_.native_handle(), request.data(), request.size(),
                                   MSG_DONTWAIT | MSG_NOSIGNAL));
      }) {
    receive();
    try {
        announcements_.emplace(loop, multicastSocket(link, kAnnouncementPort).release());
        receiveAnnouncement();
    } catch (const std::system_error&) {
        announcements_.reset();
    }
}

void PortControlWay::receive() {
    socket_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
            if (error) return;
            std::array<std::uint8_t, kBuffer> buffer{};
            const ssize_t size =
                ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            const bool isRefused = size < 0 && errno == ECONNREFUSED;
            receive();
            // A gateway that starts again sends such errors, too: they end a search alone.
            if (isRefused) questions_.refuse();
            if (size > 0) heard(pcp::Datagram{buffer}.first(static_cast<std::size_t>(size)), false);
        });
}

/// Only the gateway's own count: from its address and port (RFC 6886 section 3.2.1, RFC 6887
/// section 14.1.3).
void PortControlWay::receiveAnnouncement() {
    announcements_->async_wait(
        boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
            if (error) return;
            std::array<std::uint8_t, kBuffer> buffer{};
            sockaddr_in from{};
            socklen_t length = sizeof from;
            const ssize_t size =
                ::recvfrom(announcements_->native_handle(), buffer.data(), buffer.size(),
                           MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &length);
            receiveAnnouncement();
            const bool isIts = ntohl(from.sin_addr.s_addr) == link_.gateway.value() &&
                               ntohs(from.sin_port) == kServerPort.value;
            if (size > 0 && isIts)
                heard(pcp::Datagram{buffer}.first(static_cast<std::size_t>(size)), true);
        });
}

/// An announcement answers no question: whoever sends it need not hear us.
void PortControlWay::heard(pcp::Datagram datagram, bool isAnnouncement) {
    const auto answer = pcp::parseServerAnswer(datagram);
    if (!answer) return;
    const bool isForeign = answer->isPcp != isPcp_ || answer->kind == ServerAnswer::Kind::Refused;
    const bool isKept = isForeign || epoch_.isKept(answer->epoch, Clock::now());
    const auto told = answer->external;
    const bool isTold = answer->result == 0 && told && told != external_ && external_;
    if (told && answer->result == 0) external_ = told;
    if (!isAnnouncement) questions_.take(*answer);
    if (isTold) handlers_.moved(told);
    if (!isKept) handlers_.lost();
}

void PortControlWay::find(std::function<void(const PulseAnswer&)> answered) {
    look(std::move(answered), true);
}

void PortControlWay::check(std::function<void(const PulseAnswer&)> answered) {
    look(std::move(answered), false);
}

void PortControlWay::look(std::function<void(const PulseAnswer&)> answered, bool isFirst) {
    questions_.ask(
        {.request = isPcp_ ? pcp::pcpAnnounceRequest(link_.own) : pcp::natPmpAddressRequest(),
         .isAnswer = [this](const ServerAnswer& answer) { return isPulse(answer, isPcp_); },
         .answered =
             [this, answered = std::move(answered), isFirst](const auto& answer) {
                 const bool isOther = answer && (answer->kind == ServerAnswer::Kind::Refused ||
                                                 answer->isPcp != isPcp_);
                 if (!answer) return answered(tl::unexpected{std::string{"it does not answer"}});
                 if (isOther) return answered(tl::unexpected{std::string{"it does not speak it"}});
                 if (answer->result != 0 && !(isPcp_ && answer->result == kUnsupportedOpcode))
                     return answered(tl::unexpected{"it refuses: " +
                                                    pcp::nameOfResult(isPcp_, answer->result)});
                 if (!isPcp_) return answered(Pulse{answer->external});
                 askAddress(answered, isFirst);
             },
         .mostSent = kMostLooks,
         .endsIfRefused = isFirst});
}

/// A server of PCP alone answers NAT-PMP's question with a refusal, or not at all.
void PortControlWay::askAddress(const std::function<void(const PulseAnswer&)>& answered,
                                bool isFirst) {
    if (!isFirst && !natPmpTells_) return answered(Pulse{external_});
    questions_.ask({.request = pcp::natPmpAddressRequest(),
                    .isAnswer =
                        [](const ServerAnswer& answer) {
                            return answer.kind == ServerAnswer::Kind::Address ||
                                   answer.kind == ServerAnswer::Kind::Refused ||
                                   (answer.isPcp && answer.result == kUnsupportedVersion);
                        },
                    .answered =
                        [this, answered](const auto& answer) {
                            if (!answer || !answer->external) {
                                if (natPmpTells_) return answered(Pulse{external_});
                                return tryMapping(answered);
                            }
                            natPmpTells_ = true;
                            answered(Pulse{external_});
                        },
                    .mostSent = 1});
}

void PortControlWay::tryMapping(const std::function<void(const PulseAnswer&)>& answered) {
    constexpr Seconds kShort{120};
    askMapping(questionFor(kProbe, kShort), [this, answered](const auto& answer) {
        if (answer && answer->result == 0) {
            external_ = answer->external;
            release(kProbe, [] {});
        }
        answered(Pulse{external_});
    });
}

pcp::MapQuestion PortControlWay::questionFor(const MappingKey& key, Seconds lifetime) const {
    return {.protocol = key.protocol,
            .port = key.externalPort,
            .lifetime = lifetime,
            .nonce = nonceFor(nonceSeed_, key),
            .client = link_.own};
}

void PortControlWay::askMapping(const pcp::MapQuestion& question, Heard answered) {
    const bool ends = question.lifetime == Seconds{0};
    questions_.ask({.request = isPcp_ ? pcpMapRequest(question) : natPmpMapRequest(question),
                    .isAnswer =
                        [this, question](const ServerAnswer& answer) {
                            return answer.kind == ServerAnswer::Kind::Map &&
                                   answer.isPcp == isPcp_ && answer.protocol == question.protocol &&
                                   answer.internalPort == question.port &&
                                   (!isPcp_ || answer.nonce == question.nonce) &&
                                   // The answer to a release is none to a request that follows it.
                                   (answer.result != 0 || (answer.lifetime == Seconds{0}) ==
                                                              (question.lifetime == Seconds{0}));
                        },
                    .answered = std::move(answered),
                    .mostSent = ends ? kMostTries : 4});
}

void PortControlWay::ask(const MappingKey& key, bool exactly,
                         std::function<void(const WayAnswer&)> answered) {
    pcp::MapQuestion question = questionFor(key, kLease);
    question.exactly = exactly;
    askMapping(question, [this, answered = std::move(answered)](const auto& answer) {
        if (!answer)
            return answered(tl::unexpected{Denial{NotHeld::Why::Silence, "it does not answer"}});
        if (answer->result != 0)
            return answered(tl::unexpected{
                Denial{isAboutOnePort(*answer) ? NotHeld::Why::OnePort : NotHeld::Why::AnyPort,
                       pcp::nameOfResult(isPcp_, answer->result)}});
        if (answer->externalPort == Port{0})
            return answered(tl::unexpected{Denial{NotHeld::Why::AnyPort, "it gives no port"}});
        answered(Grant{answer->externalPort, answer->lifetime});
    });
}

void PortControlWay::release(const MappingKey& key, std::function<void()> done) {
    askMapping(questionFor(key, Seconds{0}), [done = std::move(done)](const auto&) { done(); });
}

}  // namespace igd::above
