#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/registry/compatibility.hpp"
#include "eventbus/registry/schema_registry.hpp"

namespace eventbus {

namespace registry {
class Http;
}

/// A registry as those see it who look after it: its subjects, their versions and rules. Each call asks the
/// registry. Not thread-safe. Throws as SchemaRegistry.
class RegistrySubjects {
  public:
    explicit RegistrySubjects(RegistryOptions options, LogSink log = {});
    ~RegistrySubjects();
    RegistrySubjects(const RegistrySubjects&) = delete;
    RegistrySubjects& operator=(const RegistrySubjects&) = delete;

    /// All subjects, by name.
    [[nodiscard]] std::vector<std::string> list();

    /// The numbers of a subject's versions, in order; empty when there is no such subject.
    [[nodiscard]] std::vector<int> versions(std::string_view subject);

    struct Registered {
        int version = 0;
        SchemaId id;
        std::string schema;
    };
    /// A version of a subject. Throws NotFound when it is not there.
    [[nodiscard]] Registered version(std::string_view subject, int version);
    /// The newest one; nothing when there is no such subject.
    [[nodiscard]] std::optional<Registered> latest(std::string_view subject);
    /// All versions, in order.
    [[nodiscard]] std::vector<SchemaVersion> all(std::string_view subject);

    /// Which version of a subject has this schema, as the registry compares them.
    [[nodiscard]] std::optional<Registered> find(std::string_view subject, std::string_view schema);

    /// Registers a schema: the id that it gets, or has. Throws also SchemaRefused.
    SchemaId add(std::string_view subject, std::string_view schema);

    /// The schema with this id, whatever its subjects. Throws NotFound.
    [[nodiscard]] std::string schema(SchemaId id);

    /// The subject's rule, its own or the registry's: `FORWARD_TRANSITIVE`.
    [[nodiscard]] std::string rule(std::string_view subject);

    /// What the registry itself has against a schema by its rule, in its words; empty when it takes it.
    [[nodiscard]] std::vector<std::string> complaints(std::string_view subject, std::string_view schema);

    /// In a child of a fork: the connection is the parent's.
    void abandon() noexcept;

  private:
    const RegistryOptions options_;
    const LogSink log_;
    std::unique_ptr<registry::Http> http_;
};

}  // namespace eventbus
