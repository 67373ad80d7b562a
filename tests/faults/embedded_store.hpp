#pragma once

#include "sql.hpp"
#include "store.hpp"

namespace eventbus::faults {

/// The embedded bus, as SQL sees its file.
class EmbeddedStore : public Store {
  public:
    explicit EmbeddedStore(std::filesystem::path path) : path_(std::move(path)) {}

    [[nodiscard]] std::string address() const override { return path_.string(); }
    [[nodiscard]] std::vector<std::string> settings() const override;
    [[nodiscard]] std::vector<StoredRecord> records(const std::string& topic) const override;
    [[nodiscard]] std::uint64_t lag(const std::string& topic, const std::string& group) const override;
    [[nodiscard]] std::string integrity() const override;

  private:
    /// The table of a topic's events; empty when there is no such topic.
    [[nodiscard]] static std::string table_of(const Sql& sql, const std::string& topic);

    std::filesystem::path path_;
};

}  // namespace eventbus::faults
