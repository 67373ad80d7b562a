#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/broker/kafka/assignment.hpp"
#include "eventbus/broker/kafka/move_watch.hpp"
#include "eventbus/broker/kafka/options.hpp"
#include "eventbus/broker/kafka/record.hpp"
#include "eventbus/broker/kafka/wake_up.hpp"
#include "eventbus/broker/subscription.hpp"

namespace eventbus::kafka_topics {

/// A consumer of librdkafka in a group. One thread reads; `acknowledge` may be called from any.
class Member {
  public:
    using Clock = std::chrono::steady_clock;

    Member(std::shared_ptr<const Options> options, const SubscribeOptions& what, WakeUp& wake_up);
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    /// After `leave`.
    ~Member();

    /// What is there of events, without waiting. Serves what the group wants of this member.
    [[nodiscard]] std::vector<ReceivedEvent> read(std::size_t most);
    /// When `read` has something to look for although nothing came.
    [[nodiscard]] Clock::time_point next_look() const { return next_look_; }

    void acknowledge(std::span<const Receipt> receipts);
    [[nodiscard]] std::vector<PartitionLag> lag();
    [[nodiscard]] bool is_joining() const { return !has_joined_ && has_topics_; }

    /// Commits, gives up the partitions and leaves the group.
    void leave();

  private:
    struct DestroyMessage {
        void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
    };
    using Message = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;
    struct DestroyQueue {
        void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
    };
    struct Rebalance {
        bool assigns = false;
        kafka::Partitions partitions;
    };
    using Place = std::pair<std::string, std::int32_t>;

    void find_starts();
    void find_starts(const std::string& topic, std::int32_t partitions);
    void join(const std::vector<std::string>& names);
    [[nodiscard]] std::vector<std::string> topics_to_join_for();
    void join_for_new_topics();
    void look_around();
    void follow_noted_moves();
    void follow_moves(const kafka::Partitions& moves);
    [[nodiscard]] kafka::Partitions owned_of(const kafka::Partitions& places) const;

    void on_rebalance(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* partitions);
    void refuse_rebalance() noexcept;
    void serve_rebalance();
    void start(const kafka::Partitions& partitions);
    [[nodiscard]] std::int64_t start_of(const rd_kafka_topic_partition_t& partition);
    [[nodiscard]] std::optional<std::int64_t> start_in_later_topic(
        const rd_kafka_topic_partition_t& partition) const;
    void assign(const kafka::Partitions& partitions) const;
    void unassign(const kafka::Partitions& partitions) const;

    void fetch(std::size_t most);
    void take(Message message);
    void take_error(const rd_kafka_message_t& message);
    void notice_gap(const rd_kafka_message_t& message, std::int64_t expected) const;
    void drop_waiting(const kafka::Partitions& partitions);
    void seek(const kafka::Partitions& places);
    void commit();
    void pause_at_limit(bool is_at_limit);
    void resume();
    void audit(const ReceivedEvent& event) const;

    std::shared_ptr<const Options> options_;
    const SubscribeOptions& what_;
    WakeUp& wake_up_;
    Assignment assignment_;
    RecordReader reader_;
    std::unique_ptr<kafka::Client> client_;
    std::optional<kafka::GroupClient> groups_;
    std::optional<MoveWatch> moves_;
    /// Of a cooperative member that waits for topics.
    std::optional<kafka::Client> looker_;
    std::unique_ptr<rd_kafka_queue_t, DestroyQueue> queue_;
    /// The names as the events have them.
    std::map<std::string, TopicName, std::less<>> names_;
    /// Where the group starts that has no position; partitions that are not named start at the first event.
    std::map<Place, std::int64_t> starts_;
    /// The topics that the group has been told of.
    std::set<std::string, std::less<>> joined_for_;
    std::optional<Rebalance> rebalance_;
    /// Nobody joins a group for topics that are not there.
    bool has_topics_ = false;
    bool has_joined_ = false;
    bool leaves_ = false;
    bool is_cooperative_ = false;
    bool had_assignment_ = false;
    /// Read from the cluster, and not handed out yet.
    std::deque<Message> waiting_;
    std::exception_ptr failure_;
    std::mutex committing_;
    Clock::time_point next_look_{};
    std::uint64_t seen_moves_ = 0;
    std::optional<Clock::time_point> at_limit_since_;
    bool is_paused_ = false;
};

}  // namespace eventbus::kafka_topics
