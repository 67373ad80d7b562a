# What `cmake --install` gives: the libraries, headers, generator and program, and the package for find_package(eventbus).
include(CMakePackageConfigHelpers)

set(package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/eventbus")

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/eventbusConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/eventbusConfig.cmake" INSTALL_DESTINATION "${package_directory}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/eventbusConfigVersion.cmake" COMPATIBILITY SameMinorVersion)

add_library(eventbus INTERFACE)
add_library(eventbus::eventbus ALIAS eventbus)
target_link_libraries(eventbus INTERFACE eventbus_bus eventbus_command)

install(TARGETS eventbus EXPORT eventbus)
install(EXPORT eventbus NAMESPACE eventbus:: DESTINATION "${package_directory}" FILE eventbusTargets.cmake)
install(FILES "${PROJECT_BINARY_DIR}/eventbusConfig.cmake" "${PROJECT_BINARY_DIR}/eventbusConfigVersion.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/EventbusEvents.cmake" DESTINATION "${package_directory}")
