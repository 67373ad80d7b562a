#include "eventbus/command/consumer_extra.hpp"

#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "eventbus/command/exit_code.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& what) { throw CommandError(ExitCode::usage, "--extra: " + what); }

[[noreturn]] void refuse(std::string_view member, std::string_view needed) {
    refuse(std::string(member) + " must be " + std::string(needed));
}

Timestamp read_time(const Json& value) {
    constexpr std::string_view needed = "a time in ISO 8601: \"2023-01-01T00:00:00Z\"";
    if (!value.is_string()) refuse("offset_time", needed);
    try {
        return parse_iso8601(value.get_ref<const std::string&>());
    } catch (const InvalidValue&) {
        refuse("offset_time", needed);
    }
}

std::string read_text(std::string_view member, const Json& value) {
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
        refuse(member, "a text that is not empty");
    return value.get<std::string>();
}

struct Member {
    std::string_view name;
    void (*read)(ConsumerExtra& extra, const Json& value);
};

constexpr auto members = std::to_array<Member>({
    {"check_backlog",
     [](ConsumerExtra& extra, const Json& value) {
         if (!value.is_boolean()) refuse("check_backlog", "true or false");
         extra.check_backlog = value.get<bool>();
     }},
    {"claim_msgs_older_than",
     [](ConsumerExtra& extra, const Json& value) {
         if (!value.is_number_integer() || value < 0)
             refuse("claim_msgs_older_than", "a whole number of milliseconds");
         extra.claim_msgs_older_than = value.get<std::int64_t>();
     }},
    {"consumer_name", [](ConsumerExtra& extra,
                         const Json& value) { extra.consumer_name = read_text("consumer_name", value); }},
    {"last_read_msg_id",
     [](ConsumerExtra& extra, const Json& value) {
         extra.last_read_msg_id = read_text("last_read_msg_id", value);
     }},
    {"offset_time", [](ConsumerExtra& extra, const Json& value) { extra.offset_time = read_time(value); }},
});

void read_member(ConsumerExtra& extra, const std::string& name, const Json& value) {
    std::string known;
    for (const Member& member : members) {
        if (member.name == name) {
            if (!value.is_null()) member.read(extra, value);
            return;
        }
        known.append(known.empty() ? "" : ", ").append(member.name);
    }
    refuse("unknown member " + quote(name) + "; known are " + known);
}

}  // namespace

ConsumerExtra parse_consumer_extra(std::string_view json) {
    const Json parsed = Json::parse(json, nullptr, false);
    if (!parsed.is_object())
        refuse("must be a JSON object, like '{\"check_backlog\": true}'; it is " + quote(json));
    ConsumerExtra extra;
    for (const auto& [name, value] : parsed.items()) read_member(extra, name, value);
    if (extra.offset_time && extra.last_read_msg_id)
        refuse("offset_time and last_read_msg_id say two places to start from; give one of them");
    return extra;
}

void ConsumerExtra::apply(ConsumeOptions& options) const {
    if (check_backlog) options.start = Earliest{};
    if (offset_time) options.reset = AtTime{*offset_time};
    if (last_read_msg_id) options.reset = AfterId{*last_read_msg_id};
    if (claim_msgs_older_than) options.claim_after = std::chrono::milliseconds(*claim_msgs_older_than);
    if (!consumer_name.empty()) options.member = consumer_name;
}

}  // namespace eventbus
