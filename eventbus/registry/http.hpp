#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "eventbus/registry/schema_registry.hpp"

namespace eventbus::registry {

struct HttpAnswer {
    long status = 0;
    std::string body;
};

/// Requests to a registry, one at a time, over a connection that is kept. Not thread-safe.
class Http {
  public:
    explicit Http(const RegistryOptions& options, const LogSink& log);
    ~Http();
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;

    /// `path` from the registry's URL on. Returns every answer but those that may be another one a moment
    /// later (429, 5xx). Throws BrokerError, retriable, when no registry gave one.
    [[nodiscard]] HttpAnswer get(const std::string& path);
    [[nodiscard]] HttpAnswer post(const std::string& path, const std::string& json);

    /// Part of a path: what may not stand there is escaped.
    [[nodiscard]] static std::string escaped(std::string_view text);

    /// In a child of a fork: the connection is the parent's.
    void abandon() noexcept;

  private:
    struct Handle;

    [[nodiscard]] HttpAnswer ask(const std::string& path, const std::string* json);
    [[nodiscard]] HttpAnswer ask_one(const std::string& url, const std::string* json);

    const RegistryOptions& options_;
    const LogSink& log_;
    std::unique_ptr<Handle> handle_;
    /// Of the URL that answered last.
    std::size_t preferred_ = 0;
};

/// A URL without what stands before the @ in it.
[[nodiscard]] std::string without_password(std::string_view url);

}  // namespace eventbus::registry
