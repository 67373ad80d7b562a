#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bare_redis.hpp"
#include "eventbus/bus/consumer.hpp"
#include "pairs.hpp"
#include "quantile.hpp"
#include "sample.hpp"
#include "tests/servers/redis_server.hpp"

namespace eventbus::bench {

namespace {

constexpr std::size_t stored = 20'000;

/// A server, our bus on it, and hiredis alone with the same fields.
class Scene {
  public:
    Scene() : bare(server.port()) {
        bus.send(learning::COURSE_ENROLLMENT_CREATED, sample_enrollment());
        fields = bare.first_fields("enrollments");
    }

    servers::RedisServer server;
    Bus bus{{.settings = redis_settings(server.url())}};
    BareRedis bare;
    BareRedis::Fields fields;
};

/// The whole typed way of a batch, from structs to the server's replies, in turn with plain pipelined XADD of
/// the same fields and bytes.
void publish_against_hiredis(benchmark::State& state) {
    const auto batch = static_cast<std::size_t>(state.range(0));
    Scene scene;
    const std::vector<learning::CourseEnrollmentCreated> events(batch, sample_enrollment());
    std::vector<double> ours;
    std::vector<double> theirs;
    std::size_t rounds = 0;
    for (auto _ : state) {
        // Many streams as long as this would measure the server's memory.
        if (++rounds % 100 == 0) scene.bare.flush();
        ours.push_back(seconds([&] { scene.bus.send_all(learning::COURSE_ENROLLMENT_CREATED, events); }));
        theirs.push_back(seconds([&] { scene.bare.publish("bare", scene.fields, batch); }));
        state.SetIterationTime(ours.back());
    }
    const auto a_second = [batch](const std::vector<double>& times) {
        return static_cast<double>(batch) / quantile(times, 0.5);
    };
    state.counters["events/s"] = a_second(ours);
    state.counters["hiredis/s"] = a_second(theirs);
    state.counters["ratio"] = median_ratio(theirs, ours);
}
BENCHMARK(publish_against_hiredis)->Arg(100)->Arg(1000)->UseManualTime()->MinTime(3);

double consume_ours(Bus& bus, const std::string& group, std::size_t batch) {
    const TopicName topic("enrollments");
    const auto member = bus.consumer_broker()->subscribe(
        {.topics = {topic}, .group = GroupName(group), .reset = {}, .member = {}, .prefetch = batch});
    // The first batch joins the group.
    std::size_t left = stored;
    const auto take = [&] {
        const auto events = member->poll(batch, std::chrono::seconds(5));
        std::vector<Receipt> receipts;
        for (const ReceivedEvent& event : events) receipts.push_back({&topic, event.position});
        member->acknowledge(receipts);
        left -= events.size();
    };
    take();
    return seconds([&] {
               while (left > 0) take();
           }) /
           static_cast<double>(stored - batch);
}

double consume_typed(Bus& bus, const std::string& group, std::size_t batch) {
    Consumer consumer(bus, {.topics = {"enrollments"}, .group = group, .prefetch = batch, .count = stored});
    return seconds([&] {
               if (consumer.run().handled != stored) throw std::runtime_error("events are missing");
           }) /
           static_cast<double>(stored);
}

/// Reading and acknowledging batches: our subscription, and a consumer with a typed handler, in turn with
/// plain XREADGROUP and XACK.
void consume_against_hiredis(benchmark::State& state) {
    const auto batch = static_cast<std::size_t>(state.range(0));
    Scene scene;
    const std::vector<learning::CourseEnrollmentCreated> events(stored - 1, sample_enrollment());
    scene.bus.send_all(learning::COURSE_ENROLLMENT_CREATED, events);
    scene.bus.connect(learning::COURSE_ENROLLMENT_CREATED, "use",
                      [](const learning::CourseEnrollmentCreated& event) {
                          benchmark::DoNotOptimize(event.enrollment.mode.size());
                      });
    std::vector<double> ours;
    std::vector<double> typed;
    std::vector<double> theirs;
    int round = 0;
    for (auto _ : state) {
        const std::string number = std::to_string(++round);
        ours.push_back(consume_ours(scene.bus, "ours" + number, batch));
        typed.push_back(consume_typed(scene.bus, "typed" + number, batch));
        scene.bare.make_group("enrollments", "bare" + number);
        std::size_t left = stored - scene.bare.consume("enrollments", "bare" + number, batch);
        const auto count = static_cast<double>(left);
        theirs.push_back(seconds([&] {
                             while (left > 0)
                                 left -= scene.bare.consume("enrollments", "bare" + number, batch);
                         }) /
                         count);
        state.SetIterationTime(ours.back());
    }
    state.counters["events/s"] = 1 / quantile(ours, 0.5);
    state.counters["typed/s"] = 1 / quantile(typed, 0.5);
    state.counters["hiredis/s"] = 1 / quantile(theirs, 0.5);
    state.counters["ratio"] = median_ratio(theirs, ours);
    state.counters["typed_ratio"] = median_ratio(theirs, typed);
}
BENCHMARK(consume_against_hiredis)->Arg(100)->Arg(1000)->UseManualTime()->Iterations(15);

struct PythonRates {
    double produced = 0;
    double consumed = 0;
};

PythonRates python_rates(const std::string& url) {
    const std::string command = std::string(EVENTBUS_PYTHON) + " " + EVENTBUS_BENCH_SOURCES +
                                "/python_redis.py " + url + " 2>/dev/null";
    FILE* const output = ::popen(command.c_str(), "r");
    if (output == nullptr) throw std::runtime_error("cannot run Python");
    std::array<char, 200> line{};
    const bool told = std::fgets(line.data(), static_cast<int>(line.size()), output) != nullptr;
    const bool ended_well = ::pclose(output) == 0;
    PythonRates rates;
    if (!told || !ended_well || !(std::istringstream(line.data()) >> rates.produced >> rates.consumed))
        throw std::runtime_error("the Python packages did not run");
    return rates;
}

/// One event at a time, as the Python package sends them, and consumed by its consumer; ours sends one at a
/// time as well, each with its reply, and many at once by posting.
void redis_beside_python(benchmark::State& state) {
    if (std::string(EVENTBUS_PYTHON).empty()) {
        state.SkipWithError("configure with -DEVENTBUS_PYTHON=, as `make bench` does");
        return;
    }
    for (auto _ : state) {
        Scene scene;
        const PythonRates python = python_rates(scene.server.url());
        const std::vector<learning::CourseEnrollmentCreated> events(stored - 1, sample_enrollment());
        const double one_by_one = seconds([&] {
                                      for (std::size_t i = 0; i < stored / 10; ++i)
                                          scene.bus.send(learning::COURSE_ENROLLMENT_CREATED, events[i]);
                                  }) /
                                  (static_cast<double>(stored) / 10);
        scene.bare.flush();
        const double together = seconds([&] {
                                    for (const auto& event : events)
                                        scene.bus.post(learning::COURSE_ENROLLMENT_CREATED, event);
                                    scene.bus.flush(std::chrono::seconds(60));
                                }) /
                                static_cast<double>(events.size());
        scene.bus.send(learning::COURSE_ENROLLMENT_CREATED, events.front());
        scene.bus.connect(learning::COURSE_ENROLLMENT_CREATED, "use",
                          [](const learning::CourseEnrollmentCreated&) {});
        const double consumed = consume_typed(scene.bus, "ours", 1000);
        state.SetIterationTime(consumed);
        state.counters["python_produce/s"] = python.produced;
        state.counters["python_consume/s"] = python.consumed;
        state.counters["send/s"] = 1 / one_by_one;
        state.counters["post/s"] = 1 / together;
        state.counters["consume/s"] = 1 / consumed;
        state.counters["send_times"] = 1 / one_by_one / python.produced;
        state.counters["produce_times"] = 1 / together / python.produced;
        state.counters["consume_times"] = 1 / consumed / python.consumed;
    }
}
BENCHMARK(redis_beside_python)->Iterations(1)->UseManualTime();

}  // namespace

}  // namespace eventbus::bench
