#include "redis_store.hpp"

#include <stdexcept>

#include "distant_store.hpp"
#include "tests/servers/redis_client.hpp"

namespace eventbus::faults {

namespace {

using servers::RedisClient;
using servers::RedisReply;

constexpr const char* entries_of_a_read = "1000";

/// Calls `see` with all entries behind an id, in order.
template <class See>
void for_each_entry(RedisClient& client, const std::string& topic, const std::string& after, const See& see) {
    std::string from = "(" + after;
    for (;;) {
        const RedisReply entries = client({"XRANGE", topic, from, "+", "COUNT", entries_of_a_read});
        if (entries.is_error()) throw std::runtime_error(entries.text);
        if (entries.elements.empty()) return;
        for (const RedisReply& entry : entries.elements) see(entry);
        from = "(" + entries.elements.back()[0].text;
    }
}

StoredRecord record_of(const RedisReply& entry) {
    StoredRecord record;
    record.offset = entry[0].text;
    for (std::size_t i = 0; i + 1 < entry[1].elements.size(); i += 2) {
        const std::string& name = entry[1][i].text;
        const std::string& value = entry[1][i + 1].text;
        if (name == "event_data") {
            record.payload = value;
        } else if (name == "eventbus-key") {
            record.key = value;
        } else {
            record.headers[name] = value;
        }
    }
    return record;
}

/// A server behind a network.
class DistantRedis final : public RedisStore {
  public:
    DistantRedis()
        : RedisStore(servers::RedisServer::Options{.keeps_data = true, .arguments = {}}),
          network_(server().port()) {}

    [[nodiscard]] std::vector<std::string> settings() const override {
        return redis_settings("redis://127.0.0.1:" + std::to_string(network_.port()) + "/0?socket_timeout=1");
    }
    [[nodiscard]] servers::Proxy& network() { return network_; }

  private:
    servers::Proxy network_;
};

}  // namespace

std::vector<std::string> redis_settings(const std::string& url) {
    return {"EVENT_BUS_PRODUCER=redis",
            "EVENT_BUS_CONSUMER=redis",
            "EVENT_BUS_REDIS_CONNECTION_URL=" + url,
            "EVENT_BUS_REDIS_STREAM_MAX_LEN=10000000",
            "EVENT_BUS_REDIS_AUDIT_LOGGING_ENABLED=false",
            "EVENT_BUS_REDIS_CONSUMER_LEASE=1",
            "EVENT_BUS_REDIS_CONSUMER_CLAIM_AFTER=2"};
}

std::vector<std::string> RedisStore::settings() const { return redis_settings(server_.url()); }

std::vector<StoredRecord> RedisStore::records(const std::string& topic) const {
    RedisClient client(master().port());
    std::vector<StoredRecord> records;
    for_each_entry(client, topic, "0-0",
                   [&](const RedisReply& entry) { records.push_back(record_of(entry)); });
    return records;
}

std::uint64_t RedisStore::lag(const std::string& topic, const std::string& group) const {
    RedisClient client(master().port());
    const RedisReply groups = client({"XINFO", "GROUPS", topic});
    if (groups.is_error()) return 0;
    std::string last_delivered = "0-0";
    std::int64_t lag = 0;
    for (const RedisReply& one : groups.elements) {
        if (one.value("name").text != group) continue;
        lag = one.value("pending").integer();
        last_delivered = one.value("last-delivered-id").text;
    }
    // The server's own count is wrong after it was restarted.
    const RedisReply unread =
        client({"XRANGE", topic, "(" + last_delivered, "+", "COUNT", entries_of_a_read});
    return static_cast<std::uint64_t>(lag) + unread.elements.size();
}

std::string RedisStore::integrity() const {
    return master().ask("PING").starts_with("+PONG") ? "ok" : "the server does not answer";
}

std::unique_ptr<Store> make_store(const std::string& kind, const std::filesystem::path& /*directory*/) {
    if (kind != "redis") throw std::invalid_argument("there is no store " + kind);
    return std::make_unique<RedisStore>(servers::RedisServer::Options{.keeps_data = true, .arguments = {}});
}

DistantStore make_distant_store() {
    auto store = std::make_unique<DistantRedis>();
    servers::Proxy& network = store->network();
    return {.store = std::move(store), .network = &network, .leaves_doubts = true};
}

std::vector<std::string> stores() { return {"redis"}; }

std::vector<std::size_t> worker_counts() { return {1, 4}; }

}  // namespace eventbus::faults
