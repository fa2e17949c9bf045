// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnp_way.h"

#include "upnpd/portmap/port_control.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <array>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

namespace igd::above {
namespace {

constexpr Port kSearchPort{1900};
constexpr Ipv4Address kSearchGroup{0xeffffffa};  // 239.255.255.250
constexpr std::size_t kAnswerBuffer = 2048;
constexpr unsigned kMostSearches = 3;
constexpr std::chrono::milliseconds kSearchPause{700};

// WANIPConnection:2, sections 2.5.16 and 2.5.18
constexpr int kNotAuthorised = 606;
constexpr int kNoSuchEntry = 714;
constexpr int kConflict = 718;
constexpr int kPermanentOnly = 725;
constexpr int kOtherConflict = 729;

bool isAboutPort(int error) {
    return error == kConflict || error == kOtherConflict || error == kNotAuthorised;
}

Denial denialFor(const CallAnswer& answer) {
    return {isAboutPort(answer.error) ? NotHeld::Why::OnePort : NotHeld::Why::AnyPort,
            fmt::format("error {} ({})", answer.error, answer.description)};
}

Arguments keyArguments(const MappingKey& key) {
    return {{"NewRemoteHost", ""},
            {"NewExternalPort", std::to_string(key.externalPort.value)},
            {"NewProtocol", std::string{upperName(key.protocol)}}};
}

void sendTo(int fd, Ipv4Address address, const std::string& text) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(kSearchPort.value);
    to.sin_addr.s_addr = htonl(address.value());
    static_cast<void>(::sendto(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&to), sizeof to));
}

}  // namespace

UpnpWay::UpnpWay(boost::asio::io_context& loop, const Link& link, const std::string& ownUuid,
                 Handlers handlers)
    : loop_(loop),
      link_(link),
      ownUuid_(toLower(ownUuid)),
      handlers_(std::move(handlers)),
      timer_(loop) {}

void UpnpWay::find(std::function<void(const PulseAnswer&)> answered) {
    finding_ = std::move(answered);
    searches_ = 0;
    fetching_ = false;
    candidates_.clear();
    try {
        if (!socket_) {
            socket_.emplace(loop_, datagramSocket(link_).release());
            receive();
        }
    } catch (const std::system_error&) {
        socket_.reset();
    }
    search();
}

/// To the gateway alone as well: a host without a route for multicast is found, too (UPnP Device
/// Architecture 1.1, section 1.3.2).
void UpnpWay::search() {
    if (!finding_ || fetching_) return;
    if (searches_++ == kMostSearches || !socket_)
        return finish(tl::unexpected{std::string{"no answer to searches"}});
    sendTo(socket_->native_handle(), kSearchGroup, searchFor(toString(kSearchGroup)));
    sendTo(socket_->native_handle(), link_.gateway, searchFor(toString(link_.gateway)));
    timer_.expires_after(kSearchPause);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) search();
    });
}

/// Other gateways of the link answer as well, and are not the one that packets go through.
void UpnpWay::receive() {
    socket_->async_wait(
        boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
            if (error) return;
            std::array<char, kAnswerBuffer> buffer{};
            sockaddr_in from{};
            socklen_t length = sizeof from;
            const ssize_t size =
                ::recvfrom(socket_->native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT,
                           reinterpret_cast<sockaddr*>(&from), &length);
            receive();
            if (size <= 0 || !finding_ || fetching_ ||
                ntohl(from.sin_addr.s_addr) != link_.gateway.value())
                return;
            fetch(locationIn({buffer.data(), static_cast<std::size_t>(size)}));
        });
}

void UpnpWay::fetch(const std::string& location) {
    const auto place = placeIn(location, link_.gateway, {});
    if (!place) return;
    fetching_ = true;
    timer_.cancel();
    askHttp(loop_, link_, {*place, {}, {}},
            [this, base = *place](const auto& body) { read(base, body); });
}

void UpnpWay::read(const HttpPlace& base, const std::optional<std::string>& description) {
    if (!description)
        return finish(tl::unexpected{std::string{"its description is not to be had"}});
    for (const Connection& each : connectionsIn(*description)) {
        if (each.uuid == ownUuid_)
            return finish(tl::unexpected{std::string{"that is this gateway itself"}});
        const auto urlBase =
            each.urlBase.empty() ? std::optional{base} : placeIn(each.urlBase, link_.gateway, base);
        const auto place = placeIn(each.controlUrl, link_.gateway, urlBase.value_or(base));
        if (place) candidates_.emplace_back(each.type, *place);
    }
    tryNext();
}

/// A gateway may have a service for each kind of line, of which one is connected.
void UpnpWay::tryNext() {
    if (candidates_.empty())
        return finish(tl::unexpected{std::string{"it has no service that maps ports"}});
    std::tie(type_, control_) = candidates_.front();
    candidates_.erase(candidates_.begin());
    check([this](const PulseAnswer& answer) {
        if (answer || candidates_.empty()) return finish(answer);
        tryNext();
    });
}

void UpnpWay::finish(const PulseAnswer& answer) {
    timer_.cancel();
    if (finding_) std::exchange(finding_, {})(answer);
}

void UpnpWay::check(std::function<void(const PulseAnswer&)> answered) {
    call({"GetExternalIPAddress", {}, [this, answered = std::move(answered)](const auto& answer) {
              if (!answer) return answered(tl::unexpected{std::string{"it does not answer"}});
              if (answer->error != 0) return answered(tl::unexpected{denialFor(*answer).reason});
              const auto value = answer->values.find("NewExternalIPAddress");
              Pulse pulse;
              if (value != answer->values.end()) pulse.external = parseIpv4Address(value->second);
              if (pulse.external && !pulse.external->isOfHost()) pulse.external.reset();
              if (!pulse.external)
                  return answered(tl::unexpected{std::string{"it has no external address"}});
              answered(pulse);
              lookAtOne();
          }});
}

/// UPnP has no epoch. A mapping that is gone tells that the gateway has started again.
void UpnpWay::lookAtOne() {
    if (given_.empty()) return;
    auto next = looked_ ? given_.upper_bound(*looked_) : given_.begin();
    if (next == given_.end()) next = given_.begin();
    looked_ = *next;
    call({"GetSpecificPortMappingEntry", keyArguments(*next), [this](const auto& answer) {
              if (answer && answer->error == kNoSuchEntry) handlers_.lost();
          }});
}

/// AddPortMapping gives that port or none.
void UpnpWay::ask(const MappingKey& key, bool /*exactly*/,
                  std::function<void(const WayAnswer&)> answered) {
    askFor(key, kLease, answered);
}

void UpnpWay::askFor(const MappingKey& key, Seconds lease,
                     const std::function<void(const WayAnswer&)>& answered) {
    Arguments arguments = keyArguments(key);
    arguments.insert(arguments.end(), {{"NewInternalPort", std::to_string(key.externalPort.value)},
                                       {"NewInternalClient", toString(link_.own)},
                                       {"NewEnabled", "1"},
                                       {"NewPortMappingDescription", "upnpd"},
                                       {"NewLeaseDuration", std::to_string(lease.count())}});
    call({"AddPortMapping", std::move(arguments), [this, key, lease, answered](const auto& answer) {
              if (!answer)
                  return answered(
                      tl::unexpected{Denial{NotHeld::Why::Silence, "it does not answer"}});
              // IGD:1 section 2.2.18: some have no leases.
              if (answer->error == kPermanentOnly && lease != Seconds{0})
                  return askFor(key, Seconds{0}, answered);
              if (answer->error != 0) return answered(tl::unexpected{denialFor(*answer)});
              given_.insert(key);
              answered(Grant{key.externalPort, lease == Seconds{0} ? kForever : lease});
          }});
}

void UpnpWay::release(const MappingKey& key, std::function<void()> done) {
    given_.erase(key);
    call({"DeletePortMapping", keyArguments(key),
          [done = std::move(done)](const auto&) { done(); }});
}

void UpnpWay::call(Call call) {
    calls_.push_back(std::move(call));
    if (!calling_) next();
}

void UpnpWay::next() {
    if (calls_.empty()) return;
    calling_ = true;
    const Call& first = calls_.front();
    askHttp(loop_, link_,
            {control_, fmt::format("{}#{}", type_, first.action),
             callText(type_, first.action, first.arguments)},
            [this](const std::optional<std::string>& body) {
                heard(body ? readCallAnswer(calls_.front().action, *body) : std::nullopt);
            });
}

/// Where one call is not answered, those behind it are not either: nobody waits for each in turn.
void UpnpWay::heard(const std::optional<CallAnswer>& answer) {
    calling_ = false;
    std::deque<Call> done;
    done.push_back(std::move(calls_.front()));
    calls_.pop_front();
    if (!answer)
        while (!calls_.empty()) {
            done.push_back(std::move(calls_.front()));
            calls_.pop_front();
        }
    next();
    for (const Call& each : done) each.heard(answer);
}

}  // namespace igd::above
