// SPDX-License-Identifier: GPL-2.0-or-later
#include "question_queue.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

namespace igd::above {
namespace {

constexpr std::chrono::milliseconds kFirstWait{250};
constexpr std::chrono::milliseconds kLastWait{500};  ///< an answer that takes longer is too late

}  // namespace

void QuestionQueue::ask(Question question) {
    waiting_.push_back({std::move(question), 0, Clock::now()});
    sendDue();
}

template <class IsMeant>
std::list<QuestionQueue::Waiting> QuestionQueue::takenIf(IsMeant isMeant) {
    std::list<Waiting> taken;
    for (auto each = waiting_.begin(); each != waiting_.end();) {
        const auto next = std::next(each);
        if (isMeant(*each)) taken.splice(taken.end(), waiting_, each);
        each = next;
    }
    plan();
    return taken;
}

/// Whoever is answered may ask again at once.
bool QuestionQueue::take(const pcp::ServerAnswer& answer) {
    const auto answered =
        takenIf([&](const Waiting& each) { return each.question.isAnswer(answer); });
    for (const Waiting& each : answered) each.question.answered(answer);
    return !answered.empty();
}

void QuestionQueue::refuse() {
    for (const Waiting& each :
         takenIf([](const Waiting& one) { return one.question.endsIfRefused; }))
        each.question.answered(std::nullopt);
}

void QuestionQueue::sendDue() {
    const TimePoint now = Clock::now();
    const auto unanswered = takenIf([&](Waiting& each) {
        if (each.next > now) return false;
        if (each.sent == each.question.mostSent) return true;
        send_(each.question.request);
        ++each.sent;
        const bool isLast = each.sent == each.question.mostSent;
        each.next = now + (isLast ? kLastWait : kFirstWait * (1U << (each.sent - 1)));
        return false;
    });
    for (const Waiting& each : unanswered) each.question.answered(std::nullopt);
}

void QuestionQueue::plan() {
    timer_.cancel();
    const auto first = std::ranges::min_element(waiting_, {}, &Waiting::next);
    if (first == waiting_.end()) return;
    timer_.expires_at(first->next);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) sendDue();
    });
}

}  // namespace igd::above
