// SPDX-License-Identifier: GPL-2.0-or-later
// The lines that version 2.0.0 wrote, so that an upgrade loses no lease. Ends are Unix seconds, 0
// is no end:
//
//   add udp 3074 192.168.1.10 3074 REMOTE|any END on|off HOLDER REQUESTER DESCRIPTION
//   add6 udp 5000 2001:db8::10 END HOLDER REQUESTER
//   pinhole ID udp 5000 2001:db8::10 REMOTE|any REMOTE-PORT|0 END REQUESTER [for-another]
//   del udp 3074
//   del6 udp 5000 2001:db8::10
//   close ID
//
// HOLDER is ORIGIN[;nonce=HEX][;igd=END][;peers=PREFIX[@PORT],...], with the end of UPnP's part in
// what NAT-PMP or PCP has made.
#pragma once

#include "lease_table.h"
#include "lease_words.h"

#include <string_view>

namespace igd::lease {

/// Does to `table` what the line says; false: it is none of version 2.0.0 either, or not sound.
[[nodiscard]] bool readVersion2(std::string_view verb, std::string_view rest,
                                const FileClock& clock, LeaseTable& table);

}  // namespace igd::lease
