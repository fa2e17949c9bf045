# SPDX-License-Identifier: GPL-2.0-or-later
# Flags that make faults harder to use. Distributions have their own, in CXXFLAGS and LDFLAGS or in the compiler: what
# those speak of stays as it is. Builds with sanitizers, and those that are not optimised, are developers'.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)

option(UPNPD_HARDENING "harden the programs where CXXFLAGS, LDFLAGS and the compiler do not say how" ON)

string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
set(compile_flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
set(link_flags "${compile_flags} ${CMAKE_EXE_LINKER_FLAGS}")
string(REGEX MATCHALL "-O[0-9a-z]*" levels "${compile_flags}")
list(POP_BACK levels level)  # the last one counts
if(NOT UPNPD_HARDENING OR UPNPD_SANITIZE OR NOT level OR level STREQUAL "-O0")
    return()
endif()

# upnpd_harden(FLAG SPOKEN-OF): gives FLAG to all, where the compiler takes it and no flag matches SPOKEN-OF.
function(upnpd_harden flag spoken_of)
    if("${compile_flags}" MATCHES "${spoken_of}")
        return()
    endif()
    string(MAKE_C_IDENTIFIER "UPNPD_TAKES${flag}" takes)
    set(CMAKE_REQUIRED_FLAGS -Werror)  # some warn that this machine does not have it
    check_cxx_compiler_flag(${flag} ${takes})
    if(${takes})
        target_compile_options(upnpd_flags INTERFACE ${flag})
    endif()
endfunction()
upnpd_harden(-fstack-protector-strong stack-protector)
upnpd_harden(-fstack-clash-protection stack-clash-protection)
upnpd_harden(-fcf-protection cf-protection)

if(NOT compile_flags MATCHES "_FORTIFY_SOURCE")
    set(CMAKE_REQUIRED_FLAGS ${compile_flags})
    check_cxx_source_compiles("#ifdef _FORTIFY_SOURCE\n#error\n#endif\nint main() {}" UPNPD_FORTIFIES)
    unset(CMAKE_REQUIRED_FLAGS)
    if(UPNPD_FORTIFIES)
        target_compile_definitions(upnpd_flags INTERFACE _FORTIFY_SOURCE=2)
    endif()
endif()

# Programs that lie at another place each time.
if(NOT link_flags MATCHES "-static|[pP][iI][EeCc]")
    target_compile_options(upnpd_flags INTERFACE -fPIE)
    target_link_options(upnpd_flags INTERFACE -pie)
endif()
# The linker resolves all at the start, and what it has written to is not written to afterwards.
if(NOT link_flags MATCHES "-z[, ](no)?relro")
    target_link_options(upnpd_flags INTERFACE LINKER:-z,relro)
endif()
if(NOT link_flags MATCHES "-z[, ](now|lazy)")
    target_link_options(upnpd_flags INTERFACE LINKER:-z,now)
endif()
