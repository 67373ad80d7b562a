#include <benchmark/benchmark.h>

#include <chrono>

#include "bare_sqlite.hpp"
#include "eventbus/bus/bus.hpp"
#include "quantile.hpp"
#include "sample.hpp"

namespace eventbus::bench {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The whole typed way of a batch, from structs to what is durable in the embedded bus, in turn with plain
/// SQLite inserts of the same bytes: the ratio holds however the machine's speed drifts.
void publish_against_sqlite(benchmark::State& state, const char* sync) {
    const auto batch = static_cast<std::size_t>(state.range(0));
    const ScratchDirectory scratch;
    Bus bus({.settings = embedded_settings(scratch.file("bus.db"), sync)});
    BareSqlite bare(scratch.file("bare.db"), sync);
    const std::vector<learning::CourseEnrollmentCreated> events(batch, sample_enrollment());
    std::vector<std::byte> body;
    learning::COURSE_ENROLLMENT_CREATED.encode(events.front(), body);

    std::vector<double> ratios;
    double ours = 0;
    double theirs = 0;
    for (auto _ : state) {
        auto start = Clock::now();
        for (const auto& event : events) bus.post(learning::COURSE_ENROLLMENT_CREATED, event);
        bus.flush(std::chrono::minutes(1));
        const double bus_seconds = seconds_since(start);

        start = Clock::now();
        bare.begin();
        for (std::size_t i = 0; i < batch; ++i) bare.insert(body);
        bare.commit();
        const double bare_seconds = seconds_since(start);

        state.SetIterationTime(bus_seconds);
        ratios.push_back(bare_seconds / bus_seconds);
        ours += bus_seconds;
        theirs += bare_seconds;
    }
    const auto count = static_cast<double>(batch) * static_cast<double>(state.iterations());
    state.counters["events/s"] = count / ours;
    state.counters["sqlite/s"] = count / theirs;
    state.counters["ratio"] = quantile(ratios, 0.5);
}
BENCHMARK_CAPTURE(publish_against_sqlite, full, "full")->Arg(100)->Arg(1000)->UseManualTime()->MinTime(3);
BENCHMARK_CAPTURE(publish_against_sqlite, normal, "normal")->Arg(100)->Arg(1000)->UseManualTime()->MinTime(3);

}  // namespace

}  // namespace eventbus::bench
