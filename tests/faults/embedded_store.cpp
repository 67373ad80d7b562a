#include "embedded_store.hpp"

#include <stdexcept>

#include "sql.hpp"

namespace eventbus::faults {

namespace {

// Each text is its length in four bytes, the lowest first, and its bytes; names and values take turns.
std::map<std::string, std::string> read_headers(const std::string& blob) {
    std::map<std::string, std::string> headers;
    std::size_t at = 0;
    const auto take = [&] {
        std::size_t size = 0;
        for (std::size_t i = 4; i > 0; --i)
            size = size << 8U | static_cast<unsigned char>(blob.at(at + i - 1));
        at += 4 + size;
        if (at > blob.size()) throw std::runtime_error("headers that end too early");
        return blob.substr(at - size, size);
    };
    while (at < blob.size()) {
        std::string name = take();
        headers[std::move(name)] = take();
    }
    return headers;
}

}  // namespace

std::vector<std::string> EmbeddedStore::settings() const {
    return {"EVENT_BUS_PRODUCER=embedded", "EVENT_BUS_CONSUMER=embedded",
            "EVENT_BUS_EMBEDDED_PATH=" + path_.string(), "EVENT_BUS_EMBEDDED_PARTITIONS=6"};
}

std::string EmbeddedStore::table_of(const Sql& sql, const std::string& topic) {
    if (sql.value("SELECT name FROM sqlite_master WHERE name = 'topics'").empty()) return {};
    const std::string id = sql.value("SELECT id FROM topics WHERE name = ?", {topic});
    return id.empty() ? id : "events_" + id;
}

std::vector<StoredRecord> EmbeddedStore::records(const std::string& topic) const {
    std::vector<StoredRecord> records;
    if (!std::filesystem::exists(path_)) return records;
    const Sql sql(path_);
    const std::string table = table_of(sql, topic);
    if (table.empty()) return records;
    for (const Sql::Row& row :
         sql.run("SELECT partition, offset, key, headers, payload FROM " + table + " ORDER BY offset"))
        records.push_back({std::stoi(row.at(0).value()), row.at(1).value(), row.at(2).value_or(""),
                           read_headers(row.at(3).value_or("")), row.at(4).value()});
    return records;
}

std::uint64_t EmbeddedStore::lag(const std::string& topic, const std::string& group) const {
    if (!std::filesystem::exists(path_)) return 0;
    const Sql sql(path_);
    const std::string table = table_of(sql, topic);
    if (table.empty()) return 0;
    return std::stoull(
        sql.value("SELECT count(*) FROM " + table +
                      " AS event WHERE offset >= coalesce((SELECT next_offset FROM positions AS position "
                      "WHERE consumer_group = ? AND position.partition = event.partition AND topic = (SELECT "
                      "id FROM topics WHERE name = ?)), 0)",
                  {group, topic}));
}

std::string EmbeddedStore::integrity() const { return Sql(path_).value("PRAGMA integrity_check"); }

std::unique_ptr<Store> make_store(const std::string& kind, const std::filesystem::path& directory) {
    if (kind != "embedded") throw std::invalid_argument("there is no store " + kind);
    return std::make_unique<EmbeddedStore>(directory / "events.db");
}

std::vector<std::string> stores() { return {"embedded"}; }

std::vector<std::size_t> worker_counts() { return {1, 4}; }

}  // namespace eventbus::faults
