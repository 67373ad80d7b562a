# eventbus_generate_events(TARGET my_events YAML a.yaml [b.yaml ...])
# Makes the library `my_events` from event definitions: for each YAML file a header of the same name, which a target that links the
# library includes as "a.hpp", with structs, signals and codecs. docs/defining-events.md tells the format of the YAML.
function(eventbus_generate_events)
    cmake_parse_arguments(EVENTS "" "TARGET" "YAML" ${ARGN})
    if(NOT EVENTS_TARGET OR NOT EVENTS_YAML OR EVENTS_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "Usage: eventbus_generate_events(TARGET my_events YAML a.yaml [b.yaml ...])")
    endif()
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/${EVENTS_TARGET}")
    set(sources "")
    foreach(yaml IN LISTS EVENTS_YAML)
        get_filename_component(yaml "${yaml}" ABSOLUTE)
        get_filename_component(name "${yaml}" NAME_WE)
        eventbus_generate_files("${yaml}" "${folder}/${name}.hpp" "${folder}/${name}.cpp" "${name}.hpp")
        list(APPEND sources "${folder}/${name}.hpp" "${folder}/${name}.cpp")
    endforeach()
    add_library(${EVENTS_TARGET} STATIC ${sources})
    target_include_directories(${EVENTS_TARGET} PUBLIC "${folder}")
    target_link_libraries(${EVENTS_TARGET} PUBLIC eventbus::catalogue)
endfunction()

function(eventbus_generate_files yaml header source include)
    add_custom_command(OUTPUT "${header}" "${source}"
        COMMAND eventbus::generate "${yaml}" --header "${header}" --source "${source}" --include "${include}"
        # The outputs keep their time when they would not change; touching them keeps the build from running this again.
        COMMAND "${CMAKE_COMMAND}" -E touch_nocreate "${header}" "${source}"
        DEPENDS "${yaml}" eventbus::generate
        COMMENT "Generating events from ${yaml}" VERBATIM)
endfunction()
