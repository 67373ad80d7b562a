#include <benchmark/benchmark.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include "bare_sqlite.hpp"
#include "eventbus/bus/consumer.hpp"
#include "quantile.hpp"
#include "sample.hpp"
#include "tests/servers/redis_server.hpp"

namespace eventbus::bench {

namespace {

constexpr int events = 1000;
constexpr std::chrono::microseconds pause{1500};

/// The clock that two processes share.
std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// Memory that the measuring process and its child share.
struct Shared {
    std::atomic<std::uint32_t> word;
    std::atomic<bool> ready;
    std::atomic<std::int64_t> sent_at[events];
    std::atomic<std::int64_t> handled_at[events];
    std::atomic<int> handled;
};

class SharedMemory {
  public:
    SharedMemory() {
        void* memory =
            ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
        shared_ = new (memory) Shared{};
    }
    ~SharedMemory() { ::munmap(shared_, sizeof(Shared)); }
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    Shared* operator->() const { return shared_; }
    Shared& operator*() const { return *shared_; }

  private:
    Shared* shared_;
};

void note_handled(Shared& shared) {
    const int index = shared.handled.load();
    shared.handled_at[index] = now_ns();
    shared.handled = index + 1;
}

/// Runs `consume` in a child process while `send` sends one event at a time; gives the microseconds from each
/// send to its handler.
std::vector<double> latencies(Shared& shared, const std::function<void()>& consume,
                              const std::function<void()>& prepare, const std::function<void()>& send) {
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("cannot fork");
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        consume();
        ::_exit(0);
    }
    prepare();
    while (!shared.ready) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    for (auto& sent_at : shared.sent_at) {
        sent_at = now_ns();
        send();
        std::this_thread::sleep_for(pause);
    }
    ::waitpid(child, nullptr, 0);
    std::vector<double> microseconds;
    for (int i = 0; i < events; ++i)
        microseconds.push_back(static_cast<double>(shared.handled_at[i] - shared.sent_at[i]) / 1000);
    return microseconds;
}

std::vector<double> bus_latencies(const Settings& settings) {
    const SharedMemory shared;
    std::unique_ptr<Bus> sender;
    const auto consume = [&] {
        Bus bus({.settings = settings});
        bus.connect(learning::COURSE_ENROLLMENT_CREATED, "note",
                    [&](const learning::CourseEnrollmentCreated& event) {
                        if (event.enrollment.is_active)
                            note_handled(*shared);
                        else
                            shared->ready = true;
                    });
        Consumer(bus, {.topics = {"enrollments"}, .group = "bench", .count = events + 1}).run();
    };
    auto data = sample_enrollment();
    const auto prepare = [&] {
        sender = std::make_unique<Bus>(BusOptions{.settings = settings});
        data.enrollment.is_active = false;
        sender->send(learning::COURSE_ENROLLMENT_CREATED, data);
        data.enrollment.is_active = true;
    };
    return latencies(*shared, consume, prepare,
                     [&] { sender->send(learning::COURSE_ENROLLMENT_CREATED, data); });
}

void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen) {
    ::syscall(SYS_futex, &word, FUTEX_WAIT, seen, nullptr, nullptr, 0);
}

void futex_wake(std::atomic<std::uint32_t>& word) {
    word.fetch_add(1);
    ::syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

/// The least that any bus on SQLite must do: insert, wake the other process, select.
std::vector<double> bare_latencies(const std::string& file, const std::string& sync) {
    const SharedMemory shared;
    // Made before two processes open it at once.
    static_cast<void>(BareSqlite(file, sync));
    std::unique_ptr<BareSqlite> sender;
    const auto consume = [&] {
        BareSqlite reader(file, sync);
        std::int64_t row = 0;
        shared->ready = true;
        while (row < events) {
            const std::uint32_t seen = shared->word;
            const std::int64_t last = reader.read_after(row);
            if (last == row) {
                futex_wait(shared->word, seen);
                continue;
            }
            while (row++ < last) note_handled(*shared);
            row = last;
        }
    };
    std::vector<std::byte> body;
    learning::COURSE_ENROLLMENT_CREATED.encode(sample_enrollment(), body);
    const auto prepare = [&] { sender = std::make_unique<BareSqlite>(file, sync); };
    return latencies(*shared, consume, prepare, [&] {
        sender->begin();
        sender->insert(body);
        sender->commit();
        futex_wake(shared->word);
    });
}

void send_to_handler_in_another_process(benchmark::State& state, const char* sync) {
    for (auto _ : state) {
        const ScratchDirectory scratch;
        const auto bare = bare_latencies(scratch.file("bare.db"), sync);
        const auto bus = bus_latencies(embedded_settings(scratch.file("bus.db"), sync));
        const double bare_p50 = quantile(bare, 0.5);
        const double p50 = quantile(bus, 0.5);
        const double p99 = quantile(bus, 0.99);
        state.SetIterationTime(p50 / 1e6);
        state.counters["p50_us"] = p50;
        state.counters["p99_us"] = p99;
        state.counters["bare_p50_us"] = bare_p50;
        state.counters["bare_p99_us"] = quantile(bare, 0.99);
        state.counters["p50_ratio"] = p50 / bare_p50;
        state.counters["p99_ratio"] = p99 / bare_p50;
    }
}
BENCHMARK_CAPTURE(send_to_handler_in_another_process, normal, "normal")->Iterations(1)->UseManualTime();
BENCHMARK_CAPTURE(send_to_handler_in_another_process, full, "full")->Iterations(1)->UseManualTime();

void send_to_handler_over_redis(benchmark::State& state) {
    for (auto _ : state) {
        const servers::RedisServer server;
        const auto bus = bus_latencies(redis_settings(server.url()));
        state.SetIterationTime(quantile(bus, 0.5) / 1e6);
        state.counters["p50_us"] = quantile(bus, 0.5);
        state.counters["p99_us"] = quantile(bus, 0.99);
    }
}
BENCHMARK(send_to_handler_over_redis)->Iterations(1)->UseManualTime();

}  // namespace

}  // namespace eventbus::bench
