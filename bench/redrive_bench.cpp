#include <benchmark/benchmark.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/dead_letter_box.hpp"
#include "eventbus/bus/dead_letter_topic.hpp"
#include "sample.hpp"

namespace eventbus::bench {

namespace {

constexpr int letters = 100'000;

template <class Work>
double seconds(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

ReceivedEvent event_as_received(const Bus& bus, int number) {
    auto data = sample_enrollment();
    data.enrollment.user.pii.username = "learner" + std::to_string(number % 1000);
    ReceivedEvent event{TopicName("enrollments"),
                        {Partition{0}, {static_cast<std::uint64_t>(number) + 1, 0}},
                        std::to_string(number + 1),
                        {},
                        {},
                        {},
                        {},
                        {},
                        {},
                        now()};
    event.metadata = bus.make_metadata(learning::COURSE_ENROLLMENT_CREATED.type());
    event.key = data.enrollment.user.pii.username;
    learning::COURSE_ENROLLMENT_CREATED.encode(data, event.payload);
    return event;
}

/// What a consumer leaves behind whose handler failed on every event.
void write_letters(Bus& bus, const TopicName& topic) {
    constexpr int at_once = 1000;
    const auto publisher = bus.producer_broker()->publisher();
    for (int written = 0; written < letters; written += at_once) {
        std::vector<ReceivedEvent> events;
        for (int i = 0; i < at_once; ++i) events.push_back(event_as_received(bus, written + i));
        std::vector<OutgoingDeadLetter> records;
        for (const ReceivedEvent& event : events) {
            const Failure failure{
                FailureReason::failed, "sink",         "the service answered 503: try later", 5,
                event.stored_at,       event.stored_at};
            records.push_back(OutgoingDeadLetter::letter(topic, event, failure, "bench"));
        }
        std::vector<OutgoingEvent> out;
        for (const OutgoingDeadLetter& record : records) out.push_back(record.view());
        for (const Delivery& delivery : publisher->publish(out))
            if (delivery.failure) std::rethrow_exception(delivery.failure);
    }
}

/// 100,000 dead letters listed, then all sent on.
void redrive_dead_letters(benchmark::State& state) {
    for (auto _ : state) {
        const ScratchDirectory scratch;
        Bus bus({.settings = embedded_settings(scratch.file("bus.db"), "full")});
        const TopicName topic("enrollments");
        const GroupName group("bench");
        const TopicName dead_letters = dead_letter_topic(topic, group);
        bus.consumer_broker()->admin()->create_topic(dead_letters, {.partitions = 1, .retention = {}});
        write_letters(bus, dead_letters);

        DeadLetterBox box(bus.consumer_broker(), topic, group);
        DeadLettersSeen seen;
        const double list = seconds([&] { seen = box.count({}); });
        if (seen.letters != letters) throw std::runtime_error("letters are missing");
        const double redrive = seconds([&] { seen = box.redrive({}); });
        if (seen.letters != letters) throw std::runtime_error("letters were not sent on");
        state.SetIterationTime(redrive);
        state.counters["letters/s"] = letters / redrive;
        state.counters["list_s"] = list;
    }
}
BENCHMARK(redrive_dead_letters)->Iterations(1)->UseManualTime();

}  // namespace

}  // namespace eventbus::bench
