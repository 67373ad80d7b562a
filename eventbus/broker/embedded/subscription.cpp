#include "eventbus/broker/embedded/subscription.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "eventbus/broker/assignment.hpp"
#include "eventbus/broker/commit_tracker.hpp"
#include "eventbus/broker/embedded/event_reader.hpp"
#include "eventbus/broker/embedded/file.hpp"
#include "eventbus/broker/embedded/group_positions.hpp"
#include "eventbus/broker/embedded/membership.hpp"
#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/longest_limit.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::embedded {

namespace {

// How often a member looks whether others died, and whether the wake-up file is still the one that others
// ring.
constexpr std::chrono::milliseconds look_around_interval{1000};
constexpr std::size_t most_bytes_of_a_poll = std::size_t{32} << 20;
constexpr std::size_t most_rows_of_a_scan = 20'000;
// A partition without events of its own falls behind the topic; its position follows in steps of this size.
constexpr std::int64_t idle_step = 256;

std::vector<std::string> names_of(const std::vector<TopicName>& topics) {
    std::vector<std::string> names;
    for (const TopicName& topic : topics) names.push_back(topic.str());
    return names;
}

// All topics, those besides among them.
std::vector<TopicName> topics_of(const SubscribeOptions& what) {
    std::vector<TopicName> topics = what.topics;
    topics.insert(topics.end(), what.besides.begin(), what.besides.end());
    std::ranges::sort(topics);
    topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
    return topics;
}

// Positions need no wait for the disk: what a power cut takes of them is handled again.
Sync sync_of_positions(EmbeddedSync sync) { return sync == EmbeddedSync::off ? Sync::off : Sync::normal; }

}  // namespace

struct EmbeddedSubscription::File {
    File(const EmbeddedOptions& options, const SubscribeOptions& what)
        : connection(open_file(options.path, sync_of_positions(options.sync), options.patience)),
          membership(*connection, options.path, what.group.str(), what.member, names_of(topics_of(what))),
          reader(*connection),
          update_position(
              connection->prepare("UPDATE positions SET next_offset = ? WHERE consumer_group = ? AND "
                                  "topic = ? AND partition = ? AND owner = ? AND epoch = ?")) {}

    std::unique_ptr<Connection> connection;
    Membership membership;
    EventReader reader;
    Statement update_position;
};

/// A partition that this member owns.
struct EmbeddedSubscription::Owned {
    std::int64_t epoch = 0;
    /// Next offset to look at.
    std::int64_t cursor = 0;
    /// What the database says.
    std::int64_t stored = 0;
    CommitTracker tracker;
    /// Handed over as soon as nothing of it is outstanding.
    bool draining = false;

    explicit Owned(const GroupPosition& position)
        : epoch(position.epoch),
          cursor(position.next_offset),
          stored(position.next_offset),
          tracker({static_cast<std::uint64_t>(position.next_offset), 0}) {}

    /// Everything before this is finished. When nothing is outstanding, so are the other partitions' events
    /// in between.
    [[nodiscard]] std::int64_t position() const {
        return tracker.outstanding() == 0 ? cursor : static_cast<std::int64_t>(tracker.position().number);
    }
};

struct EmbeddedSubscription::TopicState {
    TopicName name;
    /// See SubscribeOptions::besides.
    bool beside = false;
    std::optional<Topic> topic;
    std::map<std::int32_t, Owned> owned;
};

EmbeddedSubscription::EmbeddedSubscription(std::shared_ptr<const EmbeddedOptions> options,
                                           SubscribeOptions what)
    : options_(std::move(options)), what_(std::move(what)), generation_(fork_generation()) {
    if (what_.topics.empty())
        throw InvalidValue("group " + quote(what_.group.str()) +
                           " subscribes to no topic: name one at least");
    if (what_.prefetch == 0) throw InvalidValue("a prefetch of 0 would never get an event");
    const NoFork no_fork;
    file_ = std::make_unique<File>(*options_, what_);
    wake_word_ = std::make_unique<WakeWord>(options_->path);
    join();
}

EmbeddedSubscription::~EmbeddedSubscription() {
    if (generation_ != fork_generation()) {
        static_cast<void>(file_.release());
        return;
    }
    try {
        close();
    } catch (const BrokerError& error) {
        log(LogLevel::warning,
            std::string("cannot leave the group in order, others will notice: ") + error.what());
    }
}

void EmbeddedSubscription::join() {
    {
        Transaction transaction(*file_->connection);
        file_->membership.join();
        for (const TopicName& name : topics_of(what_)) {
            const auto topic = find_topic(*file_->connection, name.str());
            if (!topic) continue;
            const bool beside = is_beside(name);
            enter(*file_->connection, what_.group.str(), *topic, beside ? StartAt{Earliest{}} : what_.start);
            if (what_.reset && !beside) move(*file_->connection, what_.group.str(), *topic, *what_.reset);
        }
        transaction.commit();
    }
    topics_.clear();
    for (const TopicName& name : topics_of(what_))
        topics_.push_back(std::make_unique<TopicState>(TopicState{name, is_beside(name), {}, {}}));
    must_look_around_ = true;
    wake_word_->ring_membership();
}

// Called with the mutex locked. The parent stays the member that it is; the child becomes a new one, and does
// not move the group again. What the parent closed stays closed.
void EmbeddedSubscription::start_afresh_after_fork() {
    if (generation_ == fork_generation()) return;
    static_cast<void>(file_.release());
    what_.reset.reset();
    file_ = std::make_unique<File>(*options_, what_);
    generation_ = fork_generation();
    is_held_back_ = false;
    if (!closed_) join();
}

std::vector<ReceivedEvent> EmbeddedSubscription::poll(std::size_t most, std::chrono::milliseconds limit) {
    const SteadyTime until = std::chrono::steady_clock::now() + std::min(limit, longest_limit);
    for (;;) {
        const std::uint32_t seen = wake_word_->value();
        const SteadyTime now = std::chrono::steady_clock::now();
        {
            const Turn turn(mutex_);
            start_afresh_after_fork();
            if (closed_)
                throw BrokerError("this member of group " + quote(what_.group.str()) + " is closed", false);
            // A wake that came first has done its work when the poll returns anyway.
            const bool woken = woken_.exchange(false);
            look_around(now);
            auto events = read(most);
            if (!events.empty() || woken || now >= until) return events;
            is_held_back_ = outstanding() >= what_.prefetch;
        }
        wake_word_->wait(seen, std::min<std::chrono::nanoseconds>(until - now, look_around_interval));
    }
}

void EmbeddedSubscription::wake() noexcept {
    woken_.store(true);
    wake_word_->ring();
}

void EmbeddedSubscription::look_around(SteadyTime now) {
    const std::uint32_t membership = wake_word_->membership();
    const bool is_due =
        must_look_around_ || membership != seen_membership_ || now - looked_around_ >= look_around_interval;
    if (!is_due) return;
    seen_membership_ = membership;
    looked_around_ = now;
    must_look_around_ = false;
    discover_topics();
    bury_the_dead();
    for (const auto& topic : topics_) {
        if (!topic->topic) continue;
        notice_moves(*topic);
        balance(*topic);
    }
}

void EmbeddedSubscription::discover_topics() {
    for (const auto& state : topics_) {
        const auto topic = find_topic(*file_->connection, state->name.str());
        if (topic && state->topic && topic->id == state->topic->id) continue;
        // Deleted, or deleted and made anew: what was handed out of it cannot be acknowledged any more.
        file_->reader.forget_topics();
        state->owned.clear();
        state->topic = topic;
    }
}

void EmbeddedSubscription::bury_the_dead() {
    const auto dead = file_->membership.dead();
    if (dead.empty()) return;
    Transaction transaction(*file_->connection);
    for (const std::int64_t member : dead) file_->membership.bury(member);
    transaction.commit();
    log(LogLevel::info, "members of group " + what_.group.str() + " died: " + std::to_string(dead.size()) +
                            "; their partitions are taken over");
    wake_word_->ring_membership();
}

// Somebody moved the group, or took a partition away: the member's own place is void.
void EmbeddedSubscription::notice_moves(TopicState& topic) {
    const auto positions = group_positions(*file_->connection, what_.group.str(), *topic.topic);
    for (auto at = topic.owned.begin(); at != topic.owned.end();) {
        const GroupPosition& position = positions.at(static_cast<std::size_t>(at->first));
        if (position.owner != file_->membership.id()) {
            at = topic.owned.erase(at);
            continue;
        }
        if (position.epoch != at->second.epoch) at->second = Owned(position);
        ++at;
    }
}

void EmbeddedSubscription::balance(TopicState& topic) {
    std::vector<std::string> members;
    for (const std::int64_t member : file_->membership.living(topic.name.str()))
        members.push_back(std::to_string(member));
    std::vector<Ownership> ownership;
    for (const GroupPosition& position : group_positions(*file_->connection, what_.group.str(), *topic.topic))
        ownership.push_back(position.owner == 0                        ? Ownership::free
                            : position.owner == file_->membership.id() ? Ownership::mine
                                                                       : Ownership::other);
    const std::string me = std::to_string(file_->membership.id());
    const AssignmentStep step = next_step(topic.name.str(), members, me, ownership);
    for (auto& [number, owned] : topic.owned)
        owned.draining = std::find(step.give_up.begin(), step.give_up.end(), number) != step.give_up.end();
    bool changed = give_up_drained(topic);
    if (!step.take.empty()) {
        take(topic, step.take);
        changed = true;
    }
    if (changed) wake_word_->ring_membership();
}

bool EmbeddedSubscription::give_up_drained(TopicState& topic) {
    std::vector<std::int32_t> drained;
    for (const auto& [number, owned] : topic.owned)
        if (owned.draining && owned.tracker.outstanding() == 0) drained.push_back(number);
    if (drained.empty()) return false;
    Transaction transaction(*file_->connection);
    Written written;
    write_positions(topic, true, written);
    Statement release = file_->connection->prepare(
        "UPDATE positions SET owner = 0 WHERE consumer_group = ? AND topic = ? AND partition = ? AND owner = "
        "?");
    for (const std::int32_t number : drained)
        release
            .with(std::string_view(what_.group.str()), topic.topic->id, std::int64_t{number},
                  file_->membership.id())
            .run();
    transaction.commit();
    for (const auto& [owned, position] : written) owned->stored = position;
    for (const std::int32_t number : drained) topic.owned.erase(number);
    return true;
}

void EmbeddedSubscription::take(TopicState& topic, const std::vector<std::int32_t>& partitions) {
    const std::string& group = what_.group.str();
    Transaction transaction(*file_->connection);
    // A topic that came into being after this member joined is read from its first event, unless the member
    // asked for an id.
    enter(*file_->connection, group, *topic.topic,
          topic.beside ? StartAt{Earliest{}} : start_of_later_topic());
    Statement claim = file_->connection->prepare(
        "UPDATE positions SET owner = ? WHERE consumer_group = ? AND topic = ? AND partition = ? AND owner = "
        "0");
    std::vector<std::int32_t> taken;
    for (const std::int32_t number : partitions) {
        claim.with(file_->membership.id(), std::string_view(group), topic.topic->id, std::int64_t{number})
            .run();
        if (file_->connection->changes() > 0) taken.push_back(number);
    }
    const auto positions = group_positions(*file_->connection, group, *topic.topic);
    transaction.commit();
    for (const std::int32_t number : taken)
        topic.owned.insert_or_assign(number, Owned(positions.at(static_cast<std::size_t>(number))));
}

bool EmbeddedSubscription::is_beside(const TopicName& topic) const {
    return std::ranges::find(what_.topics, topic) == what_.topics.end();
}

// "Latest" was pinned when the member joined: what a topic got since then is new.
StartAt EmbeddedSubscription::start_of_later_topic() const {
    if (std::holds_alternative<Latest>(what_.start)) return Earliest{};
    return what_.start;
}

// Topics take turns to be read first, so that a busy one does not starve the others.
std::vector<ReceivedEvent> EmbeddedSubscription::read(std::size_t most) {
    const std::size_t held = outstanding();
    most = std::min(most, what_.prefetch - std::min(held, what_.prefetch));
    std::vector<ReceivedEvent> events;
    for (std::size_t i = 0; i < topics_.size() && events.size() < most; ++i) {
        const auto before = events.size();
        try {
            read_topic(*topics_[(next_to_read_ + i) % topics_.size()], most - events.size(), events);
        } catch (const BrokerError&) {
            // What other topics gave is handed out by now, so it must arrive; the failure will come again.
            events.erase(events.begin() + static_cast<std::ptrdiff_t>(before), events.end());
            if (events.empty()) throw;
            break;
        }
    }
    ++next_to_read_;
    return events;
}

void EmbeddedSubscription::read_topic(TopicState& topic, std::size_t most,
                                      std::vector<ReceivedEvent>& events) {
    if (!topic.topic || most == 0) return;
    std::vector<Owned*> readable(static_cast<std::size_t>(topic.topic->partitions));
    std::int64_t from = INT64_MAX;
    for (auto& [number, owned] : topic.owned) {
        if (owned.draining) continue;
        readable[static_cast<std::size_t>(number)] = &owned;
        from = std::min(from, owned.cursor);
    }
    if (from == INT64_MAX) return;
    const auto is_wanted = [&](std::int32_t partition, std::int64_t offset) {
        const Owned* owned = readable.at(static_cast<std::size_t>(partition));
        return owned != nullptr && offset >= owned->cursor;
    };
    for (;;) {
        const std::size_t before = events.size();
        const std::int64_t end =
            file_->reader.scan(topic.name, *topic.topic, from, is_wanted,
                               {most, most_bytes_of_a_poll, most_rows_of_a_scan}, events);
        if (end == from) return;
        if (events.size() > before) notice_loss(topic, from);
        for (std::size_t i = before; i < events.size(); ++i)
            readable[static_cast<std::size_t>(events[i].position.partition)]->tracker.hand_out(
                events[i].position.offset);
        for (Owned* owned : readable)
            if (owned != nullptr) owned->cursor = std::max(owned->cursor, end);
        if (events.size() > before) return;
        from = end;
    }
}

// Retention and operators take the oldest events whether they were handled or not; what they took unread is
// said once.
void EmbeddedSubscription::notice_loss(const TopicState& topic, std::int64_t from) {
    const auto now = find_topic(*file_->connection, topic.name.str());
    if (!now || from >= now->first_offset) return;
    log(LogLevel::warning, "group " + what_.group.str() + " lost events of " + topic.name.str() +
                               ": those from " + std::to_string(from) + " to " +
                               std::to_string(now->first_offset - 1) +
                               " were removed before the group had read them all");
}

bool EmbeddedSubscription::finish(const Receipt& receipt) {
    for (const auto& topic : topics_) {
        if (topic->name != *receipt.topic) continue;
        const auto owned = topic->owned.find(static_cast<std::int32_t>(receipt.position.partition));
        if (owned == topic->owned.end() || !owned->second.tracker.finish(receipt.position.offset))
            return false;
        if (owned->second.draining && owned->second.tracker.outstanding() == 0) must_look_around_ = true;
        return true;
    }
    return false;
}

void EmbeddedSubscription::acknowledge(std::span<const Receipt> receipts) {
    const Turn turn(mutex_);
    if (closed_ || generation_ != fork_generation()) return;
    for (const Receipt& receipt : receipts) must_store_ |= finish(receipt);
    if (must_store_) store_positions();
    // The poll that waits has something to do now: read on, or hand over.
    const bool has_room = is_held_back_ && outstanding() < what_.prefetch;
    if (has_room || must_look_around_) wake_word_->ring();
    if (has_room) is_held_back_ = false;
}

void EmbeddedSubscription::store_positions() {
    Transaction transaction(*file_->connection);
    Written written;
    for (const auto& topic : topics_) write_positions(*topic, false, written);
    transaction.commit();
    for (const auto& [owned, position] : written) owned->stored = position;
    must_store_ = false;
}

// Within a write transaction. Positions that moved by passing over other partitions' events alone are written
// in steps.
void EmbeddedSubscription::write_positions(TopicState& topic, bool all, Written& written) {
    for (auto& [number, owned] : topic.owned) {
        const std::int64_t position = owned.position();
        const bool has_finished = static_cast<std::int64_t>(owned.tracker.position().number) > owned.stored;
        if (position == owned.stored || (!all && !has_finished && position - owned.stored < idle_step))
            continue;
        file_->update_position
            .with(position, std::string_view(what_.group.str()), topic.topic->id, std::int64_t{number},
                  file_->membership.id(), owned.epoch)
            .run();
        // The group was moved by somebody: its new place stands, and is noticed at the next poll.
        if (file_->connection->changes() == 0) must_look_around_ = true;
        written.emplace_back(&owned, position);
    }
}

std::size_t EmbeddedSubscription::outstanding() const {
    std::size_t count = 0;
    for (const auto& topic : topics_)
        for (const auto& [number, owned] : topic->owned) count += owned.tracker.outstanding();
    return count;
}

std::vector<PartitionLag> EmbeddedSubscription::lag() {
    const Turn turn(mutex_);
    start_afresh_after_fork();
    std::vector<PartitionLag> lags;
    for (const auto& topic : topics_) {
        if (!topic->topic || topic->owned.empty()) continue;
        std::vector<std::int64_t> from(static_cast<std::size_t>(topic->topic->partitions), not_counted);
        for (const auto& [number, owned] : topic->owned)
            from[static_cast<std::size_t>(number)] = owned.position();
        const auto contents = content_by_partition(*file_->connection, *topic->topic, from);
        for (const auto& [number, owned] : topic->owned)
            lags.push_back(
                {topic->name, Partition{number}, contents[static_cast<std::size_t>(number)].events});
    }
    return lags;
}

void EmbeddedSubscription::close() {
    const Turn turn(mutex_);
    if (generation_ != fork_generation() || std::exchange(closed_, true)) return;
    Transaction transaction(*file_->connection);
    Written written;
    for (const auto& topic : topics_) write_positions(*topic, true, written);
    file_->membership.leave();
    transaction.commit();
    file_->membership.drop_lock();
    topics_.clear();
    wake_word_->ring_membership();
}

void EmbeddedSubscription::log(LogLevel level, const std::string& message) const {
    if (options_->log) options_->log(level, message);
}

}  // namespace eventbus::embedded
