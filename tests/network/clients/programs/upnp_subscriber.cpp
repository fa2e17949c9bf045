// SPDX-License-Identifier: GPL-2.0-or-later
// A control point made with libupnp: finds WANIPConnection over IPv4 or IPv6, subscribes, and says
// how many mappings each event tells. It subscribes anew for each line on standard input.
//     upnp_subscriber INTERFACE 4|6
#include <upnp/upnp.h>
#include <upnp/upnptools.h>

#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace {

constexpr const char* kType = "urn:schemas-upnp-org:service:WANIPConnection:1";
constexpr int kSecondsToSearch = 3;
constexpr int kSecondsAsked = 1800;

struct Found {
    std::mutex mutex;
    std::condition_variable changed;
    bool six = false;      ///< the family that is wanted
    std::string location;  ///< of the description, when there is one
};

std::string textOf(IXML_Node* element) {
    IXML_Node* text = element == nullptr ? nullptr : ixmlNode_getFirstChild(element);
    const char* value = text == nullptr ? nullptr : ixmlNode_getNodeValue(text);
    return value == nullptr ? "" : value;
}

std::string childOf(IXML_Node* parent, std::string_view name) {
    for (IXML_Node* child = ixmlNode_getFirstChild(parent); child != nullptr;
         child = ixmlNode_getNextSibling(child))
        if (name == ixmlNode_getNodeName(child)) return textOf(child);
    return "";
}

void say(std::string_view line) {
    std::cout << line << std::endl;
}

void tellEvent(const UpnpEvent* event) {
    IXML_NodeList* list = ixmlDocument_getElementsByTagName(UpnpEvent_get_ChangedVariables(event),
                                                            "PortMappingNumberOfEntries");
    if (list == nullptr) return;
    say(textOf(ixmlNodeList_item(list, 0)));
    ixmlNodeList_free(list);
}

void keepLocation(const UpnpDiscovery* discovery, Found& found) {
    const std::string location = UpnpDiscovery_get_Location_cstr(discovery);
    if ((location.find('[') != std::string::npos) != found.six) return;
    const std::lock_guard lock(found.mutex);
    found.location = location;
    found.changed.notify_all();
}

int hear(Upnp_EventType type, const void* event, void* cookie) {
    if (type == UPNP_DISCOVERY_SEARCH_RESULT)
        keepLocation(static_cast<const UpnpDiscovery*>(event), *static_cast<Found*>(cookie));
    if (type == UPNP_EVENT_RECEIVED) tellEvent(static_cast<const UpnpEvent*>(event));
    if (type == UPNP_EVENT_AUTORENEWAL_FAILED || type == UPNP_EVENT_SUBSCRIPTION_EXPIRED)
        say("lost");
    return UPNP_E_SUCCESS;
}

/// Returns the absolute URL for events of the service; empty when the description has none.
std::string eventUrl(const std::string& location) {
    IXML_Document* loaded = nullptr;
    if (UpnpDownloadXmlDoc(location.c_str(), &loaded) != UPNP_E_SUCCESS) return "";
    const std::unique_ptr<IXML_Document, decltype(&ixmlDocument_free)> document(loaded,
                                                                                ixmlDocument_free);
    const std::unique_ptr<IXML_NodeList, decltype(&ixmlNodeList_free)> services(
        ixmlDocument_getElementsByTagName(document.get(), "service"), ixmlNodeList_free);
    for (unsigned long i = 0; i < ixmlNodeList_length(services.get()); ++i) {
        IXML_Node* service = ixmlNodeList_item(services.get(), i);
        if (childOf(service, "serviceType") != kType) continue;
        char* absolute = nullptr;
        if (UpnpResolveURL2(location.c_str(), childOf(service, "eventSubURL").c_str(), &absolute) !=
            UPNP_E_SUCCESS)
            return "";
        const std::unique_ptr<char, decltype(&std::free)> owner(absolute, std::free);
        return absolute;
    }
    return "";
}

std::string search(UpnpClient_Handle client, Found& found) {
    for (int turn = 0; turn < 3; ++turn) {
        if (UpnpSearchAsync(client, kSecondsToSearch, kType, &found) != UPNP_E_SUCCESS) return "";
        std::unique_lock lock(found.mutex);
        if (found.changed.wait_for(lock, std::chrono::seconds(kSecondsToSearch + 2),
                                   [&] { return !found.location.empty(); }))
            return found.location;
    }
    return "";
}

int follow(UpnpClient_Handle client, const std::string& url) {
    for (std::string line;;) {
        Upnp_SID sid{};
        int seconds = kSecondsAsked;
        const int error = UpnpSubscribe(client, url.c_str(), &seconds, sid);
        if (error != UPNP_E_SUCCESS) {
            say("not subscribed to " + url + ": " + UpnpGetErrorMessage(error));
            return 1;
        }
        if (!std::getline(std::cin, line)) return 0;
        if (UpnpUnSubscribe(client, sid) != UPNP_E_SUCCESS) say("lost");
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3 || UpnpInit2(arguments[1], 0) != UPNP_E_SUCCESS) return 2;
    Found found;
    found.six = std::string_view(arguments[2]) == "6";
    UpnpClient_Handle client = 0;
    if (UpnpRegisterClient(hear, &found, &client) != UPNP_E_SUCCESS) return 2;
    const std::string location = search(client, found);
    const std::string url = location.empty() ? "" : eventUrl(location);
    if (url.empty()) say("nothing found; location " + location);
    const int status = url.empty() ? 1 : follow(client, url);
    UpnpFinish();
    return status;
}
