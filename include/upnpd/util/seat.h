// SPDX-License-Identifier: GPL-2.0-or-later
// A Seat is one of a few places, for work that can do without: nobody waits for one. Any thread may
// take one.
#pragma once

#include <semaphore>

namespace igd {

using Seats = std::counting_semaphore<>;

/// Takes a place if one is free, and gives it back at the end.
class Seat {
public:
    explicit Seat(Seats& seats) : seats_(seats), taken_(seats.try_acquire()) {}
    ~Seat() {
        if (taken_) seats_.release();
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    [[nodiscard]] bool isTaken() const { return taken_; }

private:
    Seats& seats_;
    const bool taken_;
};

}  // namespace igd
