#include "eventbus/command/consume_arguments.hpp"

#include <CLI/CLI.hpp>

#include "eventbus/command/consumer_extra.hpp"
#include "eventbus/command/exit_code.hpp"
#include "eventbus/command/quantity.hpp"

namespace eventbus {

ConsumeOptions ConsumeArguments::options() const {
    ConsumeOptions options;
    options.topics = topics;
    options.group = group;
    options.count = count;
    options.workers = workers;
    if (!extra.empty()) parse_consumer_extra(extra).apply(options);
    if (!until_idle.empty()) {
        try {
            options.until_idle = parse_duration(until_idle);
        } catch (const InvalidValue& error) {
            throw CommandError(ExitCode::usage, std::string("--until-idle: ") + error.what());
        }
    }
    return options;
}

void add_consume_arguments(CLI::App& app, ConsumeArguments& arguments) {
    app.add_option("-t,--topic", arguments.topics,
                   "Topic to consume, without EVENT_BUS_TOPIC_PREFIX; may be given several times")
        ->type_name("TOPIC")
        ->required()
        ->allow_extra_args(false);
    app.add_option("-g,--group_id,--group-id", arguments.group,
                   "Consumer group: its members share the topics' events, and it remembers where it is")
        ->type_name("GROUP")
        ->required();
    app.add_option("--extra", arguments.extra,
                   "JSON object with any of: check_backlog (true: a new group starts at the earliest event), "
                   "offset_time (move the group to this time first), last_read_msg_id (move it behind this "
                   "position first), consumer_name, claim_msgs_older_than (on Redis: milliseconds)")
        ->type_name("JSON")
        ->expected(0, 1);
    app.add_option("--workers", arguments.workers,
                   "How many events to handle at a time, those of one key one after the other; else as "
                   "EVENT_BUS_CONSUMER_WORKERS says")
        ->type_name("N")
        ->check(CLI::Range(1, 1024).description(""));
    app.add_option("--count", arguments.count, "End after N events, handled or not")
        ->type_name("N")
        ->check(CLI::PositiveNumber.description(""));
    app.add_option_function<std::string>(
           "--until-idle",
           [&arguments](const std::string& text) { arguments.until_idle = text.empty() ? "1s" : text; },
           "End when nothing came for so long: 500ms, 2s, 1m; 1s when not given")
        ->type_name("DURATION")
        ->expected(0, 1);
}

}  // namespace eventbus
