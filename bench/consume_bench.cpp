#include <benchmark/benchmark.h>
#include <time.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "eventbus/bus/consumer.hpp"
#include "quantile.hpp"
#include "sample.hpp"

namespace eventbus::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t keys = 1000;
constexpr std::size_t batch = 1000;

double processor_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct Took {
    double seconds;
    double processor_seconds;
};

template <class Work>
Took timed(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    const double processor_start = processor_seconds();
    work();
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
            processor_seconds() - processor_start};
}

/// An embedded bus with so many enrolments of 1,000 keys on a topic of one partition.
class StoredEvents {
  public:
    explicit StoredEvents(std::size_t events)
        : settings_(embedded_settings(scratch_.file("bus.db"), "normal")), events_(events) {
        Bus bus({.settings = settings_});
        const auto some = sample_enrollments(keys);
        for (std::size_t sent = 0; sent < events; sent += some.size())
            bus.send_all(learning::COURSE_ENROLLMENT_CREATED, some);
    }

    [[nodiscard]] const Settings& settings() const { return settings_; }

    /// All of them through a consumer, from joining the group to leaving it.
    Took consume(Bus& bus, const std::string& group, std::size_t workers) const {
        Consumer consumer(bus, {.topics = {"enrollments"},
                                .group = group,
                                .reset = Earliest{},
                                .prefetch = batch,
                                .count = events_,
                                .workers = workers});
        return timed([&] {
            if (consumer.run().handled != events_) throw std::runtime_error("events are missing");
        });
    }

    /// The same by hand: poll, use each event, acknowledge the batch.
    template <class Use>
    Took poll(Bus& bus, const std::string& group, const Use& use) const {
        return timed([&] {
            const TopicName topic("enrollments");
            const auto subscription = bus.consumer_broker()->subscribe({.topics = {topic},
                                                                        .group = GroupName(group),
                                                                        .reset = Earliest{},
                                                                        .member = {},
                                                                        .prefetch = batch});
            for (std::size_t polled = 0; polled < events_;) {
                const auto events = subscription->poll(batch, 1s);
                std::vector<Receipt> receipts;
                for (const ReceivedEvent& event : events) {
                    use(event);
                    receipts.push_back({&topic, event.position});
                }
                subscription->acknowledge(receipts);
                polled += events.size();
            }
            subscription->close();
        });
    }

  private:
    ScratchDirectory scratch_;
    Settings settings_;
    std::size_t events_;
};

/// Eight workers against one, with a handler that waits as one that calls a slow service does.
void consume_with_workers(benchmark::State& state) {
    const StoredEvents events(2 * keys);
    Bus bus({.settings = events.settings()});
    bus.connect(learning::COURSE_ENROLLMENT_CREATED, "slow",
                [](const learning::CourseEnrollmentCreated&) { std::this_thread::sleep_for(5ms); });
    std::vector<double> ratios;
    for (auto _ : state) {
        const double one = events.consume(bus, "one", 1).seconds;
        const double eight = events.consume(bus, "eight", 8).seconds;
        ratios.push_back(one / eight);
        state.SetIterationTime(eight);
    }
    state.counters["times_one"] = quantile(ratios, 0.5);
}
BENCHMARK(consume_with_workers)->Iterations(3)->UseManualTime();

/// What one way of reading the events costs an event.
struct Way {
    std::vector<Took> runs;

    [[nodiscard]] double us_over(const Way& other, double Took::*what, std::size_t events) const {
        std::vector<double> differences;
        for (std::size_t i = 0; i < runs.size(); ++i)
            differences.push_back((runs[i].*what - other.runs[i].*what) * 1e6 / static_cast<double>(events));
        return quantile(differences, 0.5);
    }
    [[nodiscard]] double us(std::size_t events) const {
        std::vector<double> each;
        for (const Took& run : runs) each.push_back(run.seconds * 1e6 / static_cast<double>(events));
        return quantile(each, 0.5);
    }
};

/// What a consumer adds to a subscription that is polled and acknowledged by hand, with handlers that do
/// nothing. All ways take their turns, and each is compared with the bare one of the same turn: a typed
/// handler with one that decodes the event as well.
void cost_of_consumer(benchmark::State& state) {
    constexpr std::size_t count = 20 * keys;
    const StoredEvents events(count);
    Bus typed({.settings = events.settings()});
    typed.connect(learning::COURSE_ENROLLMENT_CREATED, "nothing",
                  [](const learning::CourseEnrollmentCreated& data) { benchmark::DoNotOptimize(&data); });
    Bus raw({.settings = events.settings()});
    raw.connect_all("nothing", [](const RawEvent& event) { benchmark::DoNotOptimize(&event); });
    const auto ignore = [](const ReceivedEvent& event) { benchmark::DoNotOptimize(&event); };
    const auto decode = [](const ReceivedEvent& event) {
        auto data = learning::COURSE_ENROLLMENT_CREATED.decode(event.payload);
        benchmark::DoNotOptimize(data);
    };

    Way bare, bare_decoding, raw_alone, typed_alone, raw_together, typed_together;
    for (auto _ : state) {
        bare.runs.push_back(events.poll(raw, "bare", ignore));
        raw_alone.runs.push_back(events.consume(raw, "raw", 1));
        bare_decoding.runs.push_back(events.poll(raw, "decode", decode));
        typed_alone.runs.push_back(events.consume(typed, "typed", 1));
        raw_together.runs.push_back(events.consume(raw, "raw4", 4));
        typed_together.runs.push_back(events.consume(typed, "typed4", 4));
        state.SetIterationTime(typed_alone.runs.back().seconds);
    }
    state.counters["bare_us"] = bare.us(count);
    state.counters["decode_us"] = bare_decoding.us_over(bare, &Took::seconds, count);
    const auto report = [&](const std::string& name, const Way& way, const Way& against) {
        state.counters[name + "_us"] = way.us_over(against, &Took::seconds, count);
        state.counters[name + "_cpu_us"] = way.us_over(against, &Took::processor_seconds, count);
    };
    report("raw", raw_alone, bare);
    report("typed", typed_alone, bare_decoding);
    report("raw_4_workers", raw_together, bare);
    report("typed_4_workers", typed_together, bare_decoding);
}
BENCHMARK(cost_of_consumer)->Iterations(15)->UseManualTime();

}  // namespace

}  // namespace eventbus::bench
