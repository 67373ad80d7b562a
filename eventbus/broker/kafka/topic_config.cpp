#include "eventbus/broker/kafka/topic_config.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

#include "eventbus/broker/kafka/topics.hpp"
#include "eventbus/event/number.hpp"
#include "eventbus/kafka/admin_call.hpp"
#include "eventbus/kafka/error.hpp"

namespace eventbus::kafka_topics {

namespace {

constexpr std::string_view age_name = "retention.ms";
constexpr std::string_view bytes_name = "retention.bytes";
constexpr std::string_view largest_name = "max.message.bytes";

/// A dead letter is the event and what is told about it.
constexpr std::size_t largest_kept_event = largest_event + (std::size_t{1} << 20U);

struct DestroyResource {
    void operator()(rd_kafka_ConfigResource_t* resource) const { rd_kafka_ConfigResource_destroy(resource); }
};
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, DestroyResource>;

Resource resource_of(const std::string& topic) {
    return Resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
}

bool is_retention(std::string_view name) { return name == age_name || name == bytes_name; }

/// Calls `use` with the name, value and source of each of the topic's settings.
template <class Use>
void for_each_setting(const kafka::Client& client, const std::string& topic, const Use& use) {
    const std::string what = "cannot read the settings of the topic " + topic;
    const kafka::AdminCall call(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, time_to_answer);
    const Resource resource = resource_of(topic);
    auto* one = resource.get();
    rd_kafka_DescribeConfigs(client.get(), &one, 1, call.options(), call.queue());
    const kafka::Event event = call.answer(what);
    std::size_t count = 0;
    const auto* const* const resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    if (count == 0) return;
    if (const auto code = rd_kafka_ConfigResource_error(resources[0]); code != RD_KAFKA_RESP_ERR_NO_ERROR)
        kafka::throw_error(what, code);
    std::size_t settings = 0;
    const auto* const* const entries = rd_kafka_ConfigResource_configs(resources[0], &settings);
    for (std::size_t i = 0; i < settings; ++i) {
        const char* const value = rd_kafka_ConfigEntry_value(entries[i]);
        use(std::string_view(rd_kafka_ConfigEntry_name(entries[i])),
            value == nullptr ? std::string_view() : std::string_view(value),
            rd_kafka_ConfigEntry_source(entries[i]));
    }
}

}  // namespace

kafka::Properties config_of(const TopicOptions& options) {
    const Retention& retention = options.retention;
    const auto age = retention.age
                         ? std::chrono::duration_cast<std::chrono::milliseconds>(*retention.age).count()
                         : std::int64_t{-1};
    const auto partitions = static_cast<std::uint64_t>(options.partitions);
    const bool keeps_all = !retention.age && !retention.bytes;
    return {{std::string(age_name), std::to_string(age)},
            {std::string(bytes_name), retention.bytes ? std::to_string(*retention.bytes / partitions) : "-1"},
            {std::string(largest_name), std::to_string(keeps_all ? largest_kept_event : largest_event)}};
}

Retention retention_of(const kafka::Client& client, const std::string& topic, std::int32_t partitions) {
    Retention retention;
    for_each_setting(client, topic, [&](std::string_view name, std::string_view value, auto /*source*/) {
        const auto number = read_number<std::uint64_t>(value);
        if (!number) return;
        if (name == age_name)
            retention.age =
                std::chrono::duration_cast<std::chrono::seconds>(std::chrono::milliseconds(*number));
        if (name == bytes_name) retention.bytes = *number * static_cast<std::uint64_t>(partitions);
    });
    return retention;
}

// The request replaces all of a topic's own settings: those that are not ours are sent as they are.
void set_retention(const kafka::Client& client, const std::string& topic, const TopicOptions& options) {
    const Resource resource = resource_of(topic);
    for_each_setting(client, topic, [&](std::string_view name, std::string_view value, auto source) {
        if (source == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG && !is_retention(name))
            rd_kafka_ConfigResource_set_config(resource.get(), std::string(name).c_str(),
                                               std::string(value).c_str());
    });
    for (const auto& [name, value] : config_of(options))
        if (is_retention(name))
            rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
    const kafka::AdminCall call(client, RD_KAFKA_ADMIN_OP_ALTERCONFIGS, time_to_answer);
    auto* one = resource.get();
    rd_kafka_AlterConfigs(client.get(), &one, 1, call.options(), call.queue());
    const std::string what = "cannot set the retention of the topic " + topic;
    const kafka::Event event = call.answer(what);
    std::size_t count = 0;
    const auto* const* const resources =
        rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto code = rd_kafka_ConfigResource_error(resources[i]);
        const char* const text = rd_kafka_ConfigResource_error_string(resources[i]);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) kafka::throw_error(what, code, text == nullptr ? "" : text);
    }
}

}  // namespace eventbus::kafka_topics
