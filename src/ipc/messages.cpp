// SPDX-License-Identifier: GPL-2.0-or-later
// A message is its kind (one octet: the place in its variant), then its fields; inside requests and
// replies the same again.
#include "upnpd/ipc/messages.h"

#include "fields.h"

#include <algorithm>

namespace igd::ipc {
namespace {

constexpr std::size_t kMaxError = 1024;

template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

template <class Variant>
void putKind(ByteWriter& out, const Variant& variant) {
    out.u8(static_cast<std::uint8_t>(variant.index()));
}

void put(ByteWriter& out, const Request& request) {
    putKind(out, request);
    std::visit(
        Overloaded{
            [&](const FindMapping& find) {
                ipc::put(out, find.key);
                out.u32(find.requester.value());
            },
            [&](const MappingAt& at) { out.u32(at.index).u32(at.requester.value()); },
            [](const GetStatus&) {}, [&](const AddAnyMapping& any) { ipc::put(out, any.mapping); },
            [&](const DeleteMappings& all) { ipc::put(out, all.range); },
            [&](const ListMappings& all) { ipc::put(out, all.range); },
            [&](const UpdatePinhole& update) {
                out.u16(update.id);
                ipc::put(out, update.lease);
                ipc::put(out, update.requester);
            },
            [&](const DeletePinhole& one) {
                out.u16(one.id);
                ipc::put(out, one.requester);
            },
            [&](const CountPinhole& one) {
                out.u16(one.id);
                ipc::put(out, one.requester);
            },
            [&](const GetOutboundTimeout& get) { out.u8(static_cast<std::uint8_t>(get.protocol)); },
            [&](const auto& fields) { ipc::put(out, fields); }},
        request);
}

void put(ByteWriter& out, const Reply& reply) {
    putKind(out, reply);
    std::visit(Overloaded{[](const Done&) {},
                          [&](MappingError error) { out.u8(static_cast<std::uint8_t>(error)); },
                          [&](Port port) { out.u16(port.value); },
                          [&](const PinholeOpened& opened) { out.u16(opened.id); },
                          [&](const PacketCount& count) { out.u64(count.packets); },
                          [&](const MappingViews& views) {
                              out.u8(static_cast<std::uint8_t>(std::min(views.size(), kMaxListed)));
                              for (std::size_t i = 0; i < std::min(views.size(), kMaxListed); ++i)
                                  ipc::put(out, views[i]);
                          },
                          [&](const auto& fields) { ipc::put(out, fields); }},
               reply);
}

MappingViews getViews(FieldReader& in) {
    const std::size_t count = in.raw().u8();
    if (count > kMaxListed) in.reject();
    MappingViews views;
    while (views.size() < std::min(count, kMaxListed)) views.push_back(in.mappingView());
    return views;
}

/// Of the kinds that are about pinholes, and of NAT-PMP and PCP.
Request getLaterRequest(FieldReader& in, std::uint8_t kind) {
    switch (kind) {
        case 8:
            return in.pinholeRequest();
        case 9: {
            const PinholeId id = in.raw().u16();
            const Seconds lease = in.seconds();
            return UpdatePinhole{id, lease, in.anyAddress()};
        }
        case 10: {
            const PinholeId id = in.raw().u16();
            return DeletePinhole{id, in.anyAddress()};
        }
        case 11: {
            const PinholeId id = in.raw().u16();
            return CountPinhole{id, in.anyAddress()};
        }
        case 12:
            return GetOutboundTimeout{in.protocol()};
        case 13:
            return in.portRequest();
        case 14:
            return in.portRelease();
        case 15:
            return in.peerRequest();
        default:
            in.reject();
            return GetStatus{};
    }
}

Request getRequest(FieldReader& in) {
    const std::uint8_t kind = in.raw().u8();
    switch (kind) {
        case 0:
            return in.mappingRequest();
        case 1:
            return in.releaseRequest();
        case 2: {
            const MappingKey key = in.key();
            return FindMapping{key, in.address()};
        }
        case 3: {
            const std::uint32_t index = in.raw().u32();
            return MappingAt{index, in.address()};
        }
        case 4:
            return GetStatus{};
        case 5:
            return AddAnyMapping{in.mappingRequest(FieldReader::PortZero::Allowed)};
        case 6:
            return DeleteMappings{in.rangeRequest()};
        case 7:
            return ListMappings{in.rangeRequest()};
        default:
            return getLaterRequest(in, kind);
    }
}

Reply getReply(FieldReader& in) {
    switch (in.raw().u8()) {
        case 0:
            return Done{};
        case 1:
            return in.mappingView();
        case 2:
            return in.status();
        case 3:
            return in.enumerator(MappingError::Backend);
        case 4:
            return in.port();
        case 5:
            return getViews(in);
        case 6:
            return PinholeOpened{in.raw().u16()};
        case 7:
            return PacketCount{in.raw().u64()};
        case 8:
            return in.seconds();
        case 9:
            return in.portGrant();
        case 10:
            return in.portRefusal();
        default:
            in.reject();
            return Done{};
    }
}

/// Returns as many of the results of `read()` as the message says.
template <class Read>
auto getList(FieldReader& in, Read read) {
    const std::size_t count = in.raw().u16();
    if (count > kMaxNetworks) in.reject();
    std::vector<decltype(read())> list;
    while (list.size() < std::min(count, kMaxNetworks)) list.push_back(read());
    return list;
}

AddressesChanged getAddresses(FieldReader& in) {
    const auto prefix4 = [&] { return in.prefix4(); };
    const auto prefix6 = [&] { return in.prefix6(); };
    AddressesChanged changed;
    changed.addresses = getList(in, prefix4);
    changed.addresses6 = getList(in, prefix6);
    changed.routed = getList(in, prefix4);
    changed.routed6 = getList(in, prefix6);
    return changed;
}

template <class Prefix>
void putList(ByteWriter& out, const std::vector<Prefix>& prefixes) {
    const std::size_t count = std::min(prefixes.size(), kMaxNetworks);
    out.u16(static_cast<std::uint16_t>(count));
    for (std::size_t i = 0; i < count; ++i) ipc::put(out, prefixes[i]);
}

void put(ByteWriter& out, const AddressesChanged& changed) {
    putList(out, changed.addresses);
    putList(out, changed.addresses6);
    putList(out, changed.routed);
    putList(out, changed.routed6);
}

ToEngine getToEngine(FieldReader& in) {
    switch (in.raw().u8()) {
        case 0: {
            const std::uint32_t id = in.raw().u32();
            return Call{id, getRequest(in)};
        }
        case 1: {
            const std::uint16_t port = in.raw().u16();
            return Started{port, in.raw().text(kMaxError)};
        }
        default:
            in.reject();
            return Started{};
    }
}

ToFrontEnd getToFrontEnd(FieldReader& in) {
    switch (in.raw().u8()) {
        case 0: {
            const std::uint32_t id = in.raw().u32();
            return Answer{id, getReply(in)};
        }
        case 1:
            return Setup{in.raw().text(kMaxMessage)};
        case 2:
            return StatusChanged{in.status()};
        case 3:
            return getAddresses(in);
        default:
            in.reject();
            return StatusChanged{};
    }
}

}  // namespace

std::vector<std::uint8_t> encode(const ToEngine& message) {
    ByteWriter out;
    putKind(out, message);
    std::visit(Overloaded{[&](const Call& call) {
                              out.u32(call.id);
                              put(out, call.request);
                          },
                          [&](const Started& started) {
                              out.u16(started.httpPort)
                                  .text(std::string_view{started.error}.substr(0, kMaxError));
                          }},
               message);
    return out.bytes();
}

std::vector<std::uint8_t> encode(const ToFrontEnd& message) {
    ByteWriter out;
    putKind(out, message);
    std::visit(Overloaded{[&](const Answer& answer) {
                              out.u32(answer.id);
                              put(out, answer.reply);
                          },
                          [&](const Setup& setup) { out.text(setup.settings); },
                          [&](const StatusChanged& changed) { ipc::put(out, changed.status); },
                          [&](const AddressesChanged& changed) { put(out, changed); }},
               message);
    return out.bytes();
}

std::optional<ToEngine> decodeToEngine(std::span<const std::uint8_t> bytes) {
    FieldReader in{bytes};
    ToEngine message = getToEngine(in);
    return in.complete() ? std::optional{std::move(message)} : std::nullopt;
}

std::optional<ToFrontEnd> decodeToFrontEnd(std::span<const std::uint8_t> bytes) {
    FieldReader in{bytes};
    ToFrontEnd message = getToFrontEnd(in);
    return in.complete() ? std::optional{std::move(message)} : std::nullopt;
}

}  // namespace igd::ipc
