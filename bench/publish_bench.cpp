#include <benchmark/benchmark.h>

#include "bare_sqlite.hpp"
#include "eventbus/bus/bus.hpp"
#include "pairs.hpp"
#include "quantile.hpp"
#include "sample.hpp"

namespace eventbus::bench {

namespace {

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
    const auto insert_batch = [&](const auto& insert) {
        return seconds([&] {
            bare.begin();
            for (std::size_t i = 0; i < batch; ++i) insert();
            bare.commit();
        });
    };

    std::vector<double> ours;
    std::vector<double> same_rows;
    std::vector<double> bytes_alone;
    for (auto _ : state) {
        ours.push_back(seconds([&] { bus.send_all(learning::COURSE_ENROLLMENT_CREATED, events); }));
        same_rows.push_back(insert_batch([&] { bare.insert_event(body, key); }));
        bytes_alone.push_back(insert_batch([&] { bare.insert(body); }));
        state.SetIterationTime(ours.back());
    }
    const auto a_second = [batch](const std::vector<double>& times) {
        return static_cast<double>(batch) / quantile(times, 0.5);
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
