# SPDX-License-Identifier: GPL-2.0-or-later
# Configuration and command line as a library of their own, so that tests reach them without the daemon.
add_library(upnpd_config STATIC
    ${CMAKE_CURRENT_LIST_DIR}/configuration.cpp
    ${CMAKE_CURRENT_LIST_DIR}/configuration_aliases.cpp configuration_keys.cpp
    ${CMAKE_CURRENT_LIST_DIR}/configuration_line.cpp
    ${CMAKE_CURRENT_LIST_DIR}/configuration_loader.cpp
    ${CMAKE_CURRENT_LIST_DIR}/configuration_parser.cpp
    ${CMAKE_CURRENT_LIST_DIR}/configuration_values.cpp
    ${CMAKE_CURRENT_LIST_DIR}/control_settings.cpp
    ${CMAKE_CURRENT_LIST_DIR}/default_duration.cpp
    ${CMAKE_CURRENT_LIST_DIR}/external_address.cpp
    ${CMAKE_CURRENT_LIST_DIR}/external_view.cpp
    ${CMAKE_CURRENT_LIST_DIR}/options.cpp
    ${CMAKE_CURRENT_LIST_DIR}/reload.cpp
    ${CMAKE_CURRENT_LIST_DIR}/shell_style.cpp
    ${CMAKE_CURRENT_LIST_DIR}/stun_report.cpp)
target_include_directories(upnpd_config PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_compile_definitions(upnpd_config
                           PRIVATE UPNPD_CONFIGURATION="${CMAKE_INSTALL_FULL_SYSCONFDIR}/linuxigd/upnpd.conf")
target_link_libraries(upnpd_config PUBLIC upnpd_flags upnpd_portmap upnpd_stun upnpd_net upnpd_util dep::boost dep::expected
                                          dep::fmt)
