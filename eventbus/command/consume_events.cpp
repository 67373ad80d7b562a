#include "eventbus/command/consume_events.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "eventbus/command/command_line.hpp"
#include "eventbus/command/consume_arguments.hpp"
#include "eventbus/command/log_lines.hpp"
#include "eventbus/command/output.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

std::string beginning(const Bus& bus, const ConsumeOptions& options) {
    std::string topics;
    for (const std::string& topic : options.topics)
        topics += (topics.empty() ? "" : ", ") +
                  prefixed_topic(bus.settings().get(setting::TOPIC_PREFIX), topic).str();
    return "the consumer begins: topics " + topics + ", group " + quote(options.group) + ", backend " +
           bus.settings().get(setting::CONSUMER);
}

std::string summary(const ConsumeResult& result) {
    return std::to_string(result.handled) + " events handled, " + std::to_string(result.failed) +
           " failed, " + std::to_string(result.unusable) + " unusable";
}

std::vector<const char*> without_command_name(int argc, const char* const* argv) {
    std::vector<const char*> words(argv, argv + argc);
    if (words.size() > 1 && std::string_view(words[1]) == "consume_events") words.erase(words.begin() + 1);
    return words;
}

// What the arguments say, or the exit code when there is nothing left to do.
std::variant<ConsumeOptions, ExitCode> read_arguments(std::string_view program, int argc,
                                                      const char* const* argv) {
    CLI::App app{"Consumes events of topics and gives them to this service's handlers."};
    app.name(std::string(program));
    app.footer("Example:\n  " + std::string(program) + " -t user-login -g user-activity-service");
    ConsumeArguments arguments;
    add_consume_arguments(app, arguments);
    const auto words = without_command_name(argc, argv);
    if (const auto done = parse_command_line(app, static_cast<int>(words.size()), words.data())) return *done;
    return arguments.options();
}

ExitCode consume(Bus& bus, ConsumeOptions options) {
    ignore_write_signals();
    StopSignals signals;
    return consume_until_stopped(bus, std::move(options), signals);
}

BusOptions bus_options(std::string_view program, const Catalogue& catalogue,
                       const BrokerCatalogue& backends) {
    std::vector<std::string> warnings;
    BusOptions options{.settings = Settings::load(warnings),
                       .catalogue = catalogue,
                       .backends = backends,
                       .log = {},
                       .observers = {}};
    for (const std::string& warning : warnings) report(program, LogLevel::warning, warning);
    options.log = log_to_stderr(options.settings);
    return options;
}

}  // namespace

ExitCode consume_until_stopped(Bus& bus, ConsumeOptions options, StopSignals& signals,
                               const std::function<void()>& clean_up) {
    const BeforeAbruptEnd before_abrupt_end(signals, clean_up);
    options.on_overdue = [clean_up] {
        if (clean_up) clean_up();
        ::_exit(static_cast<int>(ExitCode::overdue));
    };
    try {
        Consumer consumer(bus, options);
        bus.log(LogLevel::info, beginning(bus, options));
        const ConsumeResult result = consumer.run(signals.token());
        bus.log(LogLevel::info, "the consumer ends: " + summary(result));
        const bool all_handled = result.failed == 0 && result.unusable == 0;
        return all_handled || signals.signal() != 0 ? ExitCode::ok : ExitCode::events_failed;
    } catch (const CommandError& error) {
        // A handler that was waiting when the stop came has left its event for the next consumer.
        if (error.code() != ExitCode::ok) throw;
        bus.log(LogLevel::info, std::string("the consumer ends: ") + error.what());
        return ExitCode::ok;
    }
}

int run_consume_events(Bus& bus, int argc, const char* const* argv) {
    const std::string_view program = program_name(argc > 0 ? argv[0] : nullptr);
    return static_cast<int>(run_reporting(program, [&] {
        auto arguments = read_arguments(program, argc, argv);
        if (const auto* done = std::get_if<ExitCode>(&arguments)) return *done;
        return consume(bus, std::get<ConsumeOptions>(std::move(arguments)));
    }));
}

int consume_events_main(int argc, const char* const* argv, const std::function<void(Bus&)>& connect,
                        const Catalogue& catalogue, const BrokerCatalogue& backends) {
    const std::string_view program = program_name(argc > 0 ? argv[0] : nullptr);
    return static_cast<int>(run_reporting(program, [&] {
        auto arguments = read_arguments(program, argc, argv);
        if (const auto* done = std::get_if<ExitCode>(&arguments)) return *done;
        Bus bus(bus_options(program, catalogue, backends));
        connect(bus);
        return consume(bus, std::get<ConsumeOptions>(std::move(arguments)));
    }));
}

}  // namespace eventbus
