// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/names/name_query.h"

#include "upnpd/names/name_reader.h"
#include "upnpd/system/child_process.h"
#include "upnpd/util/log.h"

#include <algorithm>
#include <csignal>
#include <string_view>
#include <system_error>
#include <utility>

namespace igd {
namespace {

/// Files are read in milliseconds; a name server that does not answer costs a second for each
/// address.
constexpr std::chrono::seconds kPatience{5};

}  // namespace

NameQuery::NameQuery(boost::asio::io_context& loop, Handlers handlers, Start start)
    : loop_(loop), handlers_(std::move(handlers)), start_(std::move(start)), patience_(loop) {}

NameQuery::~NameQuery() {
    endChild();
}

pid_t NameQuery::startProcess(UniqueFd channel) {
    return startChild(Program{}, std::move(channel), {"upnpd", kNamesArgument});
}

bool NameQuery::ask(const Question& question) {
    if (isRunning()) return false;
    try {
        auto [mine, its] = ipc::makePair();
        if (!sendTask(mine.get(), question.files, question.addresses)) return false;
        channel_ = std::make_unique<ipc::Channel>(loop_, std::move(mine));
        pid_ = start_(std::move(its));
    } catch (const std::system_error& error) {
        log::error("names: no process reads them: {}", error.what());
        return false;
    }
    awaited_ = true;
    filesRead_ = false;
    channel_->receive([this](ipc::Channel::Packet packet) { heard(packet); }, [this] { settle(); });
    patience_.expires_after(kPatience);
    patience_.async_wait([this](boost::system::error_code error) {
        if (!error) settle();
    });
    return true;
}

void NameQuery::heard(ipc::Channel::Packet packet) {
    if (!awaited_) return;
    if (std::ranges::equal(packet, kFilesRead)) {
        if (!std::exchange(filesRead_, true)) handlers_.filesRead();
        return;
    }
    handlers_.found(namedHostsIn(packet));
}

/// It has told all, or tells no more.
void NameQuery::settle() {
    if (!awaited_) return;
    endChild();
    if (!std::exchange(filesRead_, true)) handlers_.filesRead();
}

void NameQuery::stop() {
    filesRead_ = true;
    endChild();
}

/// SIGCHLD reports its end.
void NameQuery::endChild() {
    awaited_ = false;
    patience_.cancel();
    if (channel_) channel_->close();
    if (pid_ > 0) ::kill(pid_, SIGKILL);
}

void NameQuery::childEnded() {
    if (pid_ > 0 && reapChild(pid_)) pid_ = 0;
}

}  // namespace igd
