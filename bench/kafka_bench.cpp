#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <semaphore>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bare_kafka.hpp"
#include "eventbus/broker/admin.hpp"
#include "eventbus/broker/kafka/options.hpp"
#include "eventbus/bus/consumer.hpp"
#include "pairs.hpp"
#include "quantile.hpp"
#include "sample.hpp"
#include "tests/servers/kafka_cluster.hpp"
#include "tests/servers/schema_registry_server.hpp"

namespace eventbus::bench {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t keys = 1000;
constexpr std::size_t stored = 100'000;
constexpr std::size_t prefetch = 1000;

/// When the first event of a run was handled, and when the last was acknowledged.
class Progress final : public Observer {
  public:
    void note_handled() {
        if (!has_begun_.load(std::memory_order_relaxed) && !has_begun_.exchange(true)) begin_ = Clock::now();
    }
    void acknowledged(std::size_t events) override {
        acknowledged_ += events;
        end_ = Clock::now();
    }

    void restart() {
        has_begun_ = false;
        acknowledged_ = 0;
    }
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(end_.load() - begin_.load()).count();
    }
    [[nodiscard]] std::size_t events() const { return acknowledged_; }

  private:
    std::atomic<bool> has_begun_ = false;
    std::atomic<Clock::time_point> begin_;
    std::atomic<Clock::time_point> end_;
    std::atomic<std::size_t> acknowledged_ = 0;
};

KafkaOptions options_for(const std::string& brokers, const std::string& registry) {
    KafkaOptions options{.bootstrap_servers = brokers};
    options.registry.urls = {registry};
    options.consumer_properties = {{"queued.max.messages.kbytes", "131072"}};
    return options;
}

/// A broker and a registry, our bus on them with the topic `enrollments`, and librdkafka alone with the
/// properties that the bus gives it.
class Scene {
  public:
    explicit Scene(std::int32_t partitions) {
        receiver.connect(learning::COURSE_ENROLLMENT_CREATED, "use",
                         [this](const learning::CourseEnrollmentCreated& event) {
                             progress->note_handled();
                             benchmark::DoNotOptimize(event.enrollment.mode.size());
                         });
        const auto admin = bus.producer_broker()->admin();
        for (const char* const topic : {"enrollments", "bare"})
            admin->create_topic(TopicName(topic), {.partitions = partitions, .retention = {}});
    }

    [[nodiscard]] kafka::Properties for_member(const std::string& group) const {
        return options.for_member(group, {});
    }

    /// What the bus writes of these events.
    [[nodiscard]] std::vector<BareRecord> records(
        const std::vector<learning::CourseEnrollmentCreated>& events) {
        bus.send_all(learning::COURSE_ENROLLMENT_CREATED, events);
        return first_records(for_member("records"), "enrollments", events.size());
    }

    /// Stores `stored` events of `keys` keys.
    void fill() {
        const auto events = sample_enrollments(keys);
        for (std::size_t sent = 0; sent < stored; sent += keys)
            bus.send_all(learning::COURSE_ENROLLMENT_CREATED, events);
    }

    /// Seconds for each event of `fill`, through a consumer with a typed handler that does nothing.
    [[nodiscard]] double consume(const std::string& group, std::size_t workers) {
        progress->restart();
        Consumer(receiver, {.topics = {"enrollments"},
                            .group = group,
                            .prefetch = prefetch,
                            .count = stored,
                            .workers = workers})
            .run();
        if (progress->events() != stored) throw std::runtime_error("events are missing");
        return progress->seconds() / static_cast<double>(stored);
    }

    servers::KafkaCluster kafka;
    servers::SchemaRegistryServer registry;
    kafka_topics::Options options{options_for(kafka.addresses(), registry.url())};
    std::shared_ptr<Progress> progress = std::make_shared<Progress>();
    Bus bus{{.settings = kafka_settings(kafka.addresses(), registry.url())}};
    /// Another, as handlers of the first would be called by its sends.
    Bus receiver{{.settings = bus.settings(), .observers = {progress}}};
};

/// glibc puts the small blocks together that were freed when a large one is asked for: each side does this
/// for its own, not for what the other left.
void tidy_heap() {
    const std::vector<char> large(100'000);
    benchmark::DoNotOptimize(large.data());
}

/// Ours and plain librdkafka in turn, each the same events; the time of a round is ours.
void compare_publishing(benchmark::State& state, std::size_t events, const std::function<void()>& ours,
                        const std::function<void()>& theirs) {
    // What is done once: connections, ids of producers, schemas.
    ours();
    theirs();
    std::vector<double> our_times;
    std::vector<double> their_times;
    for (auto _ : state) {
        tidy_heap();
        our_times.push_back(seconds(ours));
        tidy_heap();
        their_times.push_back(seconds(theirs));
        state.SetIterationTime(our_times.back());
    }
    state.counters["events/s"] = static_cast<double>(events) / quantile(our_times, 0.5);
    state.counters["librdkafka/s"] = static_cast<double>(events) / quantile(their_times, 0.5);
    state.counters["ratio"] = median_ratio(their_times, our_times);
}

/// The whole typed way of a batch, from structs to the brokers' confirmations, in turn with librdkafka that
/// gets the same records as they are. On so many partitions, by the keys.
void publish_against_librdkafka(benchmark::State& state) {
    const auto batch = static_cast<std::size_t>(state.range(1));
    Scene scene(static_cast<std::int32_t>(state.range(0)));
    const auto events = sample_enrollments(batch);
    const auto records = scene.records(events);
    BareProducer bare(scene.options.for_producer(), "bare");
    compare_publishing(
        state, batch, [&] { scene.bus.send_all(learning::COURSE_ENROLLMENT_CREATED, events); },
        [&] { bare.publish(records, batch); });
}
BENCHMARK(publish_against_librdkafka)->Args({1, 100})->Args({6, 100})->UseManualTime()->Iterations(1000);
BENCHMARK(publish_against_librdkafka)->Args({1, 1000})->Args({6, 1000})->UseManualTime()->Iterations(200);

/// As many as the producer's queue takes, one posted after the other, without waiting between them.
void post_against_librdkafka(benchmark::State& state) {
    constexpr std::size_t count = 50'000;
    Scene scene(static_cast<std::int32_t>(state.range(0)));
    const auto events = sample_enrollments(keys);
    const auto records = scene.records(events);
    BareProducer bare(scene.options.for_producer(), "bare");
    compare_publishing(
        state, count,
        [&] {
            for (std::size_t i = 0; i < count; ++i)
                scene.bus.post(learning::COURSE_ENROLLMENT_CREATED, events[i % keys]);
            if (!scene.bus.flush(60s)) throw std::runtime_error("events are not stored");
        },
        [&] { bare.publish(records, count); });
}
BENCHMARK(post_against_librdkafka)->Arg(1)->Arg(6)->UseManualTime()->Iterations(15);

/// Seconds for each event that plain librdkafka reads and commits, batch by batch.
double consume_bare(const Scene& scene, const std::string& group) {
    BareConsumer bare(scene.for_member(group), "enrollments");
    std::size_t left = stored;
    Clock::time_point begin{};
    while (left > 0) {
        const std::size_t count = bare.consume(prefetch, 5s, [&](const rd_kafka_message_t& message) {
            if (begin == Clock::time_point{}) begin = Clock::now();
            benchmark::DoNotOptimize(message.len);
        });
        if (count == 0) throw std::runtime_error("events are missing");
        left -= count;
    }
    return std::chrono::duration<double>(Clock::now() - begin).count() / static_cast<double>(stored);
}

/// Seconds for each event of our subscription, without decoding.
double consume_by_hand(const Scene& scene, const std::string& group) {
    const TopicName topic("enrollments");
    const auto member = scene.bus.consumer_broker()->subscribe(
        {.topics = {topic}, .group = GroupName(group), .reset = {}, .member = {}, .prefetch = prefetch});
    std::size_t left = stored;
    Clock::time_point begin{};
    while (left > 0) {
        const auto events = member->poll(prefetch, 5s);
        if (events.empty()) throw std::runtime_error("events are missing");
        if (begin == Clock::time_point{}) begin = Clock::now();
        std::vector<Receipt> receipts;
        for (const ReceivedEvent& event : events) receipts.push_back({&topic, event.position});
        member->acknowledge(receipts);
        left -= events.size();
    }
    return std::chrono::duration<double>(Clock::now() - begin).count() / static_cast<double>(stored);
}

/// A consumer with a typed handler that does nothing, with one worker and with two, and our subscription by
/// hand, in turn with librdkafka that reads the same records and commits each batch of up to as many. From
/// the first event handled to the last commit.
void consume_against_librdkafka(benchmark::State& state) {
    Scene scene(static_cast<std::int32_t>(state.range(0)));
    scene.fill();
    std::vector<double> bare;
    std::vector<double> by_hand;
    std::vector<double> one_worker;
    std::vector<double> two_workers;
    int round = 0;
    for (auto _ : state) {
        const std::string number = std::to_string(++round);
        one_worker.push_back(scene.consume("one" + number, 1));
        bare.push_back(consume_bare(scene, "bare" + number));
        two_workers.push_back(scene.consume("two" + number, 2));
        by_hand.push_back(consume_by_hand(scene, "hand" + number));
        state.SetIterationTime(one_worker.back());
    }
    state.counters["one/s"] = 1 / quantile(one_worker, 0.5);
    state.counters["two/s"] = 1 / quantile(two_workers, 0.5);
    state.counters["by_hand/s"] = 1 / quantile(by_hand, 0.5);
    state.counters["librdkafka/s"] = 1 / quantile(bare, 0.5);
    state.counters["one_ratio"] = median_ratio(bare, one_worker);
    state.counters["two_ratio"] = median_ratio(bare, two_workers);
    state.counters["by_hand_ratio"] = median_ratio(bare, by_hand);
}
BENCHMARK(consume_against_librdkafka)->Arg(1)->Arg(6)->UseManualTime()->Iterations(9);

/// Notes when one event at a time arrives on another thread.
class Arrival {
  public:
    void note() {
        at_ = Clock::now();
        came_.release();
    }
    [[nodiscard]] double microseconds_after(const std::function<void()>& send) {
        const auto begin = Clock::now();
        send();
        if (!came_.try_acquire_for(10s)) throw std::runtime_error("an event is missing");
        return std::chrono::duration<double, std::micro>(at_ - begin).count();
    }

  private:
    Clock::time_point at_;
    std::binary_semaphore came_{0};
};

/// From the call of `send` to the handler on another thread of the process, one event at a time, in turn with
/// librdkafka that produces and reads the same, after so many milliseconds without any.
void send_to_handler_over_kafka(benchmark::State& state) {
    const std::chrono::milliseconds pause(state.range(0));
    const auto rounds = static_cast<int>(state.range(1));
    for (auto _ : state) {
        Scene scene(1);
        const auto event = sample_enrollment();
        const auto record = scene.records({event});
        Arrival ours;
        Arrival theirs;
        Bus receiver({.settings = scene.bus.settings()});
        receiver.connect(learning::COURSE_ENROLLMENT_CREATED, "note",
                         [&](const learning::CourseEnrollmentCreated&) { ours.note(); });
        const std::jthread our_consumer([&](std::stop_token stop) {
            Consumer(receiver, {.topics = {"enrollments"}, .group = "ours"}).run(std::move(stop));
        });
        const std::jthread their_consumer([&](const std::stop_token& stop) {
            BareConsumer bare(scene.for_member("bare"), "bare");
            while (!stop.stop_requested())
                bare.consume(prefetch, 100ms, [&](const rd_kafka_message_t&) { theirs.note(); });
        });
        BareProducer bare(scene.options.for_producer(), "bare");
        const auto send = [&] { scene.bus.send(learning::COURSE_ENROLLMENT_CREATED, event); };
        const auto produce = [&] { bare.publish(record, 1); };
        // The groups form; ours gets the event that stands there.
        static_cast<void>(ours.microseconds_after([] {}));
        static_cast<void>(theirs.microseconds_after(produce));
        std::vector<double> our_times;
        std::vector<double> their_times;
        for (int i = 0; i < rounds; ++i) {
            std::this_thread::sleep_for(pause);
            our_times.push_back(ours.microseconds_after(send));
            std::this_thread::sleep_for(pause);
            their_times.push_back(theirs.microseconds_after(produce));
        }
        const double p50 = quantile(our_times, 0.5);
        const double bare_p50 = quantile(their_times, 0.5);
        state.SetIterationTime(p50 / 1e6);
        state.counters["p50_us"] = p50;
        state.counters["p99_us"] = quantile(our_times, 0.99);
        state.counters["bare_p50_us"] = bare_p50;
        state.counters["bare_p99_us"] = quantile(their_times, 0.99);
        state.counters["p90_us"] = quantile(our_times, 0.9);
        state.counters["bare_p90_us"] = quantile(their_times, 0.9);
        state.counters["p50_ratio"] = p50 / bare_p50;
        state.counters["p90_ratio"] = quantile(our_times, 0.9) / quantile(their_times, 0.9);
    }
}
BENCHMARK(send_to_handler_over_kafka)->Args({3, 1000})->Args({300, 60})->Iterations(1)->UseManualTime();

struct PythonRates {
    double produced = 0;
    double consumed = 0;
};

PythonRates python_rates(const Scene& scene) {
    const std::string command = std::string(EVENTBUS_PYTHON) + " " + EVENTBUS_BENCH_SOURCES +
                                "/python_kafka.py " + scene.kafka.addresses() + " " + scene.registry.url() +
                                " 2>/dev/null";
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

/// The Python package sends and consumes one event after the other; ours posts them one after the other, and
/// consumes them with one worker; and sends one at a time, each with its confirmation.
void kafka_beside_python(benchmark::State& state) {
    if (std::string(EVENTBUS_PYTHON).empty()) {
        state.SkipWithError("configure with -DEVENTBUS_PYTHON=, as `make bench` does");
        return;
    }
    for (auto _ : state) {
        Scene scene(1);
        const PythonRates python = python_rates(scene);
        const auto event = sample_enrollment();
        scene.bus.send(learning::COURSE_ENROLLMENT_CREATED, event);
        constexpr std::size_t alone = 2000;
        const double one_by_one = seconds([&] {
                                      for (std::size_t i = 0; i < alone; ++i)
                                          scene.bus.send(learning::COURSE_ENROLLMENT_CREATED, event);
                                  }) /
                                  static_cast<double>(alone);
        constexpr std::size_t left = stored - alone - 1;
        const double together = seconds([&] {
                                    for (std::size_t i = 0; i < left; ++i)
                                        scene.bus.post(learning::COURSE_ENROLLMENT_CREATED, event);
                                    scene.bus.flush(60s);
                                }) /
                                static_cast<double>(left);
        const double consumed = scene.consume("ours", 1);
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
BENCHMARK(kafka_beside_python)->Iterations(1)->UseManualTime();

}  // namespace

}  // namespace eventbus::bench
