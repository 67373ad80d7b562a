#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "eventbus/command/log_lines.hpp"
#include "eventbus/command/progress_bar.hpp"
#include "eventbus/command/stop_signals.hpp"
#include "eventbus/event/quote.hpp"
#include "format.hpp"
#include "line_reader.hpp"
#include "producer_run.hpp"
#include "program.hpp"

namespace eventbus::app {

namespace {

struct ProduceArguments {
    std::string signal;
    std::string topic;
    std::optional<std::string> key_field;
    std::string data;
    bool keep_going = false;
    Format format = Format::text;
};

// The file that `--data @file` names, or standard input.
class Input {
  public:
    explicit Input(const std::string& data) : name_(data == "-" ? "standard input" : quote(data.substr(1))) {
        if (data == "-") return;
        descriptor_ = ::open(data.c_str() + 1, O_RDONLY | O_CLOEXEC);
        if (descriptor_ < 0)
            throw CommandError(ExitCode::bad_input,
                               name_ + " cannot be read: " + std::generic_category().message(errno));
    }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    ~Input() {
        if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
    }
    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    std::string name_;
    int descriptor_ = STDIN_FILENO;
};

Json json_of(const SendReport& report, const Broker& broker, std::uint64_t line) {
    const TopicResult& topic = report.topics.front();
    Json object{{"id", report.metadata.id.to_string()},
                {"type", report.metadata.event_type},
                {"topic", topic.topic.str()},
                {"partition", static_cast<std::int32_t>(topic.position.partition)},
                {"position", broker.offset_text(topic.position.offset)}};
    if (topic.key) object["key"] = *topic.key;
    if (line != 0) object["line"] = line;
    return object;
}

std::string text_of(const SendReport& report, const Broker& broker) {
    const TopicResult& topic = report.topics.front();
    return "stored " + report.metadata.event_type + " " + report.metadata.id.to_string() + " in topic " +
           topic.topic.str() + ", partition " +
           std::to_string(static_cast<std::int32_t>(topic.position.partition)) + ", position " +
           broker.offset_text(topic.position.offset);
}

// Produces the events of one input, and tells what became of them.
class Produce {
  public:
    Produce(Bus& bus, const ProduceArguments& arguments)
        : arguments_(arguments),
          broker_(bus.producer_broker()),
          run_(bus, arguments.signal, arguments.topic, arguments.key_field) {}

    ExitCode one() {
        run_.post(arguments_.data, 0);
        tell(run_.take_outcomes());
        out_.flush();
        return code_;
    }

    ExitCode many(const Input& input) {
        StopSignals signals;
        LineReader reader(input.descriptor(), input.name(), signals.token());
        ProgressBar bar(reader.total_bytes());
        bar_ = &bar;
        post_lines(reader);
        for (auto outcomes = run_.take_outcomes(); !outcomes.empty(); outcomes = run_.take_outcomes())
            tell(outcomes);
        bar_ = nullptr;
        bar.hide();
        if (lines_not_told_ != 0)
            report("eventbus", LogLevel::error,
                   std::to_string(not_stored_) + " events in all were not stored, up to line " +
                       std::to_string(lines_not_told_) + " of --data");
        if (arguments_.format == Format::text) out_.line(std::to_string(stored_) + " events stored");
        out_.flush();
        return signals.signal() == 0 ? code_ : stopped(reader, signals.signal());
    }

  private:
    void post_lines(LineReader& reader) {
        while (goes_on_) {
            const LineReader::Got got = reader.next();
            if (got == LineReader::Got::end || got == LineReader::Got::stopped) return;
            if (got == LineReader::Got::too_long) {
                refuse(reader.number(), "the line is longer than 16 MiB", ExitCode::bad_input);
            } else if (reader.line().find_first_not_of(" \t\r") != std::string_view::npos) {
                post(reader);
            }
            tell(run_.is_full() ? run_.take_outcomes() : run_.take_known_outcomes());
            bar_->show(stored_, reader.bytes());
            // Whoever types lines, or pipes them slowly, sees at once what became of each.
            if (!reader.has_line_waiting()) out_.flush();
        }
    }

    void post(const LineReader& reader) {
        try {
            run_.post(reader.line(), reader.number());
        } catch (const InvalidValue& error) {
            refuse(reader.number(), error.what(), ExitCode::bad_input);
        } catch (const DecodeError& error) {
            refuse(reader.number(), error.what(), ExitCode::bad_input);
        }
    }

    void tell(const std::vector<Outcome>& outcomes) {
        for (const Outcome& outcome : outcomes) {
            if (!outcome.report.stored()) {
                tell_failure(outcome);
                continue;
            }
            ++stored_;
            if (arguments_.format == Format::json) {
                print(out_, json_of(outcome.report, *broker_, outcome.line));
            } else if (outcome.line == 0) {
                out_.line(text_of(outcome.report, *broker_));
            }
        }
    }

    // A broker that fails ends the run, whatever else is asked: the next event would fare no better.
    void tell_failure(const Outcome& outcome) {
        constexpr std::uint64_t most_told = 10;
        const SendFailed failed(outcome.report);
        goes_on_ = false;
        code_ = exit_code_of(failed);
        if (++not_stored_ <= most_told) tell_error(outcome.line, failed.what());
        if (not_stored_ > most_told) lines_not_told_ = std::max(lines_not_told_, outcome.line);
    }

    void refuse(std::uint64_t line, const std::string& what, ExitCode code) {
        tell_error(line, what);
        if (!arguments_.keep_going) goes_on_ = false;
        if (code_ == ExitCode::ok) code_ = code;
    }

    void tell_error(std::uint64_t line, const std::string& what) {
        if (bar_ != nullptr) bar_->hide();
        report("eventbus", LogLevel::error,
               line == 0 ? what : "line " + std::to_string(line) + " of --data: " + what);
    }

    ExitCode stopped(const LineReader& reader, int signal) {
        report("eventbus", LogLevel::error,
               "stopped by a signal after line " + std::to_string(reader.number()) +
                   " of --data; what is before it and was not refused is stored");
        return exit_code_of_signal(signal);
    }

    const ProduceArguments& arguments_;
    std::shared_ptr<Broker> broker_;
    Output out_;
    ProgressBar* bar_ = nullptr;
    std::uint64_t stored_ = 0;
    std::uint64_t not_stored_ = 0;
    std::uint64_t lines_not_told_ = 0;
    bool goes_on_ = true;
    ExitCode code_ = ExitCode::ok;
    ProducerRun run_;
};

ExitCode produce(Program& program, const ProduceArguments& arguments) {
    const bool has_lines = arguments.data == "-" || arguments.data.starts_with('@');
    if (arguments.signal.empty() && !has_lines && arguments.data.find("specversion") == std::string::npos)
        throw CommandError(ExitCode::usage, "--signal is needed, to say of which event the data is");
    Bus bus(program.bus_options());
    Produce produce(bus, arguments);
    return has_lines ? produce.many(Input(arguments.data)) : produce.one();
}

}  // namespace

void add_produce_event(Program& program) {
    auto arguments = std::make_shared<ProduceArguments>();
    CLI::App& command = program.add(
        program.app(), "produce_event", "Sends events to a topic, and returns when they are durable",
        "  eventbus produce_event --signal openedx_events.learning.signals.SESSION_LOGIN_COMPLETED \\\n"
        "    --topic user-login --key-field user.pii.username --data \\\n"
        "    '{\"user\": {\"id\": 1, \"is_active\": true, \"pii\": {\"username\": \"ann\", \"email\": "
        "\"ann@example.com\", \"name\": \"Ann\"}}}'\n"
        "  eventbus produce_event --topic copy --data - < events.jsonl\n\n"
        "Data is that of the signal's event as JSON, or what consume_events prints: that keeps id, time and\n"
        "source. Of many lines the first one that is wrong ends the work, when all before it are stored.",
        [arguments, &program] { return produce(program, *arguments); });
    command
        .add_option("--signal", arguments->signal,
                    "Which event: its type, constant's name or Python path. May be left out when the data is "
                    "CloudEvents JSON, which names its type")
        ->type_name("SIGNAL");
    command.add_option("--topic", arguments->topic, "Topic to write to, without EVENT_BUS_TOPIC_PREFIX")
        ->type_name("TOPIC")
        ->required();
    command
        .add_option(
            "--key-field,--key_field", arguments->key_field,
            "Path of the field in the data that events are ordered by: user.pii.username; an empty one "
            "for no key. Left out, it is the event's usual one")
        ->type_name("PATH");
    command
        .add_option(
            "--data", arguments->data,
            "The data as JSON; - or @FILE to read many events, one a line, from standard input or a file")
        ->type_name("JSON")
        ->required();
    command.add_flag("--keep-going", arguments->keep_going,
                     "Go on after a line that is wrong; the exit code tells of it at the end");
    add_format_option(command, arguments->format);
}

}  // namespace eventbus::app
