// SPDX-License-Identifier: GPL-2.0-or-later
// A control point without a cost of its own: requests one after the other, each on a TCP connection
// of its own as control points send them, or all on one that is kept. Prints the median in
// microseconds and the requests in a second.
//   soap_load ADDRESS PORT PATH add|delete|list|address TCP|UDP FIRST COUNT CLIENT [kept]
#include "command_line.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Target {
    sockaddr_in address{};
    std::string host;
    std::string path;
    bool isKept = false;
};

std::string argument(const std::string& name, const std::string& value) {
    return "<New" + name + ">" + value + "</New" + name + ">";
}

struct Mapping {
    std::string protocol;
    std::string client;
};

std::string argumentsOf(const std::string& verb, unsigned value, const Mapping& mapping) {
    const std::string text = std::to_string(value);
    if (verb == "address") return "";
    if (verb == "list") return argument("PortMappingIndex", text);
    const std::string key = argument("RemoteHost", "") + argument("ExternalPort", text) +
                            argument("Protocol", mapping.protocol);
    if (verb == "delete") return key;
    return key + argument("InternalPort", text) + argument("InternalClient", mapping.client) +
           argument("Enabled", "1") + argument("PortMappingDescription", "bench") +
           argument("LeaseDuration", "3600");
}

std::string actionOf(const std::string& verb) {
    if (verb == "add") return "AddPortMapping";
    if (verb == "delete") return "DeletePortMapping";
    if (verb == "list") return "GetGenericPortMappingEntry";
    if (verb == "address") return "GetExternalIPAddress";
    fail("no such verb: " + verb);
}

std::string requestOf(const Target& target, const std::string& verb, unsigned value,
                      const Mapping& mapping) {
    const std::string type = "urn:schemas-upnp-org:service:WANIPConnection:1";
    const std::string action = actionOf(verb);
    const std::string body =
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
        "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body><u:" +
        action + " xmlns:u=\"" + type + "\">" + argumentsOf(verb, value, mapping) +
        "</u:" + action + "></s:Body></s:Envelope>";
    return "POST " + target.path + " HTTP/1.1\r\nHOST: " + target.host +
           "\r\nCONTENT-TYPE: text/xml; charset=\"utf-8\"\r\nSOAPACTION: \"" + type + "#" + action +
           "\"\r\nCONTENT-LENGTH: " + std::to_string(body.size()) +
           (target.isKept ? "" : "\r\nCONNECTION: close") + "\r\n\r\n" + body;
}

/// The answer's own length tells its end: one of the daemons closes late.
bool isComplete(const std::string& answer) {
    const auto end = answer.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    std::string head = answer.substr(0, end);
    std::transform(head.begin(), head.end(), head.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto field = head.find("content-length:");
    if (field == std::string::npos) return false;
    return answer.size() >= end + 4 + std::strtoul(head.c_str() + field + 15, nullptr, 10);
}

int connectionTo(const Target& target) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&target.address), sizeof target.address) !=
        0)
        fail("connect");
    return fd;
}

/// Ends the program unless the answer is a good one.
void exchange(int fd, const std::string& request) {
    if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
        fail("send");
    std::string answer;
    char buffer[8192];
    while (!isComplete(answer)) {
        const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
        if (size <= 0) break;
        answer.append(buffer, static_cast<std::size_t>(size));
    }
    if (answer.find(" 200 ") > 12) fail("refused: " + answer);
}

/// Microseconds of each of `count` requests.
std::vector<double> timesOf(const Target& target, const std::string& verb, unsigned first,
                            unsigned count, const Mapping& mapping) {
    std::vector<double> times;
    const int kept = target.isKept ? connectionTo(target) : -1;
    for (unsigned i = 0; i < count; ++i) {
        const std::string request = requestOf(target, verb, first + i, mapping);
        const auto begin = Clock::now();
        const int fd = target.isKept ? kept : connectionTo(target);
        exchange(fd, request);
        if (!target.isKept) ::close(fd);
        times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
    return times;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 9 && (argc != 10 || argv[9] != std::string_view{"kept"}))
        fail("ADDRESS PORT PATH add|delete|list|address TCP|UDP FIRST COUNT CLIENT [kept]");
    Target target;
    target.address.sin_family = AF_INET;
    target.address.sin_port = htons(static_cast<std::uint16_t>(number(argv[2])));
    if (::inet_pton(AF_INET, argv[1], &target.address.sin_addr) != 1) fail("not an address");
    target.host = std::string{argv[1]} + ":" + argv[2];
    target.path = argv[3];
    target.isKept = argc == 10;
    const unsigned count = number(argv[7]);
    const auto start = Clock::now();
    std::vector<double> times =
        timesOf(target, argv[4], number(argv[6]), count, {argv[5], argv[8]});
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::sort(times.begin(), times.end());
    std::printf("%.1f %.1f\n", times.empty() ? 0.0 : times[times.size() / 2], count / seconds);
    return 0;
}
