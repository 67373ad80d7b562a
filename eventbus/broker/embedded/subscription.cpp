#include "eventbus/broker/embedded/subscription.hpp"

#include <unistd.h>

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
#include "eventbus/broker/embedded/wake_word.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::embedded {

namespace {

// How often a member looks whether others died, and whether the wake-up file is still the one that others
// ring.
constexpr std::chrono::milliseconds look_around_interval{1000};
constexpr std::size_t most_bytes_of_a_poll = std::size_t{32} << 20;

std::vector<std::string> names_of(const std::vector<TopicName>& topics) {
    std::vector<std::string> names;
    for (const TopicName& topic : topics) names.push_back(topic.str());
    return names;
}

// Positions need no wait for the disk: what a power cut takes of them is handled again.
Sync sync_of_positions(EmbeddedSync sync) { return sync == EmbeddedSync::off ? Sync::off : Sync::normal; }

}  // namespace

struct EmbeddedSubscription::File {
    File(const EmbeddedOptions& options, const SubscribeOptions& what)
        : connection(open_file(options.path, sync_of_positions(options.sync), options.patience)),
          wake_word(options.path),
          membership(*connection, options.path, what.group.str(), what.member, names_of(what.topics)),
          reader(*connection),
          update_position(
              connection->prepare("UPDATE positions SET next_offset = ? WHERE consumer_group = ? AND "
                                  "partition = ? AND owner = ? AND epoch = ?")) {}

    std::unique_ptr<Connection> connection;
    WakeWord wake_word;
    Membership membership;
    EventReader reader;
    Statement update_position;
};

/// A partition that this member owns.
struct EmbeddedSubscription::Owned {
    PartitionId id{};
    std::int32_t number = 0;
    std::int64_t epoch = 0;
    /// Next offset to hand out.
    std::int64_t cursor = 0;
    CommitTracker tracker;
    /// Handed over as soon as nothing of it is outstanding.
    bool draining = false;
};

struct EmbeddedSubscription::TopicState {
    TopicName name;
    std::optional<Topic> topic;
    std::map<std::int32_t, Owned> owned;
};

EmbeddedSubscription::EmbeddedSubscription(std::shared_ptr<const EmbeddedOptions> options,
                                           SubscribeOptions what)
    : options_(std::move(options)),
      what_(std::move(what)),
      process_(::getpid()),
      file_(std::make_unique<File>(*options_, what_)),
      mutex_(std::make_unique<std::mutex>()) {
    if (what_.topics.empty()) throw InvalidValue("a subscription needs at least one topic");
    if (what_.prefetch == 0) throw InvalidValue("a subscription needs a prefetch of at least 1");
    join();
}

EmbeddedSubscription::~EmbeddedSubscription() {
    if (process_ != ::getpid()) {
        file_->connection->abandon();
        static_cast<void>(file_.release());
        static_cast<void>(mutex_.release());
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
        for (const TopicName& name : what_.topics) {
            const auto topic = find_topic(*file_->connection, name.str());
            if (!topic) continue;
            enter(*file_->connection, what_.group.str(), *topic, what_.start);
            if (what_.reset) move(*file_->connection, what_.group.str(), *topic, *what_.reset);
        }
        transaction.commit();
    }
    topics_.clear();
    for (const TopicName& name : what_.topics)
        topics_.push_back(std::make_unique<TopicState>(TopicState{name, {}, {}}));
    must_look_around_ = true;
    file_->wake_word.ring_membership();
}

// The parent stays the member that it is; the child becomes a new one, and does not move the group again.
void EmbeddedSubscription::start_afresh_after_fork() {
    if (process_ == ::getpid()) return;
    file_->connection->abandon();
    static_cast<void>(file_.release());
    static_cast<void>(mutex_.release());
    mutex_ = std::make_unique<std::mutex>();
    what_.reset.reset();
    file_ = std::make_unique<File>(*options_, what_);
    process_ = ::getpid();
    join();
}

std::vector<ReceivedEvent> EmbeddedSubscription::poll(std::size_t most, std::chrono::milliseconds limit) {
    start_afresh_after_fork();
    const SteadyTime until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const std::uint32_t seen = file_->wake_word.value();
        const SteadyTime now = std::chrono::steady_clock::now();
        {
            const std::lock_guard lock(*mutex_);
            if (closed_) throw BrokerError("the subscription is closed", false);
            look_around(now);
            auto events = read(most);
            if (!events.empty()) return events;
            if (outstanding() >= what_.prefetch) return {};
        }
        if (woken_.exchange(false) || now >= until) return {};
        file_->wake_word.wait(seen, std::min<std::chrono::nanoseconds>(until - now, look_around_interval));
    }
}

void EmbeddedSubscription::wake() noexcept {
    woken_.store(true);
    file_->wake_word.ring();
}

void EmbeddedSubscription::look_around(SteadyTime now) {
    const std::uint32_t membership = file_->wake_word.membership();
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
    file_->wake_word.ring_membership();
}

// Somebody moved the group, or took a partition away: the member's own place is void.
void EmbeddedSubscription::notice_moves(TopicState& topic) {
    for (auto at = topic.owned.begin(); at != topic.owned.end();) {
        Owned& owned = at->second;
        const GroupPosition position = group_position(*file_->connection, what_.group.str(), owned.id);
        if (!position.exists || position.owner != file_->membership.id()) {
            at = topic.owned.erase(at);
            continue;
        }
        if (position.epoch != owned.epoch) {
            owned.epoch = position.epoch;
            owned.cursor = position.next_offset;
            owned.tracker = CommitTracker({static_cast<std::uint64_t>(position.next_offset), 0});
        }
        ++at;
    }
}

void EmbeddedSubscription::balance(TopicState& topic) {
    std::vector<std::string> members;
    for (const std::int64_t member : file_->membership.living(topic.name.str()))
        members.push_back(std::to_string(member));
    const std::string me = std::to_string(file_->membership.id());
    std::vector<Ownership> ownership;
    for (std::int32_t number = 0; number < topic.topic->partitions; ++number) {
        const auto owner =
            group_position(*file_->connection, what_.group.str(), topic.topic->partition(number)).owner;
        ownership.push_back(owner == 0                        ? Ownership::free
                            : owner == file_->membership.id() ? Ownership::mine
                                                              : Ownership::other);
    }
    const AssignmentStep step = next_step(topic.name.str(), members, me, ownership);
    for (auto& [number, owned] : topic.owned)
        owned.draining = std::find(step.give_up.begin(), step.give_up.end(), number) != step.give_up.end();
    bool changed = give_up_drained(topic);
    if (!step.take.empty()) {
        take(topic, step.take);
        changed = true;
    }
    if (changed) file_->wake_word.ring_membership();
}

bool EmbeddedSubscription::give_up_drained(TopicState& topic) {
    std::vector<std::int32_t> drained;
    for (const auto& [number, owned] : topic.owned)
        if (owned.draining && owned.tracker.outstanding() == 0) drained.push_back(number);
    if (drained.empty()) return false;
    Transaction transaction(*file_->connection);
    Statement release = file_->connection->prepare(
        "UPDATE positions SET owner = 0 WHERE consumer_group = ? AND partition = ? AND owner = ?");
    for (const std::int32_t number : drained)
        release
            .with(std::string_view(what_.group.str()),
                  static_cast<std::int64_t>(topic.topic->partition(number)), file_->membership.id())
            .run();
    transaction.commit();
    for (const std::int32_t number : drained) topic.owned.erase(number);
    return true;
}

void EmbeddedSubscription::take(TopicState& topic, const std::vector<std::int32_t>& partitions) {
    const std::string& group = what_.group.str();
    Transaction transaction(*file_->connection);
    // A topic that came into being after this member joined is read from its first event.
    enter(*file_->connection, group, *topic.topic, Earliest{});
    Statement claim = file_->connection->prepare(
        "UPDATE positions SET owner = ? WHERE consumer_group = ? AND partition = ? AND owner = 0");
    std::vector<Owned> taken;
    for (const std::int32_t number : partitions) {
        const PartitionId id = topic.topic->partition(number);
        claim.with(file_->membership.id(), std::string_view(group), static_cast<std::int64_t>(id)).run();
        if (file_->connection->changes() == 0) continue;
        const GroupPosition position = group_position(*file_->connection, group, id);
        taken.push_back({id, number, position.epoch, position.next_offset,
                         CommitTracker({static_cast<std::uint64_t>(position.next_offset), 0}), false});
    }
    transaction.commit();
    for (Owned& owned : taken) topic.owned.insert_or_assign(owned.number, std::move(owned));
}

// Partitions take turns to be read first, so that a busy one does not starve the others.
std::vector<ReceivedEvent> EmbeddedSubscription::read(std::size_t most) {
    std::vector<std::pair<TopicState*, Owned*>> readable;
    for (const auto& topic : topics_)
        for (auto& [number, owned] : topic->owned)
            if (!owned.draining) readable.emplace_back(topic.get(), &owned);
    const std::size_t held = outstanding();
    most = std::min(most, what_.prefetch - std::min(held, what_.prefetch));
    std::vector<ReceivedEvent> events;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < readable.size() && events.size() < most && bytes < most_bytes_of_a_poll;
         ++i) {
        auto& [topic, owned] = readable[(next_to_read_ + i) % readable.size()];
        const std::size_t before = events.size();
        file_->reader.read(topic->name, Partition{owned->number}, owned->id, owned->cursor, most - before,
                           most_bytes_of_a_poll - bytes, events);
        if (events.size() == before) continue;
        notice_loss(*topic, *owned, events[before]);
        for (std::size_t k = before; k < events.size(); ++k) {
            owned->tracker.hand_out(events[k].position.offset);
            bytes += events[k].payload.size();
        }
        owned->cursor = static_cast<std::int64_t>(events.back().position.offset.number) + 1;
    }
    ++next_to_read_;
    return events;
}

void EmbeddedSubscription::notice_loss(const TopicState& topic, Owned& owned, const ReceivedEvent& first) {
    const auto missing = static_cast<std::int64_t>(first.position.offset.number) - owned.cursor;
    if (missing <= 0) return;
    log(LogLevel::warning, "group " + what_.group.str() + " lost " + std::to_string(missing) + " events of " +
                               topic.name.str() + ", partition " + std::to_string(owned.number) +
                               ": the topic's retention removed them before they were handled");
}

EmbeddedSubscription::Owned* EmbeddedSubscription::find_owned(const Receipt& receipt) {
    for (const auto& topic : topics_) {
        if (topic->name != *receipt.topic) continue;
        const auto owned = topic->owned.find(static_cast<std::int32_t>(receipt.position.partition));
        return owned == topic->owned.end() ? nullptr : &owned->second;
    }
    return nullptr;
}

void EmbeddedSubscription::acknowledge(std::span<const Receipt> receipts) {
    if (process_ != ::getpid()) return;
    const std::lock_guard lock(*mutex_);
    std::vector<Owned*> moved;
    for (const Receipt& receipt : receipts) {
        Owned* owned = find_owned(receipt);
        if (owned == nullptr || !owned->tracker.finish(receipt.position.offset)) continue;
        if (std::find(moved.begin(), moved.end(), owned) == moved.end()) moved.push_back(owned);
    }
    if (!moved.empty()) write_positions(moved);
}

void EmbeddedSubscription::write_positions(const std::vector<Owned*>& moved) {
    Transaction transaction(*file_->connection);
    for (const Owned* owned : moved) {
        file_->update_position
            .with(static_cast<std::int64_t>(owned->tracker.position().number),
                  std::string_view(what_.group.str()), static_cast<std::int64_t>(owned->id),
                  file_->membership.id(), owned->epoch)
            .run();
        // The group was moved: its new place stands, and is noticed at the next poll.
        if (file_->connection->changes() == 0) must_look_around_ = true;
        if (owned->draining && owned->tracker.outstanding() == 0) must_look_around_ = true;
    }
    transaction.commit();
}

std::size_t EmbeddedSubscription::outstanding() const {
    std::size_t count = 0;
    for (const auto& topic : topics_)
        for (const auto& [number, owned] : topic->owned) count += owned.tracker.outstanding();
    return count;
}

std::vector<PartitionLag> EmbeddedSubscription::lag() {
    const std::lock_guard lock(*mutex_);
    std::vector<PartitionLag> lags;
    for (const auto& topic : topics_) {
        for (const auto& [number, owned] : topic->owned) {
            const PartitionState state = partition_state(*file_->connection, owned.id);
            const auto from =
                std::max(static_cast<std::int64_t>(owned.tracker.position().number), state.first_offset);
            lags.push_back({topic->name, Partition{number},
                            static_cast<std::uint64_t>(std::max<std::int64_t>(state.next_offset - from, 0))});
        }
    }
    return lags;
}

void EmbeddedSubscription::close() {
    if (process_ != ::getpid()) return;
    const std::lock_guard lock(*mutex_);
    if (std::exchange(closed_, true)) return;
    Transaction transaction(*file_->connection);
    file_->membership.leave();
    transaction.commit();
    file_->membership.drop_lock();
    topics_.clear();
    file_->wake_word.ring_membership();
}

void EmbeddedSubscription::log(LogLevel level, const std::string& message) const {
    if (options_->log) options_->log(level, message);
}

}  // namespace eventbus::embedded
