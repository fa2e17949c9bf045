# SPDX-License-Identifier: GPL-2.0-or-later
# A room is a folder below src/ and one static library; it may link rooms of lower layers only.

add_library(upnpd_flags INTERFACE)
target_compile_options(upnpd_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                                             -Werror)
target_compile_definitions(upnpd_flags INTERFACE UPNPD_VERSION="${PROJECT_VERSION}")
target_include_directories(upnpd_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(upnpd_flags INTERFACE Threads::Threads)
if(UPNPD_SANITIZE)
    target_compile_options(upnpd_flags INTERFACE -fsanitize=${UPNPD_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
    target_link_options(upnpd_flags INTERFACE -fsanitize=${UPNPD_SANITIZE})
endif()
if(UPNPD_FUZZ)
    target_compile_options(upnpd_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# A program that the engine runs; in the build tree it lies beside upnpd, which looks there first.
# upnpd_helper(NAME SOURCES file... USES room...)
function(upnpd_helper name)
    cmake_parse_arguments(HELPER "" "" "SOURCES;USES" ${ARGN})
    add_executable(${name} ${HELPER_SOURCES})
    target_link_libraries(${name} PRIVATE ${HELPER_USES})
    target_link_options(${name} PRIVATE LINKER:--as-needed)  # rooms name more than a part of them needs
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/src/daemon)
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/upnpd)
endfunction()

# upnpd_room(NAME SOURCES file... [USES room-or-library...])
function(upnpd_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;USES" ${ARGN})
    add_library(upnpd_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(upnpd_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(upnpd_${name} PUBLIC upnpd_flags ${ROOM_USES})
    # Compiling a sanitized tree is mostly reading these again and again.
    if(UPNPD_SANITIZE)
        target_precompile_headers(upnpd_${name} PRIVATE <algorithm> <functional> <map> <optional> <string> <variant>
                                                        <vector>)
        if("dep::boost" IN_LIST ROOM_USES)
            target_precompile_headers(upnpd_${name} PRIVATE <boost/asio/io_context.hpp>
                                                            <boost/asio/steady_timer.hpp>)
        endif()
    endif()
endfunction()
