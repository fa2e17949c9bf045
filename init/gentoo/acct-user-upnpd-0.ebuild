# Copyright 2026 upnpd contributors
# SPDX-License-Identifier: GPL-2.0-or-later
# Distributed under the terms of the GNU General Public License v2

EAPI=8

inherit acct-user

DESCRIPTION="User of upnpd, the UPnP gateway daemon"
ACCT_USER_ID=-1
ACCT_USER_GROUPS=( upnpd )
ACCT_USER_HOME=/var/lib/upnpd

acct-user_add_deps
