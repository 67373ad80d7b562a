#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <optional>
#include <system_error>

#include "eventbus/bus/dead_letter_box.hpp"
#include "eventbus/command/log_lines.hpp"
#include "eventbus/command/progress_bar.hpp"
#include "eventbus/command/quantity.hpp"
#include "eventbus/command/stop_signals.hpp"
#include "eventbus/command/terminal.hpp"
#include "eventbus/event/quote.hpp"
#include "format.hpp"
#include "letter_output.hpp"
#include "program.hpp"

namespace eventbus::app {

namespace {

struct LetterArguments {
    Format format = Format::text;
    std::string topic;
    std::string group;
    std::vector<std::string> letters;
    std::string type;
    std::string since;
    std::string until;
    std::optional<std::string> error;
    std::optional<std::string> key;
    std::string reason;
    std::optional<std::string> handler;
    std::string file;
    bool dry_run = false;
    bool yes = false;

    [[nodiscard]] bool has_filter() const {
        return !letters.empty() || !type.empty() || !since.empty() || !until.empty() || error || key ||
               !reason.empty() || handler;
    }
};

// `2026-02-03T04:05`, or how long ago: `90m`.
std::optional<Timestamp> time_of(const std::string& flag, const std::string& text) {
    if (text.empty()) return std::nullopt;
    try {
        const bool is_span = std::string_view("smhd").find(text.back()) != std::string_view::npos;
        return is_span ? now() - parse_duration(text) : parse_iso8601(text);
    } catch (const InvalidValue& error) {
        throw CommandError(
            ExitCode::usage,
            flag + ": give a time (2026-02-03T04:05:06Z) or how long ago (90m): " + error.what());
    }
}

// One that the catalogue does not have can be among the letters as well.
std::string type_of(const Bus& bus, const std::string& name) {
    try {
        return std::string(bus.catalogue().resolve(name).type);
    } catch (const InvalidValue&) {
        return name;
    }
}

LetterFilter filter_of(const Bus& bus, const LetterArguments& arguments) {
    LetterFilter filter;
    for (const std::string& letter : arguments.letters) filter.letters.push_back(parse_letter_id(letter));
    if (!arguments.type.empty()) filter.type = type_of(bus, arguments.type);
    if (!arguments.reason.empty()) filter.reason = parse_failure_reason(arguments.reason);
    filter.key = arguments.key;
    filter.handler = arguments.handler;
    filter.error = arguments.error;
    filter.since = time_of("--since", arguments.since);
    filter.until = time_of("--until", arguments.until);
    return filter;
}

std::string counted(std::uint64_t letters) {
    return std::to_string(letters) + (letters == 1 ? " letter" : " letters");
}

void warn_of_unreadable(const DeadLettersSeen& seen) {
    if (seen.unreadable == 0) return;
    report("eventbus", LogLevel::warning,
           std::to_string(seen.unreadable) +
               " records in the dead-letter topic cannot be read and are left alone; the first: " +
               seen.problem);
}

// What a dead-letters command works with: the backend that is consumed from, else the one that is sent to.
class Letters {
  public:
    explicit Letters(Program& program)
        : bus_(program.bus_options()),
          broker_(bus_.settings().get(setting::CONSUMER).empty() ? bus_.producer_broker()
                                                                 : bus_.consumer_broker()) {}

    [[nodiscard]] const Bus& bus() const { return bus_; }
    [[nodiscard]] Broker& broker() { return *broker_; }

    /// Throws NotFound when there is no such topic, and never was a letter of it.
    [[nodiscard]] DeadLetterBox box(const LetterArguments& arguments) {
        const TopicName topic = prefixed_topic(bus_.settings().get(setting::TOPIC_PREFIX), arguments.topic);
        DeadLetterBox box(broker_, topic, GroupName(arguments.group));
        const auto admin = broker_->admin();
        if (!admin->topic(topic) && !admin->topic(box.dead_letter_topic()))
            throw NotFound("there is no topic " + quote(topic.str()) +
                           "; `eventbus topics` lists those there are");
        return box;
    }

  private:
    Bus bus_;
    std::shared_ptr<Broker> broker_;
};

// The letters that the arguments are about.
struct Selection {
    Selection(Program& program, const LetterArguments& arguments)
        : letters(program), filter(filter_of(letters.bus(), arguments)), box(letters.box(arguments)) {}

    /// Throws NotFound when one of the letters that are named is not open.
    void need_named() {
        if (filter.letters.empty()) return;
        std::vector<Position> missing = filter.letters;
        static_cast<void>(box.for_each({.letters = filter.letters}, [&](const OpenLetter& letter) {
            std::erase(missing, parse_letter_id(letter.id));
            return !missing.empty();
        }));
        if (missing.empty()) return;
        std::string ids;
        for (const Position& letter : missing) ids += (ids.empty() ? "" : ", ") + letter_id(letter);
        throw NotFound(
            "not among the open letters: " + ids +
            "; they may have been sent on or purged; `eventbus dead-letters list` has those there are");
    }

    Letters letters;
    LetterFilter filter;
    DeadLetterBox box;
};

ExitCode list_groups(Program& program, const LetterArguments& arguments) {
    Letters letters(program);
    const std::string prefix = letters.bus().settings().get(setting::TOPIC_PREFIX);
    const std::string begin = prefix.empty() ? "" : prefix + "-";
    Output out;
    Table table({"TOPIC", "GROUP", "OPEN LETTERS"});
    bool is_empty = true;
    for (const DeadLetterGroup& group : dead_letter_groups(letters.broker())) {
        if (!group.topic.str().starts_with(begin)) continue;
        is_empty = false;
        const std::string name = group.topic.str().substr(begin.size());
        if (arguments.format == Format::json) {
            print(out, {{"topic", group.topic.str()},
                        {"name", name},
                        {"group", group.group.str()},
                        {"open", group.open},
                        {"dead_letter_topic", group.dead_letter_topic.str()}});
        } else {
            table.add({name, group.group.str(), std::to_string(group.open)});
        }
    }
    if (arguments.format == Format::text && !is_empty) table.print(out);
    out.flush();
    return ExitCode::ok;
}

ExitCode list(Program& program, const LetterArguments& arguments) {
    if (arguments.topic.empty() && arguments.group.empty() && !arguments.has_filter())
        return list_groups(program, arguments);
    if (arguments.topic.empty() || arguments.group.empty())
        throw CommandError(ExitCode::usage, "name both the topic (-t) and the group (-g)");
    Selection selected(program, arguments);
    Output out;
    LetterTable table(out);
    const auto seen = selected.box.for_each(selected.filter, [&](const OpenLetter& letter) {
        if (arguments.format == Format::json) {
            print(out, facts_of(letter));
        } else {
            table.add(letter);
        }
        return true;
    });
    table.finish();
    out.flush();
    warn_of_unreadable(seen);
    return ExitCode::ok;
}

ExitCode show(Program& program, const LetterArguments& arguments) {
    Selection selected(program, arguments);
    selected.need_named();
    Output out;
    bool is_first = true;
    static_cast<void>(selected.box.for_each(selected.filter, [&](const OpenLetter& letter) {
        if (arguments.format == Format::json) {
            Json object = facts_of(letter);
            object["event"] = event_of(selected.letters.bus(), letter);
            print(out, object);
        } else {
            if (!is_first) out.line("");
            print_letter(out, selected.letters.bus(), letter);
        }
        is_first = false;
        return true;
    }));
    out.flush();
    return ExitCode::ok;
}

// A file that must not be there yet, as its letters may be all that is left of the events.
class NewFile {
  public:
    explicit NewFile(const std::string& path) : name_(quote(path)) {
        constexpr ::mode_t owner_only = 0600;
        descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
        if (descriptor_ < 0)
            throw OutputError(name_ + " cannot be made: " + std::generic_category().message(errno), false);
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile() { ::close(descriptor_); }

    void line(std::string_view text) { write_fully(descriptor_, std::string(text) + "\n", name_); }
    void finish() const {
        if (::fsync(descriptor_) != 0)
            throw OutputError(name_ + " cannot be written: " + std::generic_category().message(errno), false);
    }

  private:
    std::string name_;
    int descriptor_;
};

ExitCode export_letters(Program& program, const LetterArguments& arguments) {
    Selection selected(program, arguments);
    selected.need_named();
    Output out;
    std::optional<NewFile> file;
    if (!arguments.file.empty()) file.emplace(arguments.file);
    const auto seen = selected.box.for_each(selected.filter, [&](const OpenLetter& letter) {
        const std::string line = export_line(selected.letters.bus(), letter);
        if (file) {
            file->line(line);
        } else {
            out.line(line);
        }
        return true;
    });
    if (file) {
        file->finish();
        out.line(counted(seen.letters) + " exported");
    }
    out.flush();
    warn_of_unreadable(seen);
    return ExitCode::ok;
}

/// A command that settles letters.
struct Settling {
    DeadLettersSeen (DeadLetterBox::*settle)(const LetterFilter&, const SettleLettersOptions&);
    std::string_view outcome;
    std::string_view dry_outcome;
    std::string_view text;
    std::string_view dry_text;
};

constexpr Settling redriving{&DeadLetterBox::redrive, "sent on", "would be sent on",
                             " sent on to the consumers of group ",
                             " would be sent on to the consumers of group "};
constexpr Settling purging{&DeadLetterBox::purge, "purged", "would be purged", " purged of group ",
                           " would be purged of group "};

void print_outcome(const LetterArguments& arguments, const Settling& settling, std::uint64_t letters) {
    Output out;
    const bool dry = arguments.dry_run;
    if (arguments.format == Format::json) {
        print(out, {{"letters", letters}, {"outcome", dry ? settling.dry_outcome : settling.outcome}});
    } else {
        out.line(counted(letters) + std::string(dry ? settling.dry_text : settling.text) + arguments.group);
    }
    out.flush();
}

DeadLettersSeen settle(Selection& selected, const Settling& settling, const StopSignals& signals) {
    std::optional<ProgressBar> bar;
    const auto show = [&](const DeadLetterProgress& progress) {
        if (!bar) bar.emplace(progress.all_records);
        bar->show(progress.letters, progress.records);
    };
    return (selected.box.*settling.settle)(selected.filter, {.stop = signals.token(), .progress = show});
}

ExitCode run_settling(Selection& selected, const LetterArguments& arguments, const Settling& settling) {
    if (arguments.dry_run) {
        const auto seen = selected.box.count(selected.filter);
        print_outcome(arguments, settling, seen.letters);
        warn_of_unreadable(seen);
        return ExitCode::ok;
    }
    const StopSignals signals;
    const auto seen = settle(selected, settling, signals);
    print_outcome(arguments, settling, seen.letters);
    warn_of_unreadable(seen);
    if (!seen.stopped) return ExitCode::ok;
    report("eventbus", LogLevel::error, "stopped by a signal; the other letters are open as they were");
    return exit_code_of_signal(signals.signal());
}

ExitCode redrive(Program& program, const LetterArguments& arguments) {
    Selection selected(program, arguments);
    selected.need_named();
    return run_settling(selected, arguments, redriving);
}

bool is_confirmed(std::uint64_t letters, const LetterArguments& arguments) {
    std::cerr << "Purge " << counted(letters) << " of topic " << arguments.topic << ", group "
              << arguments.group << "? They are gone for good then. [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

ExitCode purge(Program& program, const LetterArguments& arguments) {
    const bool may_ask = is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO);
    if (!arguments.yes && !arguments.dry_run && !may_ask)
        throw CommandError(ExitCode::usage,
                           "what is purged is gone for good; say --yes to purge, or --dry-run to count");
    Selection selected(program, arguments);
    selected.need_named();
    if (!arguments.yes && !arguments.dry_run) {
        // What comes while the person thinks is not what they are asked about.
        auto& until = selected.filter.until;
        until = std::min(until.value_or(Timestamp::max()), now());
        const std::uint64_t count = selected.box.count(selected.filter).letters;
        if (count != 0 && !is_confirmed(count, arguments)) return ExitCode::ok;
    }
    return run_settling(selected, arguments, purging);
}

void add_place(CLI::App& command, LetterArguments& arguments, bool needed) {
    command
        .add_option("-t,--topic", arguments.topic,
                    "Topic that the events are of, without EVENT_BUS_TOPIC_PREFIX")
        ->type_name("TOPIC")
        ->required(needed);
    command.add_option("-g,--group_id,--group-id", arguments.group, "Consumer group that gave the events up")
        ->type_name("GROUP")
        ->required(needed);
}

void add_filters(CLI::App& command, LetterArguments& arguments) {
    command.add_option("--letter", arguments.letters, "This letter; may be given several times")
        ->type_name("LETTER")
        ->allow_extra_args(false);
    command.add_option("--type", arguments.type, "Events of this type; the constant's name will do")
        ->type_name("TYPE");
    command
        .add_option("--since", arguments.since,
                    "Given up at this time or later: 2026-02-03T04:05:06Z, or how long ago: 90m, 12h, 7d")
        ->type_name("TIME");
    command.add_option("--until", arguments.until, "Given up before this time")->type_name("TIME");
    command.add_option("--error", arguments.error, "The error's text contains this, in upper or lower case")
        ->type_name("TEXT");
    command.add_option("--key", arguments.key, "Events of this key")->type_name("KEY");
    command.add_option("--reason", arguments.reason, "failed, rejected, unusable or parked")
        ->type_name("REASON")
        ->check(CLI::IsMember({"failed", "rejected", "unusable", "parked"}).description(""));
    command.add_option("--handler", arguments.handler, "This handler did not handle them")
        ->type_name("HANDLER");
}

}  // namespace

void add_dead_letters(Program& program) {
    auto arguments = std::make_shared<LetterArguments>();
    using Action = ExitCode (*)(Program&, const LetterArguments&);
    const auto does = [&](Action action) { return [=, &program] { return action(program, *arguments); }; };

    CLI::App& command = program.add(
        program.app(), "dead-letters", "Events that consumers gave up: lists, shows, sends on, purges them",
        "  eventbus dead-letters list\n"
        "  eventbus dead-letters list -t user-login -g mailer --since 2h --error 'connection refused'\n"
        "  eventbus dead-letters show -t user-login -g mailer 17\n"
        "  eventbus dead-letters redrive -t user-login -g mailer --since 2h\n\n"
        "docs/dead-letters.md tells what to do about them.",
        does(list_groups));
    add_format_option(command, arguments->format);

    CLI::App& listed = program.add(
        command, "list",
        "Lists the open letters of a group, the oldest first; without -t and -g the groups that have some",
        "  eventbus dead-letters list\n"
        "  eventbus dead-letters list -t user-login -g mailer --reason rejected -o json",
        does(list));
    add_place(listed, *arguments, false);
    add_filters(listed, *arguments);

    CLI::App& shown = program.add(command, "show", "Shows letters with their data",
                                  "  eventbus dead-letters show -t user-login -g mailer 17", does(show));
    add_place(shown, *arguments, true);
    shown.add_option("letter", arguments->letters, "The letters, as `list` numbers them")
        ->type_name("LETTER")
        ->required();

    CLI::App& redriven = program.add(
        command, "redrive", "Sends letters on: consumers of the group give them to the handler that failed",
        "  eventbus dead-letters redrive -t user-login -g mailer --dry-run\n"
        "  eventbus dead-letters redrive -t user-login -g mailer --error 'connection refused'\n\n"
        "Consumers may run meanwhile. When it is interrupted each letter was sent once or is still open.",
        does(redrive));
    add_place(redriven, *arguments, true);
    add_filters(redriven, *arguments);
    redriven.add_flag("--dry-run", arguments->dry_run, "Tell how many letters it would be");

    CLI::App& exported = program.add(
        command, "export", "Writes letters as lines of CloudEvents JSON, which produce_event reads",
        "  eventbus dead-letters export -t user-login -g mailer > letters.jsonl\n"
        "  eventbus dead-letters export -t user-login -g mailer --type SESSION_LOGIN_COMPLETED --file "
        "letters.jsonl",
        does(export_letters));
    add_place(exported, *arguments, true);
    add_filters(exported, *arguments);
    exported
        .add_option("--file", arguments->file,
                    "Write to this file, which must not exist yet; mind that the data may be personal")
        ->type_name("FILE");

    CLI::App& purged =
        program.add(command, "purge", "Gives letters up for good and removes them",
                    "  eventbus dead-letters purge -t user-login -g mailer --until 30d --yes", does(purge));
    add_place(purged, *arguments, true);
    add_filters(purged, *arguments);
    purged.add_flag("--dry-run", arguments->dry_run, "Tell how many letters it would be");
    purged.add_flag("--yes", arguments->yes, "Do not ask");
}

}  // namespace eventbus::app
