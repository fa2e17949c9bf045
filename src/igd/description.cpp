// SPDX-License-Identifier: GPL-2.0-or-later
// The device description (UDA 1.0 section 2.1) has three devices, one in the other, and no URLBase:
// every URL is a path on the host that the document came from.
#include "upnpd/igd/description.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

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

}  // namespace

std::string descriptionDocument(const DeviceIdentity& identity) {
    return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
           "<root xmlns=\"urn:schemas-upnp-org:device-1-0\">\n"
           "<specVersion><major>1</major><minor>0</minor></specVersion>\n" +
           deviceElement(rootDevice(identity.profile), identity) + "</root>\n";
}

}  // namespace igd
