#pragma once

#include <memory>
#include <string>

struct sqlite3;

namespace eventbus::bus_test {

/// Keeps others from writing to a SQLite file while it lives.
class DatabaseLock {
  public:
    explicit DatabaseLock(const std::string& path);

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace eventbus::bus_test
