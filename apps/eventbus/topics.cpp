#include "eventbus/command/quantity.hpp"
#include "eventbus/command/start_text.hpp"
#include "eventbus/event/quote.hpp"
#include "format.hpp"
#include "program.hpp"
#include "topic_sums.hpp"

namespace eventbus::app {

namespace {

struct TopicsArguments {
    Format format = Format::text;
    std::string topic;
    bool all = false;
    bool yes = false;
    std::optional<std::int32_t> partitions;
    std::optional<std::int32_t> replication;
    std::string retention_age;
    std::string retention_bytes;
    std::string group;
    std::string to;
    bool make_group = false;
};

// What a topics command works with: the backend that is consumed from, else the one that is sent to.
class Topics {
  public:
    explicit Topics(Program& program)
        : bus_(program.bus_options()),
          prefix_(bus_.settings().get(setting::TOPIC_PREFIX)),
          broker_(bus_.settings().get(setting::CONSUMER).empty() ? bus_.producer_broker()
                                                                 : bus_.consumer_broker()),
          admin_(broker_->admin()) {}

    [[nodiscard]] Admin& admin() { return *admin_; }
    [[nodiscard]] std::string offset_text(const Offset& offset) const { return broker_->offset_text(offset); }
    [[nodiscard]] bool has_replicas() const { return broker_->name() == "kafka"; }
    [[nodiscard]] TopicOptions new_topic() const { return broker_->new_topic(); }
    [[nodiscard]] TopicName full_name(const std::string& topic) const {
        return prefixed_topic(prefix_, topic);
    }

    /// The name without prefix; nothing for a topic of another prefix.
    [[nodiscard]] std::optional<std::string> short_name(const TopicName& topic) const {
        if (prefix_.empty()) return topic.str();
        const std::string begin = prefix_ + "-";
        if (!topic.str().starts_with(begin)) return std::nullopt;
        return topic.str().substr(begin.size());
    }

    [[nodiscard]] TopicInfo existing(const std::string& topic) {
        const TopicName name = full_name(topic);
        if (auto info = admin_->topic(name)) return *std::move(info);
        throw NotFound("there is no topic " + quote(name.str()) +
                       "; `eventbus topics` lists those there are");
    }

  private:
    Bus bus_;
    std::string prefix_;
    std::shared_ptr<Broker> broker_;
    std::unique_ptr<Admin> admin_;
};

std::string partition_text(Partition partition) {
    return std::to_string(static_cast<std::int32_t>(partition));
}

template <class T>
Json optional_json(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

Json retention_json(const Retention& retention) {
    std::optional<std::int64_t> seconds;
    if (retention.age) seconds = retention.age->count();
    return {{"age_seconds", optional_json(seconds)}, {"bytes", optional_json(retention.bytes)}};
}

// In the largest unit that is a whole number: `7 d`, `90 min`.
std::string age_text(std::chrono::seconds age) {
    constexpr std::int64_t minute = 60;
    constexpr std::int64_t hour = 60 * minute;
    constexpr std::int64_t day = 24 * hour;
    const std::int64_t seconds = age.count();
    if (seconds % day == 0) return std::to_string(seconds / day) + " d";
    if (seconds % hour == 0) return std::to_string(seconds / hour) + " h";
    if (seconds % minute == 0) return std::to_string(seconds / minute) + " min";
    return std::to_string(seconds) + " s";
}

std::string retention_text(const TopicInfo& topic) {
    const Retention& retention = topic.retention;
    std::string text;
    if (topic.most_events) text = "about " + std::to_string(*topic.most_events) + " events";
    if (retention.age) text = age_text(*retention.age);
    if (retention.bytes) text += (text.empty() ? "" : ", ") + std::to_string(*retention.bytes) + " bytes";
    return text.empty() ? "for ever" : text;
}

std::string groups_text(const std::vector<GroupInfo>& groups) {
    std::string text;
    for (const GroupInfo& group : groups)
        text += (text.empty() ? "" : ", ") + group.name.str() + ": " + std::to_string(lag_of(group));
    return text;
}

Json topic_json(Topics& topics, const TopicInfo& topic, const std::vector<GroupInfo>& groups) {
    Json group_list = Json::array();
    for (const GroupInfo& group : groups)
        group_list.push_back({{"group", group.name.str()}, {"lag", lag_of(group)}});
    return {{"topic", topic.name.str()},
            {"name", optional_json(topics.short_name(topic.name))},
            {"partitions", topic.partitions.size()},
            {"events", events_of(topic)},
            {"bytes", optional_json(topic.bytes)},
            {"retention", retention_json(topic.retention)},
            {"groups", group_list}};
}

ExitCode list(Program& program, const TopicsArguments& arguments) {
    Topics topics(program);
    Output out;
    Table table({"TOPIC", "PARTITIONS", "EVENTS", "BYTES", "RETENTION", "GROUPS: LAG"});
    for (const TopicInfo& topic : topics.admin().topics()) {
        const auto name = topics.short_name(topic.name);
        if (!name && !arguments.all) continue;
        const auto groups = topics.admin().groups(topic.name);
        if (arguments.format == Format::json) {
            print(out, topic_json(topics, topic, groups));
        } else {
            table.add({arguments.all ? topic.name.str() : *name, std::to_string(topic.partitions.size()),
                       std::to_string(events_of(topic)), topic.bytes ? std::to_string(*topic.bytes) : "",
                       retention_text(topic), groups_text(groups)});
        }
    }
    if (arguments.format == Format::text) table.print(out);
    out.flush();
    return ExitCode::ok;
}

ExitCode show(Program& program, const TopicsArguments& arguments) {
    Topics topics(program);
    const TopicInfo topic = topics.existing(arguments.topic);
    const auto groups = topics.admin().groups(topic.name);
    Output out;
    if (arguments.format == Format::json) {
        Json object = topic_json(topics, topic, groups);
        Json& partitions = object["partitions"] = Json::array();
        for (const PartitionInfo& partition : topic.partitions)
            partitions.push_back({{"partition", static_cast<std::int32_t>(partition.partition)},
                                  {"begin", topics.offset_text(partition.begin)},
                                  {"end", topics.offset_text(partition.end)},
                                  {"events", partition.events}});
        print(out, object);
    } else {
        out.line("topic      " + topic.name.str());
        out.line("events     " + std::to_string(events_of(topic)));
        if (topic.bytes) out.line("bytes      " + std::to_string(*topic.bytes));
        out.line("retention  " + retention_text(topic));
        out.line("groups     " + groups_text(groups));
        out.line("");
        Table table({"PARTITION", "BEGIN", "END", "EVENTS"});
        for (const PartitionInfo& partition : topic.partitions)
            table.add({partition_text(partition.partition), topics.offset_text(partition.begin),
                       topics.offset_text(partition.end), std::to_string(partition.events)});
        table.print(out);
    }
    out.flush();
    return ExitCode::ok;
}

ExitCode show_groups(Program& program, const TopicsArguments& arguments) {
    Topics topics(program);
    const TopicInfo topic = topics.existing(arguments.topic);
    Output out;
    Table table({"GROUP", "PARTITION", "POSITION", "LAG", "MEMBER"});
    for (const GroupInfo& group : topics.admin().groups(topic.name)) {
        Json partitions = Json::array();
        for (const auto& state : group.partitions) {
            table.add({group.name.str(), partition_text(state.partition), topics.offset_text(state.position),
                       std::to_string(state.lag), state.owner});
            partitions.push_back({{"partition", static_cast<std::int32_t>(state.partition)},
                                  {"position", topics.offset_text(state.position)},
                                  {"lag", state.lag},
                                  {"member", state.owner.empty() ? Json() : Json(state.owner)}});
        }
        if (arguments.format == Format::json)
            print(out, {{"group", group.name.str()},
                        {"topic", topic.name.str()},
                        {"lag", lag_of(group)},
                        {"partitions", partitions}});
    }
    if (arguments.format == Format::text) table.print(out);
    out.flush();
    return ExitCode::ok;
}

TopicOptions options_of(const TopicInfo& topic) {
    return {.partitions = static_cast<std::int32_t>(topic.partitions.size()), .retention = topic.retention};
}

// A flag that is not given leaves what there is, or what the backend's settings say; 0 keeps events for ever.
TopicOptions topic_options(Topics& topics, const TopicsArguments& arguments) {
    const auto existing = topics.admin().topic(topics.full_name(arguments.topic));
    TopicOptions options = existing ? options_of(*existing) : topics.new_topic();
    if (arguments.partitions) options.partitions = *arguments.partitions;
    options.replication = arguments.replication;
    if (!arguments.retention_age.empty()) {
        options.retention.age =
            std::chrono::ceil<std::chrono::seconds>(parse_duration(arguments.retention_age));
        if (options.retention.age->count() == 0) options.retention.age.reset();
    }
    if (!arguments.retention_bytes.empty()) {
        options.retention.bytes = parse_bytes(arguments.retention_bytes);
        if (*options.retention.bytes == 0) options.retention.bytes.reset();
    }
    return options;
}

void print_outcome(const TopicsArguments& arguments, const TopicName& topic, std::string_view outcome) {
    Output out;
    if (arguments.format == Format::json) {
        print(out, {{"topic", topic.str()}, {"outcome", outcome}});
    } else {
        out.line("topic " + topic.str() + " " + std::string(outcome));
    }
    out.flush();
}

ExitCode create(Program& program, const TopicsArguments& arguments) {
    Topics topics(program);
    const TopicName name = topics.full_name(arguments.topic);
    if (arguments.replication && !topics.has_replicas())
        throw CommandError(ExitCode::usage,
                           "--replication is for Kafka: no other backend has copies of a topic");
    const bool is_new = !topics.admin().topic(name);
    topics.admin().create_topic(name, topic_options(topics, arguments));
    print_outcome(arguments, name, is_new ? "created" : "exists");
    return ExitCode::ok;
}

ExitCode remove(Program& program, const TopicsArguments& arguments) {
    Topics topics(program);
    const TopicInfo topic = topics.existing(arguments.topic);
    if (!arguments.yes)
        throw CommandError(ExitCode::usage, "topic " + quote(topic.name.str()) + " has " +
                                                std::to_string(events_of(topic)) + " events and " +
                                                std::to_string(topics.admin().groups(topic.name).size()) +
                                                " groups, which would be lost; say --yes to delete it");
    topics.admin().delete_topic(topic.name);
    print_outcome(arguments, topic.name, "deleted");
    return ExitCode::ok;
}

std::optional<GroupInfo> find_group(Topics& topics, const TopicName& topic, const GroupName& name) {
    for (GroupInfo& group : topics.admin().groups(topic))
        if (group.name == name) return std::move(group);
    return std::nullopt;
}

// A misspelt group would be made, and the one that was meant would stay where it is.
void check_group(Topics& topics, const TopicName& topic, const GroupName& name) {
    if (find_group(topics, topic, name)) return;
    std::string known;
    for (const GroupInfo& group : topics.admin().groups(topic))
        known += (known.empty() ? "" : ", ") + group.name.str();
    throw NotFound("topic " + quote(topic.str()) + " has no group " + quote(name.str()) +
                   (known.empty() ? "" : "; it has " + known) + "; --create makes it");
}

ExitCode move(Program& program, const TopicsArguments& arguments) {
    Topics topics(program);
    const TopicName topic = topics.existing(arguments.topic).name;
    const GroupName name(arguments.group);
    StartAt to;
    try {
        to = parse_start(arguments.to);
    } catch (const InvalidValue& error) {
        throw CommandError(ExitCode::usage, std::string("--to: ") + error.what());
    }
    if (!arguments.make_group) check_group(topics, topic, name);
    topics.admin().move_group(topic, name, to);
    const auto moved = find_group(topics, topic, name);
    const std::uint64_t lag = moved ? lag_of(*moved) : 0;
    Output out;
    if (arguments.format == Format::json) {
        print(out, {{"topic", topic.str()}, {"group", name.str()}, {"outcome", "moved"}, {"lag", lag}});
    } else {
        out.line("group " + name.str() + " of topic " + topic.str() + " moved: " + std::to_string(lag) +
                 " events to handle");
    }
    out.flush();
    return ExitCode::ok;
}

using Action = ExitCode (*)(Program&, const TopicsArguments&);

}  // namespace

void add_topics(Program& program) {
    auto arguments = std::make_shared<TopicsArguments>();
    const auto does = [&](Action action) { return [=, &program] { return action(program, *arguments); }; };
    const auto takes_topic = [&](CLI::App& command) {
        command.add_option("topic", arguments->topic, "Topic, without EVENT_BUS_TOPIC_PREFIX")
            ->type_name("TOPIC")
            ->required();
    };
    CLI::App& command = program.add(
        program.app(), "topics",
        "Lists topics with their events, and groups with their lag; makes and deletes topics, moves groups",
        "  eventbus topics\n  eventbus topics groups user-login -o json", does(list));
    add_format_option(command, arguments->format);
    command.add_flag("--all", arguments->all, "List topics of other prefixes too, by their full names");

    program.add(command, "list", "Lists the topics", "  eventbus topics list --all", does(list));
    takes_topic(program.add(command, "show", "Shows a topic's partitions",
                            "  eventbus topics show user-login", does(show)));
    takes_topic(program.add(command, "groups", "Shows where a topic's consumer groups are, and their lag",
                            "  eventbus topics groups user-login", does(show_groups)));

    CLI::App& created = program.add(
        command, "create", "Makes a topic, or changes the retention of one that exists",
        "  eventbus topics create user-login --partitions 4 --retention-age 7d --retention-bytes 1G",
        does(create));
    takes_topic(created);
    created
        .add_option("--partitions", arguments->partitions,
                    "How many members of a group can work on it at a time (EVENT_BUS_EMBEDDED_PARTITIONS)")
        ->type_name("N")
        ->check(CLI::Range(1, 1024).description("1 to 1024"));
    created
        .add_option(
            "--replication", arguments->replication,
            "On Kafka: how many brokers have a copy of a topic that is new; without it as the cluster says")
        ->type_name("N")
        ->check(CLI::Range(1, 32'767).description("1 to 32767"));
    created
        .add_option("--retention-age", arguments->retention_age,
                    "How long events are kept: 12h, 7d; 0 for ever (EVENT_BUS_EMBEDDED_RETENTION_AGE)")
        ->type_name("DURATION");
    created
        .add_option("--retention-bytes", arguments->retention_bytes,
                    "How many bytes of events are kept: 500M, 2G; 0 for any number "
                    "(EVENT_BUS_EMBEDDED_RETENTION_BYTES)")
        ->type_name("BYTES");

    CLI::App& moved =
        program.add(command, "move",
                    "Moves a consumer group to another place in a topic; members that run go on from there",
                    "  eventbus topics move user-login -g user-activity --to 2026-01-31T02:00:00Z\n"
                    "  eventbus topics move user-login -g user-activity --to latest",
                    does(move));
    takes_topic(moved);
    moved.add_option("-g,--group_id,--group-id", arguments->group, "The group")
        ->type_name("GROUP")
        ->required();
    moved
        .add_option(
            "--to", arguments->to,
            "Where to: earliest, latest, a time (2026-01-31T12:00:00Z) for what was stored then or later, "
            "or a position (42, or 3:42 with its partition, several with commas) for what comes after it; "
            "partitions that are not named stay where they are")
        ->type_name("PLACE")
        ->required();
    moved.add_flag("--create", arguments->make_group, "Make the group when the topic does not have it");

    CLI::App& deleted =
        program.add(command, "delete", "Deletes a topic, its events and its groups' positions",
                    "  eventbus topics delete user-login --yes", does(remove));
    takes_topic(deleted);
    deleted.add_flag("--yes", arguments->yes, "Do delete");
}

}  // namespace eventbus::app
