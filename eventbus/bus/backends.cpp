#include "eventbus/bus/backends.hpp"

#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/broker/kafka/kafka_broker.hpp"
#include "eventbus/broker/memory/memory_broker.hpp"
#include "eventbus/broker/redis/redis_broker.hpp"

namespace eventbus {

const BrokerCatalogue& standard_backends() {
    static const BrokerCatalogue backends = [] {
        BrokerCatalogue all;
        all.add("memory", [](const Settings&, const LogSink&) { return make_memory_broker(); });
        all.add("embedded", [](const Settings& settings, LogSink log) {
            return make_embedded_broker(settings, std::move(log));
        });
        all.add("redis", [](const Settings& settings, LogSink log) {
            return make_redis_broker(settings, std::move(log));
        });
        all.add("kafka", [](const Settings& settings, LogSink log) {
            return make_kafka_broker(settings, std::move(log));
        });
        return all;
    }();
    return backends;
}

}  // namespace eventbus
