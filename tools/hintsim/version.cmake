# SPDX-License-Identifier: BSD-3-Clause
# cmake -DROOT=... -DVERSION=... -DHEADER=... -P version.cmake: write HEADER, which says the version and,
# if ROOT is a checkout, the commit.  What is the same already is not written, so nothing is built again.
find_program(git git NO_CACHE)
set(COMMIT "")
if(git)
  execute_process(COMMAND ${git} rev-parse --show-cdup WORKING_DIRECTORY ${ROOT}
                  RESULT_VARIABLE failed OUTPUT_VARIABLE up ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed AND up STREQUAL "") # else ROOT was unpacked, maybe below some other checkout
    execute_process(COMMAND ${git} describe --always --dirty --abbrev=12 --exclude=*
                    WORKING_DIRECTORY ${ROOT}
                    OUTPUT_VARIABLE COMMIT ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  endif()
endif()
set(BEHIND "")
if(COMMIT)
  set(BEHIND " (${COMMIT})")
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define HINTSIM_VERSION \"hintsim ${VERSION}${BEHIND}\"
#define HINTSIM_RELEASE \"${VERSION}\"
#define HINTSIM_COMMIT \"${COMMIT}\"
")
