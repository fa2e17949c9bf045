// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_trial.h"

#include <nlohmann/json.hpp>

namespace igd::firewall {
namespace {

constexpr const char* kLay = R"(add table inet upnpd_trial
delete table inet upnpd_trial
table inet upnpd_trial {
	set renewed {
		type inet_service
		flags timeout
		elements = { 1 timeout 200s expires 100s }
	}
}
)";
constexpr const char* kRenew =
    "add element inet upnpd_trial renewed { 1 timeout 200s expires 200s }";
constexpr const char* kRemove = "delete table inet upnpd_trial";

/// {"nftables": [..., {"set": {..., "elem": [{"elem": {"val": 1, "expires": 199, ...}}]}}]}
bool lastsLonger(const std::string& json) {
    const auto document = nlohmann::json::parse(json, nullptr, false);
    if (!document.is_object() || !document.contains("nftables")) return false;
    for (const auto& item : document["nftables"])
        if (item.contains("set"))
            for (const auto& element : item["set"].value("elem", nlohmann::json::array()))
                return element.is_object() && element.contains("elem") &&
                       element["elem"].value("expires", 0) > 100;
    return false;
}

}  // namespace

bool renewsInPlace(NftContext& nft) {
    if (!nft.run(kLay)) return false;
    const bool renewed = nft.run(kRenew);
    const auto json = nft.listJson("set inet upnpd_trial renewed", NftContext::Elements::With);
    const bool removed = nft.run(kRemove);
    return renewed && removed && json && lastsLonger(*json);
}

}  // namespace igd::firewall
