#include "crew.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "journal.hpp"

namespace eventbus::faults {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int senders = 2;
constexpr int consumers = 2;

std::vector<std::filesystem::path> sent_journals(const Service& service) {
    std::vector<std::filesystem::path> journals;
    for (int i = 0; i < senders; ++i)
        journals.push_back(service.directory() / ("sent-s" + std::to_string(i)));
    return journals;
}

}  // namespace

Crew::Crew(const Service& service, std::uint32_t seed, const Consuming& consuming)
    : service_(service), consuming_(consuming), seed_(seed) {
    for (int i = 0; i < senders; ++i)
        senders_.push_back(service_.start_sender("s" + std::to_string(i), ++seed_, true));
    for (int i = 0; i < consumers; ++i) add_consumer();
}

void Crew::add_consumer() {
    consumers_.push_back(service_.start_consumer("c" + std::to_string(started_++), ++seed_, consuming_));
}

void Crew::replace_a_consumer() {
    consumers_.erase(consumers_.begin() + started_ % consumers);
    add_consumer();
}

void Crew::expect_all_run() {
    for (Process& sender : senders_)
        EXPECT_TRUE(sender.is_running()) << "a sender gave up: " << sender.status();
    for (Process& consumer : consumers_)
        EXPECT_TRUE(consumer.is_running()) << "a consumer gave up: " << consumer.status();
}

void Crew::wait_until_sent(std::uint64_t more) const {
    JournalCounter sent(sent_journals(service_));
    const std::uint64_t before = sent.count();
    const auto deadline = Clock::now() + std::chrono::minutes(1);
    while (sent.count() < before + more && Clock::now() < deadline)
        std::this_thread::sleep_for(milliseconds(20));
    EXPECT_GE(sent.count(), before + more) << "the senders do not go on";
}

void Crew::stop_senders() {
    for (Process& sender : senders_) EXPECT_EQ(sender.stop(), 0);
}

void Crew::stop_consumers() {
    const auto deadline = Clock::now() + std::chrono::minutes(1);
    while (!service_.is_done() && Clock::now() < deadline) std::this_thread::sleep_for(milliseconds(50));
    EXPECT_TRUE(service_.is_done()) << "the consumers do not come to an end";
    for (Process& consumer : consumers_) EXPECT_EQ(consumer.stop(), 0);
}

}  // namespace eventbus::faults
