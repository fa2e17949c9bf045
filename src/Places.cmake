# SPDX-License-Identifier: GPL-2.0-or-later
# Where files are installed whose text or place depends on the prefix. `cmake --install --prefix DIR` may name another one
# than the build was made for, so these are decided when they are installed, by src/PlaceFile.cmake.

# Settings are in /etc with the system's prefix, and below any other one.
if(IS_ABSOLUTE "${CMAKE_INSTALL_SYSCONFDIR}")
    set(settings_folder ${CMAKE_INSTALL_SYSCONFDIR})
elseif(CMAKE_INSTALL_PREFIX MATCHES "^/(usr)?/?$")
    set(settings_folder /${CMAKE_INSTALL_SYSCONFDIR})
else()
    set(settings_folder ${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_SYSCONFDIR})
endif()
set(UPNPD_SETTINGS SETTINGS:)
set(CMAKE_INSTALL_FULL_SYSCONFDIR ${settings_folder})  # GNUInstallDirs says /etc/opt for a prefix in /opt

# upnpd_place(FILE FOLDER [NAME name] [SETTINGS] [PROGRAM]): FOLDER is below the prefix, or behind ${UPNPD_SETTINGS} below
# the folder of settings. SETTINGS: a file that somebody has edited is kept. PROGRAM: it can be run.
function(upnpd_place file folder)
    cmake_parse_arguments(PLACE "SETTINGS;PROGRAM" "NAME" "" ${ARGN})
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    if(NOT PLACE_NAME)
        cmake_path(GET file FILENAME PLACE_NAME)
        string(REGEX REPLACE "\\.in$" "" PLACE_NAME ${PLACE_NAME})
    endif()
    install(CODE "
        set(source \"${file}\")
        set(folder \"${folder}\")
        set(name \"${PLACE_NAME}\")
        set(is_settings ${PLACE_SETTINGS})
        set(is_program ${PLACE_PROGRAM})
        set(scratch \"${CMAKE_CURRENT_BINARY_DIR}/placed\")
        set(configured_prefix \"${CMAKE_INSTALL_PREFIX}\")
        set(configured_sysconfdir \"${CMAKE_INSTALL_FULL_SYSCONFDIR}\")
        set(relative_sysconfdir \"${CMAKE_INSTALL_SYSCONFDIR}\")
        set(relative_bindir \"${CMAKE_INSTALL_BINDIR}\")
        set(relative_datadir \"${CMAKE_INSTALL_DATADIR}\")
        set(relative_libexecdir \"${CMAKE_INSTALL_LIBEXECDIR}\")
        set(relative_sbindir \"${CMAKE_INSTALL_SBINDIR}\")
        include(\"${PROJECT_SOURCE_DIR}/src/PlaceFile.cmake\")
    ")
endfunction()
