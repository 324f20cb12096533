# SPDX-License-Identifier: BSD-3-Clause
# What Debian wants otherwise than cmake --install has it; cpack runs this on the tree that it is about
# to pack.  Root is the folder of the sources.
set(ROOT ${CMAKE_CURRENT_LIST_DIR}/../..)
set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)
set(doc ${share}/doc/hintsim)

# A date that is the same for the same sources.
execute_process(COMMAND git -C ${ROOT} log -1 --format=%cD OUTPUT_VARIABLE date
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT date)
  execute_process(COMMAND env LC_ALL=C date -R -r ${ROOT}/CHANGELOG.md OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()

file(READ ${ROOT}/LICENSE licence)
string(REGEX REPLACE "^.*(Redistribution and use.*)$" "\\1" licence "${licence}")
string(REGEX REPLACE "\n\n" "\n.\n" licence "${licence}")
string(STRIP "${licence}" licence)
string(REPLACE "\n" "\n " licence "${licence}")
file(WRITE ${doc}/copyright
     "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
     "Upstream-Name: hintsim\n\nFiles: *\nCopyright: 2026, the hintsim authors\n"
     "License: BSD-3-Clause\n ${licence}\n")
file(WRITE ${doc}/changelog.Debian
     "hintsim (${CPACK_PACKAGE_VERSION}-1) unstable; urgency=medium\n\n"
     "  * As built from the sources; changelog.gz tells what is new.\n\n"
     " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
configure_file(${ROOT}/CHANGELOG.md ${doc}/changelog COPYONLY)

file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
execute_process(COMMAND gzip -9nf ${doc}/changelog ${doc}/changelog.Debian ${share}/man/man1/hintsim.1
                COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE files ${share}/*)
file(CHMOD ${files} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
