#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "eventbus/broker/redis/confirmed_ids.hpp"
#include "eventbus/broker/redis/held_entries.hpp"
#include "eventbus/broker/redis/member_name.hpp"
#include "eventbus/broker/redis/options.hpp"
#include "eventbus/broker/redis/ownership.hpp"
#include "eventbus/broker/redis/read_size.hpp"
#include "eventbus/redis/link.hpp"
#include "eventbus/redis/wake_up.hpp"

namespace eventbus::redis_streams {

/// A member of a group on the server. Two connections: one that waits for entries, and one for all that must
/// not wait behind it, which a thread uses as well to show that the member lives. One thread reads; the other
/// calls may come from any thread.
class GroupMember {
  public:
    /// All must outlive it.
    GroupMember(const Options& options, const SubscribeOptions& what, const redis::WakeUp& wake_up);
    GroupMember(const GroupMember&) = delete;
    GroupMember& operator=(const GroupMember&) = delete;
    ~GroupMember();

    /// Makes the groups where they are not there, and moves them where wanted.
    void join(const std::optional<StartAt>& reset);
    /// Up to `most` events; may return with none before the deadline.
    [[nodiscard]] std::vector<ReceivedEvent> read(std::size_t most, redis::Deadline deadline);
    void acknowledge(std::span<const Receipt> receipts);
    [[nodiscard]] std::vector<PartitionLag> lag();
    /// Gives back what is not acknowledged.
    void leave();
    /// In a child of a fork, which has no thread that uses it: closes what it inherited.
    void abandon() noexcept;

  private:
    struct Topic;

    [[nodiscard]] std::size_t room(std::size_t most);
    [[nodiscard]] std::vector<ReceivedEvent> take_spare(std::size_t most);
    void audit(std::span<const ReceivedEvent> events) const;
    void notice_new_connection(redis::Connection& connection);
    void look_around(redis::Connection& connection);
    void find_group(redis::Connection& connection, Topic& topic);
    void become_owner(redis::Connection& connection, Topic& topic);
    void ask_for_late_leases(redis::Connection& connection);
    void lose(Topic& topic);
    void take_over_from_the_silent(redis::Connection& connection, Topic& topic);
    void notice_trimmed(redis::Connection& connection, Topic& topic);
    void read_history(redis::Connection& connection, std::size_t room);
    void read_history(redis::Connection& connection, Topic& topic, std::size_t room);
    [[nodiscard]] bool ask(redis::Connection& connection, std::size_t room, redis::Deadline deadline);
    void take_in(const redis::Reply& reply);
    void take_in(Topic& topic, redis::ReplyView entries);
    void drop_trimmed(redis::Connection& connection, Topic& topic, const std::vector<Offset>& ids);
    void groups_are_gone(std::string_view reply);
    void start_groups_again(std::string_view reply);
    void break_off();
    void read_again_after_a_break();

    void start_showing_life();
    void show_life(const std::stop_token& stop);
    void show_life_once();
    void leave_topic(redis::Connection& connection, const Topic& topic);
    void give_back_all(redis::Connection& connection, const Topic& topic);
    void end_waiting_read();

    [[nodiscard]] Topic* find(const TopicName& name);
    void log(LogLevel level, const std::string& message) const;

    const Options& options_;
    const SubscribeOptions& what_;
    const redis::WakeUp& wake_up_;
    const MemberName name_;
    const std::chrono::milliseconds claim_after_;
    const std::chrono::milliseconds look_interval_;

    /// Of the thread that reads.
    redis::Link reading_;
    std::uint64_t seen_openings_ = 0;
    std::string client_id_;
    redis::SteadyTime next_look_{};
    redis::SteadyTime next_claims_{};
    /// When the server must have answered the read that it was asked for.
    redis::SteadyTime answer_due_{};
    std::vector<Topic*> asked_;
    std::size_t first_asked_ = 0;
    std::deque<ReceivedEvent> spare_;
    ReadSize size_;
    ConfirmedIds seen_;

    /// Guards what is held.
    std::mutex mutex_;
    std::vector<std::unique_ptr<Topic>> topics_;
    bool is_held_back_ = false;

    std::mutex working_mutex_;
    redis::Link working_;
    /// When the leases were last known to be this member's.
    std::atomic<redis::SteadyTime> shown_life_{};
    std::mutex resting_mutex_;
    std::condition_variable_any resting_;
    std::jthread life_;
};

}  // namespace eventbus::redis_streams
