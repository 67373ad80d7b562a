#include "schema_targets.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "eventbus/avro/field_path.hpp"
#include "eventbus/catalogue/catalogue.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::app {

namespace {

constexpr std::streamsize largest_schema = std::streamsize{1} << 20;

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text(static_cast<std::size_t>(largest_schema) + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad() || (!in.is_open())) throw CommandError(ExitCode::bad_input, quote(path) + " cannot be read");
    if (in.gcount() > largest_schema)
        throw CommandError(ExitCode::bad_input, quote(path) + " is longer than 1 MiB, and so is no schema");
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

class Targets {
  public:
    explicit Targets(const Settings& settings)
        : prefix_(settings.get(setting::TOPIC_PREFIX)), config_(settings.get(setting::PRODUCER_CONFIG)) {}

    void add_file(const std::string& topic, const std::string& file) {
        const std::string schema = contents(file);
        try {
            add(topic, schema);
        } catch (const DecodeError& error) {
            throw CommandError(ExitCode::bad_input, quote(file) + " is no schema: " + error.what());
        }
    }

    void add_type(const EventType& type, const std::string& topic) {
        add(topic, std::string(type.schema));
        const auto configured = config_.find(std::string(type.type));
        if (configured == config_.end()) return;
        if (const auto where = configured->second.find(topic); where != configured->second.end())
            add_key(type, topic, where->second.event_key_field);
    }

    void add_configured(const std::set<std::string_view>& types) {
        for (const auto& [name, topics] : config_) {
            if (!types.empty() && types.count(name) == 0) continue;
            const EventType& type = openedx_catalogue().resolve(name);
            for (const auto& [topic, config] : topics) add_type(type, topic);
        }
    }

    std::vector<SchemaTarget> take() { return std::move(targets_); }

  private:
    void add_key(const EventType& type, const std::string& topic, const std::string& key_field) {
        if (key_field.empty()) return;
        const avro::FieldPath path(avro::SchemaDocument::parse(type.schema), key_field);
        add(topic, path.value_schema_json());
    }

    void add(const std::string& topic, const std::string& schema) {
        SchemaTarget target{subject_of(prefixed_topic(prefix_, topic).str(), schema), schema};
        const bool is_there = std::any_of(targets_.begin(), targets_.end(), [&](const SchemaTarget& one) {
            return one.subject == target.subject && one.schema == target.schema;
        });
        if (!is_there) targets_.push_back(std::move(target));
    }

    std::string prefix_;
    ProducerConfig config_;
    std::vector<SchemaTarget> targets_;
};

}  // namespace

void add_schema_selection(CLI::App& command, SchemaSelection& selection) {
    command.add_option("types", selection.types, "Event types, constants' names or Python paths")
        ->type_name("TYPE");
    command
        .add_option("-t,--topic", selection.topic,
                    "The topic, without EVENT_BUS_TOPIC_PREFIX, that the events are sent to; without it the "
                    "topics and keys of EVENT_BUS_PRODUCER_CONFIG")
        ->type_name("TOPIC");
    command
        .add_option("--schema", selection.file,
                    "A file with the schema of an event's data, instead of the catalogue's: what `eventbus "
                    "schema show --directory` or openedx-events' generate_avro_schemas wrote")
        ->type_name("FILE");
}

std::vector<SchemaTarget> schema_targets(const Settings& settings, const SchemaSelection& selection) {
    Targets targets(settings);
    std::vector<const EventType*> types;
    for (const std::string& name : selection.types) types.push_back(&openedx_catalogue().resolve(name));
    if (!selection.file.empty()) {
        if (selection.topic.empty() || !types.empty())
            throw CommandError(ExitCode::usage, "--schema needs --topic, and no event types");
        targets.add_file(selection.topic, selection.file);
    } else if (!selection.topic.empty()) {
        if (types.empty()) throw CommandError(ExitCode::usage, "name the event types of the topic");
        for (const EventType* type : types) targets.add_type(*type, selection.topic);
    } else {
        std::set<std::string_view> names;
        for (const EventType* type : types) names.insert(type->type);
        targets.add_configured(names);
    }
    std::vector<SchemaTarget> chosen = targets.take();
    if (chosen.empty())
        throw CommandError(ExitCode::usage,
                           "EVENT_BUS_PRODUCER_CONFIG sends nothing of that kind: name event types and their "
                           "--topic");
    return chosen;
}

std::vector<std::string> problems_of(RegistrySubjects& subjects, const SchemaTarget& target,
                                     const Compatibility& wanted) {
    std::vector<std::string> problems;
    std::string illegal;
    if (!avro::SchemaDocument::parse(target.schema)->has_legal_names(&illegal))
        problems.push_back("the name " + quote(illegal) + " is none in Avro: registries refuse it");
    const auto versions = subjects.all(target.subject);
    for (std::string& one : incompatibilities(target.schema, versions, wanted))
        problems.push_back(std::move(one));
    if (versions.empty() || !problems.empty()) return problems;
    for (const std::string& one : subjects.complaints(target.subject, target.schema))
        problems.push_back("the registry, by its rule " + subjects.rule(target.subject) + ": " + one);
    return problems;
}

}  // namespace eventbus::app
