// SPDX-License-Identifier: GPL-2.0-or-later
// One timer for all connections: setting a deadline costs a look at the clock, and only while
// somebody has one does the timer run, once a second. Of the loop thread.
#pragma once

#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

namespace igd::upnp {

/// Unlinks itself at its end.
class Timed : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    /// The deadline has passed, by less than a second. Must destroy no Timed: closing a socket is
    /// fine, for its handlers come later.
    virtual void timedOut() = 0;
    virtual ~Timed() = default;

protected:
    Timed() = default;
    Timed(const Timed&) = delete;
    Timed& operator=(const Timed&) = delete;

private:
    friend class Deadlines;
    TimePoint deadline_{};
};

class Deadlines {
public:
    explicit Deadlines(boost::asio::io_context& loop) : timer_(loop) {}

    /// `timed` has that long from now; replaces what it had.
    void set(Timed& timed, Clock::duration within);
    /// No deadline any more.
    static void clear(Timed& timed) {
        if (timed.is_linked()) timed.unlink();
    }

private:
    void arm();
    void sweep();

    boost::asio::steady_timer timer_;
    bool armed_ = false;
    boost::intrusive::list<Timed, boost::intrusive::constant_time_size<false>> timed_;
};

}  // namespace igd::upnp
