// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/igd/soap.h"

#include "bare_ampersands.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr std::string_view kAction = "\"urn:x:1#Do\"";

std::string envelope(const std::string& body) {
    return "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>" + body +
           "</s:Body></s:Envelope>";
}

std::string withArguments(const std::string& arguments) {
    return envelope("<u:Do xmlns:u=\"urn:x:1\">" + arguments + "</u:Do>");
}

void expectMalformed(const std::string& body) {
    const auto call = parseSoapRequest(kAction, body);
    ASSERT_FALSE(call) << body.substr(0, 200);
    EXPECT_EQ(call.error(), SoapFault::Malformed);
}

TEST(SoapRequest, GivesTypeActionAndArguments) {
    const auto call = parseSoapRequest(kAction, withArguments("<A> 1 </A><B></B><C>x&amp;y</C>"));
    ASSERT_TRUE(call);
    EXPECT_EQ(call->serviceType, "urn:x:1");
    EXPECT_EQ(call->action, "Do");
    EXPECT_THAT(call->arguments,
                ElementsAre(Pair("A", "1"), Pair("B", ""), Pair("C", "x&y")));  // IGD-Quirk-09
}

TEST(SoapRequest, KeepsADoubledArgumentTwice) {  // IGD-SOAP-12 is decided by who calls
    EXPECT_EQ(parseSoapRequest(kAction, withArguments("<A>1</A><A>2</A>"))->arguments.size(), 2U);
}

TEST(SoapRequest, ToleratesWhatClientsSend) {  // IGD-Quirk-17 to -21
    const std::string plain = withArguments("<A>1</A>");
    const auto expected = parseSoapRequest(kAction, plain);
    ASSERT_TRUE(expected);
    const std::string header =
        "<s:Envelope "
        "xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><x>1</x></"
        "s:Header><s:Body>"
        "<u:Do xmlns:u=\"urn:x:1\"><A>1</A></u:Do></s:Body></s:Envelope>";
    const std::string foreign =
        "<SOAP-ENV:Envelope "
        "xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Body><Do "
        "xmlns=\"urn:x:1\">"
        "<A xmlns:dt=\"urn:dt\" dt:dt=\"ui2\">1</A></Do></SOAP-ENV:Body></SOAP-ENV:Envelope>";
    for (const std::string& body : {"\xef\xbb\xbf" + plain, plain + std::string(1, '\0'),
                                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n" + plain,
                                    header, foreign, withArguments("<!-- x --><u:A>1</u:A>")})
        EXPECT_EQ(parseSoapRequest(kAction, body), expected) << body;
    for (const char* action : {"urn:x:1#Do", "'urn:x:1#Do'", " \"urn:x:1#Do\" "})
        EXPECT_EQ(parseSoapRequest(action, plain), expected) << action;
}

TEST(SoapRequest, RefusesABodyThatNamesAnotherActionThanTheHeader) {  // IGD-SOAP-05
    for (const char* action : {"urn:x:1#Other", "urn:x:2#Do", "Do", ""}) {
        const auto call = parseSoapRequest(action, withArguments(""));
        ASSERT_FALSE(call);
        EXPECT_EQ(call.error(), SoapFault::Mismatch);
    }
}

TEST(SoapRequest, RefusesWhatIsNoEnvelope) {  // IGD-SOAP-16
    for (const std::string& body :
         {std::string{}, std::string{"x"}, std::string{"<a/>"}, envelope(""),
          envelope("<Do/><Do/>"), withArguments("").substr(0, 120), withArguments("<A>1</B>"),
          withArguments("<A><B/></A>"), withArguments("\xff"), std::string(100, '\0')})
        expectMalformed(body);
}

TEST(SoapRequest, ReadsNoDocumentType) {  // IGD-SOAP-17
    expectMalformed("<!DOCTYPE x [<!ENTITY a \"b\">]>" + withArguments("<A>&a;</A>"));
    expectMalformed("<!DOCTYPE x SYSTEM \"http://example.com/x\">" + withArguments(""));
}

TEST(SoapRequest, HasBounds) {
    std::string many;
    for (int i = 0; i < 100; ++i) many += "<A/>";
    expectMalformed(withArguments(many));
    expectMalformed(withArguments("<A>" + std::string(5000, 'x') + "</A>"));
    std::string deep;
    for (int i = 0; i < 30000; ++i) deep += "<a>";
    expectMalformed(deep);
    expectMalformed(std::string(kMaxSoapBody + 1, ' '));
}

TEST(SoapRequest, RefusesAQueryThatNamesNoVariable) {
    const std::string query = "<u:QueryStateVariable xmlns:u=\"urn:schemas-upnp-org:control-1-0\">";
    const std::string action = std::string{kQueryType} + "#QueryStateVariable";
    EXPECT_TRUE(parseSoapRequest(
        action, envelope(query + "<u:varName>X</u:varName></u:QueryStateVariable>")));
    EXPECT_FALSE(parseSoapRequest(action, envelope(query + "text</u:QueryStateVariable>")));
    EXPECT_FALSE(parseSoapRequest(action, envelope(query + "</u:QueryStateVariable>")));
}

TEST(SoapResponse, HasTheArgumentsInOrderAndEscaped) {  // IGD-SOAP-01, -02, -13, -14
    const SoapCall call{"urn:x:1", "Do", {}};
    const std::vector<ArgumentValue> out{{"B", "<&>\"'"}, {"A", ""}, {"C", "\xc3\xa4"}};
    const std::string response = soapResponse(call, out);
    const auto read = parseSoapRequest("urn:x:1#DoResponse", response);
    ASSERT_TRUE(read) << response;
    EXPECT_EQ(read->arguments, out);
    EXPECT_TRUE(response.starts_with("<?xml version=\"1.0\"?>\r\n<s:Envelope ")) << response;
    EXPECT_THAT(response, testing::HasSubstr("<u:DoResponse xmlns:u=\"urn:x:1\"><B>"));
    EXPECT_THAT(soapResponse(call, {}),
                testing::HasSubstr("<u:DoResponse xmlns:u=\"urn:x:1\"></u:DoResponse>"));
}

TEST(SoapResponse, TellsTheValueOfAVariable) {  // IGD-SOAP-23
    EXPECT_THAT(soapQueryResponse("<1>"),
                testing::HasSubstr(
                    "<u:QueryStateVariableResponse xmlns:u=\"urn:schemas-upnp-org:control-1-0\">"
                    "<return>&lt;1&gt;</return></u:QueryStateVariableResponse>"));
}

TEST(SoapResponse, TellsAnError) {  // IGD-SOAP-15
    EXPECT_THAT(
        soapFault(402, "Invalid Args"),
        testing::HasSubstr("<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</"
                           "faultstring><detail><UPnPError "
                           "xmlns=\"urn:schemas-upnp-org:control-1-0\"><errorCode>402</errorCode>"
                           "<errorDescription>Invalid Args</errorDescription></UPnPError></detail>"
                           "</s:Fault>"));
}

TEST(SoapRequest, ChangesNothingOfAWellFormedDocument) {
    const auto call =
        parseSoapRequest(kAction, withArguments("<A><![CDATA[a & b &amp; c]]></A><!-- & -->"));
    ASSERT_TRUE(call);
    EXPECT_EQ(call->arguments.front().second, "a & b &amp; c");
}

TEST(SoapRequest, TakesABareAmpersandForItself) {
    const auto call = parseSoapRequest(kAction, withArguments("<A>Tom & Jerry &lt;3</A>"));
    ASSERT_TRUE(call);
    EXPECT_EQ(call->arguments.front().second, "Tom & Jerry <3");
}

TEST(BareAmpersands, AreTakenForThemselves) {
    EXPECT_EQ(withBareAmpersandsEscaped("Tom & Jerry&Co &amp; &#38; &#x26; &lt; &foo; &"),
              "Tom &amp; Jerry&amp;Co &amp; &#38; &#x26; &lt; &amp;foo; &amp;");
    EXPECT_EQ(withBareAmpersandsEscaped(""), "");
    EXPECT_EQ(withBareAmpersandsEscaped("&#;&#x;&;"), "&amp;#;&amp;#x;&amp;;");
}

}  // namespace
}  // namespace igd
