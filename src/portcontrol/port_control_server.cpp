// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portcontrol/port_control_server.h"

#include "announcer.h"
#include "drop_counter.h"
#include "udp_socket.h"

#include "upnpd/net/fair_limit.h"
#include "upnpd/net/host_quota.h"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <algorithm>
#include <list>

namespace igd {
namespace {

using namespace portcontrol;

/// More than the largest of PCP, so that a longer one is known to be too long (PMP-Sock-11).
constexpr std::size_t kBuffer = 2048;
/// All clients of one family together may send so many requests in a second: a front end can answer
/// that many.
constexpr std::size_t kRequests = 50000;
/// So many requests may wait for the engine, and so many of one client.
constexpr std::size_t kWaiting = 512;
constexpr std::size_t kWaitingOfClient = 128;
/// Datagrams of one turn, so that a busy client does not keep the loop from the others.
constexpr int kTurn = 32;

}  // namespace

class PortControlServer::Impl {
public:
    Impl(boost::asio::io_context& loop, Lan lan, PortControlConfig config, Gateway& gateway,
         HostKeys& hosts, Retries& retries, const pcp::GatewayState& state)
        : loop_(loop),
          retries_(retries),
          lan_(std::move(lan)),
          config_(std::move(config)),
          state_(state),
          drops_(lan_.interface),
          hosts_(hosts),
          limit_({config_.requestsPerSecond, kRequests}),
          responder_(config_.protocols,
                     {gateway, [this] { return state_; }, [] { return Clock::now(); }}),
          announcer_(loop, [this] { announce(); }) {
        if (!isOn()) return;
        open(Ipv4Address{}, Role::Sink);
        serveAll();
        announcer_.start();
    }

    void addressesChanged(const Lan& lan) {
        lan_ = lan;
        if (!isOn()) return;
        std::erase_if(doors_, [&](const DoorPointer& door) {
            if (door->role == Role::Sink || lan_.isRouter(door->own)) return false;
            door->wait.cancel();  // its handler is the last to hold it
            return true;
        });
        serveAll();
    }

    void stateChanged(const pcp::GatewayState& state) {
        const bool announces =
            state.epochStart != state_.epochStart || state.external != state_.external;
        state_ = state;
        if (announces && isOn()) announcer_.start();
    }

private:
    enum class Role : std::uint8_t {
        Server,  ///< an address of the router's on that network
        Sink,  ///< any other: broadcast, multicast, the external address; nobody is answered there
    };
    struct Door {
        Door(boost::asio::io_context& loop, const InterfaceName& interface,
             const IpAddress& address, Role itsRole)
            : socket(interface, address),
              wait(loop, socket.descriptor()),
              own(address),
              role(itsRole) {}
        ~Door() { wait.release(); }
        Door(const Door&) = delete;
        Door& operator=(const Door&) = delete;
        [[nodiscard]] bool isOfSix() const { return std::holds_alternative<Ipv6Address>(own); }

        UdpSocket socket;
        boost::asio::posix::stream_descriptor wait;
        const IpAddress own;
        const Role role;
    };
    using DoorPointer = std::shared_ptr<Door>;  ///< an answer that is on its way keeps it, too

    [[nodiscard]] bool isOn() const { return config_.protocols.pcp || config_.protocols.natPmp; }
    [[nodiscard]] bool has(const IpAddress& own) const {
        return std::ranges::any_of(doors_,
                                   [&](const DoorPointer& door) { return door->own == own; });
    }

    /// NAT-PMP is of IPv4 alone.
    void serveAll() {
        for (const Ipv4Prefix& each : lan_.addresses)
            if (!has(each.address)) open(each.address, Role::Server);
        if (!config_.protocols.pcp || lan_.addresses6.empty()) return;
        if (!has(Ipv6Address{})) open(Ipv6Address{}, Role::Sink);
        for (const Ipv6Prefix& each : lan_.addresses6)
            if (!has(each.address)) open(each.address, Role::Server);
    }

    void open(const IpAddress& address, Role role) {
        retries_.open({false, {address, kServerPort}}, [this, address, role] {
            doors_.push_back(std::make_shared<Door>(loop_, lan_.interface, address, role));
            receive(doors_.back());
        });
    }

    void receive(const DoorPointer& door) {
        door->wait.async_wait(boost::asio::posix::descriptor_base::wait_read,
                              [this, door](boost::system::error_code error) {
                                  if (error) return;
                                  for (int i = 0; i < kTurn && receiveOne(door); ++i) {
                                  }
                                  receive(door);
                              });
    }

    bool receiveOne(const DoorPointer& door) {
        const auto received = door->socket.receive(buffer_);
        if (!received) return false;
        const auto& [datagram, peer] = *received;
        if (door->role == Role::Sink) {
            drops_.count("not to an address of the internal network");
        } else if (!isHost(peer.endpoint)) {
            drops_.count("not from a host of the internal network");
        } else if (const auto dropped = answer(door, datagram, peer)) {
            drops_.count(*dropped);
        }
        return true;
    }

    pcp::Dropped answer(const DoorPointer& door, pcp::Datagram datagram, const Peer& peer) {
        const IpAddress& source = peer.endpoint.address;
        const TimePoint now = Clock::now();
        const HostKey host = hosts_.of(source, now);
        if (!limit_.admits(source, host, now)) return "one too many of that client in a second";
        auto ticket = waiting_.take(host);
        if (!ticket) return "too many requests of that client wait";
        return responder_.receive(
            datagram, source, host,
            [this, door, to = peer,
             ticket =
                 std::make_shared<HostQuota::Ticket>(std::move(*ticket))](const pcp::Bytes& reply) {
                door->socket.send(reply, to, hosts_.wayTo(to.endpoint.address, Clock::now()));
            });
    }

    /// Items PMP-Sock-04, PCP-Spoof-04 and -07: of a network of that interface or behind it, and
    /// not the router itself.
    [[nodiscard]] bool isHost(const IpEndpoint& peer) const {
        return peer.port != Port{0} && lan_.isHost(peer.address);
    }

    void announce() {
        if (!hosts_.mayAnswer(Clock::now())) return;
        const std::uint32_t epoch = pcp::epochTime(state_.epochStart, Clock::now());
        for (const DoorPointer& door : doors_) {
            if (door->role == Role::Sink) continue;
            if (config_.protocols.natPmp && !door->isOfSix()) announceNatPmp(*door, epoch);
            if (config_.protocols.pcp)
                door->socket.multicast(pcp::pcpAnnouncement(epoch), kClientPort);
        }
    }

    /// There is nothing to say without an address (ANN-05), nor where none but a public one is
    /// told.
    void announceNatPmp(const Door& door, std::uint32_t epoch) const {
        if (!state_.external) return;
        if (config_.protocols.hidePrivateAddress && !state_.external->isPublic()) return;
        const auto packet = pcp::natPmpAnnouncement(*state_.external, epoch);
        door.socket.multicast(packet, kClientPort);
        if (config_.legacyAnnouncements) door.socket.multicast(packet, kServerPort);
    }

    boost::asio::io_context& loop_;
    Retries& retries_;
    Lan lan_;
    const PortControlConfig config_;
    pcp::GatewayState state_;
    DropCounter drops_;
    HostKeys& hosts_;
    FairLimit limit_;
    HostQuota waiting_{kWaitingOfClient, kWaiting};
    std::list<DoorPointer> doors_;
    std::array<std::uint8_t, kBuffer> buffer_{};
    pcp::Responder responder_;
    Announcer announcer_;
};

PortControlServer::PortControlServer(boost::asio::io_context& loop, Lan lan,
                                     PortControlConfig config, Gateway& gateway, HostKeys& hosts,
                                     Retries& retries, const pcp::GatewayState& state)
    : impl_(std::make_unique<Impl>(loop, std::move(lan), std::move(config), gateway, hosts, retries,
                                   state)) {}

PortControlServer::~PortControlServer() = default;

void PortControlServer::addressesChanged(const Lan& lan) {
    impl_->addressesChanged(lan);
}

void PortControlServer::stateChanged(const pcp::GatewayState& state) {
    impl_->stateChanged(state);
}

}  // namespace igd
