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
    const std::string name = "c" + std::to_string(started_++);
    consumers_.emplace(name, service_.start_consumer(name, ++seed_, consuming_));
}

std::string Crew::oldest() const { return "c" + std::to_string(started_ - consumers); }

void Crew::replace_a_consumer() {
    consumers_.erase(oldest());
    add_consumer();
}

void Crew::relieve_a_consumer() {
    const std::string name = oldest();
    auto leaving = consumers_.extract(name);
    add_consumer();
    told_to_end_[name] = Clock::now().time_since_epoch().count();
    EXPECT_EQ(leaving.mapped().stop(), 0);
}

std::int64_t Crew::told_to_end(const std::string& consumer) const {
    const auto told = told_to_end_.find(consumer);
    return told == told_to_end_.end() ? INT64_MAX : told->second;
}

std::map<std::string, std::vector<Entry>> Crew::handled_by_member(const std::string& handler) const {
    std::map<std::string, std::vector<Entry>> handled;
    for (int i = 0; i < started_; ++i) {
        const std::string name = "c" + std::to_string(i);
        std::string file = "handled-";
        file.append(name).append("-").append(handler);
        handled[name] = read_journal(service_.directory() / file);
    }
    return handled;
}

void Crew::expect_all_run() {
    for (Process& sender : senders_)
        EXPECT_TRUE(sender.is_running()) << "a sender gave up: " << sender.status();
    for (auto& [name, consumer] : consumers_)
        EXPECT_TRUE(consumer.is_running()) << name << " gave up: " << consumer.status();
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
    for (auto& [name, consumer] : consumers_) EXPECT_EQ(consumer.stop(), 0) << name;
}

}  // namespace eventbus::faults
