# SPDX-License-Identifier: GPL-2.0-or-later
# A room is a folder below src/ and one static library; it may link rooms of lower layers only.

add_library(upnpd_flags INTERFACE)
# libupnp's users are compiled with -pthread; headers that are compiled before want the flags of all who read them.
target_compile_options(upnpd_flags INTERFACE -pthread -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor)
# Another compiler than ours may have more to say, and whoever installs need not mend it.
option(UPNPD_WERROR "make warnings errors" OFF)
if(UPNPD_WERROR)
    target_compile_options(upnpd_flags INTERFACE -Werror)
endif()
# In a batch a local name of one file may be the global one of another.
target_compile_options(upnpd_flags INTERFACE $<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-shadow>)
# Files and times of 64 bits where a word has 32, too; libupnp's headers ask for the former.
target_compile_definitions(upnpd_flags INTERFACE UPNPD_VERSION="${PROJECT_VERSION}" _FILE_OFFSET_BITS=64 _TIME_BITS=64)
target_include_directories(upnpd_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(upnpd_flags INTERFACE Threads::Threads)
if(UPNPD_SANITIZE)
    target_compile_options(upnpd_flags INTERFACE -fsanitize=${UPNPD_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
    target_link_options(upnpd_flags INTERFACE -fsanitize=${UPNPD_SANITIZE})
else()
    # A program needs a part of a file, or of files that are compiled as one: the linker leaves out the others. It takes
    # a tenth of the time of a build that is not optimised.
    target_compile_options(upnpd_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:-ffunction-sections -fdata-sections>)
    target_link_options(upnpd_flags INTERFACE LINKER:--gc-sections)
    # Two builds give the same bytes, wherever they are made; gdb finds the sources when it runs in their folder.
    target_compile_options(upnpd_flags INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.
                                                 -ffile-prefix-map=${PROJECT_BINARY_DIR}=.)
endif()
if(UPNPD_SANITIZE STREQUAL "thread")
    # GCC says that it does not follow the fences that Boost.Asio has.
    target_compile_options(upnpd_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
endif()
if(UPNPD_FUZZ)
    target_compile_options(upnpd_flags INTERFACE -fsanitize=fuzzer-no-link
                                                 -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tests/build/unchecked)
endif()

# upnpd_headers(NAME library... [HEADERS <header>...]): headers that nearly every file reads are compiled once, for all
# targets that take REUSE_FROM NAME and have its flags. They are others' alone, so an edit of ours rebuilds no more.
function(upnpd_headers name)
    cmake_parse_arguments(HEADERS "" "" "HEADERS" ${ARGN})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${name}.cpp CONTENT "")
    add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE upnpd_flags dep::fmt dep::expected ${HEADERS_UNPARSED_ARGUMENTS})
    target_precompile_headers(${name} PRIVATE <algorithm> <array> <chrono> <filesystem> <functional> <map> <memory>
                              <optional> <set> <span> <stdexcept> <string> <string_view> <system_error> <utility>
                              <variant> <vector> <fmt/format.h> <tl/expected.hpp> ${HEADERS_HEADERS})
endfunction()
upnpd_headers(upnpd_most_used)
# For those who use the loop, whose headers are the largest; not every room may see it.
upnpd_headers(upnpd_most_used_of_loop dep::boost dep::json
              HEADERS <boost/asio/io_context.hpp> <boost/asio/posix/stream_descriptor.hpp> <boost/asio/post.hpp>
              <boost/asio/steady_timer.hpp> <nlohmann/json.hpp>)

# A program that the engine runs; in the build tree it lies beside upnpd, which looks there first.
# upnpd_helper(NAME SOURCES file... USES room...)
function(upnpd_helper name)
    cmake_parse_arguments(HELPER "" "" "SOURCES;USES" ${ARGN})
    add_executable(${name} ${HELPER_SOURCES})
    target_link_libraries(${name} PRIVATE ${HELPER_USES})
    target_precompile_headers(${name} REUSE_FROM upnpd_most_used_of_loop)
    target_link_options(${name} PRIVATE LINKER:--as-needed)  # rooms name more than a part of them needs
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/src/daemon)
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/upnpd)
endfunction()

# upnpd_batches(TARGET): the headers that many small files include are read once for many of them, where UPNPD_BATCHES
# says so. It takes a third of the time. Preset dev compiles file by file: what is edited is ready sooner, and an
# #include that is missing is seen.
find_program(UPNPD_BATCHER python3 PATHS /usr/bin NO_DEFAULT_PATH)
mark_as_advanced(UPNPD_BATCHER)
if(UPNPD_BATCHES AND NOT UPNPD_BATCHER)
    message(STATUS "python3 not found: each file is compiled by itself, which takes three times as long")
    set(UPNPD_BATCHES "")
endif()
function(upnpd_batches target)
    if(NOT UPNPD_BATCHES)
        return()
    endif()
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources INCLUDE REGEX "\\.cpp$")
    execute_process(COMMAND ${UPNPD_BATCHER} ${PROJECT_SOURCE_DIR}/src/batches ${UPNPD_BATCHES} ${sources}
                    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE lines COMMAND_ERROR_IS_FATAL ANY
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    # linux/if.h and linux/in.h, which some headers of the kernel include, want to come after these.
    set_target_properties(${target} PROPERTIES UNITY_BUILD_CODE_BEFORE_INCLUDE
                                               "#include <net/if.h>\n#include <netinet/in.h>")
    string(REPLACE "\n" ";" lines "${lines}")
    set(number 0)
    foreach(line ${lines})
        math(EXPR number "${number} + 1")
        string(REPLACE "," ";" files "${line}")
        set_source_files_properties(${files} PROPERTIES UNITY_GROUP ${number})
    endforeach()
endfunction()

# upnpd_room(NAME SOURCES file... [USES room-or-library...])
function(upnpd_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;USES" ${ARGN})
    add_library(upnpd_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(upnpd_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(upnpd_${name} PUBLIC upnpd_flags ${ROOM_USES})
    if(ROOM_USES MATCHES "dep::(boost|json)")
        target_precompile_headers(upnpd_${name} REUSE_FROM upnpd_most_used_of_loop)
    else()
        target_precompile_headers(upnpd_${name} REUSE_FROM upnpd_most_used)
    endif()
    upnpd_batches(upnpd_${name})
endfunction()
