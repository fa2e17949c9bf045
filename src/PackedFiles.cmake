# SPDX-License-Identifier: GPL-2.0-or-later
# CPack runs this when packages are made. The modes of the members of its .deb are by the umask, so dpkg-deb, which knows
# none, packs that again: two builds give the same bytes.
if(CPACK_GENERATOR STREQUAL "DEB")
    set(tree "${CPACK_TEMPORARY_DIRECTORY}-again")
    foreach(package ${CPACK_PACKAGE_FILES})
        file(REMOVE_RECURSE "${tree}")
        execute_process(COMMAND dpkg-deb --raw-extract "${package}" "${tree}" COMMAND_ERROR_IS_FATAL ANY)
        execute_process(COMMAND dpkg-deb -Z${CPACK_UPNPD_COMPRESSION} --root-owner-group --build "${tree}" "${package}"
                        OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
endif()
