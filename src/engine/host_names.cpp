// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_names.h"

#include "upnpd/util/text.h"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace igd {
namespace {

constexpr std::array kUsualFiles{"/var/lib/misc/dnsmasq.leases",
                                 "/var/lib/dnsmasq/dnsmasq.leases",
                                 "/tmp/dhcp.leases",
                                 "/tmp/odhcpd.leases",
                                 "/var/lib/kea/kea-leases4.csv",
                                 "/var/lib/kea/kea-leases6.csv",
                                 "/var/lib/dhcp/dhcpd.leases"};

/// A file for each interface.
struct Folder {
    const char* path;
    std::string_view begins;  ///< the names of its lease files
};
constexpr std::array kUsualFolders{Folder{"/tmp/hosts", "odhcpd"},
                                   Folder{"/var/lib/systemd/network/dhcp-server-lease", ""}};

void appendFiles(std::vector<std::filesystem::path>& paths, const Folder& folder) {
    std::error_code error;
    for (std::filesystem::directory_iterator each{folder.path, error}, end; !error && each != end;
         each.increment(error))
        if (each->path().filename().string().starts_with(folder.begins))
            paths.push_back(each->path());
}

/// Opens a file of leases; a program that writes to a pipe in its place is not waited for.
UniqueFd opened(const std::filesystem::path& path, struct stat& found) {
    UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (file && (::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode))) file.reset();
    return file;
}

/// "nas" is meant by "nas", "NAS" and, of "nas.lan", by its first part.
bool isCalled(const std::string& name, std::string_view wanted) {
    const std::string_view whole = name;
    return !whole.empty() && (equalsIgnoringCase(whole, wanted) ||
                              equalsIgnoringCase(whole.substr(0, whole.find('.')), wanted));
}

}  // namespace

HostNames::HostNames(boost::asio::io_context& loop, HostNameFiles files, Parts parts,
                     NameQuery::Start start)
    : files_(std::move(files)),
      parts_(std::move(parts)),
      patience_(loop),
      query_(loop,
             {.found = [this](const std::vector<NamedHost>& hosts) { found(hosts); },
              .filesRead = [this] { filesRead(); }},
             std::move(start)) {}

void HostNames::setFiles(HostNameFiles files) {
    if (files == files_) return;
    files_ = std::move(files);
    named_.clear();
    lookedUp_.clear();
    versions_.clear();
    lookedAt_.reset();
}

std::vector<std::filesystem::path> HostNames::paths() const {
    if (!files_.automatic) return files_.paths;
    std::vector<std::filesystem::path> paths{kUsualFiles.begin(), kUsualFiles.end()};
    for (const Folder& folder : kUsualFolders) appendFiles(paths, folder);
    return paths;
}

/// The files that are there, opened, and in `versions` what they are.
NameQuery::Question HostNames::questionFor(Versions& versions) const {
    NameQuery::Question question;
    for (const std::filesystem::path& path : paths()) {
        struct stat found {};
        UniqueFd file = opened(path, found);
        if (!file || question.files.size() == NameQuery::kMaxFiles) continue;
        constexpr std::int64_t kSecond = 1'000'000'000;
        versions[path] = {found.st_ino, found.st_mtim.tv_sec * kSecond + found.st_mtim.tv_nsec,
                          found.st_size};
        question.files.push_back(std::move(file));
    }
    return question;
}

/// Clients that are to be looked up.
std::vector<IpAddress> HostNames::nameless(TimePoint now) const {
    std::vector<IpAddress> all;
    for (const IpAddress& client : parts_.clients()) {
        const auto tried = lookedUp_.find(client);
        if (all.size() < NameQuery::kMaxAddresses && nameOf(client).empty() &&
            parts_.lans.of(client) != nullptr &&
            (tried == lookedUp_.end() || now - tried->second.at >= kBetweenLookUps))
            all.push_back(client);
    }
    return all;
}

void HostNames::refresh() {
    const TimePoint now = Clock::now();
    const bool none = !files_.automatic && files_.paths.empty();
    if (none || query_.isRunning() || (lookedAt_ && now - *lookedAt_ < kBetweenLooks)) return;
    lookedAt_ = now;
    Versions versions;
    NameQuery::Question question = questionFor(versions);
    question.addresses = nameless(now);
    if (versions == versions_ && question.addresses.empty()) return;
    if (!query_.ask(question)) return;
    reading_ = true;
    versions_ = std::move(versions);
    incoming_.clear();
    if (lookedUp_.size() > kMaxNamedHosts) lookedUp_.clear();
    for (const IpAddress& address : question.addresses) lookedUp_[address] = {"", now};
}

void HostNames::whenFresh(std::function<void()> then) {
    refresh();
    if (!reading_) return then();
    waiting_.push_back(std::move(then));
    if (waiting_.size() > 1) return;
    patience_.expires_after(kPatience);
    patience_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        for (const auto& each : std::exchange(waiting_, {})) each();
    });
}

void HostNames::found(const std::vector<NamedHost>& hosts) {
    for (const NamedHost& host : hosts) {
        if (parts_.lans.of(host.address) == nullptr) continue;
        if (!reading_) {
            if (const auto asked = lookedUp_.find(host.address); asked != lookedUp_.end())
                asked->second.name = host.name;
        } else if (incoming_.size() < kMaxNamedHosts) {
            NamedHost& known = incoming_[host.address];
            known.address = host.address;
            if (host.mac) known.mac = host.mac;
            if (!host.name.empty()) known.name = host.name;
        }
    }
}

void HostNames::filesRead() {
    reading_ = false;
    named_ = std::exchange(incoming_, {});
    patience_.cancel();
    for (const auto& each : std::exchange(waiting_, {})) each();
}

std::string HostNames::nameOf(const IpAddress& host) const {
    if (const auto named = named_.find(host); named != named_.end() && !named->second.name.empty())
        return named->second.name;
    const auto lookedUp = lookedUp_.find(host);
    return lookedUp != lookedUp_.end() ? lookedUp->second.name : "";
}

std::optional<MacAddress> HostNames::macOf(const IpAddress& host) const {
    const Lan* const lan = parts_.lans.of(host);
    if (lan == nullptr) return std::nullopt;
    if (const auto mac = parts_.neighbours.macOf(lan->interface, host)) return mac;
    const auto named = named_.find(host);
    return named != named_.end() ? named->second.mac : std::nullopt;
}

std::vector<NamedHost> HostNames::find(std::string_view nameOrMac) const {
    std::set<IpAddress> addresses;
    if (const auto mac = parseMacAddress(nameOrMac)) {
        for (const Lan& lan : parts_.lans.present)
            for (const Ipv4Address address : parts_.neighbours.ipv4Of(lan.interface, *mac))
                addresses.insert(address);
        for (const auto& [address, host] : named_)
            if (macOf(address) == mac) addresses.insert(address);
    } else {
        for (const auto& [address, host] : named_)
            if (isCalled(host.name, nameOrMac)) addresses.insert(address);
        for (const auto& [address, lookedUp] : lookedUp_)
            if (isCalled(nameOf(address), nameOrMac)) addresses.insert(address);
    }
    std::vector<NamedHost> hosts;
    hosts.reserve(addresses.size());
    for (const IpAddress& address : addresses)
        hosts.push_back({address, macOf(address), nameOf(address)});
    return hosts;
}

void HostNames::stop() {
    waiting_.clear();
    patience_.cancel();
    query_.stop();
}

}  // namespace igd
