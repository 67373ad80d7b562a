#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/event/error.hpp"
#include "eventbus/event/log.hpp"
#include "eventbus/registry/compatibility.hpp"
#include "eventbus/registry/framing.hpp"

namespace eventbus {

struct RegistryOptions {
    /// `https://host:8081`, with a path where the registry has one; tried in order, from the one that
    /// answered last. `user:password@` may stand in them.
    std::vector<std::string> urls;
    /// Basic authentication, when the user is not empty.
    std::string user;
    std::string password;
    /// Files in PEM: who signed the registry's certificate when the system does not know it, and this
    /// client's own certificate.
    std::string ca_file;
    std::string certificate_file;
    std::string key_file;
    std::string key_password;
    /// For one answer of one URL.
    std::chrono::milliseconds timeout{5'000};
    /// How often all URLs are tried, with longer and longer pauses.
    int tries = 3;
    /// A schema that the registry does not know under its subject is registered; else it is refused.
    bool registers = true;
    /// What a schema has to keep up with the versions before it to be registered, besides the registry's own
    /// rule.
    Compatibility compatibility{.forward = true, .backward = false, .transitive = true};
};

/// The registry does not take a schema: it is not compatible with the versions before, is not valid there, or
/// may not be registered. The same schema will be refused again.
class SchemaRefused : public InvalidValue {
  public:
    using InvalidValue::InvalidValue;
};

class RegistrySubjects;

/// A schema registry with Confluent's interface, and what it said before: each schema is asked for once,
/// however many threads want it. Thread-safe; opens nothing before it is needed. A child of a fork goes on
/// with a connection of its own.
///
/// Throws: BrokerError that is retriable when no registry answers as it should (network, 5xx, 429), which is
/// told to all who ask within the second that follows; BrokerError that is not when it turns us away;
/// NotFound for an id or a subject that it does not know; DecodeError for an answer that cannot be
/// understood.
class SchemaRegistry {
  public:
    explicit SchemaRegistry(RegistryOptions options, LogSink log = {});
    SchemaRegistry(const SchemaRegistry&) = delete;
    SchemaRegistry& operator=(const SchemaRegistry&) = delete;
    ~SchemaRegistry();

    /// The id of a schema (Avro, as JSON) under a subject, registered when the options allow it. Throws also
    /// SchemaRefused.
    [[nodiscard]] SchemaId id_of(std::string_view subject, std::string_view schema);

    /// The schema with this id. All who ask share one string.
    [[nodiscard]] std::shared_ptr<const std::string> schema(SchemaId id);

    /// The id of a schema that was asked for by id or subject before, without asking the registry.
    [[nodiscard]] std::optional<SchemaId> known_id(std::string_view schema) const;

  private:
    struct Cache;
    class Requests;

    [[nodiscard]] SchemaId ask_for_id(const std::string& subject, std::string_view schema);
    void check_compatibility(RegistrySubjects& subjects, const std::string& subject,
                             std::string_view schema) const;
    [[nodiscard]] std::string ask_for_schema(SchemaId id);
    template <class Ask>
    auto ask_once(const Ask& ask);

    RegistryOptions options_;
    LogSink log_;
    std::unique_ptr<Cache> cache_;
    std::unique_ptr<Requests> requests_;
};

/// `{topic}-{full name of the record}`, or `{topic}-{type}` for a schema that is no record: the subject that
/// edx-event-bus-kafka registers a topic's schemas under. Throws DecodeError when it is no schema.
[[nodiscard]] std::string subject_of(std::string_view topic, std::string_view schema);

}  // namespace eventbus
