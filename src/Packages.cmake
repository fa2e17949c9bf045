# SPDX-License-Identifier: GPL-2.0-or-later
# Packages of what is installed: cmake --build --preset release --target package. Each kind is made where its tools are.
# src/PackageFiles.cmake puts the files into the places of the distribution, src/PackedFiles.cmake has the last word.

set(CPACK_PACKAGE_NAME upnpd)
set(CPACK_PACKAGE_VENDOR "upnpd contributors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "UPnP IGD, NAT-PMP and PCP daemon for routers")
set(CPACK_PACKAGE_DESCRIPTION
"A console, a torrent client, a game or a VPN behind a router asks for a port.
upnpd checks whether it may have it, puts the rule into the kernel (nftables
or iptables), and removes the rule when the lease ends.
.
It serves UPnP IGD:2 and IGD:1, NAT-PMP and PCP, over IPv4 and IPv6, and is a
rewrite of linux-igd, with the same command line and configuration file.")
set(CPACK_PACKAGE_HOMEPAGE_URL http://linux-igd.sourceforge.net/)
# As for Debian's tools, these two name who makes the package.
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL})
    set(CPACK_PACKAGE_CONTACT "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
else()
    set(CPACK_PACKAGE_CONTACT "upnpd contributors <nobody@upnpd.invalid>")
endif()
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_SET_DESTDIR ON)  # settings are outside of the prefix
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/src/PackageFiles.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/src/PackedFiles.cmake)
set(CPACK_UPNPD_DOCDIR ${CMAKE_INSTALL_DOCDIR})
set(CPACK_UPNPD_DATADIR ${CMAKE_INSTALL_DATADIR})
set(CPACK_UPNPD_INIT ${PROJECT_SOURCE_DIR}/init)
set(CPACK_UPNPD_OBJCOPY ${CMAKE_OBJCOPY})
set(CPACK_UPNPD_READELF ${CMAKE_READELF})
option(UPNPD_DEBUG_PACKAGE "package debug symbols beside the Debian package" ON)
set(CPACK_UPNPD_DEBUG_PACKAGE ${UPNPD_DEBUG_PACKAGE})

# -- Debian, Ubuntu
set(debian ${PROJECT_SOURCE_DIR}/init/debian)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE none)
set(CPACK_UPNPD_COMPRESSION xz)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS passwd)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS nftables)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "firewalld, iptables")
# linux-igd has the same program, miniupnpd the same sockets.
set(CPACK_DEBIAN_PACKAGE_CONFLICTS "linux-igd, miniupnpd")
set(CPACK_DEBIAN_PACKAGE_REPLACES "linux-igd, miniupnpd")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/postinst ${debian}/prerm ${debian}/postrm ${debian}/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# -- Fedora and others with rpm
set(rpm ${PROJECT_SOURCE_DIR}/init/rpm)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_PACKAGE_LICENSE GPL-2.0-or-later)
set(CPACK_RPM_PACKAGE_URL ${CPACK_PACKAGE_HOMEPAGE_URL})
set(CPACK_RPM_PACKAGE_REQUIRES systemd)
set(CPACK_PACKAGE_RELOCATABLE OFF)
string(REPLACE "\n.\n" "\n\n" CPACK_RPM_PACKAGE_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
set(CPACK_RPM_PACKAGE_CONFLICTS "linux-igd, miniupnpd")
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE ${rpm}/post)
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE ${rpm}/preun)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${rpm}/postun)
set(CPACK_RPM_USER_FILELIST "%config(noreplace) /etc/linuxigd/upnpd.conf" "%config(noreplace) /etc/sysconfig/upnpd"
                            "%license /usr/share/licenses/upnpd/LICENSE")

# Directories of other packages.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /etc/sysconfig /usr/lib/firewalld /usr/lib/firewalld/policies /usr/lib/firewalld/services
    /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/share/apparmor /usr/share/apparmor/extra-profiles
    /usr/share/bash-completion /usr/share/bash-completion/completions
    /usr/share/fish /usr/share/fish/vendor_completions.d /usr/share/licenses /usr/share/man /usr/share/man/man5
    /usr/share/man/man7 /usr/share/man/man8 /usr/share/polkit-1 /usr/share/polkit-1/rules.d /usr/share/zsh
    /usr/share/zsh/site-functions /usr/libexec /usr/sbin)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define _buildhost localhost
%define packager ${CPACK_PACKAGE_CONTACT}")

find_program(UPNPD_DPKG_SHLIBDEPS dpkg-shlibdeps)
find_program(UPNPD_RPMBUILD rpmbuild)
mark_as_advanced(UPNPD_DPKG_SHLIBDEPS UPNPD_RPMBUILD)
if(NOT CPACK_GENERATOR)
    if(UPNPD_DPKG_SHLIBDEPS)
        list(APPEND CPACK_GENERATOR DEB)
    endif()
    if(UPNPD_RPMBUILD)
        list(APPEND CPACK_GENERATOR RPM)
    endif()
    if(NOT CPACK_GENERATOR)
        set(CPACK_GENERATOR TXZ)
    endif()
endif()
set(CPACK_SOURCE_GENERATOR TXZ)
set(CPACK_SOURCE_IGNORE_FILES /build/ "/[.]git" __pycache__)
include(CPack)
