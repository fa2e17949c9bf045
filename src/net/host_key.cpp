// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/host_key.h"

#include <algorithm>

namespace igd {
namespace {

constexpr std::uint8_t kNetworkBits = 64;

class Mixer {
public:
    explicit Mixer(std::uint64_t seed) : hash_(seed) {}
    void add(std::uint64_t value) {
        hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15U;
        hash_ ^= hash_ >> 29;
    }
    template <class Bytes>
    void addBytes(const Bytes& bytes) {
        for (const std::uint8_t byte : bytes) add(byte);
    }
    [[nodiscard]] std::uint64_t hash() const { return hash_; }

private:
    std::uint64_t hash_;
};

}  // namespace

HostKey hostKeyOf(const IpAddress& address, const std::optional<MacAddress>& mac) {
    if (mac) return *mac;
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&address)) return *ipv4;
    Ipv6Address::Bytes bytes = std::get<Ipv6Address>(address).bytes();
    std::fill(bytes.begin() + kNetworkBits / 8, bytes.end(), std::uint8_t{0});
    return Ipv6Prefix{Ipv6Address{bytes}, kNetworkBits};
}

std::uint64_t hashOf(const HostKey& key, std::uint64_t seed) {
    Mixer mixer{seed};
    mixer.add(key.index());
    if (const auto* const mac = std::get_if<MacAddress>(&key))
        mixer.addBytes(mac->bytes);
    else if (const auto* const ipv4 = std::get_if<Ipv4Address>(&key))
        mixer.add(ipv4->value());
    else
        mixer.addBytes(std::get<Ipv6Prefix>(key).address.bytes());
    mixer.add(seed);
    return mixer.hash();
}

std::string toString(const HostKey& key) {
    return std::visit([](const auto& each) { return toString(each); }, key);
}

}  // namespace igd
