# `cpack --config BUILD/CPackConfig.cmake` makes two Debian packages: the program, and the library
# that other programs link.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "The agentstore authors")
set(CPACK_PACKAGE_CONTACT ${AGENTSTORE_PACKAGER})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_INSTALL_SCRIPTS ${PROJECT_BINARY_DIR}/cmd/packaging/build-packaged.cmake)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL packaged runtime development)
set(CPACK_COMPONENT_PACKAGED_GROUP program)
set(CPACK_COMPONENT_RUNTIME_GROUP program)
set(CPACK_COMPONENT_DEVELOPMENT_GROUP development)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME agentstore)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION
"git for what your AI agents did
Records every event of an agent session (messages, plans, tool calls, model
calls with tokens and cost, failures) in an append-only, sealed log of JSON
lines, and answers from it: replay, state, statistics, costs, verification.
.
Reads the transcripts of Claude Code and Codex as they are.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libagentstore-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libssl-dev, libsqlite3-dev, libsimdjson-dev, libzstd-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
"logs of agent sessions (development files)
A C++23 library that appends the events of agent sessions to sealed logs and
folds them into states, statistics and audits.
.
This package has the headers, the static library, and what CMake and
pkg-config need to find it.")

include(CPack)
