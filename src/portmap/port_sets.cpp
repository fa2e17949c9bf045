// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_sets.h"

#include <algorithm>

namespace igd {
namespace {

constexpr int kGreatestPort = 65535;

/// Looks for rows of free ports. Whether a service of the router has a port costs a question to the
/// kernel, so that is asked for rows that are long enough alone.
class RowSearch {
public:
    RowSearch(const Bench& bench, const Asked& asked, std::span<const PortRange> permitted,
              bool parity)
        : bench_(bench), asked_(asked), permitted_(permitted), parity_(parity) {}

    [[nodiscard]] std::optional<PortSet> nearest() {
        const int middle = asked_.externalPort.value;
        if (isRight(middle) && freeFrom(bench_, asked_, permitted_) == asked_.portCount)
            return PortSet{asked_.externalPort, asked_.portCount};
        const int wanted = asked_.portCount;
        const auto above = walk(middle, kGreatestPort + 1, 1);
        const int reach = above ? *above - middle : kGreatestPort;
        const int from = std::min(kGreatestPort, middle + wanted - 2);
        const auto below = walk(from, std::max(0, middle - reach), -1);
        if (above && (!below || *above - middle <= middle - *below)) return setAt(*above, wanted);
        if (below) return setAt(*below, wanted);
        if (longest_.count == 0) return std::nullopt;
        return PortSet{longest_};
    }

private:
    static PortSet setAt(int first, int count) {
        return {Port{static_cast<std::uint16_t>(first)}, static_cast<std::uint16_t>(count)};
    }
    [[nodiscard]] bool isRight(int first) const {
        return !parity_ || (first - asked_.internalPort.value) % 2 == 0;
    }
    [[nodiscard]] bool isUnheld(int port) const {
        const MappingKey key{asked_.protocol, Port{static_cast<std::uint16_t>(port)}};
        return contains(permitted_, port) && !bench_.policy.isReserved(key.externalPort) &&
               bench_.ledger().find(key) == nullptr &&
               !isBesideAnother(bench_.ledger(), key, asked_.client);
    }
    /// Returns how many ports from `first` on, of `count` unheld ones, are free.
    [[nodiscard]] int freeOf(int first, int count) const {
        Asked row = asked_;
        row.externalPort = Port{static_cast<std::uint16_t>(first)};
        row.portCount = static_cast<std::uint16_t>(count);
        return freeFrom(bench_, row, permitted_);
    }
    /// A row that is shorter than was asked for.
    void note(int first, int count) {
        if (!isRight(first)) {
            ++first;
            --count;
        }
        if (count <= longest_.count) return;
        if (const int free = freeOf(first, count); free > longest_.count)
            longest_ = setAt(first, free);
    }
    /// Goes from `from` by `step` up to `end`, which it leaves out; returns the first port of a
    /// row that is as long as was asked for.
    [[nodiscard]] std::optional<int> walk(int from, int end, int step) {
        int count = 0;
        int port = from;
        const auto noteRow = [&] { note(step > 0 ? port - count : port + 1, count); };
        for (; step > 0 ? port < end : port > end; port += step) {
            if (!isUnheld(port)) {
                noteRow();
                count = 0;
                continue;
            }
            ++count;
            const int first = step > 0 ? port - asked_.portCount + 1 : port;
            if (count < asked_.portCount || !isRight(first)) continue;
            const int free = freeOf(first, asked_.portCount);
            if (free == asked_.portCount) return first;
            // The row goes on behind the port that is in use.
            note(first, free);
            port = first + free;
            count = 0;
        }
        noteRow();
        return std::nullopt;
    }

    const Bench& bench_;
    const Asked& asked_;
    std::span<const PortRange> permitted_;
    bool parity_;
    PortSet longest_{Port{0}, 0};
};

/// Returns how many ports of `asked` from its first one on are as `isGood` says.
template <class IsGood>
std::uint16_t countFrom(const Asked& asked, IsGood isGood) {
    std::uint16_t count = 0;
    while (count < asked.portCount && isGood(portOf(asked, count))) ++count;
    return count;
}

}  // namespace

std::optional<PortSet> nearestFreeSet(const Bench& bench, const Asked& asked,
                                      std::span<const PortRange> permitted, bool parity) {
    return RowSearch{bench, asked, permitted, parity}.nearest();
}

std::uint16_t freeFrom(const Bench& bench, const Asked& asked,
                       std::span<const PortRange> permitted) {
    const Opening* const holder =
        bench.ledger().find(MappingKey{asked.protocol, asked.externalPort});
    const bool moves = holder != nullptr && isMoved(*holder, asked);
    return countFrom(asked, [&](const Asked& one) {
        return contains(permitted, one.externalPort.value) && (moves || isFree(bench, one));
    });
}

std::uint16_t permittedFrom(const Bench& bench, const Asked& asked) {
    return countFrom(asked, [&](const Asked& one) {
        return !bench.policy.refusesPorts(one) && !bench.admission.refusesWay(one);
    });
}

}  // namespace igd
