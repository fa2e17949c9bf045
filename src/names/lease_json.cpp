// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_formats.h"

#include <nlohmann/json.hpp>

namespace igd::leases {
namespace {

using Json = nlohmann::json;

/// The member of an object; null: there is none.
const Json& memberOf(const Json& object, const char* name) {
    static const Json kNull;
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() ? *found : kNull;
}

/// Returns the last octets of a list of numbers; nullopt: there are not so many.
template <std::size_t Size>
std::optional<std::array<std::uint8_t, Size>> octetsAtEnd(const Json& list) {
    if (!list.is_array() || list.size() < Size) return std::nullopt;
    std::array<std::uint8_t, Size> octets{};
    for (std::size_t i = 0; i < Size; ++i) {
        const Json& each = list[list.size() - Size + i];
        if (!each.is_number_unsigned() || each.get<std::uint64_t>() > 0xff) return std::nullopt;
        octets[i] = each.get<std::uint8_t>();
    }
    return octets;
}

std::optional<MacAddress> macOf(const Json& lease) {
    constexpr std::size_t kClientId = 7;  // 1 for Ethernet, and the address
    if (const auto own = octetsAtEnd<6>(memberOf(lease, "HardwareAddress")))
        return MacAddress{*own};
    const Json& id = memberOf(lease, "ClientId");
    const auto octets = id.size() == kClientId ? octetsAtEnd<kClientId>(id) : std::nullopt;
    if (!octets || octets->front() != 1) return std::nullopt;
    return MacAddress{octetsAtEnd<6>(id).value()};
}

void readLease(const Json& lease, Collector& to) {
    const auto octets = octetsAtEnd<4>(memberOf(lease, "Address"));
    const Json& name = memberOf(lease, "Hostname");
    if (!octets) return;
    std::uint32_t address = 0;
    for (const std::uint8_t octet : *octets) address = address << 8U | octet;
    to.lease(Ipv4Address{address}, macOf(lease),
             name.is_string() ? name.get_ref<const std::string&>() : std::string_view{});
}

}  // namespace

void readJson(std::string_view file, Collector& to) {
    const Json parsed = Json::parse(file, nullptr, false);
    const Json& all = memberOf(parsed, "Leases");
    if (!all.is_array()) return;
    for (const Json& lease : all) readLease(lease, to);
}

}  // namespace igd::leases
