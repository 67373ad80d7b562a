#include "eventbus/registry/schema_registry.hpp"

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "eventbus/avro/schema.hpp"
#include "eventbus/event/forks.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/registry/http.hpp"

namespace eventbus {

namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds time_of_a_failure{1};

constexpr long success = 200;
constexpr long unauthorized = 401;
constexpr long forbidden = 403;
constexpr long not_found = 404;
constexpr long conflict = 409;
constexpr long unprocessable = 422;

/// What the registry says of an error, for a message.
std::string reason_of(const registry::HttpAnswer& answer) {
    const Json json = Json::parse(answer.body, nullptr, false);
    std::string status = "status " + std::to_string(answer.status);
    if (!json.is_object() || !json.contains("message") || !json["message"].is_string()) return status;
    return status + ", " + quote(json["message"].get<std::string>());
}

void refuse_strangers(const registry::HttpAnswer& answer) {
    if (answer.status == unauthorized || answer.status == forbidden)
        throw BrokerError(
            "the schema registry turns us away (" + reason_of(answer) +
                "); check EVENT_BUS_KAFKA_SCHEMA_REGISTRY_API_KEY and _API_SECRET, and what that "
                "user may do",
            false);
}

[[noreturn]] void cannot_understand(const std::string& what, const registry::HttpAnswer& answer) {
    throw DecodeError("the schema registry's answer " + what + " cannot be understood (" + reason_of(answer) +
                      "): " + quote(answer.body));
}

template <class Value>
Value member(const registry::HttpAnswer& answer, const char* name, const std::string& what) {
    const Json json = Json::parse(answer.body, nullptr, false);
    if (answer.status != success || !json.is_object() || !json.contains(name))
        cannot_understand(what, answer);
    try {
        return json.at(name).get<Value>();
    } catch (const Json::exception&) {
        cannot_understand(what, answer);
    }
}

void check_names(std::string_view schema) {
    std::string illegal;
    if (!avro::SchemaDocument::parse(schema)->has_legal_names(&illegal))
        throw SchemaRefused("its schema has the name " + quote(illegal) +
                            ", which Avro does not allow, and which schema registries refuse: events of this "
                            "type cannot go over Kafka");
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
    Requests(const RegistryOptions& options, const LogSink& log) : http_(options, log) {}

    std::mutex mutex;

    registry::Http& http() {
        if (generation_ != fork_generation()) {
            http_.abandon();
            generation_ = fork_generation();
        }
        return http_;
    }

    std::optional<LastFailure> last_failure;

  private:
    registry::Http http_;
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
    registry::Http& http = requests_->http();
    const std::string path = "/subjects/" + http.escaped(subject) + (options_.registers ? "/versions" : "");
    const std::string what = "about the subject " + quote(subject);
    const auto answer = http.post(path, Json{{"schema", schema}}.dump());
    refuse_strangers(answer);
    if (answer.status == not_found && !options_.registers)
        throw SchemaRefused("the schema registry does not have this schema under the subject " +
                            quote(subject) +
                            ", and EVENT_BUS_KAFKA_AUTO_REGISTER_SCHEMAS is off: register it first");
    if (answer.status == conflict)
        throw SchemaRefused(
            "the schema registry refuses the schema, as it is not compatible with what is "
            "registered under the subject " +
            quote(subject) + " (" + reason_of(answer) +
            "): a change that old readers cannot follow needs a new event type");
    if (answer.status == unprocessable)
        throw SchemaRefused("the schema registry does not take the schema of the subject " + quote(subject) +
                            " (" + reason_of(answer) + ")");
    return SchemaId{member<std::int32_t>(answer, "id", what)};
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

std::string SchemaRegistry::ask_for_schema(SchemaId id) {
    const std::string number = std::to_string(id.value);
    const auto answer = requests_->http().get("/schemas/ids/" + number);
    refuse_strangers(answer);
    if (answer.status == not_found)
        throw NotFound("the schema registry knows no schema with the id " + number);
    return member<std::string>(answer, "schema", "about the schema with the id " + number);
}

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
