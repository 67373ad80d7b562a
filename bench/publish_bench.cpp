#include <benchmark/benchmark.h>

#include <chrono>

#include "bare_sqlite.hpp"
#include "eventbus/bus/bus.hpp"
#include "quantile.hpp"
#include "sample.hpp"

namespace eventbus::bench {

namespace {

using Clock = std::chrono::steady_clock;

double median_ratio(const std::vector<double>& theirs, const std::vector<double>& ours) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(theirs[i] / ours[i]);
    return quantile(ratios, 0.5);
}

/// The whole typed way of a batch, from structs to what is durable in the embedded bus, in turn with plain
/// SQLite inserts, of the same rows and of the encoded data alone: the ratios hold however the machine's
/// speed drifts.
void publish_against_sqlite(benchmark::State& state, const char* sync) {
    const auto batch = static_cast<std::size_t>(state.range(0));
    const ScratchDirectory scratch;
    Bus bus({.settings = embedded_settings(scratch.file("bus.db"), sync)});
    BareSqlite bare(scratch.file("bare.db"), sync);
    const std::vector<learning::CourseEnrollmentCreated> events(batch, sample_enrollment());
    std::vector<std::byte> body;
    learning::COURSE_ENROLLMENT_CREATED.encode(events.front(), body);

    const std::string_view key = events.front().enrollment.user.pii.username;
    const auto timed = [](const auto& work) {
        const auto start = Clock::now();
        work();
        return std::chrono::duration<double>(Clock::now() - start).count();
    };
    const auto insert_batch = [&](const auto& insert) {
        return timed([&] {
            bare.begin();
            for (std::size_t i = 0; i < batch; ++i) insert();
            bare.commit();
        });
    };

    std::vector<double> ours;
    std::vector<double> same_rows;
    std::vector<double> bytes_alone;
    for (auto _ : state) {
        ours.push_back(timed([&] { bus.send_all(learning::COURSE_ENROLLMENT_CREATED, events); }));
        same_rows.push_back(insert_batch([&] { bare.insert_event(body, key); }));
        bytes_alone.push_back(insert_batch([&] { bare.insert(body); }));
        state.SetIterationTime(ours.back());
    }
    const auto a_second = [batch](const std::vector<double>& seconds) {
        return static_cast<double>(batch) / quantile(seconds, 0.5);
    };
    state.counters["events/s"] = a_second(ours);
    state.counters["sqlite_rows/s"] = a_second(same_rows);
    state.counters["sqlite_bytes/s"] = a_second(bytes_alone);
    state.counters["ratio"] = median_ratio(same_rows, ours);
    state.counters["ratio_bytes"] = median_ratio(bytes_alone, ours);
}
BENCHMARK_CAPTURE(publish_against_sqlite, full, "full")->Arg(100)->Arg(1000)->UseManualTime()->MinTime(3);
BENCHMARK_CAPTURE(publish_against_sqlite, normal, "normal")->Arg(100)->Arg(1000)->UseManualTime()->MinTime(3);

}  // namespace

}  // namespace eventbus::bench
