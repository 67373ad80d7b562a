#include <benchmark/benchmark.h>

#include "allocations.hpp"
#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/schema.hpp"
#include "sample.hpp"

namespace eventbus::bench {

namespace {

void encode_enrollment(benchmark::State& state) {
    const auto data = sample_enrollment();
    std::vector<std::byte> buffer;
    learning::COURSE_ENROLLMENT_CREATED.encode(data, buffer);
    const std::uint64_t before = allocations();
    for (auto _ : state) {
        buffer.clear();
        learning::COURSE_ENROLLMENT_CREATED.encode(data, buffer);
        benchmark::DoNotOptimize(buffer.data());
    }
    state.counters["allocations"] =
        benchmark::Counter(static_cast<double>(allocations() - before), benchmark::Counter::kAvgIterations);
    state.counters["bytes"] = static_cast<double>(buffer.size());
}
BENCHMARK(encode_enrollment);

void decode_enrollment(benchmark::State& state) {
    std::vector<std::byte> body;
    learning::COURSE_ENROLLMENT_CREATED.encode(sample_enrollment(), body);
    const std::uint64_t before = allocations();
    for (auto _ : state) {
        auto data = learning::COURSE_ENROLLMENT_CREATED.decode(body);
        benchmark::DoNotOptimize(data);
    }
    state.counters["allocations"] =
        benchmark::Counter(static_cast<double>(allocations() - before), benchmark::Counter::kAvgIterations);
}
BENCHMARK(decode_enrollment);

void enrollment_to_json(benchmark::State& state) {
    std::vector<std::byte> body;
    learning::COURSE_ENROLLMENT_CREATED.encode(sample_enrollment(), body);
    const auto schema = avro::SchemaDocument::parse(learning::COURSE_ENROLLMENT_CREATED.type().schema);
    std::string json;
    for (auto _ : state) {
        json.clear();
        avro::append_json(json, schema->root(), body);
        benchmark::DoNotOptimize(json.data());
    }
}
BENCHMARK(enrollment_to_json);

}  // namespace

}  // namespace eventbus::bench
