// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/page_response.h"

#include "page/content_policy.h"
#include "page/page_assets.h"

#include <fmt/format.h>

#include <utility>

namespace igd::upnp {

/// Without a referrer a browser would hide the origin of the page's own forms, too (Fetch standard,
/// "append a request Origin header").
Response pageResponse(std::string html) {
    auto response = document(std::move(html), "text/html; charset=\"utf-8\"");
    setHeader(response, "Cache-Control", "no-store");
    setHeader(response, "Content-Security-Policy", contentPolicy());
    setHeader(response, "X-Content-Type-Options", "nosniff");
    setHeader(response, "X-Frame-Options", "DENY");
    setHeader(response, "Referrer-Policy", "same-origin");
    setHeader(response, "Cross-Origin-Resource-Policy", "same-origin");
    return response;
}

Response pageNotice(http::status status, std::string_view sentence) {
    auto response = pageResponse(fmt::format(
        "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
        "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n"
        "<p><a href=\"/\">Back to the page</a></p>\n</main>\n</body>\n</html>\n",
        sentence, kPageStyle.text));
    response.result(status);
    return response;
}

Response backToPage() {
    auto response = statusOnly(http::status::see_other);
    setHeader(response, "Location", "/");
    setHeader(response, "Cache-Control", "no-store");
    return response;
}

}  // namespace igd::upnp
