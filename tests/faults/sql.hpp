#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace eventbus::faults {

/// A database as anybody sees it who knows SQL. Throws std::runtime_error.
class Sql {
  public:
    /// A value; nothing for NULL. Blobs are bytes.
    using Row = std::vector<std::optional<std::string>>;

    explicit Sql(const std::filesystem::path& path);

    /// The rows; `values` are bound as texts.
    std::vector<Row> run(const std::string& statement, const std::vector<std::string>& values = {}) const;
    /// The first value of the first row; empty when there is none.
    [[nodiscard]] std::string value(const std::string& statement,
                                    const std::vector<std::string>& values = {}) const;

  private:
    std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection_;
};

}  // namespace eventbus::faults
