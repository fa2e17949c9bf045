# Copyright 2026 upnpd contributors
# SPDX-License-Identifier: GPL-2.0-or-later
# Distributed under the terms of the GNU General Public License v2

EAPI=8

inherit acct-group

DESCRIPTION="Group of the front ends of upnpd, the UPnP gateway daemon"
ACCT_GROUP_ID=-1
