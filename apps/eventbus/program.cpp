#include "program.hpp"

#include <vector>

#include "eventbus/command/command_line.hpp"
#include "eventbus/command/log_lines.hpp"

namespace eventbus::app {

Program::Program() : app_("The Open edX event bus: send, consume and look at events.", "eventbus") {
    app_.fallthrough();
    app_.require_subcommand(0, 1);
    app_.add_option("--log-level", log_level_,
                    "The least serious log lines to write: debug, info, warning, error (EVENT_BUS_LOG_LEVEL)")
        ->type_name("LEVEL")
        ->check(
            CLI::IsMember(std::vector<std::string>(setting::log_levels.begin(), setting::log_levels.end())));
    app_.footer(
        "Example:\n"
        "  export EVENT_BUS_PRODUCER=embedded EVENT_BUS_CONSUMER=embedded\n"
        "  eventbus produce_event --signal SESSION_LOGIN_COMPLETED --topic user-login --data \\\n"
        "    '{\"user\": {\"id\": 1, \"is_active\": true, \"pii\": {\"username\": \"ann\", \"email\": "
        "\"ann@example.com\", \"name\": \"Ann\"}}}'\n"
        "  eventbus consume_events --topic user-login --group_id demo --until-idle\n\n"
        "`eventbus COMMAND --help` tells more. Settings are read from the environment and from the file "
        "that\n"
        "EVENT_BUS_CONFIG names; `eventbus settings` lists them. Exit codes: 0 done, 2 wrong usage, 3 wrong\n"
        "settings, 4 wrong data, 5 the broker failed; docs/exit-codes.md has all.");
    commands_[&app_] = [this] {
        report(app_.get_name(), LogLevel::error, "name a command; `eventbus --help` lists them");
        return ExitCode::usage;
    };
}

CLI::App& Program::add(CLI::App& parent, const std::string& name, const std::string& description,
                       const std::string& example, Run run) {
    CLI::App& command = *parent.add_subcommand(name, description);
    command.require_subcommand(0, 1);
    command.footer("Example:\n" + example);
    commands_[&command] = std::move(run);
    return command;
}

ExitCode Program::run(int argc, const char* const* argv) {
    return run_reporting(app_.get_name(), [&] {
        if (const auto done = parse_command_line(app_, argc, argv)) return *done;
        return run_named_command();
    });
}

ExitCode Program::run_named_command() {
    const CLI::App* command = &app_;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
    return commands_.at(command)();
}

const Settings& Program::settings() {
    if (settings_) return *settings_;
    std::vector<std::string> warnings;
    settings_ = Settings::load(warnings);
    for (const std::string& warning : warnings) report(app_.get_name(), LogLevel::warning, warning);
    if (!log_level_.empty())
        settings_ = settings_->with({{std::string(setting::LOG_LEVEL.name), log_level_}});
    return *settings_;
}

BusOptions Program::bus_options() {
    BusOptions options;
    options.settings = settings();
    options.log = log_to_stderr(options.settings);
    return options;
}

}  // namespace eventbus::app
