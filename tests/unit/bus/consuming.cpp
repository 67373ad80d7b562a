#include "consuming.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "fixture.hpp"

namespace eventbus::bus_test {

ConsumeOptions consume(const std::string& group) {
    ConsumeOptions options;
    options.topics = {"kettles"};
    options.group = group;
    options.retry = RetryPolicy{.most_tries = 1};
    return options;
}

ConsumeOptions until_idle(const std::string& group) {
    ConsumeOptions options = consume(group);
    options.until_idle = std::chrono::milliseconds{30};
    return options;
}

RunningConsumer::RunningConsumer(Bus& bus, ConsumeOptions options)
    : thread_([this, &bus, options = std::move(options)](const std::stop_token& stop) {
          try {
              result_ = Consumer(bus, options).run(stop);
          } catch (...) {
              failure_ = std::current_exception();
          }
      }) {}

ConsumeResult RunningConsumer::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    if (failure_) std::rethrow_exception(failure_);
    return result_;
}

void Gate::pass() {
    std::unique_lock lock(mutex_);
    arrived_ = true;
    changed_.notify_all();
    EXPECT_TRUE(changed_.wait_for(lock, patience, [&] { return open_; }));
}

void Gate::open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
}

void Gate::wait_for_arrival() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, patience, [&] { return arrived_; }));
}

}  // namespace eventbus::bus_test
