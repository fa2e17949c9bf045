// SPDX-License-Identifier: GPL-2.0-or-later
// Serves `metrics_listen`: requests are strangers' bytes, so a process without rights reads them,
// a front end that serves nothing else. It is bound to the interface that has the address. While
// none has it, or the external one does, nobody listens.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/portmap/opening_row.h"
#include "upnpd/supervisor/front_ends.h"
#include "upnpd/system/host_facts.h"
#include "upnpd/system/interfaces.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <optional>
#include <string>

namespace igd {

class MetricsListener {
public:
    struct Parts {
        const Interfaces& interfaces;
        std::function<HostFacts()> host;  ///< it may throw std::system_error
        std::function<MetricsText(const GetMetrics&)> piece;
        std::function<int()> debugMode;
        std::function<void(const std::string& how)> restarted;  ///< the process has ended
    };
    /// Listens nowhere before start(). `configuration` is the one in force; it must outlive this.
    MetricsListener(boost::asio::io_context& loop, const Configuration& configuration,
                    log::Target target, Parts parts, StartHelper start = startHelpers());

    void start() { serve(); }
    /// Addresses may have come or gone.
    void interfacesChanged();
    /// A child may have ended (SIGCHLD).
    void childEnded() { processes_.childEnded(); }
    void setDebugMode(int mode) { processes_.setDebugMode(mode); }

    /// Tries out the settings of `fresh` beside the process that serves, if they are others. Calls
    /// `judged` once, at once or later.
    void tryOut(const Configuration& fresh, FrontEnds::Judged judged);
    /// The configuration in force was `before` until now.
    void applied(const Configuration& before);
    /// Calls `then` once, in the loop, when no process begins or ends.
    void whenQuiet(std::function<void()> then) { processes_.whenQuiet(std::move(then)); }

    /// Ends the process, and calls `done` when it has ended.
    void stop(std::function<void()> done) { processes_.stop(std::move(done)); }

    struct State {
        IpEndpoint local;
        bool open = false;
        std::string problem{};  ///< why it is not open; empty: it is
    };
    /// Returns how it is; nullopt: nobody shall listen.
    [[nodiscard]] std::optional<State> state() const;

private:
    /// The interfaces of the host, with the loopback's address, which others need not know of.
    class Places final : public Interfaces {
    public:
        explicit Places(const Interfaces& all) : all_(all) {}
        [[nodiscard]] InterfaceState state(const InterfaceName& name) const override;
        [[nodiscard]] std::optional<Ipv4Address> source(const InterfaceName& name) const override {
            return all_.source(name);
        }
        [[nodiscard]] InterfaceCounters counters(const InterfaceName& name) const override {
            return all_.counters(name);
        }

    private:
        const Interfaces& all_;
    };

    [[nodiscard]] FrontEndHandlers handlers();
    [[nodiscard]] std::vector<InterfaceName> placeOf(const Configuration& configuration) const;
    [[nodiscard]] std::string setupFor(const Configuration& configuration, const Lan& lan,
                                       bool trial) const;
    void serve();

    const Configuration& configuration_;
    const log::Target target_;
    const Parts parts_;
    const Places places_;
    FrontEnds processes_;
};

}  // namespace igd
