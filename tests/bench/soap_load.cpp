// SPDX-License-Identifier: GPL-2.0-or-later
// A control point without a cost of its own: requests one after the other, each on a TCP connection
// of its own as control points send them. Prints the median in microseconds and the requests in a
// second.
//   soap_load ADDRESS PORT PATH add|delete|list TCP|UDP FIRST COUNT CLIENT
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
           "\r\nCONNECTION: close\r\n\r\n" + body;
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

void exchange(const Target& target, const std::string& request) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&target.address), sizeof target.address) !=
        0)
        fail("connect");
    if (::send(fd, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size()))
        fail("send");
    std::string answer;
    char buffer[8192];
    while (!isComplete(answer)) {
        const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
        if (size <= 0) break;
        answer.append(buffer, static_cast<std::size_t>(size));
    }
    ::close(fd);
    if (answer.find(" 200 ") > 12) fail("refused: " + answer);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 9) fail("ADDRESS PORT PATH add|delete|list TCP|UDP FIRST COUNT CLIENT");
    Target target;
    target.address.sin_family = AF_INET;
    target.address.sin_port = htons(static_cast<std::uint16_t>(number(argv[2])));
    if (::inet_pton(AF_INET, argv[1], &target.address.sin_addr) != 1) fail("not an address");
    target.host = std::string{argv[1]} + ":" + argv[2];
    target.path = argv[3];
    const unsigned first = number(argv[6]);
    const unsigned count = number(argv[7]);
    std::vector<double> times;
    const auto start = Clock::now();
    for (unsigned i = 0; i < count; ++i) {
        const std::string request = requestOf(target, argv[4], first + i, {argv[5], argv[8]});
        const auto begin = Clock::now();
        exchange(target, request);
        times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::sort(times.begin(), times.end());
    std::printf("%.1f %.1f\n", times.empty() ? 0.0 : times[times.size() / 2], count / seconds);
    return 0;
}
