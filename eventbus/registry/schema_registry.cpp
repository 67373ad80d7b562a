#include "eventbus/registry/schema_registry.hpp"

#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "eventbus/avro/schema.hpp"
#include "eventbus/event/forks.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/registry/subjects.hpp"

namespace eventbus {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds time_of_a_failure{1};

void check_names(std::string_view schema) {
    std::string illegal;
    if (!avro::SchemaDocument::parse(schema)->has_legal_names(&illegal))
        throw SchemaRefused("its schema has the name " + quote(illegal) +
                            ", which Avro does not allow, and which schema registries refuse: events of this "
                            "type cannot go over Kafka");
}

std::string sentences(const std::vector<std::string>& problems) {
    std::string text;
    for (const std::string& problem : problems) text.append("\n- ").append(problem);
    return text;
}

/// One failure for all who ask soon after it.
struct LastFailure {
    std::string what;
    Clock::time_point until;
};

}  // namespace

struct SchemaRegistry::Cache {
    mutable std::shared_mutex mutex;
    /// Ids by subject and schema.
    std::map<std::pair<std::string, std::string>, SchemaId, std::less<>> ids;
    std::unordered_map<std::int32_t, std::shared_ptr<const std::string>> schemas;
    std::map<std::string, SchemaId, std::less<>> known;

    std::optional<SchemaId> id_of(const std::pair<std::string, std::string>& what) const {
        const std::shared_lock lock(mutex);
        const auto found = ids.find(what);
        return found == ids.end() ? std::nullopt : std::optional(found->second);
    }
    std::shared_ptr<const std::string> schema(SchemaId id) const {
        const std::shared_lock lock(mutex);
        const auto found = schemas.find(id.value);
        return found == schemas.end() ? nullptr : found->second;
    }
};

/// The way to the registry: one at a time asks.
class SchemaRegistry::Requests {
  public:
    Requests(const RegistryOptions& options, const LogSink& log) : subjects_(options, log) {}

    std::mutex mutex;

    RegistrySubjects& subjects() {
        if (generation_ != fork_generation()) {
            subjects_.abandon();
            generation_ = fork_generation();
        }
        return subjects_;
    }

    std::optional<LastFailure> last_failure;

  private:
    RegistrySubjects subjects_;
    unsigned generation_ = fork_generation();
};

SchemaRegistry::SchemaRegistry(RegistryOptions options, LogSink log)
    : options_(std::move(options)),
      log_(std::move(log)),
      cache_(std::make_unique<Cache>()),
      requests_(std::make_unique<Requests>(options_, log_)) {}

SchemaRegistry::~SchemaRegistry() = default;

// Called by one thread at a time.
template <class Ask>
auto SchemaRegistry::ask_once(const Ask& ask) {
    auto& last = requests_->last_failure;
    if (last && Clock::now() < last->until) throw BrokerError(last->what, true);
    try {
        return ask();
    } catch (const BrokerError& error) {
        if (error.retriable()) last = LastFailure{error.what(), Clock::now() + time_of_a_failure};
        throw;
    }
}

SchemaId SchemaRegistry::id_of(std::string_view subject, std::string_view schema) {
    const std::pair<std::string, std::string> what(subject, schema);
    if (const auto known = cache_->id_of(what)) return *known;
    const LongNoFork no_fork;
    const std::lock_guard turn(requests_->mutex);
    if (const auto known = cache_->id_of(what)) return *known;
    const SchemaId id = ask_once([&] { return ask_for_id(what.first, schema); });
    const std::unique_lock lock(cache_->mutex);
    cache_->ids.emplace(what, id);
    cache_->known.emplace(what.second, id);
    return id;
}

SchemaId SchemaRegistry::ask_for_id(const std::string& subject, std::string_view schema) {
    check_names(schema);
    RegistrySubjects& subjects = requests_->subjects();
    if (const auto known = subjects.find(subject, schema)) return known->id;
    if (!options_.registers)
        throw SchemaRefused("the schema registry does not have this schema under the subject " +
                            quote(subject) +
                            ", and EVENT_BUS_KAFKA_AUTO_REGISTER_SCHEMAS is off: register it first");
    check_compatibility(subjects, subject, schema);
    return subjects.add(subject, schema);
}

void SchemaRegistry::check_compatibility(RegistrySubjects& subjects, const std::string& subject,
                                         std::string_view schema) const {
    // Without a rule there is nothing to ask the registry for.
    if (options_.compatibility == Compatibility{}) return;
    const auto problems = incompatibilities(schema, subjects.all(subject), options_.compatibility);
    if (problems.empty()) return;
    throw SchemaRefused("the schema differs too much from those that are registered under the subject " +
                        quote(subject) + sentences(problems) +
                        "\na change that old readers cannot follow needs a new event type");
}

std::shared_ptr<const std::string> SchemaRegistry::schema(SchemaId id) {
    if (auto known = cache_->schema(id)) return known;
    const LongNoFork no_fork;
    const std::lock_guard turn(requests_->mutex);
    if (auto known = cache_->schema(id)) return known;
    auto text = std::make_shared<const std::string>(ask_once([&] { return ask_for_schema(id); }));
    const std::unique_lock lock(cache_->mutex);
    cache_->known.emplace(*text, id);
    return cache_->schemas.emplace(id.value, std::move(text)).first->second;
}

std::string SchemaRegistry::ask_for_schema(SchemaId id) { return requests_->subjects().schema(id); }

std::optional<SchemaId> SchemaRegistry::known_id(std::string_view schema) const {
    const std::shared_lock lock(cache_->mutex);
    const auto found = cache_->known.find(schema);
    return found == cache_->known.end() ? std::nullopt : std::optional(found->second);
}

std::string subject_of(std::string_view topic, std::string_view schema) {
    const auto document = avro::SchemaDocument::parse(schema);
    return std::string(topic).append("-").append(document->root().name());
}

}  // namespace eventbus
