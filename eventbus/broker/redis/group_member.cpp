#include "eventbus/broker/redis/group_member.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

#include "eventbus/broker/redis/entry.hpp"
#include "eventbus/broker/redis/group_start.hpp"
#include "eventbus/broker/redis/pending.hpp"
#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/broker/redis/stream_state.hpp"
#include "eventbus/broker/redis/trimmed.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis_streams {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds shortest_look{50};
constexpr milliseconds longest_look{1'000};
/// A member cannot show life more often than some times in this.
constexpr milliseconds shortest_claim{1'000};

std::string attempt_to_read(const GroupName& group) { return "cannot read for the group " + group.str(); }

}  // namespace

struct GroupMember::Topic {
    Topic(const TopicName& topic, bool beside, Ownership owner)
        : name(topic), is_beside(beside), ownership(std::move(owner)) {}

    const TopicName name;
    const bool is_beside;
    const Ownership ownership;
    std::atomic<bool> is_owned = false;
    /// Guarded by `mutex_`.
    HeldEntries held;

    // Of the thread that reads.
    bool has_group = false;
    /// What this member has from before is read from here on, ahead of what is new.
    std::optional<Offset> history;
    redis::SteadyTime next_count_of_lost{};
};

GroupMember::GroupMember(const Options& options, const SubscribeOptions& what, const redis::WakeUp& wake_up)
    : options_(options),
      what_(what),
      wake_up_(wake_up),
      name_(MemberName::make(what.member)),
      claim_after_(std::max(what.claim_after.value_or(options.claim_after), shortest_claim)),
      look_interval_(std::clamp(options.lease / 10, shortest_look, longest_look)),
      reading_(options.server),
      working_(options.server) {
    const auto add = [&](const TopicName& topic, bool is_beside) {
        topics_.push_back(
            std::make_unique<Topic>(topic, is_beside, Ownership(topic, what.group, name_, options.lease)));
    };
    for (const TopicName& topic : what.topics) add(topic, false);
    for (const TopicName& topic : what.besides) add(topic, true);
}

GroupMember::~GroupMember() = default;

void GroupMember::join(const std::optional<StartAt>& reset) {
    const std::lock_guard working(working_mutex_);
    working_.use([&](redis::Connection& connection) {
        for (const auto& topic : topics_) {
            if (topic->is_beside) continue;
            make_group(connection, topic->name, what_.group, reset ? *reset : what_.start, true);
            if (reset) move_group(connection, topic->name, what_.group, *reset);
            topic->has_group = true;
        }
    });
}

std::vector<ReceivedEvent> GroupMember::read(std::size_t most, redis::Deadline deadline) {
    if (!spare_.empty()) return take_spare(most);
    const std::size_t free = room(most);
    if (free == 0) {
        wake_up_.wait(deadline);
        return {};
    }
    try {
        redis::Connection& connection = reading_.connection();
        if (connection.owed() == 0) {
            notice_new_connection(connection);
            look_around(connection);
            ask_for_late_leases(connection);
            read_history(connection, free);
            if (!spare_.empty()) return take_spare(most);
            if (!ask(connection, free, deadline)) {
                wake_up_.wait(std::min(deadline, next_look_));
                return {};
            }
            deadline = answer_due_;
        }
        const redis::Reply* reply = connection.receive(std::min(deadline, answer_due_), &wake_up_);
        if (reply != nullptr) {
            take_in(*reply);
        } else if (steady_clock::now() >= answer_due_) {
            throw redis::ConnectionLost("Redis did not answer a read in time");
        }
    } catch (const redis::ServerError& error) {
        if (error.code() != "NOGROUP") {
            break_off();
            throw;
        }
        start_groups_again(error.what());
    } catch (...) {
        break_off();
        throw;
    }
    return take_spare(most);
}

void GroupMember::break_off() {
    reading_.close();
    size_.note_too_large();
    read_again_after_a_break();
}

std::size_t GroupMember::room(std::size_t most) {
    const std::lock_guard lock(mutex_);
    std::size_t held = 0;
    for (const auto& topic : topics_) held += topic->held.size();
    is_held_back_ = held >= what_.prefetch;
    return is_held_back_ ? 0 : std::min(most, what_.prefetch - held);
}

std::vector<ReceivedEvent> GroupMember::take_spare(std::size_t most) {
    const auto end = spare_.begin() + static_cast<std::ptrdiff_t>(std::min(most, spare_.size()));
    std::vector<ReceivedEvent> events(std::make_move_iterator(spare_.begin()), std::make_move_iterator(end));
    spare_.erase(spare_.begin(), end);
    if (options_.audit && options_.log) audit(events);
    return events;
}

void GroupMember::audit(std::span<const ReceivedEvent> events) const {
    for (const ReceivedEvent& event : events)
        log(LogLevel::info, "received from Redis: topic " + event.topic.str() + ", event " +
                                event.metadata.id.to_string() + " of " + quote(event.metadata.event_type) +
                                ", position " + event.position_text + ", group " + what_.group.str() +
                                ", consumer " + name_.consumer);
}

void GroupMember::notice_new_connection(redis::Connection& connection) {
    if (seen_openings_ == reading_.openings()) return;
    client_id_ =
        std::to_string(connection.call("cannot ask for the client's id", {"CLIENT", "ID"}).integer());
    for (const ConfirmedIds::Lost& lost : seen_.find_lost(connection)) log(LogLevel::error, describe(lost));
    // A server that was restarted may have forgotten what it counted: before the next read.
    for (const auto& topic : topics_)
        if (topic->next_count_of_lost != redis::SteadyTime::max()) topic->next_count_of_lost = {};
    seen_openings_ = reading_.openings();
    next_look_ = {};
}

// What the server gave this member while the connection broke is its own, but it has not seen it.
void GroupMember::read_again_after_a_break() {
    for (const auto& topic : topics_)
        if (topic->is_owned) topic->history = Offset{};
}

void GroupMember::look_around(redis::Connection& connection) {
    const auto now = steady_clock::now();
    if (now < next_look_) return;
    const bool is_time_for_claims = now >= next_claims_;
    for (const auto& topic : topics_) {
        if (!topic->has_group) find_group(connection, *topic);
        if (topic->has_group && !topic->is_owned) become_owner(connection, *topic);
        if (!topic->is_owned) continue;
        if (is_time_for_claims || options_.members_share_events)
            take_over_from_the_silent(connection, *topic);
        notice_trimmed(connection, *topic);
    }
    next_look_ = now + look_interval_;
    if (is_time_for_claims) next_claims_ = now + std::clamp(claim_after_ / 4, look_interval_, longest_look);
}

void GroupMember::find_group(redis::Connection& connection, Topic& topic) {
    try {
        make_group(connection, topic.name, what_.group, Earliest{}, false);
        topic.has_group = true;
    } catch (const NotFound&) {
        // It is looked for again until it is there.
    }
}

void GroupMember::become_owner(redis::Connection& connection, Topic& topic) {
    std::optional<Offset> first;
    if (options_.members_share_events) {
        if (!name_.is_unique) first = Offset{};
    } else {
        const auto past_owners = topic.ownership.take(connection);
        if (!past_owners) return;
        for (const std::string& consumer : *past_owners) {
            const bool was_mine = consumer == name_.consumer;
            if (!was_mine) {
                const PendingList pending{topic.name, what_.group};
                const auto taken = take_over(connection, pending, consumer, name_.consumer);
                if (taken) first = first ? std::min(*first, *taken) : *taken;
                redis_streams::forget(connection, pending, consumer);
            }
            topic.ownership.forget(connection, consumer);
            // What it was given and never saw, by a connection that broke or in another life.
            if (was_mine) first = Offset{};
        }
        if (!name_.is_unique) first = Offset{};
        shown_life_ = steady_clock::now();
    }
    topic.history = first;
    topic.is_owned = true;
    take_over_from_the_silent(connection, topic);
    start_showing_life();
}

// A process that was stopped for longer than its lease must not read on before it knows that it still has it.
void GroupMember::ask_for_late_leases(redis::Connection& connection) {
    if (options_.members_share_events || steady_clock::now() - shown_life_.load() < options_.lease * 2 / 3)
        return;
    const auto now = steady_clock::now();
    for (const auto& topic : topics_)
        if (topic->is_owned && !topic->ownership.renew(connection)) lose(*topic);
    shown_life_ = now;
}

void GroupMember::lose(Topic& topic) {
    log(LogLevel::warning, "this member was silent for too long, and no longer takes the events of topic " +
                               topic.name.str() + " for the group " + what_.group.str());
    topic.is_owned = false;
}

void GroupMember::take_over_from_the_silent(redis::Connection& connection, Topic& topic) {
    const auto first = take_over_idle(connection, {topic.name, what_.group}, claim_after_, name_.consumer);
    if (first) topic.history = topic.history ? std::min(*topic.history, *first) : *first;
}

void GroupMember::notice_trimmed(redis::Connection& connection, Topic& topic) {
    const auto now = steady_clock::now();
    if (topic.is_beside || now < topic.next_count_of_lost) return;
    topic.next_count_of_lost = now + 5 * look_interval_;
    try {
        const std::uint64_t lost = count_trimmed_unread(connection, topic.name, what_.group);
        if (lost == 0) return;
        log(LogLevel::warning,
            std::to_string(lost) + " events of topic " + topic.name.str() +
                " were trimmed before the group " + what_.group.str() +
                " read them, and are lost to it: raise EVENT_BUS_REDIS_STREAM_MAX_LEN where "
                "events are sent, or consume faster");
    } catch (const StorageFull&) {
        // Counting writes a little; events are read all the same.
    } catch (const redis::ServerError& error) {
        if (error.code() != "NOPERM") throw;
        topic.next_count_of_lost = redis::SteadyTime::max();
        log(LogLevel::warning,
            std::string("events that are trimmed before they are read will not be noticed: ") + error.what());
    }
}

void GroupMember::read_history(redis::Connection& connection, std::size_t free) {
    for (const auto& topic : topics_) {
        while (topic->is_owned && topic->history && spare_.size() < free)
            read_history(connection, *topic, free - spare_.size());
    }
}

void GroupMember::read_history(redis::Connection& connection, Topic& topic, std::size_t free) {
    const std::string from = to_string(*topic.history == Offset{} ? Offset{} : before(*topic.history));
    redis::CommandBuffer& commands = connection.commands();
    commands.add({"XREADGROUP", "GROUP", what_.group.str(), name_.consumer, "COUNT",
                  std::to_string(size_.entries(free)), "STREAMS", topic.name.str(), from});
    connection.send();
    const redis::Reply& reply = connection.receive();
    if (reply.view().is_error()) return groups_are_gone(reply.view().text());
    const redis::ReplyView entries = reply.view()[0][1];
    if (entries.size() == 0) {
        topic.history.reset();
        return;
    }
    const std::size_t given = spare_.size();
    std::vector<Offset> trimmed;
    redis::ReplyView entry = entries;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entry = i == 0 ? entries.first() : entry.next();
        const Offset id = stream_id_of(entry[0].text());
        topic.history = after(id);
        if (entry[1].is_nil()) {
            trimmed.push_back(id);
            continue;
        }
        const std::lock_guard lock(mutex_);
        if (topic.held.contains(id)) continue;
        topic.held.add(id);
        spare_.push_back(read_entry(topic.name, entry));
    }
    size_.note(reply.bytes(), spare_.size() - given);
    drop_trimmed(connection, topic, trimmed);
}

void GroupMember::drop_trimmed(redis::Connection& connection, Topic& topic, const std::vector<Offset>& ids) {
    if (ids.empty()) return;
    redis_streams::acknowledge(connection, {topic.name, what_.group}, ids);
    log(LogLevel::warning, std::to_string(ids.size()) + " events of topic " + topic.name.str() +
                               " were trimmed while a member of the group " + what_.group.str() +
                               " that is gone had them, and are lost to it");
}

bool GroupMember::ask(redis::Connection& connection, std::size_t free, redis::Deadline deadline) {
    asked_.clear();
    for (std::size_t i = 0; i < topics_.size(); ++i) {
        Topic& topic = *topics_[(first_asked_ + i) % topics_.size()];
        if (topic.has_group && topic.is_owned && !topic.history) asked_.push_back(&topic);
    }
    if (asked_.empty()) return false;
    first_asked_ = (first_asked_ + 1) % topics_.size();
    const auto left = std::chrono::ceil<milliseconds>(std::min(deadline, next_look_) - steady_clock::now());
    const bool waits = left.count() > 0;
    redis::CommandBuffer& commands = connection.commands();
    commands.begin(7 + (waits ? 2 : 0) + 2 * asked_.size());
    for (const std::string_view word :
         {std::string_view("XREADGROUP"), std::string_view("GROUP"), std::string_view(what_.group.str()),
          std::string_view(name_.consumer), std::string_view("COUNT")})
        commands.word(word);
    commands.word(static_cast<std::int64_t>(std::max<std::size_t>(size_.entries(free) / asked_.size(), 1)));
    if (waits) {
        commands.word("BLOCK");
        commands.word(std::int64_t{std::min(left, std::max(options_.poll_timeout, milliseconds{1})).count()});
    }
    commands.word("STREAMS");
    for (const Topic* topic : asked_) commands.word(topic->name.str());
    for (std::size_t i = 0; i < asked_.size(); ++i) commands.word(">");
    connection.send();
    answer_due_ = steady_clock::now() + std::max(left, milliseconds{0}) + options_.server.command_timeout;
    return true;
}

void GroupMember::take_in(const redis::Reply& reply) {
    const redis::ReplyView streams = reply.view();
    if (streams.is_error()) return groups_are_gone(streams.text());
    const std::size_t given = spare_.size();
    redis::ReplyView stream = streams;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        stream = i == 0 ? streams.first() : stream.next();
        const std::string_view name = stream[0].text();
        const auto topic =
            std::ranges::find_if(asked_, [&](const Topic* one) { return one->name.str() == name; });
        if (topic == asked_.end()) throw DecodeError("Redis answered with a stream that was not asked for");
        take_in(**topic, stream[1]);
    }
    size_.note(reply.bytes(), spare_.size() - given);
}

void GroupMember::take_in(Topic& topic, redis::ReplyView entries) {
    redis::ReplyView entry = entries;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entry = i == 0 ? entries.first() : entry.next();
        ReceivedEvent event = read_entry(topic.name, entry);
        topic.held.add(event.position.offset);
        seen_.note(topic.name, event.position.offset);
        spare_.push_back(std::move(event));
    }
}

void GroupMember::groups_are_gone(std::string_view reply) {
    const bool is_gone = reply.starts_with("NOGROUP") || reply.starts_with("UNBLOCKED");
    if (!is_gone) redis::throw_server_error(attempt_to_read(what_.group), reply);
    start_groups_again(reply);
}

// The stream or the group was deleted, by a person or with all data of a server that keeps none: all that
// comes now is new.
void GroupMember::start_groups_again(std::string_view reply) {
    log(LogLevel::warning, "the group " + what_.group.str() +
                               " is gone from Redis, which was restarted without its data or had it "
                               "deleted; it starts again at the earliest event: " +
                               std::string(reply));
    for (const auto& topic : topics_) {
        topic->has_group = false;
        topic->history.reset();
    }
    next_look_ = {};
}

void GroupMember::acknowledge(std::span<const Receipt> receipts) {
    std::map<Topic*, std::vector<Offset>> finished;
    std::map<Topic*, std::vector<Offset>> acknowledged;
    {
        const std::lock_guard lock(mutex_);
        for (const Receipt& receipt : receipts) {
            Topic* topic = find(*receipt.topic);
            const std::size_t times = topic == nullptr ? 0 : topic->held.times(receipt.position.offset);
            if (times == 0) continue;
            finished[topic].push_back(receipt.position.offset);
            // One that the group was moved back before stays pending until it is handled again.
            if (times == 1) acknowledged[topic].push_back(receipt.position.offset);
        }
    }
    if (finished.empty()) return;
    {
        const std::lock_guard working(working_mutex_);
        working_.use([&](redis::Connection& connection) {
            for (const auto& [topic, ids] : acknowledged)
                redis_streams::acknowledge(connection, {topic->name, what_.group}, ids);
        });
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [topic, ids] : finished)
        for (const Offset& id : ids) topic->held.remove(id);
    if (std::exchange(is_held_back_, false)) wake_up_.call();
}

std::vector<PartitionLag> GroupMember::lag() {
    std::vector<const Topic*> owned;
    for (const auto& topic : topics_)
        if (topic->is_owned) owned.push_back(topic.get());
    std::vector<PartitionLag> lag;
    const std::lock_guard working(working_mutex_);
    working_.use([&](redis::Connection& connection) {
        for (const Topic* topic : owned)
            lag.push_back({topic->name, Partition{0}, group_lag(connection, topic->name, what_.group)});
    });
    return lag;
}

void GroupMember::start_showing_life() {
    if (life_.joinable()) return;
    life_ = std::jthread([this](const std::stop_token& stop) { show_life(stop); });
}

void GroupMember::show_life(const std::stop_token& stop) {
    const auto pause = std::min(options_.lease / 3, claim_after_ / 4);
    std::unique_lock lock(resting_mutex_);
    while (!resting_.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); })) {
        try {
            show_life_once();
        } catch (const std::exception& error) {
            log(LogLevel::warning, std::string("a member cannot show that it lives: ") + error.what());
        }
    }
}

// The entries first: when the lease is over, they have been left alone for at least as long.
void GroupMember::show_life_once() {
    std::vector<std::pair<Topic*, std::vector<Offset>>> held;
    std::vector<Topic*> owned;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& topic : topics_) {
            if (topic->held.size() != 0) held.emplace_back(topic.get(), topic->held.ids());
            if (topic->is_owned && !options_.members_share_events) owned.push_back(topic.get());
        }
    }
    std::vector<Topic*> lost;
    const auto begin = steady_clock::now();
    {
        const std::lock_guard working(working_mutex_);
        working_.use([&](redis::Connection& connection) {
            for (const auto& [topic, ids] : held)
                keep_alive(connection, {topic->name, what_.group}, name_.consumer, ids,
                           std::min(options_.lease, claim_after_) / 8);
            for (Topic* topic : owned)
                if (!topic->ownership.renew(connection)) lost.push_back(topic);
        });
    }
    for (Topic* topic : lost) lose(*topic);
    shown_life_ = begin;
}

void GroupMember::leave() {
    if (life_.joinable()) {
        life_.request_stop();
        life_.join();
    }
    const std::lock_guard working(working_mutex_);
    working_.use([&](redis::Connection& connection) {
        end_waiting_read();
        for (const auto& topic : topics_) leave_topic(connection, *topic);
    });
    spare_.clear();
    reading_.close();
    working_.close();
}

// What it brings is pending, and given back with the rest.
void GroupMember::end_waiting_read() {
    if (!reading_.is_open()) return;
    redis::Connection& waiting = reading_.connection();
    if (waiting.owed() == 0) return;
    working_.connection().commands().add({"CLIENT", "UNBLOCK", client_id_});
    working_.connection().send();
    static_cast<void>(working_.connection().receive());
    static_cast<void>(waiting.receive(look_interval_));
}

void GroupMember::leave_topic(redis::Connection& connection, const Topic& topic) {
    if (topic.has_group) {
        try {
            give_back_all(connection, topic);
        } catch (const redis::ServerError& error) {
            // What is gone needs not be given back.
            if (error.code() != "NOGROUP") throw;
        }
    }
    if (topic.is_owned && !options_.members_share_events) topic.ownership.release(connection);
}

// Under a name that others may have, only what this member itself was given is its own.
void GroupMember::give_back_all(redis::Connection& connection, const Topic& topic) {
    const PendingList list{topic.name, what_.group};
    if (!name_.is_unique) return give_back(connection, list, topic.held.ids());
    constexpr std::size_t most = 500;
    for (auto ids = pending_of(connection, list, name_.consumer, {}, most); !ids.empty();
         ids = pending_of(connection, list, name_.consumer, {}, most))
        give_back(connection, list, ids);
    connection.call("cannot leave the group " + what_.group.str(),
                    {"XGROUP", "DELCONSUMER", topic.name.str(), what_.group.str(), name_.consumer});
}

void GroupMember::abandon() noexcept {
    reading_.abandon();
    working_.abandon();
}

GroupMember::Topic* GroupMember::find(const TopicName& name) {
    const auto found = std::ranges::find_if(topics_, [&](const auto& topic) { return topic->name == name; });
    return found == topics_.end() ? nullptr : found->get();
}

void GroupMember::log(LogLevel level, const std::string& message) const {
    options_.write_log(level, message);
}

}  // namespace eventbus::redis_streams
