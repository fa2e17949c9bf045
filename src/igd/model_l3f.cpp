// SPDX-License-Identifier: GPL-2.0-or-later
// Layer3Forwarding:1 says which connection is the default one.
#include "model.h"

namespace igd {
namespace {

constexpr StateVariable kVariables[] = {{"DefaultConnectionService", DataType::String, true}};

constexpr Argument kSet[] = {
    {"NewDefaultConnectionService", Direction::In, "DefaultConnectionService"}};
constexpr Argument kGet[] = {
    {"NewDefaultConnectionService", Direction::Out, "DefaultConnectionService"}};

constexpr Action kActions[] = {{"SetDefaultConnectionService", kSet},
                               {"GetDefaultConnectionService", kGet}};

}  // namespace

constexpr Service kLayer3ForwardingOf1{
    "urn:schemas-upnp-org:service:Layer3Forwarding:1",
    "urn:upnp-org:serviceId:L3Forwarding1",
    "/L3F.xml",
    "/ctl/L3F1",
    "/evt/L3F1",
    kActions,
    kVariables,
};
static_assert(isWellFormed(kLayer3ForwardingOf1));

constexpr Service kLayer3ForwardingOf2{
    "urn:schemas-upnp-org:service:Layer3Forwarding:1",
    "urn:upnp-org:serviceId:L3Forwarding1",
    "/L3F.xml",
    "/ctl/L3F",
    "/evt/L3F",
    kActions,
    kVariables,
};
static_assert(isWellFormed(kLayer3ForwardingOf2));

}  // namespace igd
