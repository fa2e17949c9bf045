// SPDX-License-Identifier: GPL-2.0-or-later
// SOAP requests are read through expat as a stream of events, bounded in depth, number and
// length; nothing of a document type is ever looked at.
#include "mended_xml.h"

#include "upnpd/igd/encodings.h"
#include "upnpd/igd/soap.h"
#include "upnpd/util/text.h"

#include <expat.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <new>
#include <optional>

#include <sys/random.h>

namespace igd {
namespace {

constexpr XML_Char kSeparator = '\n';  // stands in no namespace name and in no element name

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxElements = 64;
constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxName = 64;

// Levels of an envelope, counted from the document.
constexpr std::size_t kEnvelopeDepth = 1;
constexpr std::size_t kPartDepth = 2;
constexpr std::size_t kActionDepth = 3;
constexpr std::size_t kArgumentDepth = 4;

struct QualifiedName {
    std::string_view space;
    std::string_view local;
};

QualifiedName qualifiedName(std::string_view expanded) {
    const auto separator = expanded.rfind(kSeparator);
    if (separator == std::string_view::npos) return {{}, expanded};
    return {trimmed(expanded.substr(0, separator)), expanded.substr(separator + 1)};
}

bool isPlain(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '"'; });
}

/// A CallBuilder collects the elements of one request. An event returns false when the request is
/// not acceptable.
class CallBuilder {
public:
    bool startElement(QualifiedName name);
    bool endElement();
    bool text(std::string_view piece);

    /// Returns the call; nullopt unless exactly one action was there.
    [[nodiscard]] std::optional<SoapCall> take();

private:
    bool startPart(QualifiedName name);
    bool startAction(QualifiedName name);
    bool startArgument(std::string_view name);

    SoapCall call_;
    std::string envelopeSpace_;
    std::string text_;
    std::size_t depth_ = 0;
    std::size_t elements_ = 0;
    bool inBody_ = false;
    bool bodySeen_ = false;
};

bool CallBuilder::startElement(QualifiedName name) {
    if (++depth_ > kMaxDepth || ++elements_ > kMaxElements) return false;
    if (depth_ == kEnvelopeDepth) {
        envelopeSpace_ = name.space;
        return name.local == "Envelope";
    }
    if (depth_ == kPartDepth) return startPart(name);
    if (!inBody_) return true;
    if (depth_ == kActionDepth) return startAction(name);
    return depth_ == kArgumentDepth && startArgument(name.local);
}

bool CallBuilder::startPart(QualifiedName name) {
    inBody_ = name.local == "Body" && name.space == envelopeSpace_;
    if (!inBody_) return true;
    return !std::exchange(bodySeen_, true);
}

bool CallBuilder::startAction(QualifiedName name) {
    if (!call_.action.empty()) return false;
    if (!name.space.empty() && !isPlain(name.space)) return false;
    if (!isPlain(name.local) || name.local.size() > kMaxName) return false;
    call_.serviceType = name.space;
    call_.action = name.local;
    return true;
}

bool CallBuilder::startArgument(std::string_view name) {
    text_.clear();
    call_.arguments.emplace_back(name, std::string{});
    return name.size() <= kMaxName;
}

bool CallBuilder::endElement() {
    if (inBody_ && depth_ == kArgumentDepth) {
        // A carriage return can only come from &#13;; it is read as a line end, like a literal one.
        std::ranges::replace(text_, '\r', '\n');
        call_.arguments.back().second = trimmed(text_);
    }
    --depth_;
    return true;
}

bool CallBuilder::text(std::string_view piece) {
    if (!inBody_ || depth_ != kArgumentDepth) return true;
    text_ += piece;
    return text_.size() <= kMaxText;
}

std::optional<SoapCall> CallBuilder::take() {
    if (call_.action.empty()) return std::nullopt;
    return std::move(call_);
}

/// Gives the salt of this process; expat would ask the kernel for another with each request.
void saltHashes(XML_Parser parser) {
    static const std::optional<std::array<std::uint8_t, 16>> salt = [] {
        std::optional<std::array<std::uint8_t, 16>> random{std::in_place};
        if (::getrandom(random->data(), random->size(), 0) != std::ssize(*random)) random.reset();
        return random;
    }();
    if (!salt) return;  // expat chooses
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 8
    XML_SetHashSalt16Bytes(parser, salt->data());
#else
    unsigned long word = 0;
    std::memcpy(&word, salt->data(), sizeof word);
    XML_SetHashSalt(parser, word);
#endif
}

/// A RequestParser puts a class around expat: the callbacks lead to a CallBuilder and stop the
/// parser when that has seen enough.
class RequestParser {
public:
    RequestParser() : parser_(XML_ParserCreateNS("UTF-8", kSeparator)) {
        if (!parser_) throw std::bad_alloc{};
        saltHashes(parser_.get());
        XML_SetUserData(parser_.get(), this);
        XML_SetElementHandler(parser_.get(), onStart, onEnd);
        XML_SetCharacterDataHandler(parser_.get(), onText);
        XML_SetStartDoctypeDeclHandler(parser_.get(), onDoctype);
    }
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;
    ~RequestParser() = default;

    [[nodiscard]] std::optional<SoapCall> parse(std::string_view document) {
        const auto status =
            XML_Parse(parser_.get(), document.data(), static_cast<int>(document.size()), XML_TRUE);
        return status == XML_STATUS_OK && !refused_ ? builder_.take() : std::nullopt;
    }

private:
    struct Free {
        void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
    };

    /// Runs `step` on the builder. A refusal, or lack of memory, ends the parsing; expat may still
    /// report the end of an empty element after that.
    template <class Step>
    static void advance(void* self, Step step) noexcept {
        auto& parser = *static_cast<RequestParser*>(self);
        if (parser.refused_) return;
        try {
            parser.refused_ = !step(parser.builder_);
        } catch (...) {  // the request is lost, the daemon is not
            parser.refused_ = true;
        }
        if (parser.refused_) XML_StopParser(parser.parser_.get(), XML_FALSE);
    }

    static void XMLCALL onStart(void* self, const XML_Char* name,
                                const XML_Char** /*attributes*/) noexcept {
        advance(self,
                [&](CallBuilder& builder) { return builder.startElement(qualifiedName(name)); });
    }
    static void XMLCALL onEnd(void* self, const XML_Char* /*name*/) noexcept {
        advance(self, [](CallBuilder& builder) { return builder.endElement(); });
    }
    static void XMLCALL onText(void* self, const XML_Char* text, int length) noexcept {
        advance(self, [&](CallBuilder& builder) {
            return builder.text({text, static_cast<std::size_t>(length)});
        });
    }
    static void XMLCALL onDoctype(void* self, const XML_Char* /*name*/, const XML_Char* /*system*/,
                                  const XML_Char* /*public*/, int /*internal*/) noexcept {
        advance(self,
                [](CallBuilder&) { return false; });  // SOAP 1.1 section 3 forbids it, and rightly
    }

    std::unique_ptr<XML_ParserStruct, Free> parser_;
    CallBuilder builder_;
    bool refused_ = false;
};

/// Returns `body` without what careless clients put around the document: blanks at either end, a C
/// string's NUL.
std::string_view document(std::string_view body) {
    constexpr std::string_view kBlank{" \t\r\n\0", 5};
    body = body.substr(0, body.find_last_not_of(kBlank) + 1);
    return body.substr(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
}

std::string_view unquoted(std::string_view text) {
    const bool isQuoted = text.size() >= 2 && text.front() == text.back() &&
                          (text.front() == '"' || text.front() == '\'');
    return isQuoted ? text.substr(1, text.size() - 2) : text;
}

/// SOAPACTION names these two; one that a client leaves out is empty.
struct Named {
    std::string_view type;
    std::string_view action;
};

Named namedIn(std::string_view soapAction) {
    const auto text = trimmed(unquoted(trimmed(soapAction)));
    const auto mark = text.rfind('#');
    if (mark == std::string_view::npos) return {{}, text};
    return {trimmed(text.substr(0, mark)), trimmed(text.substr(mark + 1))};
}

/// Returns whether the header names nothing else than the body does (IGD-SOAP-05).
bool agrees(const Named& named, const SoapCall& call) {
    return (named.type.empty() || named.type == call.serviceType) &&
           (named.action.empty() || named.action == call.action);
}

}  // namespace

tl::expected<SoapCall, SoapFault> parseSoapRequest(std::string_view soapAction,
                                                   std::string_view body,
                                                   std::string_view charset) {
    if (body.size() > kMaxSoapBody) return tl::unexpected(SoapFault::Malformed);
    const std::string text = documentInUtf8(body, charset);
    auto call = RequestParser{}.parse(document(text));
    // Only a text that is no XML is mended: in a CDATA section, say, a bare ampersand is right.
    if (!call) call = RequestParser{}.parse(document(mendedXml(text)));
    if (!call) return tl::unexpected(SoapFault::Malformed);
    const Named named = namedIn(soapAction);
    if (call->serviceType.empty() && isPlain(named.type)) call->serviceType = named.type;
    if (call->serviceType.empty() || !agrees(named, *call))
        return tl::unexpected(SoapFault::Mismatch);
    return std::move(*call);
}

}  // namespace igd
