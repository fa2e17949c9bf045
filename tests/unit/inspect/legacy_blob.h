// SPDX-License-Identifier: GPL-2.0-or-later
// Writes a legacy table of IPv4 as the kernel hands it out: the table filter with its three chains,
// and chains of the administrator's.
#pragma once

#include "octets.h"

#include "upnpd/inspect/legacy_decoder.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>

namespace igd::inspect::test {

class LegacyBlob {
public:
    /// The header of a rule that fits every packet.
    static ipt_ip anyPacket() { return {}; }

    /// Begins the chain of a hook.
    void hook(std::size_t number) {
        frame.validHooks |= 1U << number;
        frame.hookEntry[number] = here();
    }
    /// Ends it with that policy.
    void policy(std::size_t number, std::int32_t verdict) {
        frame.underflow[number] = here();
        rule(anyPacket(), {}, "", octetsOf(verdict));
    }
    /// Begins a chain of the administrator's and returns where its first entry is.
    std::int32_t chain(std::string_view name) { return static_cast<std::int32_t>(mark(name)); }
    void endOfChain() { verdict(XT_RETURN); }
    void endOfTable() { mark("ERROR"); }

    /// A rule with the kernel's standard target.
    void verdict(std::int32_t to, const ipt_ip& header = anyPacket(),
                 const std::vector<std::vector<std::byte>>& matches = {}) {
        rule(header, matches, "", octetsOf(to));
    }
    void rule(const ipt_ip& header, const std::vector<std::vector<std::byte>>& matches,
              std::string_view target, std::vector<std::byte> info) {
        info.resize((info.size() + 7) / 8 * 8);
        std::vector<std::byte> body;
        for (const auto& match : matches) body.insert(body.end(), match.begin(), match.end());
        ipt_entry entry{};
        entry.ip = header;
        entry.target_offset = static_cast<std::uint16_t>(sizeof entry + body.size());
        const auto last = extension(target, info);
        body.insert(body.end(), last.begin(), last.end());
        entry.next_offset = static_cast<std::uint16_t>(sizeof entry + body.size());
        const auto* const raw = reinterpret_cast<const std::byte*>(&entry);
        octets.insert(octets.end(), raw, raw + sizeof entry);
        octets.insert(octets.end(), body.begin(), body.end());
    }

    /// A match or target with what precedes its structure.
    static std::vector<std::byte> extension(std::string_view name, std::vector<std::byte> info,
                                            std::uint8_t revision = 0) {
        info.resize((info.size() + 7) / 8 * 8);
        xt_entry_match header{};
        header.u.user.match_size = static_cast<std::uint16_t>(sizeof header + info.size());
        name.copy(header.u.user.name, sizeof header.u.user.name - 1);
        header.u.user.revision = revision;
        std::vector<std::byte> whole = octetsOf(header);
        whole.insert(whole.end(), info.begin(), info.end());
        return whole;
    }

    std::vector<std::byte> octets;
    LegacyFrame frame;

private:
    [[nodiscard]] std::uint32_t here() const { return static_cast<std::uint32_t>(octets.size()); }
    std::uint32_t mark(std::string_view name) {
        std::vector<std::byte> text(XT_FUNCTION_MAXNAMELEN);
        for (std::size_t i = 0; i < name.size(); ++i) text[i] = static_cast<std::byte>(name[i]);
        rule(anyPacket(), {}, XT_ERROR_TARGET, text);
        return here();
    }
};

}  // namespace igd::inspect::test
