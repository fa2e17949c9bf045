# SPDX-License-Identifier: GPL-2.0-or-later
# CPack runs this for each kind of package when everything is installed below CPACK_TEMPORARY_DIRECTORY and nothing is
# packed: distributions have places of their own, and want the same bytes from each build.
set(root "${CPACK_TEMPORARY_DIRECTORY}")
set(prefix "${root}${CPACK_PACKAGING_INSTALL_PREFIX}")
set(share "${prefix}/${CPACK_UPNPD_DATADIR}")
set(documents "${prefix}/${CPACK_UPNPD_DOCDIR}")

function(run)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${root}" COMMAND_ERROR_IS_FATAL ANY
                    OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE)
    set(output "${output}" PARENT_SCOPE)
endfunction()

# Writes the debug symbols of PROGRAM into FOLDER where gdb looks for them, and appends its build id to `ids`.
function(keep_symbols program folder)
    run("${CPACK_UPNPD_READELF}" --notes "${program}")
    string(REGEX MATCH "Build ID: (..)([0-9a-f]+)" id "${output}")
    if(NOT id)
        message(FATAL_ERROR "${program} has no build id, by which its debug symbols are found: link with --build-id")
    endif()
    set(symbols "${folder}/usr/lib/debug/.build-id/${CMAKE_MATCH_1}/${CMAKE_MATCH_2}.debug")
    set(ids "${ids} ${CMAKE_MATCH_1}${CMAKE_MATCH_2}" PARENT_SCOPE)
    cmake_path(GET symbols PARENT_PATH place)
    file(MAKE_DIRECTORY "${place}")
    run("${CPACK_UPNPD_OBJCOPY}" --only-keep-debug --compress-debug-sections "${program}" "${symbols}")
    file(CHMOD "${symbols}" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

# Takes the debug symbols out of the programs, into FOLDER where a package of them is wanted.
function(take_symbols folder)
    file(GLOB programs "${prefix}/bin/*" "${prefix}/sbin/*" "${prefix}/libexec/upnpd/*")
    foreach(program ${programs})
        if(CPACK_UPNPD_DEBUG_PACKAGE)
            keep_symbols("${program}" "${folder}")
        endif()
        run("${CPACK_UPNPD_OBJCOPY}" --strip-unneeded --remove-section=.comment "${program}")
    endforeach()
    set(ids "${ids}" PARENT_SCOPE)
endfunction()

# Each file is as old as the version, so that two builds give the same bytes.
function(age folder)
    run(find "${folder}" -exec touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +)
endfunction()

# CPack's own package of symbols has wrong check sums and no copyright.
function(make_debug_package folder)
    set(architecture "${CPACK_DEBIAN_PACKAGE_ARCHITECTURE}")
    if(NOT architecture)
        run(dpkg --print-architecture)
        set(architecture ${output})
    endif()
    set(version ${CPACK_PACKAGE_VERSION})
    file(MAKE_DIRECTORY "${folder}/usr/share/doc" "${folder}/DEBIAN")
    file(CREATE_LINK upnpd "${folder}/usr/share/doc/upnpd-dbgsym" SYMBOLIC)
    file(WRITE "${folder}/DEBIAN/control" "Package: upnpd-dbgsym
Version: ${version}
Auto-Built-Package: debug-symbols
Architecture: ${architecture}
Maintainer: ${CPACK_PACKAGE_CONTACT}
Depends: upnpd (= ${version})
Section: debug
Priority: optional
Description: debug symbols for upnpd
Build-Ids:${ids}
")
    run(sh -c "cd '${folder}' && find usr -type f -exec md5sum {} + | sort -k 2 >DEBIAN/md5sums")
    run(chmod -R u=rwX,go=rX "${folder}")
    age("${folder}")
    run(dpkg-deb --root-owner-group --build "${folder}"
        "${CPACK_PACKAGE_DIRECTORY}/upnpd-dbgsym_${version}_${architecture}.deb")
endfunction()

if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
    file(STRINGS "${CPACK_UPNPD_INIT}/debian/changelog" signed REGEX "^ -- " LIMIT_COUNT 1)
    string(REGEX REPLACE ".*>  " "" date "${signed}")
    run(date --date=${date} +%s)
    set(ENV{SOURCE_DATE_EPOCH} ${output})
endif()
set(symbols_folder "${root}-dbgsym")
file(REMOVE_RECURSE "${symbols_folder}")
take_symbols("${symbols_folder}")

# OpenRC runs the SysV script on Debian, and is not on systems with rpm.
if(CPACK_GENERATOR MATCHES "^(DEB|RPM)$")
    file(REMOVE_RECURSE "${share}/upnpd")
endif()
if(CPACK_GENERATOR STREQUAL "DEB")
    file(RENAME "${share}/zsh/site-functions" "${share}/zsh/vendor-completions")
    file(REMOVE "${documents}/LICENSE")
    file(COPY "${CPACK_UPNPD_INIT}/debian/copyright" "${CPACK_UPNPD_INIT}/debian/changelog" DESTINATION "${documents}"
         FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    run(gzip -9n "${documents}/changelog")
elseif(CPACK_GENERATOR STREQUAL "RPM")
    file(REMOVE_RECURSE "${root}/etc/init.d" "${root}/etc/ufw")
    file(MAKE_DIRECTORY "${root}/etc/sysconfig" "${share}/licenses/upnpd")
    file(RENAME "${root}/etc/default/upnpd" "${root}/etc/sysconfig/upnpd")
    file(REMOVE_RECURSE "${root}/etc/default")
    run(sed -i s,/etc/default/,/etc/sysconfig/, "${root}/etc/sysconfig/upnpd")
    file(RENAME "${documents}/LICENSE" "${share}/licenses/upnpd/LICENSE")
endif()
run(find "${share}/man" -type f -exec gzip -9n {} +)

# Some were made with the umask of whoever packs.
run(find "${root}" -type d -exec chmod 755 {} +)
age("${root}")
if(CPACK_GENERATOR STREQUAL "DEB" AND CPACK_UPNPD_DEBUG_PACKAGE)
    make_debug_package("${symbols_folder}")
endif()
