// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/http_message.h"

#include <fmt/format.h>

#include <array>

namespace igd::upnp {

std::string_view serverToken() {
    return "Linux/5.9 UPnP/1.1 upnpd/" UPNPD_VERSION;
}

std::string httpDate(std::time_t time) {
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 40> text{};
    const auto length =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), length};
}

Response statusOnly(http::status status) {
    return Response{status, 11};
}

Response document(std::string body, std::string_view type) {
    Response response{http::status::ok, 11};
    setHeader(response, "CONTENT-TYPE", type);
    response.body() = std::move(body);
    return response;
}

void complete(Response& response, const RequestHeader& request, bool keepAlive) {
    response.version(request.version() < 11 ? 10 : 11);
    setHeader(response, "SERVER", serverToken());
    setHeader(response, "DATE", httpDate(std::time(nullptr)));
    if (request.count(http::field::accept_language) > 0 && !response.body().empty())
        setHeader(response, "CONTENT-LANGUAGE", "en");
    response.keep_alive(keepAlive);
    response.content_length(response.body().size());
    if (request.method() == http::verb::head) response.body().clear();
}

std::string wireText(const Response& response) {
    std::string text =
        fmt::format("HTTP/{}.{} {} {}\r\n", response.version() / 10, response.version() % 10,
                    response.result_int(), textOf(response.reason()));
    for (const auto& field : response.base()) {
        text += textOf(field.name_string());
        text += ": ";
        text += textOf(field.value());
        text += "\r\n";
    }
    text += "\r\n";
    text += response.body();
    return text;
}

void setHeader(http::fields& fields, std::string_view name, std::string_view value) {
    fields.set(beastText(name), beastText(value));
}

std::string_view valueOf(const http::fields& fields, http::field name) {
    const auto found = fields.find(name);
    if (found == fields.end()) return {};
    return textOf(found->value());
}

std::string_view valueOf(const http::fields& fields, std::string_view name) {
    const auto found = fields.find(beastText(name));
    if (found == fields.end()) return {};
    return textOf(found->value());
}

}  // namespace igd::upnp
