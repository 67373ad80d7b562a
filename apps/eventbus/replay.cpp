#include "eventbus/bus/replay.hpp"

#include <unistd.h>

#include <mutex>
#include <optional>

#include "eventbus/bus/failure_policy.hpp"
#include "eventbus/command/exec_handler.hpp"
#include "eventbus/command/log_lines.hpp"
#include "eventbus/command/pipe_handler.hpp"
#include "eventbus/command/print_handler.hpp"
#include "eventbus/command/progress_bar.hpp"
#include "eventbus/command/start_text.hpp"
#include "eventbus/command/stop_signals.hpp"
#include "eventbus/command/terminal.hpp"
#include "format.hpp"
#include "program.hpp"

namespace eventbus::app {

namespace {

struct ReplayArguments {
    std::string topic;
    std::string from;
    std::string to;
    std::vector<std::string> types;
    std::vector<std::string> keys;
    std::optional<std::uint64_t> count;
    std::string exec;
    std::string pipe;
    std::string output;
    bool dry_run = false;

    [[nodiscard]] bool prints_events() const { return exec.empty() && pipe.empty() && !dry_run; }
};

/// A progress bar that makes way for log lines of any thread.
class ReplayBar {
  public:
    void show(const ReplayProgress& progress) {
        const std::scoped_lock lock(mutex_);
        if (!bar_) bar_.emplace(progress.total);
        bar_->show(progress.events, progress.read);
    }
    void hide() {
        const std::scoped_lock lock(mutex_);
        if (bar_) bar_->hide();
    }

  private:
    std::mutex mutex_;
    std::optional<ProgressBar> bar_;
};

StartAt place(std::string_view flag, const std::string& text) {
    try {
        return parse_start(text);
    } catch (const InvalidValue& error) {
        throw CommandError(ExitCode::usage, std::string(flag) + ": " + error.what());
    }
}

std::string summary(const ReplayResult& result) {
    return std::to_string(result.handled) + " events handled, " + std::to_string(result.failed) +
           " failed, " + std::to_string(result.unusable) + " unusable, of " + std::to_string(result.read) +
           " read";
}

std::string last_of(const ReplayResult& result) {
    if (!result.last) return "no event was replayed";
    return "the last event was in partition " +
           std::to_string(static_cast<std::int32_t>(result.last->partition)) + ", position " +
           result.last_position_text;
}

/// One replay: what it is made of, and how it is told about.
class ReplayCommand {
  public:
    ReplayCommand(Program& program, const ReplayArguments& arguments)
        : arguments_(arguments), bus_(bus_options(program)) {}

    ExitCode run() {
        if (arguments_.dry_run) return dry_run();
        if (!arguments_.exec.empty()) {
            ExecHandler handler(arguments_.exec);
            return run_with("exec", handler, [&handler] { handler.kill(); });
        }
        if (!arguments_.pipe.empty()) {
            PipeHandler handler(arguments_.pipe, signals_.token(),
                                [this](LogLevel level, std::string_view text) { bus_.log(level, text); });
            return run_with("pipe", handler, [&handler] { handler.kill(); });
        }
        PrintHandler handler;
        return run_with("print", handler, {});
    }

  private:
    [[nodiscard]] BusOptions bus_options(Program& program) {
        BusOptions options = program.bus_options();
        options.log = [this, log = std::move(options.log)](LogLevel level, std::string_view message) {
            bar_.hide();
            log(level, message);
        };
        return options;
    }

    [[nodiscard]] ReplayOptions options() {
        ReplayOptions options{.topic = arguments_.topic,
                              .from = place("--from", arguments_.from),
                              .to = arguments_.to.empty() ? Latest{} : place("--to", arguments_.to),
                              .types = arguments_.types,
                              .keys = arguments_.keys,
                              .count = arguments_.count};
        // Lines of events on the terminal show well enough how far it is.
        const bool shows_bar =
            is_terminal(STDERR_FILENO) && !(arguments_.prints_events() && is_terminal(STDOUT_FILENO));
        if (shows_bar) options.on_progress = [this](const ReplayProgress& progress) { bar_.show(progress); };
        return options;
    }

    template <class Handler>
    ExitCode run_with(const char* name, Handler& handler, const std::function<void()>& clean_up) {
        bus_.connect_all(name, [&handler](const RawEvent& event) { handler(event); });
        const BeforeAbruptEnd before_abrupt_end(signals_, clean_up);
        ReplayOptions chosen = options();
        chosen.on_overdue = [clean_up] {
            if (clean_up) clean_up();
            ::_exit(static_cast<int>(ExitCode::overdue));
        };
        try {
            Replay replay(bus_, std::move(chosen));
            bus_.log(LogLevel::info, beginning());
            return tell(replay.run(signals_.token()));
        } catch (const CommandError& error) {
            // A handler program was waiting to be started again when the stop came.
            if (error.code() != ExitCode::ok) throw;
            return stopped(error.what());
        }
    }

    ExitCode dry_run() {
        const ReplayResult result = Replay(bus_, options()).dry_run(signals_.token());
        bar_.hide();
        if (!result.complete) return stopped("nothing was replayed");
        Output out;
        if (arguments_.output.empty()) {
            out.line(std::to_string(result.events()) + " of " + std::to_string(result.read) +
                     " events would be replayed");
        } else {
            print(out, {{"topic", full_name()}, {"events", result.events()}, {"read", result.read}});
        }
        out.flush();
        return ExitCode::ok;
    }

    [[nodiscard]] std::string full_name() const {
        return prefixed_topic(bus_.settings().get(setting::TOPIC_PREFIX), arguments_.topic).str();
    }

    [[nodiscard]] std::string beginning() const {
        return "the replay begins: topic " + full_name() + ", from " + arguments_.from + ", to " +
               (arguments_.to.empty() ? "what is stored now" : arguments_.to) + ", backend " +
               bus_.settings().get(setting::CONSUMER);
    }

    ExitCode tell(const ReplayResult& result) {
        bus_.log(LogLevel::info, "the replay ends: " + summary(result));
        if (!result.complete) return stopped(last_of(result));
        return result.failed == 0 && result.unusable == 0 ? ExitCode::ok : ExitCode::events_failed;
    }

    ExitCode stopped(const std::string& where) {
        bar_.hide();
        report("eventbus", LogLevel::error, "stopped by a signal: " + where);
        return exit_code_of_signal(signals_.signal());
    }

    const ReplayArguments& arguments_;
    StopSignals signals_;
    ReplayBar bar_;
    Bus bus_;
};

}  // namespace

void add_replay(Program& program) {
    auto arguments = std::make_shared<ReplayArguments>();
    CLI::App& command = program.add(
        program.app(), "replay",
        "Replays a topic's events: prints them, or gives them to a program; every group stays where it is",
        "  eventbus replay -t user-login --from 2026-01-31T02:00:00Z --to 2026-01-31T03:00:00Z --dry-run\n"
        "  eventbus replay -t user-login --from earliest --key ann > events.jsonl\n"
        "  eventbus replay -t grades --from 1041 --to 1100 --pipe 'python3 handler.py'\n\n"
        "Nothing is acknowledged: consumers notice nothing. Each event is handled once; one that fails is "
        "logged\n"
        "with all that is needed to handle it by hand, and the exit code tells of it at the end. To have a "
        "group\n"
        "handle events again, move it: `eventbus topics move`. docs/replay.md tells more.",
        [arguments, &program] { return ReplayCommand(program, *arguments).run(); });
    command.add_option("-t,--topic", arguments->topic, "Topic to replay, without EVENT_BUS_TOPIC_PREFIX")
        ->type_name("TOPIC")
        ->required();
    command
        .add_option(
            "--from", arguments->from,
            "Where to begin: earliest; a time (2026-01-31T12:00:00Z), for what was stored then or later; "
            "or a position (42, or 3:42 with its partition), for what comes after it")
        ->type_name("PLACE")
        ->required();
    command
        .add_option(
            "--to", arguments->to,
            "Where to end: a time, for what was stored before it; or a position, for what comes up to "
            "it. It never goes beyond what is stored at the beginning, which is the default")
        ->type_name("PLACE");
    command
        .add_option("--type", arguments->types,
                    "Only events of this type: its name, constant or Python path; may be given several times")
        ->type_name("TYPE")
        ->allow_extra_args(false);
    command.add_option("--key", arguments->keys, "Only events of this key; may be given several times")
        ->type_name("KEY")
        ->allow_extra_args(false);
    command.add_option("--count", arguments->count, "End after N events that were replayed, handled or not")
        ->type_name("N")
        ->check(CLI::PositiveNumber.description(""));
    CLI::Option* exec =
        command.add_option("--exec", arguments->exec, "Run this for each event, as consume_events does")
            ->type_name("CMD");
    command
        .add_option("--pipe", arguments->pipe,
                    "Keep this running and give it each event, as consume_events does")
        ->type_name("CMD")
        ->excludes(exec);
    command.add_flag("--dry-run", arguments->dry_run, "Count the events, and give them to nobody");
    command.add_option("-o,--output", arguments->output, "json, the only format: one CloudEvent a line")
        ->type_name("json")
        ->check(CLI::IsMember({"json"}).description(""));
}

}  // namespace eventbus::app
