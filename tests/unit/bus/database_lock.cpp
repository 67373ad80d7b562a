#include "database_lock.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace eventbus::bus_test {

void DatabaseLock::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

DatabaseLock::DatabaseLock(const std::string& path) {
    sqlite3* database = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
    database_.reset(database);
    if (code != SQLITE_OK) throw std::runtime_error("cannot open " + path);
    sqlite3_busy_timeout(database, 10'000);
    if (sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error("cannot lock " + path);
}

}  // namespace eventbus::bus_test
