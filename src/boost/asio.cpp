// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/asio/impl/src.hpp>
