// SPDX-License-Identifier: GPL-2.0-or-later
// The device description (UDA 1.1 section 2.3) has three devices, one in the other, and no URLBase:
// every URL is a path on the host that the document came from.
#include "upnpd/igd/description.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <cstdint>

namespace igd {
namespace {

/// Returns `text` cut to `limit` characters (not bytes), without control characters.
std::string shortened(std::string_view text, std::size_t limit) {
    std::string result = cleanUtf8(text, text.size());
    std::size_t characters = 0;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const bool beginsCharacter = (static_cast<unsigned char>(result[i]) & 0xc0) != 0x80;
        if (beginsCharacter && ++characters > limit) {
            result.resize(i);
            break;
        }
    }
    return result;
}

std::string element(std::string_view name, std::string_view text) {
    return fmt::format("<{0}>{1}</{0}>\n", name, xmlEscaped(text));
}

/// Returns the element; an empty one is left out (DESC-04).
std::string optionalElement(std::string_view name, std::string_view text) {
    return text.empty() ? std::string{} : element(name, text);
}

std::string serviceList(const Device& device) {
    std::string services;
    for (const Service* service : device.services) {
        services += "<service>\n" + element("serviceType", service->type) +
                    element("serviceId", service->id) + element("SCPDURL", service->scpdPath) +
                    element("controlURL", service->controlPath) +
                    element("eventSubURL", service->eventPath) + "</service>\n";
    }
    return "<serviceList>\n" + services + "</serviceList>\n";
}

/// Returns the name of a device. The embedded devices have the name of their type, as in every
/// other gateway.
std::string friendlyName(const Device& device, const DeviceIdentity& identity) {
    switch (device.role) {
        case DeviceRole::InternetGateway:
            return shortened(identity.friendlyName, 63);
        case DeviceRole::Wan:
            return "WANDevice";
        case DeviceRole::WanConnection:
            return "WANConnectionDevice";
    }
    return {};
}

/// Returns the elements in the order of the UDA's template (DESC-13), of the lengths that it allows
/// (DESC-05).
std::string deviceElement(const Device& device, const DeviceIdentity& identity) {
    const bool isRoot = device.role == DeviceRole::InternetGateway;
    std::string text = "<device>\n";
    text += element("deviceType", device.type);
    text += element("friendlyName", friendlyName(device, identity));
    text += element("manufacturer", shortened(identity.manufacturer, 63));
    text += optionalElement("manufacturerURL", identity.manufacturerUrl);
    text += optionalElement("modelDescription", shortened(identity.modelDescription, 127));
    text += element("modelName", shortened(identity.modelName, 31));
    text += optionalElement("modelNumber", shortened(identity.modelNumber, 31));
    text += optionalElement("modelURL", identity.modelUrl);
    text += optionalElement("serialNumber", shortened(identity.serialNumber, 63));
    text += element("UDN", udn(identity, device.role));
    text += serviceList(device);
    if (device.child != nullptr)
        text += "<deviceList>\n" + deviceElement(*device.child, identity) + "</deviceList>\n";
    if (isRoot) text += optionalElement("presentationURL", identity.presentationUrl);
    return text + "</device>\n";
}

constexpr std::string_view kSpecVersion =
    "<specVersion><major>1</major><minor>0</minor></specVersion>\n";

/// Adds `text` to a hash (FNV-1a), which is the same with every compiler and on every machine.
std::uint32_t hashed(std::string_view text, std::uint32_t hash) {
    constexpr std::uint32_t kPrime = 16777619;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
    return hash;
}

}  // namespace

std::uint32_t configurationId(const DeviceIdentity& identity) {
    constexpr std::uint32_t kBasis = 2166136261;
    constexpr int kBits = 24;  // above that the numbers are the UPnP Forum's
    std::uint32_t hash = hashed(deviceElement(rootDevice(identity.profile), identity), kBasis);
    for (const Service* service : allServices(identity.profile))
        hash = hashed(scpdDocument(*service), hash);
    return (hash >> kBits) ^ (hash & ((std::uint32_t{1} << kBits) - 1));
}

std::string descriptionDocument(const DeviceIdentity& identity) {
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<root xmlns=\"urn:schemas-upnp-org:device-1-0\" configId=\"{}\">\n{}{}</root>\n",
        configurationId(identity), kSpecVersion,
        deviceElement(rootDevice(identity.profile), identity));
}

}  // namespace igd
