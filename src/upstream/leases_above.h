// SPDX-License-Identifier: GPL-2.0-or-later
// The leases that the gateway above has given: asked for, renewed, asked for again when it has
// lost them, given back. It lives in the process without rights, in its loop thread.
#pragma once

#include "way.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>

namespace igd::above {

class LeasesAbove {
public:
    struct Handlers {
        /// The outcome of hold(), and each later one that is another.
        std::function<void(const ToEngine&)> tell;
        /// The gateway did not answer.
        std::function<void()> silent;
    };

    LeasesAbove(boost::asio::io_context& loop, Handlers handlers)
        : handlers_(std::move(handlers)), timer_(loop) {}

    /// Asks by `way` from now on, for all that is held again; nullptr: nobody is asked, and what is
    /// held waits.
    void use(Way* way);
    /// The gateway has lost what it gave: all is asked for again.
    void renewAll();

    /// `exactly`: there is a mapping, and another port is of no use.
    void hold(const MappingKey& key, bool exactly);
    void release(const MappingKey& key);
    /// Gives all back; `done` is called when the gateway has heard of all, or does not answer.
    void releaseAll(std::function<void()> done);

private:
    struct Lease {
        bool isHeld = false;   ///< it was given once
        bool isAsked = false;  ///< the answer is awaited
        bool ended = false;    ///< to be given back when the answer has come
        bool exactly = false;  ///< there is a mapping
        bool isMoved = false;  ///< another port was given in its place
        TimePoint next;        ///< when it is to be asked for; TimePoint::max(): never
        TimePoint end;         ///< of a held one
    };
    using Leases = std::map<MappingKey, Lease>;

    void work();
    void plan();
    void ask(const MappingKey& key, Lease& lease);
    void answered(const MappingKey& key, const WayAnswer& answer);
    void granted(Leases::iterator lease, const Grant& grant);
    void denied(Leases::iterator lease, const Denial& denial);
    [[nodiscard]] static bool isAskedOnceMore(Leases::value_type& lease);
    void giveBack(const MappingKey& key);
    void finishIfDone();

    Handlers handlers_;
    boost::asio::steady_timer timer_;
    Way* way_ = nullptr;
    Leases leases_;
    unsigned asking_ = 0;
    unsigned releasing_ = 0;
    std::function<void()> done_;
};

}  // namespace igd::above
