// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/codec.h"

#include "upnpd/ipc/value_fields.h"

#include <gtest/gtest.h>

namespace igd::ipc {

struct Parcel {
    bool sealed = false;
    std::uint16_t weight = 0;
    std::optional<std::uint32_t> number{};
    std::variant<std::uint8_t, std::uint64_t> size{};
    std::vector<std::uint8_t> items{};
    std::string label{};
    bool operator==(const Parcel&) const = default;
};

template <class Io, Is<Parcel> M>
void fields(Io& io, M& m) {
    io(m.sealed, m.weight, m.number, m.size);
    io.list(m.items, 2);
    io.text(m.label, 3);
    io.require(m.weight != 13);
}

namespace {

using Octets = std::vector<std::uint8_t>;

const Parcel kParcel{.sealed = true,
                     .weight = 0x0102,
                     .number = 0x03040506,
                     .size = std::uint64_t{7},
                     .items = {8, 9},
                     .label = "abc"};
const Octets kOctets{1, 1, 2, 1, 3, 4, 5, 6, 1, 0, 0,   0,   0,
                     0, 0, 0, 7, 0, 2, 8, 9, 0, 3, 'a', 'b', 'c'};

TEST(Codec, WritesTheFieldsInTheirOrder) {
    EXPECT_EQ(written(kParcel), kOctets);
    EXPECT_EQ(written(Parcel{}), (Octets{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Codec, ReadsWhatItWrote) {
    EXPECT_EQ(read<Parcel>(kOctets), kParcel);
    EXPECT_EQ(read(Octets{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, kParcel), Parcel{}) << "nothing is left";
}

TEST(Codec, WritesAndReadsNothingAgainstARule) {
    EXPECT_FALSE(written(Parcel{.weight = 13}));
    EXPECT_FALSE(read<Parcel>(Octets{0, 0, 13, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Codec, CutsWhatIsTooLongAndReadsNoMore) {
    EXPECT_EQ(written(Parcel{.items = {1, 2, 3}, .label = "abcd"}),
              (Octets{0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 0, 3, 'a', 'b', 'c'}));
    EXPECT_FALSE(read<Parcel>(Octets{0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 0, 0}));
    EXPECT_FALSE(read<Parcel>(Octets{0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 'a', 'b', 'c', 'd'}));
    EXPECT_FALSE(read<Parcel>(Octets{0, 0, 0, 0, 0, 0, 0xff, 0xff}));
}

TEST(Codec, HasOneFormForEachValue) {
    EXPECT_FALSE(read<Parcel>(Octets{2, 0, 0, 0, 0, 0, 0, 0, 0, 0})) << "no boolean";
    EXPECT_FALSE(read<Parcel>(Octets{0, 0, 0, 2, 0, 0, 0, 0, 0, 0})) << "neither there nor not";
    EXPECT_FALSE(read<Parcel>(Octets{0, 0, 0, 0, 2, 0, 0, 0, 0, 0})) << "no such alternative";
    EXPECT_FALSE(read<Parcel>(Octets{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})) << "one octet too many";
    EXPECT_FALSE(read<Parcel>(Octets{}));
}

TEST(Codec, KnowsALan) {
    const auto prefix6 = Ipv6Prefix{parseIpv6Address("2001:db8::1").value(), 32};
    const Lan lan{.interface = InterfaceName::parse("br-lan").value(),
                  .addresses = {parseIpv4Prefix("192.168.1.1/24").value()},
                  .addresses6 = {prefix6},
                  .routed = {parseIpv4Prefix("10.0.0.0/8").value()},
                  .routed6 = {prefix6, prefix6}};
    const Lan blank{.interface = InterfaceName::parse("x").value()};
    auto octets = written(lan).value();
    EXPECT_EQ(read(octets, blank), lan);
    octets[2] = '/';
    EXPECT_FALSE(read(octets, blank)) << "no name of an interface";
}

TEST(Codec, KnowsTheEnumeratorsAndNoMore) {
    EXPECT_EQ(read<Origin>(Octets{3}), Origin::Static);
    EXPECT_EQ(read<Origin>(Octets{4}), Origin::Admin);
    EXPECT_FALSE(read<Origin>(Octets{5}));
    EXPECT_FALSE(written(static_cast<Origin>(5)));
    EXPECT_EQ(read<MappingError>(Octets{11}), MappingError::NotApproved);
    EXPECT_FALSE(read<MappingError>(Octets{12}));
}

}  // namespace
}  // namespace igd::ipc
