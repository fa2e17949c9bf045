// SPDX-License-Identifier: GPL-2.0-or-later
// The gateway above, as the engine knows it: a process without rights asks it for the port of each
// mapping, and this starts that process, keeps what it says, and tells whoever wants to know. Loop
// thread only.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/opening.h"
#include "upnpd/portmap/ports_above.h"
#include "upnpd/system/helper_process.h"
#include "upnpd/upstream/upstream_setting.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace igd {

namespace above {
class AboveTable;
struct Hop;
}  // namespace above

/// The gateway above for people.
struct AboveView {
    std::optional<Ipv4Address> gateway;     ///< nullopt: the default route names none
    Upstream by = Upstream::Off;            ///< what it is asked by; Auto: nothing was found yet
    std::optional<Ipv4Address> external{};  ///< its own external address; nullopt: not told
    std::string problem{};                  ///< why no ports are asked for; empty: they are
    std::size_t held = 0;                   ///< ports of mappings that it leads here
    struct Missing {
        MappingKey key;
        std::string reason;
    };
    std::vector<Missing> missing{};  ///< ports of mappings that it does not
};

class GatewayAbove final : public PortsAbove {
public:
    /// The link to the gateway above, and what is behind us.
    struct Line {
        InterfaceName interface;
        std::optional<Ipv4Address> own;      ///< of the interface; nullopt: none at present
        std::optional<Ipv4Address> gateway;  ///< of its default route; nullopt: none is named
        std::vector<Ipv4Address> ownOthers;  ///< the interface's other addresses
        std::vector<Ipv4Prefix> internal;    ///< networks of the LANs
        bool operator==(const Line&) const = default;
    };
    using Start = HelperProcess::Start;
    [[nodiscard]] static pid_t startProcess(UniqueFd channel);

    struct Parts {
        std::string nonceSeed;  ///< a UUID that nobody else can guess; the same after a restart
        std::string ownUuid;    ///< of our device
        /// Returns all openings that let packets in, for a process that has just begun.
        std::function<std::vector<Opening>()> mapped;
        /// A mapping has lost its port above; `why` is a sentence. To be called back later.
        std::function<void(const MappingKey&, const std::string& why)> lost;
        /// The gateway above, or its external address, is another one, or there is none.
        std::function<void()> changed;
        /// A question was answered: whoever waits may go on.
        std::function<void()> answered;
    };

    GatewayAbove(boost::asio::io_context& loop, UpstreamSetting setting, Parts parts,
                 Start start = startProcess);
    ~GatewayAbove() override;

    /// Takes the setting of a configuration that was read again.
    void set(const UpstreamSetting& setting);
    /// Takes note of the line as it is now.
    void look(Line line);
    /// `opening` is new, or has changed; or has ended.
    void stored(const Opening& opening);
    void ended(const Opening& opening);
    /// A child may have ended (SIGCHLD).
    void childEnded();
    /// Has all ports given back. `done` is called when the process has ended.
    void stop(std::function<void()> done);

    [[nodiscard]] bool isAsked() const override;
    [[nodiscard]] bool prepare(std::span<const MappingKey> keys) override;
    [[nodiscard]] std::optional<Refusal> refusesAll() const override;
    [[nodiscard]] std::optional<Refusal> refuses(const MappingKey& key) const override;
    [[nodiscard]] std::optional<Port> offeredFor(const MappingKey& key) const override;

    /// Returns the external address of the gateway above; nullopt: it is not asked, or tells none.
    [[nodiscard]] std::optional<Ipv4Address> external() const;
    /// Returns "192.168.1.1 by pcp"; empty without external().
    [[nodiscard]] std::string name() const;
    /// Returns nullopt where no gateway above is to be asked.
    [[nodiscard]] std::optional<AboveView> view() const;

private:
    [[nodiscard]] std::optional<Ipv4Address> gateway() const;
    [[nodiscard]] std::string loopIn(const above::Hop& hop) const;
    void begin(std::optional<Ipv4Address> toldBefore);
    void takeMapped();
    void launch();
    void endChild();
    void heard(HelperProcess::Packet packet);
    void heardOfHop(above::Hop hop);
    void hold(const MappingKey& key, bool exactly);
    void release(const MappingKey& key);
    void sweep();
    void report(const std::string& problem);

    boost::asio::io_context& loop_;
    UpstreamSetting setting_;
    Parts parts_;
    Start start_;
    std::unique_ptr<above::AboveTable> table_;
    std::optional<Line> line_;
    HelperProcess process_;
    boost::asio::steady_timer timer_;
    unsigned failures_ = 0;
    bool stopped_ = false;
    bool launchDue_ = false;  ///< another one is to be started when that one has ended
    std::string said_;        ///< the problem that is in the log; empty: it is found
    std::function<void()> done_;
};

}  // namespace igd
