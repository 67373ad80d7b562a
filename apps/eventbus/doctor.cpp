#include <algorithm>
#include <chrono>
#include <set>

#include "diagnosis.hpp"
#include "eventbus/broker/kafka/kafka_broker.hpp"
#include "eventbus/bus/dead_letter_box.hpp"
#include "eventbus/command/reachability.hpp"
#include "eventbus/event/quote.hpp"
#include "program.hpp"
#include "schema_targets.hpp"
#include "topic_sums.hpp"

namespace eventbus::app {

namespace {

constexpr std::chrono::milliseconds time_to_connect{3'000};
constexpr std::uint16_t usual_port_of_kafka = 9092;

struct Arguments {
    Format format = Format::text;
    std::string topic;
    std::string group;
};

std::string count(std::size_t number, const std::string& what) {
    return std::to_string(number) + ' ' + what + (number == 1 ? "" : "s");
}

/// Walks the way of an event, from the settings to the group that handles it.
class Doctor {
  public:
    Doctor(Program& program, const Arguments& arguments)
        : program_(program), arguments_(arguments), diagnosis_(arguments.format) {}

    ExitCode examine() {
        if (diagnosis_.check("settings", [this] { return settings(); })) {
            const bool is_there = broker_->name() != "kafka" || reach_kafka();
            if (is_there && diagnosis_.check("broker", [this] { return broker(); })) look_at_topics();
            if (broker_->name() == "kafka") look_at_schemas();
        }
        return diagnosis_.finish();
    }

  private:
    std::string settings() {
        bus_.emplace(program_.bus_options());
        const std::string producer = bus_->settings().get(setting::PRODUCER);
        const std::string consumer = bus_->settings().get(setting::CONSUMER);
        if (producer.empty() && consumer.empty())
            throw SettingsError(
                "neither EVENT_BUS_PRODUCER nor EVENT_BUS_CONSUMER is set: nothing is sent to a bus and "
                "nothing received; set them to embedded, redis or kafka");
        broker_ = consumer.empty() ? bus_->producer_broker() : bus_->consumer_broker();
        const std::string what = "events are " + std::string(producer.empty() ? "not sent" : "sent") +
                                 " and " + (consumer.empty() ? "not received" : "received");
        const std::string prefix = bus_->settings().get(setting::TOPIC_PREFIX);
        return what + "; the backend is " + std::string(broker_->name()) +
               (prefix.empty() ? ", topics have no prefix" : ", topics begin with " + quote(prefix + "-"));
    }

    bool reach_kafka() {
        std::vector<HostAndPort> addresses;
        const bool are_known = diagnosis_.check("names", [&] {
            addresses =
                parse_addresses(bus_->settings().get(setting::KAFKA_BOOTSTRAP_SERVERS), usual_port_of_kafka);
            return names_of(addresses);
        });
        return are_known && diagnosis_.check("network", [&] { return reach(addresses); });
    }

    /// How many addresses there is nothing against, and what there is against the others; an error with
    /// `advice` when none is left.
    template <class Complaint>
    static std::string look_at(const std::vector<HostAndPort>& addresses, const Complaint& complaint_of,
                               const std::string& what, const std::string& outcome,
                               const std::string& advice) {
        std::size_t good = 0;
        std::string complaints;
        for (const HostAndPort& address : addresses) {
            const std::optional<std::string> complaint = complaint_of(address);
            if (!complaint) ++good;
            if (complaint) complaints += (complaints.empty() ? "" : "; ") + *complaint;
        }
        if (good == 0) throw BrokerError(complaints + "; " + advice, true);
        return count(good, what) + " can be " + outcome + (complaints.empty() ? "" : "; " + complaints);
    }

    static std::string names_of(const std::vector<HostAndPort>& addresses) {
        return look_at(
            addresses, [](const HostAndPort& address) { return complaint_of_name(address.host); }, "host",
            "resolved", "check EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS, and the DNS here");
    }

    static std::string reach(const std::vector<HostAndPort>& addresses) {
        return look_at(
            addresses,
            [](const HostAndPort& address) { return complaint_of_address(address, time_to_connect); },
            "broker", "reached",
            "is the broker running, and does a firewall stand between it and this machine?");
    }

    // To be let in and to ask for topics is one step: a broker that wants a login answers nothing before it.
    std::string broker() {
        admin_ = broker_->admin();
        return "it lets this program in, and has " + count(admin_->topics().size(), "topic");
    }

    void look_at_topics() {
        std::set<std::string> topics;
        if (!arguments_.topic.empty()) topics.insert(arguments_.topic);
        for (const auto& [type, where] : bus_->settings().get(setting::PRODUCER_CONFIG))
            for (const auto& [topic, config] : where)
                if (config.enabled) topics.insert(topic);
        if (topics.empty())
            diagnosis_.warn("topic",
                            "EVENT_BUS_PRODUCER_CONFIG sends nothing, and no --topic is given: no topic is "
                            "looked at");
        for (const std::string& topic : topics) diagnosis_.check("topic", [&] { return look_at(topic); });
        if (!arguments_.group.empty() && !arguments_.topic.empty()) look_at_group();
    }

    [[nodiscard]] TopicName full_name(const std::string& topic) const {
        return prefixed_topic(bus_->settings().get(setting::TOPIC_PREFIX), topic);
    }

    std::string look_at(const std::string& topic) {
        const TopicName name = full_name(topic);
        const auto info = admin_->topic(name);
        if (!info)
            throw NotFound("there is no topic " + quote(name.str()) + "; `eventbus topics create " + topic +
                           "` makes it");
        return quote(name.str()) + " has " + count(info->partitions.size(), "partition") + " and " +
               count(events_of(*info), "event");
    }

    void look_at_group() {
        const TopicName topic = full_name(arguments_.topic);
        std::optional<GroupInfo> group;
        if (!diagnosis_.check("group", [&] {
                for (GroupInfo& one : admin_->groups(topic))
                    if (one.name.str() == arguments_.group) group = std::move(one);
                return group ? state_of(*group)
                             : std::string("it was never there: its first consumer makes it");
            }))
            return;
        if (group && std::all_of(group->partitions.begin(), group->partitions.end(),
                                 [](const auto& one) { return one.owner.empty(); }))
            diagnosis_.warn("group", "no consumer is at work in it: start `eventbus consume_events -t " +
                                         arguments_.topic + " -g " + arguments_.group +
                                         "`, or look at its log");
        diagnosis_.check("letters", [&] { return letters(topic); });
    }

    static std::string state_of(const GroupInfo& group) {
        std::set<std::string> members;
        for (const auto& partition : group.partitions)
            if (!partition.owner.empty()) members.insert(partition.owner);
        return count(members.size(), "consumer") + " at work, " + count(lag_of(group), "event") +
               " left to handle";
    }

    std::string letters(const TopicName& topic) {
        DeadLetterBox box(broker_, topic, GroupName(arguments_.group));
        const auto seen = box.count({});
        if (seen.letters == 0) return "no dead letters are open";
        diagnosis_.warn("letters", count(seen.letters, "event") +
                                       " could not be handled: `eventbus dead-letters list -t " +
                                       arguments_.topic + " -g " + arguments_.group + "` shows why");
        return "the dead letters can be read";
    }

    void look_at_schemas() {
        const RegistryOptions options = registry_options(bus_->settings());
        std::optional<RegistrySubjects> subjects;
        if (!diagnosis_.check("registry", [&] {
                subjects.emplace(options, program_.bus_options().log);
                return "it answers, and has " + count(subjects->list().size(), "subject");
            }))
            return;
        if (bus_->settings().get(setting::PRODUCER_CONFIG).empty()) return;
        for (const SchemaTarget& target : schema_targets(bus_->settings(), {}))
            diagnosis_.check("schema", [&] { return look_at(target, *subjects, options); });
    }

    static std::string look_at(const SchemaTarget& target, RegistrySubjects& subjects,
                               const RegistryOptions& options) {
        if (const auto known = subjects.find(target.subject, target.schema))
            return target.subject + " is registered, as version " + std::to_string(known->version);
        const auto problems = problems_of(subjects, target, options.compatibility);
        if (!problems.empty())
            throw CommandError(ExitCode::schema_differs,
                               target.subject + " cannot be registered: " + problems.front());
        if (!options.registers)
            throw CommandError(ExitCode::schema_differs,
                               target.subject +
                                   " is not registered, and EVENT_BUS_KAFKA_AUTO_REGISTER_SCHEMAS is off: "
                                   "`eventbus schema register` registers it");
        return target.subject + " is registered with the first event";
    }

    Program& program_;
    const Arguments& arguments_;
    Diagnosis diagnosis_;
    std::optional<Bus> bus_;
    std::shared_ptr<Broker> broker_;
    std::unique_ptr<Admin> admin_;
};

}  // namespace

void add_doctor(Program& program) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App& command = program.add(
        program.app(), "doctor", "Looks for what is wrong between this machine and the bus",
        "  eventbus doctor\n"
        "  eventbus doctor -t user-login -g user-activity\n\n"
        "Walks the way of an event: settings, names, network, broker and login, topics, the group, and for "
        "Kafka "
        "the\nschema registry and schemas. Changes nothing. The exit code is that of the first thing that is "
        "wrong.",
        [arguments, &program] { return Doctor(program, *arguments).examine(); });
    add_format_option(command, arguments->format);
    command
        .add_option("-t,--topic", arguments->topic,
                    "Look at this topic, besides those of EVENT_BUS_PRODUCER_CONFIG; without "
                    "EVENT_BUS_TOPIC_PREFIX")
        ->type_name("TOPIC");
    command
        .add_option(
            "-g,--group_id,--group-id", arguments->group,
            "Look at this consumer group of the topic: whether it works, its lag and its dead letters")
        ->type_name("GROUP");
}

}  // namespace eventbus::app
