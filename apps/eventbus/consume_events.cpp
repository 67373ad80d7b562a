#include "eventbus/command/consume_events.hpp"

#include "eventbus/command/consume_arguments.hpp"
#include "eventbus/command/exec_handler.hpp"
#include "eventbus/command/handler_crew.hpp"
#include "eventbus/command/pipe_handler.hpp"
#include "eventbus/command/print_handler.hpp"
#include "format.hpp"
#include "program.hpp"

namespace eventbus::app {

namespace {

struct Arguments {
    ConsumeArguments consume;
    std::string exec;
    std::string pipe;
    std::string output;
    bool inbox = false;
};

HandlerOptions handler_options(const Arguments& arguments) {
    return {.inbox = arguments.inbox ? InboxUse::remember : InboxUse::no};
}

ExitCode consume_with_exec(Bus& bus, const Arguments& arguments, ConsumeOptions options,
                           StopSignals& signals) {
    HandlerCrew<ExecHandler> crew(workers_of(bus, options),
                                  [&] { return std::make_unique<ExecHandler>(arguments.exec); });
    bus.connect_all(
        "exec", [&crew](const RawEvent& event) { crew(event); }, handler_options(arguments));
    return consume_until_stopped(bus, std::move(options), signals, [&crew] { crew.kill(); });
}

ExitCode consume_with_pipe(Bus& bus, const Arguments& arguments, ConsumeOptions options,
                           StopSignals& signals) {
    const auto make = [&] {
        return std::make_unique<PipeHandler>(
            arguments.pipe, signals.token(),
            [&bus](LogLevel level, std::string_view message) { bus.log(level, message); });
    };
    HandlerCrew<PipeHandler> crew(workers_of(bus, options), make);
    bus.connect_all(
        "pipe", [&crew](const RawEvent& event) { crew(event); }, handler_options(arguments));
    return consume_until_stopped(bus, std::move(options), signals, [&crew] { crew.kill(); });
}

ExitCode consume(Program& program, const Arguments& arguments) {
    if (arguments.inbox && arguments.exec.empty() && arguments.pipe.empty())
        throw CommandError(ExitCode::usage, "--inbox needs --exec or --pipe");
    ConsumeOptions options = arguments.consume.options();
    StopSignals signals;
    Bus bus(program.bus_options());
    if (!arguments.exec.empty()) return consume_with_exec(bus, arguments, std::move(options), signals);
    if (!arguments.pipe.empty()) return consume_with_pipe(bus, arguments, std::move(options), signals);
    PrintHandler handler;
    bus.connect_all("print", [&handler](const RawEvent& event) { handler(event); });
    return consume_until_stopped(bus, std::move(options), signals);
}

}  // namespace

void add_consume_events(Program& program) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App& command = program.add(
        program.app(), "consume_events",
        "Consumes events of topics: prints each as one line of CloudEvents JSON, or gives it to a program",
        "  eventbus consume_events -t user-login -g user-activity\n"
        "  eventbus consume_events -t user-login -g nightly --until-idle 2s > events.jsonl\n"
        "  eventbus consume_events -t user-login -g mailer --pipe 'python3 mailer.py'\n\n"
        "An event is acknowledged after it was printed or handled. One that fails is tried again\n"
        "(EVENT_BUS_CONSUMER_MAX_TRIES), then kept among the group's dead letters (eventbus dead-letters).\n"
        "SIGTERM and SIGINT end the consumer when the events at hand are finished, or\n"
        "EVENT_BUS_CONSUMER_STOP_TIMEOUT is over; a second one ends it at once. docs/handlers.md tells how "
        "to\n"
        "write handlers.",
        [arguments, &program] { return consume(program, *arguments); });
    add_consume_arguments(command, arguments->consume);
    CLI::Option* exec =
        command
            .add_option(
                "--exec", arguments->exec,
                "Run this for each event (/bin/sh -c), with the event's line on its standard input; exit "
                "code 0 is success, 65 means that it will never succeed, others are failures")
            ->type_name("CMD");
    command
        .add_option(
            "--pipe", arguments->pipe,
            "Keep this running (/bin/sh -c); it reads events as lines and answers each with a line: ok, "
            "error TEXT, or reject TEXT when it will never succeed")
        ->type_name("CMD")
        ->excludes(exec);
    command.add_flag("--inbox", arguments->inbox,
                     "Remember which events the command has finished, and do not give it one of them again "
                     "(EVENT_BUS_INBOX_PATH)");
    command.add_option("-o,--output", arguments->output, "json, the only format: one CloudEvent a line")
        ->type_name("json")
        ->check(CLI::IsMember({"json"}).description(""));
}

}  // namespace eventbus::app
