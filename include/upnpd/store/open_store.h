// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the store that upnpd.conf names.
#pragma once

#include "upnpd/store/lease_store.h"
#include "upnpd/store/store_setting.h"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace igd {

struct StorePlace {
    StoreSetting setting{};
    StoreLogin login{};
    std::string name{};        ///< of this daemon, for people
    bool isFirstLook = false;  ///< another look comes, and says what is wrong
};

/// Returns the store, which is not started; nullptr in a build without stores.
[[nodiscard]] std::unique_ptr<LeaseStore> openStore(boost::asio::io_context& loop,
                                                    StorePlace place);

}  // namespace igd
