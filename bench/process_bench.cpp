#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "eventbus/bus/bus.hpp"
#include "quantile.hpp"
#include "sample.hpp"

namespace eventbus::bench {

namespace {

using Clock = std::chrono::steady_clock;

/// The program `eventbus` with these words and settings; its output goes nowhere.
pid_t start_program(const std::vector<std::string>& words, const std::string& file) {
    std::vector<std::string> environment = {"EVENT_BUS_CONSUMER=embedded", "EVENT_BUS_PRODUCER=embedded",
                                            "EVENT_BUS_EMBEDDED_PATH=" + file};
    std::vector<std::string> all = {EVENTBUS_PROGRAM};
    all.insert(all.end(), words.begin(), words.end());
    const auto pointers = [](std::vector<std::string>& texts) {
        std::vector<char*> list;
        for (std::string& text : texts) list.push_back(text.data());
        list.push_back(nullptr);
        return list;
    };
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
        ::posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0);
    pid_t child = -1;
    const int error = ::posix_spawn(&child, EVENTBUS_PROGRAM, &actions, nullptr, pointers(all).data(),
                                    pointers(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start " EVENTBUS_PROGRAM);
    return child;
}

void run_program(benchmark::State& state, const std::vector<std::string>& words, const std::string& file) {
    std::vector<double> milliseconds;
    for (auto _ : state) {
        const auto start = Clock::now();
        int status = 0;
        ::waitpid(start_program(words, file), &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            state.SkipWithError("the program failed");
            break;
        }
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        state.SetIterationTime(seconds);
        milliseconds.push_back(seconds * 1000);
    }
    state.counters["p50_ms"] = quantile(milliseconds, 0.5);
}

/// From starting the program to the end of it, with nothing to do.
void start_up_version(benchmark::State& state) {
    const ScratchDirectory scratch;
    run_program(state, {"version"}, scratch.file("bus.db"));
}
BENCHMARK(start_up_version)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(50);

/// A consumer that opens the bus, joins its group, prints the one event that is there, and leaves.
void start_up_consumer(benchmark::State& state) {
    const ScratchDirectory scratch;
    const std::string file = scratch.file("bus.db");
    {
        Bus bus({.settings = embedded_settings(file, "full")});
        for (int i = 0; i < 60; ++i) bus.send(learning::COURSE_ENROLLMENT_CREATED, sample_enrollment());
    }
    run_program(state, {"consume_events", "-t", "enrollments", "-g", "bench", "--count", "1"}, file);
}
BENCHMARK(start_up_consumer)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(50);

double resident_megabytes(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
    throw std::runtime_error("the consumer is gone");
}

/// Milliseconds of processor time of all threads of a process so far.
double processor_milliseconds(pid_t process) {
    clockid_t clock = 0;
    timespec time{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
        throw std::runtime_error("the consumer is gone");
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// A consumer with nothing to do for ten seconds.
void idle_consumer(benchmark::State& state) {
    const ScratchDirectory scratch;
    for (auto _ : state) {
        const pid_t consumer =
            start_program({"consume_events", "-t", "enrollments", "-g", "bench"}, scratch.file("bus.db"));
        std::this_thread::sleep_for(std::chrono::seconds(2));
        const double before = processor_milliseconds(consumer);
        const auto start = Clock::now();
        std::this_thread::sleep_for(std::chrono::seconds(10));
        const double used = processor_milliseconds(consumer) - before;
        const double passed = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
        state.counters["resident_MB"] = resident_megabytes(consumer);
        state.counters["cpu_percent"] = 100 * used / passed;
        state.SetIterationTime(passed / 1000);
        ::kill(consumer, SIGTERM);
        ::waitpid(consumer, nullptr, 0);
    }
}
BENCHMARK(idle_consumer)->UseManualTime()->Unit(benchmark::kSecond)->Iterations(1);

}  // namespace

}  // namespace eventbus::bench
