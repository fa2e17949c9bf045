// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/names/name_query.h"

#include "upnpd/names/name_reader.h"
#include "upnpd/system/child_process.h"
#include "upnpd/util/log.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace igd {
namespace {

/// Files are read in milliseconds; a name server that does not answer costs a second for each
/// address.
constexpr std::chrono::seconds kPatience{5};

void send(const NameQuery::Question& question, int to) {
    if (!sendTask(to, question.files, question.addresses))
        throw std::system_error(errno, std::generic_category(), "the task is not sent");
}

}  // namespace

NameQuery::NameQuery(boost::asio::io_context& loop, Handlers handlers, Start start)
    : handlers_(std::move(handlers)), start_(std::move(start)), process_(loop), patience_(loop) {}

pid_t NameQuery::startProcess(UniqueFd channel) {
    return startChild(Program{}, std::move(channel), {"upnpd", kNamesArgument});
}

bool NameQuery::ask(const Question& question) {
    if (isRunning()) return false;
    try {
        process_.start(start_, {.heard = [this](HelperProcess::Packet packet) { heard(packet); },
                                .closed = [this] { settle(); },
                                .first = [&](int to) { send(question, to); }});
    } catch (const std::system_error& error) {
        log::error("names: no process reads them: {}", error.what());
        return false;
    }
    awaited_ = true;
    filesRead_ = false;
    patience_.expires_after(kPatience);
    patience_.async_wait([this](boost::system::error_code error) {
        if (!error) settle();
    });
    return true;
}

void NameQuery::heard(HelperProcess::Packet packet) {
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
    process_.kill();
}

void NameQuery::childEnded() {
    (void)process_.takeEnd();
}

}  // namespace igd
