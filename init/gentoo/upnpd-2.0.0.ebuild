# Copyright 2026 upnpd contributors
# SPDX-License-Identifier: GPL-2.0-or-later
# Distributed under the terms of the GNU General Public License v2

EAPI=8

inherit cmake systemd tmpfiles

DESCRIPTION="UPnP Internet Gateway Device, NAT-PMP and PCP daemon"
HOMEPAGE="http://linux-igd.sourceforge.net/"
SRC_URI="${P}.tar.gz"

LICENSE="GPL-2+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="+iptables +ipv6 +nftables +pcp redis +seccomp systemd"
REQUIRED_USE="|| ( iptables nftables )"
# The archive is made of the repository, see init/README.md, and put into DISTDIR.
RESTRICT="fetch test"

RDEPEND="
	acct-group/upnpd
	acct-group/upnpd-front-end
	acct-user/upnpd
	acct-user/upnpd-front-end
	dev-libs/expat:=
	dev-libs/libfmt:=
	dev-libs/libnl:3
	net-libs/libupnp:=
	sys-libs/libcap-ng
	virtual/libcrypt:=
	iptables? ( net-firewall/iptables:= )
	nftables? ( net-firewall/nftables:=[json] )
	redis? ( dev-libs/hiredis:= )
	seccomp? ( sys-libs/libseccomp )
	systemd? ( sys-apps/systemd:= )
"
# tl-expected is not in the tree of Gentoo, but in the overlay gentoo-zh.
DEPEND="
	${RDEPEND}
	dev-cpp/nlohmann_json
	dev-cpp/tl-expected
	dev-libs/boost
"
BDEPEND="virtual/pkgconfig"

src_configure() {
	local mycmakeargs=(
		-DUPNPD_IPTABLES="$(usex iptables ON OFF)"
		-DUPNPD_IPV6="$(usex ipv6 ON OFF)"
		-DUPNPD_NFTABLES="$(usex nftables ON OFF)"
		-DUPNPD_PCP="$(usex pcp ON OFF)"
		-DUPNPD_REDIS="$(usex redis ON OFF)"
		-DUPNPD_SECCOMP="$(usex seccomp ON OFF)"
		-DUPNPD_SYSTEMD="$(usex systemd ON OFF)"
		-DUPNPD_INIT="openrc$(usex systemd ';systemd' '')"
		-DBUILD_TESTING=OFF
	)
	cmake_src_configure
}

pkg_postinst() {
	use systemd && tmpfiles_process upnpd.conf
	elog "Name the interfaces in /etc/linuxigd/upnpd.conf, and check them with: upnpd -t"
}
