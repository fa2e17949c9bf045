// SPDX-License-Identifier: GPL-2.0-or-later
// A hostile host of the LAN sends this, as fast as it goes; one line of JSON is printed at the end.
//   hostile_load search ADDRESS COUNT
//     M-SEARCHes
//   hostile_load flood ADDRESS search|all|address COUNT RATE FIRST-SOURCE SOURCES
//     M-SEARCHes, or requests of NAT-PMP, from many addresses that need not be anybody's
//   hostile_load pages ADDRESS PORT SECONDS FIRST-SOURCE SOURCES
//     requests from many addresses of this host
//   hostile_load udp ADDRESS PORT SECONDS
//     datagrams that are none of that port's protocols
//   hostile_load slow ADDRESS PORT CONNECTIONS SECONDS PATH
//     connections that never come to an end
//   hostile_load http ADDRESS PORT SECONDS
//     bytes that are no request, on new connections
//   hostile_load add ADDRESS PORT PATH OWN COUNT keep|new
//     mappings, on few connections or on new ones
#include "hostile_forged.h"
#include "hostile_tcp.h"
#include "hostile_udp.h"

#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace hostile;

void print(const std::map<std::string, double>& totals) {
    const char* separator = "{";
    for (const auto& [name, value] : totals) {
        std::printf("%s\"%s\": %.3f", separator, name.c_str(), value);
        separator = ", ";
    }
    std::puts("}");
}

Totals run(std::string_view what, const std::vector<std::string>& words) {
    if (what == "flood")
        return flood(words.at(0), {words.at(1), number(words.at(2)), number(words.at(3))},
                     words.at(4), number(words.at(5)));
    const Target target = targetOf(words.at(0), what == "search" ? "1900" : words.at(1));
    if (what == "search") return search(target, number(words.at(1)));
    if (what == "pages")
        return pages(target, number(words.at(2)), words.at(3), number(words.at(4)));
    if (what == "udp") return datagrams(target, number(words.at(2)));
    if (what == "slow") return slow(target, number(words.at(2)), number(words.at(3)), words.at(4));
    if (what == "http") return noRequests(target, number(words.at(2)));
    if (what == "add")
        return add(target, words.at(2), words.at(3), number(words.at(4)), words.at(5) == "keep");
    fail("not known: " + std::string{what});
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 4) fail("search | flood | pages | udp | slow | http | add, an address, ...");
    const auto begin = Clock::now();
    Totals totals = run(argv[1], {argv + 2, argv + argc});
    totals["seconds"] = std::chrono::duration<double>(Clock::now() - begin).count();
    print(totals);
    return 0;
} catch (const std::exception& error) {
    fail(error.what());
}
