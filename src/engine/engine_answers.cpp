// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine answers its front ends, and the service manager.
#include "engine.h"

#include <fmt/format.h>

namespace igd {
namespace {

ipc::Reply replyOf(const Result<void>& result) {
    if (!result) return result.error();
    return ipc::Done{};
}

template <class T>
ipc::Reply replyOf(const Result<T>& result) {
    if (!result) return result.error();
    return *result;
}

/// One overload for each kind of request.
struct Answerer {
    PortMapper& mapper;
    const Lan& lan;
    TimePoint now;
    const std::function<GatewayStatus()>& status;
    PinholeService* pinholes;
    PortControl& portControl;

    ipc::Reply operator()(const MappingRequest& request) const {
        return replyOf(mapper.request(request, lan, now));
    }
    ipc::Reply operator()(const ReleaseRequest& request) const {
        return replyOf(mapper.release(request, lan, now));
    }
    ipc::Reply operator()(const ipc::FindMapping& find) const {
        return replyOf(mapper.find(find.key, find.requester, now));
    }
    ipc::Reply operator()(const ipc::MappingAt& at) const {
        return replyOf(mapper.at(at.index, at.requester, now));
    }
    ipc::Reply operator()(const ipc::AddAnyMapping& any) const {
        return replyOf(mapper.requestAny(any.mapping, lan, now));
    }
    ipc::Reply operator()(const ipc::DeleteMappings& all) const {
        return replyOf(mapper.releaseRange(all.range, lan, now));
    }
    ipc::Reply operator()(const ipc::ListMappings& all) const {
        return replyOf(mapper.list(all.range, ipc::kMaxListed, now));
    }
    ipc::Reply operator()(const ipc::GetStatus&) const { return status(); }
    template <class T>
    ipc::Reply operator()(const T& request) const {
        if (pinholes == nullptr) return MappingError::NotFound;
        return pinholes->answer(request, lan);
    }
    ipc::Reply operator()(const PortRequest& request) const {
        return portControl.answer(request, lan);
    }
    ipc::Reply operator()(const PortRelease& request) const {
        return portControl.answer(request, lan);
    }
    ipc::Reply operator()(const PeerRequest& request) const {
        return portControl.answer(request, lan);
    }
    ipc::Reply operator()(const ipc::GetOutboundTimeout& get) const {
        const auto timeout = conntrackTimeout(get.protocol);
        if (!timeout) return MappingError::NotFound;
        return *timeout;
    }
};

/// What `convert` makes of the first ones, up to one of which it makes nothing.
template <class T, class Convert>
std::vector<T> leading(std::span<const Asked> asked, Convert convert) {
    std::vector<T> result;
    for (const Asked& each : asked) {
        auto converted = convert(each);
        if (!converted) break;
        result.push_back(std::move(*converted));
    }
    return result;
}

}  // namespace

/// Those in a row that are of one kind together.
std::vector<ipc::Reply> Engine::answerAll(std::span<const Asked> asked) {
    std::vector<ipc::Reply> replies;
    while (!asked.empty()) {
        const auto mappings =
            leading<AskedMapping>(asked, [](const Asked& each) -> std::optional<AskedMapping> {
                const auto* const request = std::get_if<MappingRequest>(&each.request);
                return request != nullptr ? std::optional{AskedMapping{*request, each.lan}}
                                          : std::nullopt;
            });
        for (const auto& result : mapper_.requestAll(mappings, Clock::now()))
            replies.push_back(replyOf(result));
        asked = asked.subspan(mappings.size());
        const auto ports = leading<AskedPort>(asked, &PortControl::forMapper);
        for (const auto& result : portControl_->answerAll(ports)) replies.push_back(result);
        asked = asked.subspan(ports.size());
        if (!mappings.empty() || !ports.empty()) continue;
        replies.push_back(answer(asked.front().request, asked.front().lan));
        asked = asked.subspan(1);
    }
    return replies;
}

ipc::Reply Engine::answer(const ipc::Request& request, const Lan& lan) {
    const std::function<GatewayStatus()> present = [this] { return status(); };
    return std::visit(Answerer{mapper_, lan, Clock::now(), present,
                               pinholes_ ? &*pinholes_ : nullptr, *portControl_},
                      request);
}

/// "1 mapping; external ppp0 80.100.100.1 (public); waiting for vlan20"
std::string Engine::statusLine() const {
    const std::size_t count = mapper_.size();
    std::string text = fmt::format("{} mapping{}; external {}", count, count == 1 ? "" : "s",
                                   describe(wan_.view()));
    const char* before = "; waiting for ";
    for (const InterfaceName& name : configuration_.internalInterfaces) {
        if (interfaces_.state(name).primary()) continue;
        text += before + name.text();
        before = ", ";
    }
    return text;
}

}  // namespace igd
