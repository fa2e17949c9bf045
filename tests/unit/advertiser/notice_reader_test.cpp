// SPDX-License-Identifier: GPL-2.0-or-later
#include "notice_reader.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

/// libupnp 1.8.4 writes this.
const std::string kAlive =
    "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
    "LOCATION: http://192.168.1.1:49152/description.xml\r\n"
    "OPT: \"http://schemas.upnp.org/upnp/1/0/\"; ns=01\r\n01-NLS: 5a3b\r\nNT: upnp:rootdevice\r\n"
    "NTS: ssdp:alive\r\nSERVER: Linux/6.1.0, UPnP/1.0, Portable SDK for UPnP devices/1.8.4\r\n"
    "X-User-Agent: redsonic\r\nUSN: uuid:1::upnp:rootdevice\r\n\r\n";

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    return text.replace(text.find(what), what.size(), with);
}

TEST(NoticeReader, ReadsWhatANotifySays) {
    EXPECT_EQ(noticeIn(kAlive), (Notice{true, "upnp:rootdevice", "uuid:1::upnp:rootdevice"}));
    EXPECT_EQ(noticeIn(replaced(kAlive, "alive", "byebye")),
              (Notice{false, "upnp:rootdevice", "uuid:1::upnp:rootdevice"}));
}

TEST(NoticeReader, ReadsNothingElse) {
    EXPECT_FALSE(noticeIn(""));
    EXPECT_FALSE(noticeIn(replaced(kAlive, "NOTIFY", "HTTP/1.1")));
    EXPECT_FALSE(noticeIn(replaced(kAlive, "ssdp:alive", "ssdp:update")));
    EXPECT_FALSE(noticeIn(replaced(kAlive, "NT: upnp:rootdevice", "NT:")));
    EXPECT_FALSE(noticeIn(replaced(kAlive, "\r\nUSN", "\r\nSSN")));
}

TEST(NoticeReader, StaysWithinWhatIsCutAnywhere) {
    for (std::size_t size = 0; size < kAlive.size(); ++size) {
        const std::string exact = kAlive.substr(0, size);
        const auto notice = noticeIn(exact);
        EXPECT_TRUE(!notice || size > kAlive.find("USN: ") + 4) << size;
    }
}

}  // namespace
}  // namespace igd
