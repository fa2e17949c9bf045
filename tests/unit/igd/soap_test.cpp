// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/igd/soap.h"

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
    for (const char* action : {"urn:x:1#Other", "urn:x:2#Do", "Other", "urn:x:2#", "urn:x:1"}) {
        const auto call = parseSoapRequest(action, withArguments(""));
        ASSERT_FALSE(call);
        EXPECT_EQ(call.error(), SoapFault::Mismatch);
    }
}

TEST(SoapRequest, TakesFromTheOtherWhatHeaderOrBodyLeavesOut) {
    const auto expected = parseSoapRequest(kAction, withArguments("<A>1</A>"));
    ASSERT_TRUE(expected);
    for (const char* action : {"Do", "", "\"\"", "#Do", "\" urn:x:1 # Do \""})
        EXPECT_EQ(parseSoapRequest(action, withArguments("<A>1</A>")), expected) << action;
    EXPECT_EQ(parseSoapRequest(kAction, envelope("<Do><A>1</A></Do>")), expected);
    EXPECT_EQ(parseSoapRequest(kAction, envelope("<u:Do xmlns:u=\" urn:x:1\"><A>1</A></u:Do>")),
              expected);
    for (const char* action : {"Do", "urn:\xff#Do", "urn:a b#Do"})
        EXPECT_EQ(parseSoapRequest(action, envelope("<Do/>")).error(), SoapFault::Mismatch);
}

TEST(SoapRequest, TakesAnyNamespaceOfTheEnvelope) {
    for (const char* space :
         {" xmlns=\"http://www.w3.org/2003/05/soap-envelope\"",
          " xmlns=\"http://schemas.xmlsoap.org/soap/envelope\"", " xmlns=\"urn:y\"", ""}) {
        const std::string body = "<Envelope" + std::string{space} +
                                 "><Body><Do xmlns=\"urn:x:1\"><A>1</A></Do></Body></Envelope>";
        EXPECT_EQ(parseSoapRequest(kAction, body),
                  parseSoapRequest(kAction, withArguments("<A>1</A>")))
            << space;
    }
    expectMalformed(
        "<Envelope xmlns=\"urn:y\"><Body xmlns=\"urn:z\"><Do "
        "xmlns=\"urn:x:1\"/></Body></Envelope>");
}

TEST(SoapRequest, RefusesWhatIsNoEnvelope) {  // IGD-SOAP-16
    for (const std::string& body :
         {std::string{}, std::string{"x"}, std::string{"<a/>"}, envelope(""),
          envelope("<Do/><Do/>"), withArguments("").substr(0, 120), withArguments("<A>1</B>"),
          withArguments("<A><B/></A>"), std::string(100, '\0')})
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

TEST(SoapResponse, HasADocumentInACdataSection) {  // IGD-GetList-03
    const SoapCall call{"urn:x:1", "Do", {}};
    const std::vector<ArgumentValue> out{{"NewPortListing", "<a>b&amp;c</a>"}};
    const std::string response = soapResponse(call, out);
    EXPECT_THAT(response, testing::HasSubstr("<NewPortListing><![CDATA[<a>b&amp;c</a>]]></"));
    EXPECT_EQ(parseSoapRequest("urn:x:1#DoResponse", response)->arguments, out);
    const std::vector<ArgumentValue> odd{{"NewPortListing", "<a>]]></a>"}};
    EXPECT_EQ(parseSoapRequest("urn:x:1#DoResponse", soapResponse(call, odd))->arguments, odd);
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

TEST(SoapRequest, TakesDescriptionsInAnyEncoding) {  // IGD-Map-24
    const auto described = [](const std::string& octets, const std::string& declaration,
                              std::string_view charset) {
        const auto call = parseSoapRequest(
            kAction, declaration + withArguments("<A>" + octets + "</A>"), charset);
        return call ? call->arguments.front().second : "refused";
    };
    const std::string latin1 = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>";
    for (const char* charset : {"", "utf-8", "iso-8859-1", "x-unknown"}) {
        EXPECT_EQ(described("caf\xe9", "", charset), "caf\xc3\xa9") << charset;
        EXPECT_EQ(described("caf\xe9", latin1, charset), "caf\xc3\xa9") << charset;
        EXPECT_EQ(described("\x80 & \xa3", "", charset), "\xe2\x82\xac & \xc2\xa3") << charset;
    }
    EXPECT_EQ(described("\xc3\xa9", "<?xml version=\"1.0\" encoding=\"x-unknown\"?>", ""),
              "\xc3\xa9");
    EXPECT_EQ(described("a\x01\x1b\xef\xbf\xbf<3 & b", "", "utf-8"), "a<3 & b");
}

}  // namespace
}  // namespace igd
