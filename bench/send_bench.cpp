#include <benchmark/benchmark.h>

#include <memory>

#include "eventbus/bus/bus.hpp"
#include "sample.hpp"

namespace eventbus::bench {

namespace {

struct SharedBus {
    ScratchDirectory scratch;
    Bus bus{{.settings = embedded_settings(scratch.file("bus.db"), "full")}};
};

/// Sends that each wait until the disk has the event: the threads share the syncs.
void durable_single_sends(benchmark::State& state) {
    static std::unique_ptr<SharedBus> shared;
    if (state.thread_index() == 0) {
        shared = std::make_unique<SharedBus>();
        shared->bus.send(learning::COURSE_ENROLLMENT_CREATED, sample_enrollment());
    }
    const auto data = sample_enrollment();
    for (auto _ : state) shared->bus.send(learning::COURSE_ENROLLMENT_CREATED, data);
    state.counters["events/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    if (state.thread_index() == 0) shared.reset();
}
BENCHMARK(durable_single_sends)->Threads(1)->Threads(64)->UseRealTime()->MinTime(2);

/// A send to nobody: what a service pays for events that no setting sends anywhere.
void send_to_nobody(benchmark::State& state) {
    Bus bus;
    const auto data = sample_enrollment();
    for (auto _ : state) bus.send(learning::COURSE_ENROLLMENT_CREATED, data);
}
BENCHMARK(send_to_nobody);

void send_to_a_handler(benchmark::State& state) {
    Bus bus;
    std::int64_t sum = 0;
    bus.connect(learning::COURSE_ENROLLMENT_CREATED, "sum",
                [&sum](const learning::CourseEnrollmentCreated& event) { sum += event.enrollment.user.id; });
    const auto data = sample_enrollment();
    for (auto _ : state) bus.send(learning::COURSE_ENROLLMENT_CREATED, data);
    benchmark::DoNotOptimize(sum);
}
BENCHMARK(send_to_a_handler);

}  // namespace

}  // namespace eventbus::bench
