#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "eventbus/avro/resolution.hpp"
#include "eventbus/avro/schema.hpp"

namespace eventbus {

class SignalState;

/// A schema that events came with, and how to read what was written with it.
struct WriterSchema {
    std::shared_ptr<const std::string> text;
    /// Null when it is no schema, and then `problem` says why.
    std::shared_ptr<const avro::SchemaDocument> document;
    /// To our schema of the same event type; nothing when both encode the same, or it is impossible.
    std::optional<avro::Resolution> resolution;
    /// Why data written with it cannot be read as our event type; empty when it can.
    std::string problem;
};

/// The one that was used last. Thread-safe.
class RecentWriterSchema {
  public:
    /// Null when it is another.
    [[nodiscard]] std::shared_ptr<const WriterSchema> find(const std::string* text) const {
        const std::lock_guard lock(mutex_);
        return text_.get() == text ? schema_ : nullptr;
    }
    /// `text` is equal to that of the schema, but may be another string.
    void remember(std::shared_ptr<const std::string> text, std::shared_ptr<const WriterSchema> schema) {
        const std::lock_guard lock(mutex_);
        text_.swap(text);
        schema_.swap(schema);
    }

  private:
    mutable std::mutex mutex_;
    /// As it came, and held, so that its address tells it.
    std::shared_ptr<const std::string> text_;
    std::shared_ptr<const WriterSchema> schema_;
};

/// Parsed schemas of writers, the ones used last; bounded in number and size, as they come from outside.
/// Thread-safe.
class WriterSchemas {
  public:
    static constexpr std::size_t most_schemas = 256;
    static constexpr std::size_t most_bytes = std::size_t{4} << 20U;

    /// `signal` is null for an event type that the catalogue does not have; then only the document is made.
    [[nodiscard]] std::shared_ptr<const WriterSchema> find(SignalState* signal,
                                                           const std::shared_ptr<const std::string>& text);

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return used_.size();
    }

  private:
    /// The text is that of the schema that is kept.
    using Key = std::pair<const SignalState*, std::string_view>;
    using Used = std::list<std::pair<Key, std::shared_ptr<const WriterSchema>>>;

    [[nodiscard]] std::shared_ptr<const WriterSchema> cached(const Key& key);
    void keep(const SignalState* signal, const std::shared_ptr<const WriterSchema>& schema);

    mutable std::mutex mutex_;
    /// The last used first.
    Used used_;
    std::map<Key, Used::iterator> by_key_;
    std::size_t bytes_ = 0;
};

}  // namespace eventbus
