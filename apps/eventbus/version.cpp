#include "eventbus/command/output.hpp"
#include "format.hpp"
#include "program.hpp"

namespace eventbus::app {

namespace {

std::string version_line() {
    return std::string("eventbus ") + EVENTBUS_VERSION + ", with the events of openedx-events " +
           std::string(openedx_events_version());
}

}  // namespace

void add_version(Program& program) {
    auto format = std::make_shared<Format>(Format::text);
    CLI::App& command =
        program.add(program.app(), "version", "Prints the versions of the program and of its events",
                    "  eventbus version -o json", [format] {
                        Output out;
                        if (*format == Format::json) {
                            print(out, {{"version", EVENTBUS_VERSION},
                                        {"openedx_events", openedx_events_version()},
                                        {"event_types", openedx_catalogue().all().size()}});
                        } else {
                            out.line(version_line());
                        }
                        out.flush();
                        return ExitCode::ok;
                    });
    add_format_option(command, *format);
    program.app().set_version_flag("--version", version_line(), "Print the version and exit");
}

}  // namespace eventbus::app
