# What every target of ours is built with, and the functions that declare rooms and tests.

add_library(eventbus_warnings INTERFACE)
target_compile_options(eventbus_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Werror
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>)

# Sanitizers see false alarms in some GCC warnings of optimised code; correctness warnings stay errors elsewhere.
if(EVENTBUS_SANITIZE)
    add_compile_options(-fsanitize=${EVENTBUS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${EVENTBUS_SANITIZE})
    target_compile_options(eventbus_warnings INTERFACE
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

# Links to the headers in a folder, and no others; generated headers that stand there stay.
function(eventbus_link_headers folder)
    file(MAKE_DIRECTORY "${folder}")
    set(names "")
    foreach(header IN LISTS ARGN)
        get_filename_component(name "${header}" NAME)
        list(APPEND names "${name}")
        if(NOT EXISTS "${folder}/${name}")
            file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}/${header}" "${folder}/${name}" SYMBOLIC)
        endif()
    endforeach()
    file(GLOB present RELATIVE "${folder}" "${folder}/*.hpp")
    foreach(name IN LISTS present)
        if(IS_SYMLINK "${folder}/${name}" AND NOT name IN_LIST names)
            file(REMOVE "${folder}/${name}")
        endif()
    endforeach()
endfunction()

# eventbus_add_room(NAME event [FOLDER broker/memory] SOURCES a.cpp HEADERS a.hpp [PRIVATE_HEADERS b.hpp]
#                   [USES avro settings] [LIBRARIES PkgConfig::x] [INTERNAL])
# A room is a layer: a static library that can include the rooms it USES, and no other. A room sees only the
# headers of the rooms that it uses: each room's headers are reached through a directory of links of its own.
# INTERNAL is a room for other rooms alone: its headers are not installed.
function(eventbus_add_room)
    cmake_parse_arguments(ROOM "INTERNAL" "NAME;FOLDER" "SOURCES;HEADERS;PRIVATE_HEADERS;USES;LIBRARIES" ${ARGN})
    if(NOT ROOM_FOLDER)
        set(ROOM_FOLDER ${ROOM_NAME})
    endif()
    set(target eventbus_${ROOM_NAME})
    set(view "${PROJECT_BINARY_DIR}/include/${ROOM_NAME}")
    if(ROOM_INTERNAL)
        set(view "${PROJECT_BINARY_DIR}/include-internal/${ROOM_NAME}")
    endif()
    set(private_view "${PROJECT_BINARY_DIR}/include-private/${ROOM_NAME}")
    eventbus_link_headers("${view}/eventbus/${ROOM_FOLDER}" ${ROOM_HEADERS})
    eventbus_link_headers("${private_view}/eventbus/${ROOM_FOLDER}" ${ROOM_PRIVATE_HEADERS})
    add_library(${target} STATIC ${ROOM_SOURCES})
    add_library(eventbus::${ROOM_NAME} ALIAS ${target})
    target_include_directories(${target} PUBLIC
        "$<BUILD_INTERFACE:${view}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
    target_include_directories(${target} PRIVATE "${private_view}")
    list(TRANSFORM ROOM_USES PREPEND "eventbus_")
    target_link_libraries(${target} PUBLIC ${ROOM_USES} PRIVATE $<BUILD_INTERFACE:eventbus_warnings> ${ROOM_LIBRARIES})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${ROOM_NAME})
    target_compile_features(${target} PUBLIC cxx_std_20)
    set_property(GLOBAL APPEND PROPERTY EVENTBUS_ROOMS ${target})
    install(TARGETS ${target} EXPORT eventbus ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
    if(ROOM_INTERNAL)
        return()
    endif()
    foreach(header IN LISTS ROOM_HEADERS)
        install(FILES "${CMAKE_CURRENT_SOURCE_DIR}/${header}"
            DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/eventbus/${ROOM_FOLDER}")
    endforeach()
endfunction()

# eventbus_add_test(NAME unit_event SOURCES a_test.cpp LIBRARIES eventbus::event [TIMEOUT seconds] [LABELS x])
# One GoogleTest program, run as one CTest test.
function(eventbus_add_test)
    cmake_parse_arguments(TEST "" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
    find_package(GTest REQUIRED)
    add_executable(${TEST_NAME} ${TEST_SOURCES})
    target_link_libraries(${TEST_NAME} PRIVATE ${TEST_LIBRARIES} eventbus_warnings GTest::gmock GTest::gtest_main)
    set_target_properties(${TEST_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    add_test(NAME ${TEST_NAME} COMMAND ${TEST_NAME})
    if(NOT TEST_TIMEOUT)
        set(TEST_TIMEOUT 120)
    endif()
    set_tests_properties(${TEST_NAME} PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABELS}")
endfunction()
