#include "eventbus/sqlite/database_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

#include "eventbus/event/forks.hpp"

namespace eventbus::sqlite {

void make_file(const Place& place) {
    // One thread at a time: the one that makes the file closes it, before another takes locks on it.
    static std::mutex making;
    const Turn turn(making);
    const std::string& path = place.path;
    const std::filesystem::path directory = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!directory.empty() && !std::filesystem::exists(directory, error)) {
        std::filesystem::create_directories(directory, error);
        if (error)
            throw BrokerError("cannot make the directory " + directory.string() + " for " + place.owner +
                                  ": " + error.message(),
                              false);
        ::chmod(directory.c_str(), S_IRWXU);
    }
    // Never opened when it exists: closing a file drops the locks that SQLite holds on it in this process.
    if (std::filesystem::exists(path, error)) return;
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        if (errno == EEXIST) return;
        if (errno == ENOSPC || errno == EDQUOT)
            throw StorageFull("no room to make " + path + "; free some disk space");
        throw BrokerError(
            "cannot make " + path + ": " + std::strerror(errno) + "; check the path and its permissions",
            false);
    }
    ::close(file);
}

// Changing the journal mode does not wait for locks by itself.
void use_write_ahead_log(Connection& connection, std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        try {
            connection.execute(
                "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint "
                "= 2000");
            return;
        } catch (const FileInUse&) {
            if (std::chrono::steady_clock::now() > until) throw;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
}

std::int64_t value_of(Connection& connection, std::string_view sql) {
    Statement statement = connection.prepare(sql);
    return statement.next() ? statement.integer(0) : 0;
}

}  // namespace eventbus::sqlite
