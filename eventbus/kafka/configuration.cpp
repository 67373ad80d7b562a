#include "eventbus/kafka/configuration.hpp"

#include <array>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::kafka {

namespace {

constexpr std::size_t size_of_errors = 512;
/// Well within what an error has room for.
constexpr std::size_t size_of_beginnings = 64;

std::string what_is_wrong(rd_kafka_conf_res_t result, const std::string& value, std::string text) {
    if (result == RD_KAFKA_CONF_UNKNOWN) return "librdkafka has no such property";
    // librdkafka repeats the value, which may be a secret, and cuts a long one.
    const std::string beginning = value.substr(0, size_of_beginnings);
    if (const std::size_t at = value.empty() ? std::string::npos : text.find(beginning);
        at != std::string::npos)
        text.replace(at, value.size(), "...");
    return text;
}

}  // namespace

Configuration make_configuration(const Properties& properties) {
    Configuration configuration(rd_kafka_conf_new());
    for (const auto& [name, value] : properties) {
        std::array<char, size_of_errors> error{};
        const auto result =
            rd_kafka_conf_set(configuration.get(), name.c_str(), value.c_str(), error.data(), error.size());
        if (result != RD_KAFKA_CONF_OK)
            throw SettingsError("the Kafka property " + quote(name) +
                                " cannot be set: " + what_is_wrong(result, value, error.data()));
    }
    return configuration;
}

}  // namespace eventbus::kafka
