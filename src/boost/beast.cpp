// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/beast/src.hpp>
