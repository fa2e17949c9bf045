// SPDX-License-Identifier: GPL-2.0-or-later
// A call is planned without input or output of its own. A step of it is its result, or a question
// that somebody has to ask the gateway first.
//
//     Step<ActionResult> step = callAction(context, service, call, requester);
//     while (auto* question = std::get_if<Question<ActionResult>>(&step))
//         step = question->then(gatewaysReplyTo(question->request));
#pragma once

#include "upnpd/portmap/gateway.h"

#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

namespace igd {

template <class Result>
struct Question;

template <class Result>
using Step = std::variant<Result, Question<Result>>;

template <class Result>
struct Question {
    GatewayRequest request;
    /// Makes the next step of the gateway's reply; called once.
    std::function<Step<Result>(const GatewayReply&)> then;
};

/// Returns `step` with `make` applied to its result, whenever that is there.
template <class Result, class Make>
[[nodiscard]] auto mapped(Step<Result> step, Make make)
    -> Step<std::invoke_result_t<Make, Result>> {
    using Made = std::invoke_result_t<Make, Result>;
    if (auto* const result = std::get_if<Result>(&step)) return make(std::move(*result));
    auto& question = std::get<Question<Result>>(step);
    return Question<Made>{
        std::move(question.request),
        [then = std::move(question.then), make = std::move(make)](const GatewayReply& reply) {
            return mapped<Result>(then(reply), make);
        }};
}

}  // namespace igd
