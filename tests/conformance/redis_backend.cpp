#include "backend.hpp"
#include "eventbus/broker/redis/redis_broker.hpp"
#include "tests/servers/redis_server.hpp"

namespace eventbus::conformance {

namespace {

/// One server for all tests of the program; each finds it empty.
servers::RedisServer& server() {
    static servers::RedisServer one({.keeps_data = true});
    return one;
}

class RedisStore final : public TestStore {
  public:
    RedisStore() { static_cast<void>(server().ask("FLUSHALL")); }

    [[nodiscard]] std::shared_ptr<Broker> connect() override {
        RedisOptions options;
        options.url = server().url();
        options.lease = std::chrono::seconds(2);
        options.claim_after = std::chrono::seconds(2);
        // As long as the suite's topics: approximately is not exactly.
        options.stream_max_len = 1'000'000;
        return make_redis_broker(std::move(options));
    }

    void restart_server() override {
        server().stop();
        server().start();
    }
};

}  // namespace

const Backend& backend() {
    static const Backend redis{
        .name = "redis",
        .features = {.partitions = false,
                     .numbers_events = false,
                     .remembers_gaps = true,
                     .tells_schema = false,
                     .retention_by_age = false,
                     .retention_by_bytes = false,
                     .durable = true,
                     .processes = true,
                     .survives_fork = true,
                     .members_never_expire = false,
                     .largest_event = std::size_t{64} << 20,
                     .server = true},
        .make_store = [] { return std::make_unique<RedisStore>(); },
    };
    return redis;
}

}  // namespace eventbus::conformance
