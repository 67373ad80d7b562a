#include "eventbus/command/health_check.hpp"
#include "eventbus/command/output.hpp"
#include "program.hpp"

namespace eventbus::app {

namespace {

constexpr std::chrono::milliseconds time_to_answer{2'000};

struct Arguments {
    std::string file;
    std::uint16_t port = 0;
};

std::string host_to_ask(const std::string& address) {
    if (address == "0.0.0.0") return "127.0.0.1";
    return address == "::" ? "::1" : address;
}

// The flags, or else what the settings tell the consumer.
Arguments what_to_ask(const Arguments& arguments, const Settings& settings) {
    if (!arguments.file.empty() || arguments.port != 0) return arguments;
    Arguments told{.file = settings.get(setting::CONSUMER_HEARTBEAT_FILE),
                   .port = static_cast<std::uint16_t>(settings.get(setting::CONSUMER_HEALTH_PORT))};
    if (told.file.empty() && told.port == 0)
        throw CommandError(
            ExitCode::usage,
            "nothing to look at: give --file or --port, or set EVENT_BUS_CONSUMER_HEARTBEAT_FILE "
            "or EVENT_BUS_CONSUMER_HEALTH_PORT");
    return told;
}

ExitCode check_health(const Settings& settings, const Arguments& arguments) {
    const Arguments asked = what_to_ask(arguments, settings);
    std::optional<std::string> complaint;
    if (!asked.file.empty())
        complaint = complaint_of_file(asked.file, settings.get(setting::CONSUMER_HEARTBEAT_TIMEOUT));
    if (!complaint && asked.port != 0)
        complaint = complaint_of_port(host_to_ask(settings.get(setting::CONSUMER_HEALTH_ADDRESS)), asked.port,
                                      time_to_answer);
    if (complaint) throw CommandError(ExitCode::unhealthy, *complaint);
    Output out;
    out.line("ok");
    out.flush();
    return ExitCode::ok;
}

}  // namespace

void add_health(Program& program) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App& command =
        program.add(program.app(), "health", "Tells whether a consumer of this machine is well, for probes",
                    "  eventbus health --file /run/eventbus/alive\n"
                    "  eventbus health --port 8080\n\n"
                    "Prints ok and ends with exit code 0 when the consumer shows signs of life, else with 13 "
                    "and the reason.\n"
                    "Without flags it looks where the settings have the consumer show them. docs/health.md "
                    "tells how to set "
                    "up\nprobes.",
                    [arguments, &program] { return check_health(program.settings(), *arguments); });
    command
        .add_option("--file", arguments->file,
                    "The consumer's EVENT_BUS_CONSUMER_HEARTBEAT_FILE; it may be as old as "
                    "EVENT_BUS_CONSUMER_HEARTBEAT_TIMEOUT says")
        ->type_name("PATH");
    command
        .add_option("--port", arguments->port,
                    "The consumer's EVENT_BUS_CONSUMER_HEALTH_PORT, at EVENT_BUS_CONSUMER_HEALTH_ADDRESS")
        ->type_name("N")
        ->check(CLI::Range(1, 65'535).description(""));
}

}  // namespace eventbus::app
