#include "goals.hpp"

#include <array>
#include <iomanip>
#include <ostream>
#include <string_view>

namespace eventbus::bench {

namespace {

struct Goal {
    std::string_view what;
    std::string_view figure;
    enum class Side { at_most, at_least } side;
    double value;
    std::string_view unit;
};

using enum Goal::Side;

constexpr std::array goals{
    Goal{"encode COURSE_ENROLLMENT_CREATED", "encode_enrollment/ns", at_most, 1000, "ns"},
    Goal{"allocations to encode into a used buffer", "encode_enrollment/allocations", at_most, 0, ""},
    Goal{"decode COURSE_ENROLLMENT_CREATED", "decode_enrollment/ns", at_most, 1000, "ns"},
    Goal{"publish, batches of 100, synchronous=full", "publish_against_sqlite/full/100/ratio", at_least, 0.9,
         "of plain SQLite"},
    Goal{"publish, batches of 1000, synchronous=full", "publish_against_sqlite/full/1000/ratio", at_least,
         0.9, "of plain SQLite"},
    Goal{"publish, batches of 100, synchronous=normal", "publish_against_sqlite/normal/100/ratio", at_least,
         0.9, "of plain SQLite"},
    Goal{"publish, batches of 1000, synchronous=normal", "publish_against_sqlite/normal/1000/ratio", at_least,
         0.9, "of plain SQLite"},
    Goal{"send to handler p50, synchronous=normal", "send_to_handler_in_another_process/normal/p50_ratio",
         at_most, 2, "times bare p50"},
    Goal{"send to handler p99, synchronous=normal", "send_to_handler_in_another_process/normal/p99_ratio",
         at_most, 10, "times bare p50"},
    Goal{"send to handler p50, synchronous=full", "send_to_handler_in_another_process/full/p50_ratio",
         at_most, 2, "times bare p50"},
    Goal{"send to handler p99, synchronous=full", "send_to_handler_in_another_process/full/p99_ratio",
         at_most, 10, "times bare p50"},
    Goal{"8 workers, handlers of 5 ms, 1,000 keys", "consume_with_workers/times_one", at_least, 7,
         "times one worker"},
    Goal{"consumer over bare subscription, handler of bytes", "cost_of_consumer/raw_us", at_most, 1,
         "µs an event"},
    Goal{"consumer over bare subscription, typed handler", "cost_of_consumer/typed_us", at_most, 1,
         "µs an event"},
    Goal{"Redis: publish, batches of 100", "publish_against_hiredis/100/ratio", at_least, 0.9,
         "of plain hiredis"},
    Goal{"Redis: publish, batches of 1000", "publish_against_hiredis/1000/ratio", at_least, 0.9,
         "of plain hiredis"},
    Goal{"Redis: consume, batches of 100", "consume_against_hiredis/100/ratio", at_least, 0.9,
         "of plain hiredis"},
    Goal{"Redis: consume, batches of 1000", "consume_against_hiredis/1000/ratio", at_least, 0.9,
         "of plain hiredis"},
    Goal{"Redis: produce beside the Python package", "redis_beside_python/produce_times", at_least, 20,
         "times Python"},
    Goal{"Redis: consume beside the Python package", "redis_beside_python/consume_times", at_least, 50,
         "times Python"},
    Goal{"Redis: send to handler p50", "send_to_handler_over_redis/p50_us", at_most, 300, "µs"},
    Goal{"Kafka: publish, batches of 100", "publish_against_librdkafka/1/100/ratio", at_least, 0.9,
         "of plain librdkafka"},
    Goal{"Kafka: publish, batches of 1000", "publish_against_librdkafka/1/1000/ratio", at_least, 0.9,
         "of plain librdkafka"},
    Goal{"Kafka: publish, batches of 100, 6 partitions", "publish_against_librdkafka/6/100/ratio", at_least,
         0.9, "of plain librdkafka"},
    Goal{"Kafka: publish, batches of 1000, 6 partitions", "publish_against_librdkafka/6/1000/ratio", at_least,
         0.9, "of plain librdkafka"},
    Goal{"Kafka: post", "post_against_librdkafka/1/ratio", at_least, 0.9, "of plain librdkafka"},
    Goal{"Kafka: post, 6 partitions", "post_against_librdkafka/6/ratio", at_least, 0.9,
         "of plain librdkafka"},
    Goal{"Kafka: consume, one worker", "consume_against_librdkafka/1/one_ratio", at_least, 0.6,
         "of plain librdkafka"},
    Goal{"Kafka: consume, two workers", "consume_against_librdkafka/1/two_ratio", at_least, 0.9,
         "of plain librdkafka"},
    Goal{"Kafka: consume, one worker, 6 partitions", "consume_against_librdkafka/6/one_ratio", at_least, 0.6,
         "of plain librdkafka"},
    Goal{"Kafka: consume, two workers, 6 partitions", "consume_against_librdkafka/6/two_ratio", at_least, 0.9,
         "of plain librdkafka"},
    Goal{"Kafka: produce beside the Python package", "kafka_beside_python/produce_times", at_least, 20,
         "times Python"},
    Goal{"Kafka: consume beside the Python package", "kafka_beside_python/consume_times", at_least, 20,
         "times Python"},
    Goal{"Kafka: send to handler p50", "send_to_handler_over_kafka/3/1000/p50_ratio", at_most, 1.2,
         "times plain librdkafka"},
    Goal{"Kafka: send to handler p50, 300 ms between events", "send_to_handler_over_kafka/300/60/p50_ratio",
         at_most, 1.2, "times plain librdkafka"},
    Goal{"start-up of the program", "start_up_version/p50_ms", at_most, 20, "ms"},
    Goal{"a consumer's start, one event, end", "start_up_consumer/p50_ms", at_most, 20, "ms"},
    Goal{"memory of an idle consumer", "idle_consumer/resident_MB", at_most, 15, "MB"},
    Goal{"processor use of an idle consumer", "idle_consumer/cpu_percent", at_most, 0.1, "%"},
};

/// Without the options that Google Benchmark adds: `/manual_time`, `/iterations:1`, ...
std::string plain_name(std::string name) {
    for (const std::string_view option :
         {"/min_time", "/iterations", "/manual_time", "/real_time", "/threads"})
        if (const auto at = name.find(option); at != std::string::npos) name.resize(at);
    return name;
}

}  // namespace

void GoalReporter::ReportRuns(const std::vector<Run>& runs) {
    for (const Run& run : runs) {
        if (run.error_occurred) continue;
        const std::string name = plain_name(run.benchmark_name());
        figures_[name + "/ns"] = run.GetAdjustedRealTime();
        for (const auto& [counter, value] : run.counters) figures_[name + "/" + counter] = value;
    }
    ConsoleReporter::ReportRuns(runs);
}

void GoalReporter::print_goals(std::ostream& out) const {
    out << "\n| what | goal | measured | |\n|---|---|---|---|\n" << std::setprecision(3);
    for (const Goal& goal : goals) {
        const auto figure = figures_.find(std::string(goal.figure));
        if (figure == figures_.end()) continue;
        const bool met = goal.side == at_most ? figure->second <= goal.value : figure->second >= goal.value;
        out << "| " << goal.what << " | " << (goal.side == at_most ? "at most " : "at least ") << goal.value
            << ' ' << goal.unit << " | " << figure->second << " | " << (met ? "met" : "missed") << " |\n";
    }
}

}  // namespace eventbus::bench
