// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/stun_query.h"

#include "upnpd/system/child_process.h"
#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <system_error>
#include <utility>

namespace igd {
namespace {

/// STUN gives up after 39.5 s, and the name server has its time before that.
constexpr Seconds kPatience{60};

StunReport failure(std::string why) {
    return {std::nullopt, std::move(why)};
}

}  // namespace

StunQuery::StunQuery(boost::asio::io_context& loop, InterfaceName interface, Heard heard,
                     Start start)
    : interface_(std::move(interface)),
      heard_(std::move(heard)),
      start_(std::move(start)),
      process_(loop),
      again_(loop),
      patience_(loop) {}

pid_t StunQuery::startProcess(UniqueFd channel, const InterfaceName& interface,
                              const Question& question) {
    return startChild(Program{}, std::move(channel),
                      {"upnpd", kStunArgument, interface.text(), toString(question.own),
                       question.server.host, std::to_string(question.server.port.value)});
}

void StunQuery::ask(Question question) {
    stop();
    question_ = std::move(question);
    failures_ = 0;
    launch();
}

void StunQuery::stop() {
    question_.reset();
    launchDue_ = false;
    again_.cancel();
    endChild();
}

/// Ends the process, which has told all or is not to tell it any more. SIGCHLD reports its end.
void StunQuery::endChild() {
    awaited_ = false;
    patience_.cancel();
    process_.kill();
}

void StunQuery::launch() {
    launchDue_ = process_.isRunning();  // one at a time: when that one is gone
    if (launchDue_ || !question_) return;
    const StunServer& server = question_->server;
    try {
        process_.start(
            [this](UniqueFd its) { return start_(std::move(its), interface_, *question_); },
            {.heard =
                 [this](HelperProcess::Packet packet) {
                     settle(
                         decodeStunReport(packet).value_or(failure("its answer makes no sense")));
                 },
             .closed = [this] { settle(failure("the process that asks it has ended")); }});
    } catch (const std::system_error& error) {
        log::error("stun: {} cannot be asked: {}", toString(server), error.what());
        return tryAgainIn(stunPause(++failures_));
    }
    awaited_ = true;
    patience_.expires_after(kPatience);
    patience_.async_wait([this](boost::system::error_code error) {
        if (!error) settle(failure("the process that asks it does not end"));
    });
}

void StunQuery::settle(const StunReport& report) {
    if (!awaited_) return;
    endChild();
    failures_ = report.answer ? 0 : failures_ + 1;
    const Seconds pause = stunPause(failures_);
    if (!report.answer && question_)
        log::format(failures_ == 1 ? log::Level::Warning : log::Level::Debug,
                    "stun: {} does not tell our address: {}; asked again in {} s",
                    toString(question_->server), report.error, pause.count());
    tryAgainIn(pause);
    heard_(report);
}

void StunQuery::tryAgainIn(Seconds pause) {
    again_.expires_after(pause);
    again_.async_wait([this](boost::system::error_code error) {
        if (!error) launch();
    });
}

void StunQuery::childEnded() {
    if (process_.takeEnd() && launchDue_) launch();
}

}  // namespace igd
