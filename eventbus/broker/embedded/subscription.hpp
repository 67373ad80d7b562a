#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/broker/embedded/wake_word.hpp"

namespace eventbus::embedded {

class EmbeddedSubscription final : public Subscription {
  public:
    EmbeddedSubscription(std::shared_ptr<const EmbeddedOptions> options, SubscribeOptions what);
    ~EmbeddedSubscription() override;

    [[nodiscard]] std::vector<ReceivedEvent> poll(std::size_t most, std::chrono::milliseconds limit) override;
    void acknowledge(std::span<const Receipt> receipts) override;
    void wake() noexcept override;
    [[nodiscard]] std::vector<PartitionLag> lag() override;
    void close() override;

  private:
    struct File;
    struct Owned;
    struct TopicState;
    using Written = std::vector<std::pair<Owned*, std::int64_t>>;
    using SteadyTime = std::chrono::steady_clock::time_point;

    void join();
    void start_afresh_after_fork();
    void look_around(SteadyTime now);
    void discover_topics();
    void bury_the_dead();
    void notice_moves(TopicState& topic);
    void balance(TopicState& topic);
    bool give_up_drained(TopicState& topic);
    void take(TopicState& topic, const std::vector<std::int32_t>& partitions);
    [[nodiscard]] bool is_beside(const TopicName& topic) const;
    [[nodiscard]] StartAt start_of_later_topic() const;
    std::vector<ReceivedEvent> read(std::size_t most);
    void read_topic(TopicState& topic, std::size_t most, std::vector<ReceivedEvent>& events);
    void notice_loss(const TopicState& topic, std::int64_t from);
    bool finish(const Receipt& receipt);
    void write_positions(TopicState& topic, bool all, Written& written);
    void store_positions();
    [[nodiscard]] std::size_t outstanding() const;
    void log(LogLevel level, const std::string& message) const;

    std::shared_ptr<const EmbeddedOptions> options_;
    SubscribeOptions what_;
    /// Guards everything below but `woken_`: `acknowledge` may come from any thread while another polls.
    std::mutex mutex_;
    unsigned generation_;
    std::unique_ptr<File> file_;
    /// Made once: a signal handler may use it at any time, and a child as it is.
    std::unique_ptr<WakeWord> wake_word_;
    std::vector<std::unique_ptr<TopicState>> topics_;
    std::size_t next_to_read_ = 0;
    std::uint32_t seen_membership_ = 0;
    SteadyTime looked_around_;
    bool must_look_around_ = true;
    bool closed_ = false;
    /// The poll that waits does so because of the prefetch limit.
    bool is_held_back_ = false;
    /// Something is finished that the database does not know yet.
    bool must_store_ = false;
    std::atomic<bool> woken_ = false;
};

}  // namespace eventbus::embedded
