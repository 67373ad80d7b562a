#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "eventbus/bus/bus.hpp"
#include "eventbus/command/exit_code.hpp"

namespace eventbus::app {

/// The program: its command line, and what all commands need. Commands are added to it before it runs.
class Program {
  public:
    using Run = std::function<ExitCode()>;

    Program();

    /// Adds a command below `parent`; `run` is called when it is the last one that was named.
    CLI::App& add(CLI::App& parent, const std::string& name, const std::string& description,
                  const std::string& example, Run run);

    [[nodiscard]] CLI::App& app() { return app_; }

    /// Reads the arguments and runs the command that they name. Errors are told on standard error.
    [[nodiscard]] ExitCode run(int argc, const char* const* argv);

    /// The settings in force, read at the first call, which warns about unknown ones. Throws SettingsError.
    [[nodiscard]] const Settings& settings();

    /// What a command makes its bus of: the settings, and a log on standard error.
    [[nodiscard]] BusOptions bus_options();

  private:
    [[nodiscard]] ExitCode run_named_command();

    CLI::App app_;
    std::string log_level_;
    std::map<const CLI::App*, Run> commands_;
    std::optional<Settings> settings_;
};

/// Adds each command of the program.
void add_consume_events(Program& program);
void add_produce_event(Program& program);
void add_replay(Program& program);
void add_topics(Program& program);
void add_dead_letters(Program& program);
void add_catalogue(Program& program);
void add_schema(Program& program);
void add_settings(Program& program);
void add_doctor(Program& program);
void add_health(Program& program);
void add_version(Program& program);
void add_completion(Program& program);

}  // namespace eventbus::app
