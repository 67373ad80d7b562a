#include "eventbus/broker/kafka/member.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <thread>

#include "eventbus/broker/kafka/group_offsets.hpp"
#include "eventbus/broker/kafka/moves.hpp"
#include "eventbus/broker/kafka/topics.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/kafka/error.hpp"

namespace eventbus::kafka_topics {

namespace {

constexpr std::chrono::milliseconds look_interval{1'000};
constexpr std::chrono::milliseconds time_at_limit{1'000};
/// More than members take to hear that others join, `heartbeat.interval.ms`.
constexpr std::chrono::milliseconds longest_wait_to_commit{5'000};
constexpr std::chrono::milliseconds pause{20};
constexpr std::size_t most_of_a_fetch = 1'000;
constexpr int version_that_ends_well = 0x020300ff;
constexpr int time_to_answer_ms = static_cast<int>(time_to_answer.count());

/// With a cooperative one members work while they join again; with others they own nothing then.
constexpr const char* strategy = "partition.assignment.strategy";

/// The group has gone on without this member, or is about to: it will hear of it as a rebalance.
bool is_about_membership(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
           code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS || code == RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST ||
           code == RD_KAFKA_RESP_ERR__NO_OFFSET;
}

bool is_fatal(rd_kafka_resp_err_t code) { return !kafka::is_retriable(code) && !is_missing_topic(code); }

}  // namespace

Member::Member(std::shared_ptr<const Options> options, const SubscribeOptions& what, WakeUp& wake_up)
    : options_(std::move(options)), what_(what), wake_up_(wake_up), reader_(*options_->schemas) {
    // librdkafka would leave it out, and so join another group.
    const std::string& group = what_.group.str();
    if (group.front() == ' ' || group.back() == ' ')
        throw InvalidValue("the group " + quote(group) +
                           " cannot be on Kafka: its name begins or ends with a space");
    for (const TopicName& topic : what_.topics) names_.emplace(topic.str(), topic);
    for (const TopicName& topic : what_.besides) names_.emplace(topic.str(), topic);
    kafka::Properties properties = options_->for_member(what_.group.str(), what_.member);
    is_cooperative_ = properties.at(strategy).starts_with("cooperative");
    client_ = std::make_unique<kafka::Client>(
        RD_KAFKA_CONSUMER, properties, options_->log,
        kafka::Callbacks{
            .delivered = {},
            .rebalanced = [this](auto code, const auto* partitions) { on_rebalance(code, partitions); },
            .notes_joining = is_cooperative_});
    queue_.reset(rd_kafka_queue_get_consumer(client_->get()));
    constexpr std::uint64_t one = 1;
    rd_kafka_queue_io_event_enable(queue_.get(), wake_up_.descriptor(), &one, sizeof one);
    groups_.emplace(*client_, std::move(properties), options_->log);
    moves_.emplace(*groups_, what_.group.str(), wake_up_.descriptor(), options_->log);
    find_starts();
    // Not before: until then a cluster that turns this client away is heard of.
    client_->report_with_messages();
    join(topics_to_join_for());
}

Member::~Member() = default;

// A group that is new gets its positions here, before anything more is stored.
void Member::find_starts() {
    for (const TopicName& topic : what_.topics) {
        const auto partitions = partitions_of(*client_, topic.str());
        if (!partitions) continue;
        has_topics_ = true;
        if (what_.reset) {
            move_group(*groups_, *options_, topic.str(), what_.group.str(), *what_.reset);
        } else {
            find_starts(topic.str(), *partitions);
        }
    }
}

void Member::find_starts(const std::string& topic, std::int32_t partitions) {
    kafka::Partitions asked;
    for (std::int32_t i = 0; i < partitions; ++i) asked.add(topic, i);
    const kafka::Partitions committed = committed_by_own_group(*client_, asked);
    if (std::all_of(committed.begin(), committed.end(), [](const auto& place) { return place.offset >= 0; }))
        return;
    const auto offsets = offsets_of(*client_, topic, partitions, what_.start);
    kafka::Partitions starts;
    for (const auto& place : committed) {
        if (place.offset >= 0) continue;
        const auto& chosen = offsets.at(static_cast<std::size_t>(place.partition));
        const std::int64_t start = chosen ? *chosen : stored_in(*client_, topic, place.partition).begin;
        starts.add(topic, place.partition, start);
        starts_.emplace(Place(topic, place.partition), start);
    }
    // The members of a group that has some have their own starts.
    static_cast<void>(set_positions(*groups_, what_.group.str(), starts));
}

void Member::join(const std::vector<std::string>& names) {
    kafka::Partitions topics;
    for (const std::string& name : names) {
        topics.add(name, RD_KAFKA_PARTITION_UA);
        joined_for_.insert(name);
    }
    kafka::check("cannot join the group " + quote(what_.group.str()),
                 rd_kafka_subscribe(client_->get(), topics.get()));
}

// With a cooperative strategy librdkafka would not come back from a rebalance while a topic is missing. The
// member's own client would ask behind a fetch that waits for events.
std::vector<std::string> Member::topics_to_join_for() {
    std::vector<std::string> names;
    for (const auto& [name, topic] : names_) names.push_back(name);
    if (!is_cooperative_) return names;
    if (!looker_) looker_.emplace(RD_KAFKA_PRODUCER, options_->for_admin(), options_->log);
    std::set<std::string> there;
    for (const TopicState& topic : list_topics(*looker_)) there.insert(topic.name);
    std::erase_if(names, [&](const std::string& name) { return there.count(name) == 0; });
    return names;
}

// Those of a cooperative member that were made since.
void Member::join_for_new_topics() {
    if (joined_for_.size() == names_.size() || rebalance_) return;
    if (const auto names = topics_to_join_for(); names.size() > joined_for_.size()) join(names);
    if (joined_for_.size() == names_.size()) looker_.reset();
}

std::vector<ReceivedEvent> Member::read(std::size_t most) {
    serve_rebalance();
    follow_noted_moves();
    if (Clock::now() >= next_look_) look_around();
    follow_moves(owned_of(moves_->take()));
    const std::size_t outstanding = assignment_.outstanding();
    const std::size_t room = outstanding >= what_.prefetch ? 0 : std::min(most, what_.prefetch - outstanding);
    pause_at_limit(room == 0);
    if (waiting_.size() < room || is_paused_)
        fetch(std::min(is_paused_ ? 1 : room - waiting_.size(), most_of_a_fetch));
    serve_rebalance();
    std::vector<ReceivedEvent> events;
    events.reserve(std::min(room, waiting_.size()));
    while (events.size() < room && !waiting_.empty()) {
        const rd_kafka_message_t& message = *waiting_.front();
        const std::string_view topic = rd_kafka_topic_name(message.rkt);
        try {
            ReceivedEvent event = reader_.read(names_.find(topic)->second, message);
            const auto handed_out = assignment_.hand_out(topic, message.partition, message.offset);
            if (handed_out.done) {
                if (handed_out.expected != message.offset) notice_gap(message, handed_out.expected);
                if (options_->audit) audit(event);
                events.push_back(std::move(event));
            }
        } catch (const BrokerError&) {
            if (events.empty()) throw;
            break;
        }
        waiting_.pop_front();
    }
    if (events.empty() && failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    return events;
}

void Member::fetch(std::size_t most) {
    std::array<rd_kafka_message_t*, most_of_a_fetch> messages{};
    const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), 0, messages.data(), most);
    for (ssize_t i = 0; i < count; ++i) take(Message(messages.at(static_cast<std::size_t>(i))));
}

void Member::take(Message message) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        waiting_.push_back(std::move(message));
    } else {
        take_error(*message);
    }
}

void Member::take_error(const rd_kafka_message_t& message) {
    const rd_kafka_resp_err_t code = message.err;
    const char* const text = rd_kafka_message_errstr(&message);
    if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
    if (is_fatal(code)) {
        failure_ = kafka::make_error("the group " + quote(what_.group.str()) + " cannot be served", code,
                                     text == nullptr ? std::string() : text);
    } else {
        options_->write_log(LogLevel::debug, std::string("Kafka: ") + (text == nullptr ? "" : text));
    }
}

// Not every gap is a loss: compaction and marks of transactions leave some.
void Member::notice_gap(const rd_kafka_message_t& message, std::int64_t expected) const {
    const char* const topic = rd_kafka_topic_name(message.rkt);
    const std::string place = "partition " + std::to_string(message.partition) + " of the topic " + topic;
    const std::string group = "the group " + quote(what_.group.str());
    std::int64_t begin = 0;
    std::int64_t end = 0;
    rd_kafka_get_watermark_offsets(client_->get(), topic, message.partition, &begin, &end);
    if (message.offset < expected) {
        options_->write_log(LogLevel::warning, place + " ends before the position of " + group + ", " +
                                                   std::to_string(expected) +
                                                   ": it is another one, or has lost events; " + group +
                                                   " goes on at " + std::to_string(message.offset));
    } else if (begin > expected) {
        options_->write_log(LogLevel::warning, std::to_string(begin - expected) + " events of " + place +
                                                   " were removed before " + group +
                                                   " read them; it goes on at " +
                                                   std::to_string(message.offset));
    }
}

// What waits is dropped only when the cluster reads again from there: else it would be missing.
void Member::seek(const kafka::Partitions& places) {
    kafka::check("cannot go to another place",
                 rd_kafka_seek_partitions(client_->get(), places.get(), time_to_answer_ms));
    for (const auto& place : places)
        kafka::check("cannot go to another place in the topic " + std::string(place.topic), place.err);
    drop_waiting(places);
    for (const auto& place : places) assignment_.restart(place.topic, place.partition, place.offset);
    commit();
}

void Member::drop_waiting(const kafka::Partitions& partitions) {
    std::erase_if(waiting_, [&](const Message& message) {
        const std::string_view topic = rd_kafka_topic_name(message->rkt);
        return std::any_of(partitions.begin(), partitions.end(), [&](const rd_kafka_topic_partition_t& one) {
            return one.partition == message->partition && topic == one.topic;
        });
    });
}

void Member::look_around() {
    next_look_ = Clock::now() + look_interval;
    join_for_new_topics();
    moves_->look(assignment_.partitions());
}

// What somebody of this process wants holds for whatever is read next.
void Member::follow_noted_moves() {
    const std::uint64_t noted = options_->noted_moves->load();
    if (noted == seen_moves_) return;
    follow_moves(moves_for(*groups_, what_.group.str(), assignment_.partitions()));
    seen_moves_ = noted;
}

void Member::follow_moves(const kafka::Partitions& moves) {
    if (moves.empty() || rebalance_ || client_->awaits_group()) return;
    seek(moves);
    note_moved(*groups_, what_.group.str(), moves);
    options_->write_log(LogLevel::info,
                        "the group " + quote(what_.group.str()) + " goes on where it was told");
}

// They may have changed hands since it was asked about them.
kafka::Partitions Member::owned_of(const kafka::Partitions& places) const {
    kafka::Partitions owned;
    if (places.empty()) return owned;
    for (const Assignment::Owned& one : assignment_.owned())
        for (const auto& place : places)
            if (place.partition == one.partition && place.topic == one.topic)
                owned.add(one.topic, one.partition, place.offset);
    return owned;
}

void Member::on_rebalance(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* partitions) {
    had_assignment_ |= code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    rebalance_ =
        Rebalance{code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, kafka::Partitions::copy_of(partitions)};
    if (leaves_) refuse_rebalance();
}

// Nobody waits any more: what is not finished goes to others. librdkafka may be the caller, through which
// nothing can be thrown.
void Member::refuse_rebalance() noexcept {
    if (!rebalance_) return;
    try {
        if (rebalance_->assigns) {
            assign(kafka::Partitions());
        } else {
            unassign(rebalance_->partitions);
        }
    } catch (const std::exception& error) {
        options_->write_log(LogLevel::warning, error.what());
    }
    rebalance_.reset();
}

void Member::serve_rebalance() {
    if (!rebalance_) return;
    const kafka::Partitions& partitions = rebalance_->partitions;
    if (rebalance_->assigns) {
        start(partitions);
    } else {
        assignment_.revoke(partitions);
        const bool is_lost = rd_kafka_assignment_lost(client_->get()) != 0;
        if (!is_lost && !assignment_.is_finished(partitions)) return;
        if (!is_lost) commit();
        resume();
        assignment_.remove(partitions);
        drop_waiting(partitions);
        unassign(partitions);
        // The others stay, or all are given out anew.
        has_joined_ = is_cooperative_;
    }
    rebalance_.reset();
}

void Member::start(const kafka::Partitions& partitions) {
    const kafka::Partitions committed = committed_by_own_group(*client_, partitions);
    resume();
    kafka::Partitions starts;
    for (const auto& partition : committed) {
        const bool has_position = partition.offset >= 0;
        const std::int64_t offset = has_position ? partition.offset : start_of(partition);
        starts.add(partition.topic, partition.partition, offset);
        assignment_.add(partition.topic, partition.partition, offset, has_position);
    }
    assign(starts);
    has_joined_ = true;
    commit();
    next_look_ = {};
}

std::int64_t Member::start_of(const rd_kafka_topic_partition_t& partition) {
    const auto found = starts_.find(Place(partition.topic, partition.partition));
    if (found != starts_.end()) return found->second;
    if (const auto later = start_in_later_topic(partition)) return *later;
    return stored_in(*client_, partition.topic, partition.partition).begin;
}

// Of a topic that was made since, all is new; where a time or an id is can only be told now.
std::optional<std::int64_t> Member::start_in_later_topic(const rd_kafka_topic_partition_t& partition) const {
    const StartAt& start = what_.reset ? *what_.reset : what_.start;
    const bool is_chosen = std::any_of(what_.topics.begin(), what_.topics.end(), [&](const TopicName& topic) {
        return topic.str() == partition.topic;
    });
    if (!is_chosen || std::holds_alternative<Earliest>(start) || std::holds_alternative<Latest>(start))
        return std::nullopt;
    const auto partitions = partitions_of(*client_, partition.topic);
    if (!partitions) return std::nullopt;
    return offsets_of(*client_, partition.topic, *partitions, start)
        .at(static_cast<std::size_t>(partition.partition));
}

void Member::assign(const kafka::Partitions& partitions) const {
    const std::string what = "cannot take over partitions";
    if (is_cooperative_) {
        kafka::check(what, rd_kafka_incremental_assign(client_->get(), partitions.get()));
    } else {
        kafka::check(what, rd_kafka_assign(client_->get(), partitions.get()));
    }
}

void Member::unassign(const kafka::Partitions& partitions) const {
    const std::string what = "cannot give up partitions";
    if (is_cooperative_) {
        kafka::check(what, rd_kafka_incremental_unassign(client_->get(), partitions.get()));
    } else {
        kafka::check(what, rd_kafka_assign(client_->get(), nullptr));
    }
}

// At the limit nothing is read; what is still to hear of the group is heard once no events stand before it.
void Member::pause_at_limit(bool is_at_limit) {
    const auto now = Clock::now();
    if (!is_at_limit) {
        at_limit_since_.reset();
        return resume();
    }
    if (!at_limit_since_) at_limit_since_ = now;
    if (is_paused_ || now - *at_limit_since_ < time_at_limit) return;
    kafka::Partitions owned = assignment_.partitions();
    rd_kafka_pause_partitions(client_->get(), owned.get());
    is_paused_ = true;
}

// librdkafka keeps a pause also for a partition that goes and comes back. Those that are not paused must not
// be resumed: it would drop what it has fetched of them.
void Member::resume() {
    if (!std::exchange(is_paused_, false)) return;
    kafka::Partitions owned = assignment_.partitions();
    rd_kafka_resume_partitions(client_->get(), owned.get());
}

void Member::acknowledge(std::span<const Receipt> receipts) {
    assignment_.finish(receipts);
    // The reader may wait for this, to give up partitions or for room; it need not wait for the commit, which
    // takes brokers of Kafka 4 more than 5 ms.
    wake_up_.wake();
    commit();
}

// While the group is put together anew the cluster would answer a commit only after that, with an error that
// makes librdkafka before 2.10 give up all partitions at once (its issue 4059): they are handed out by then,
// and what is kept back is committed when this member hears what it owns.
void Member::commit() {
    if (client_->awaits_group()) return;
    const std::lock_guard turn(committing_);
    const kafka::Partitions positions = assignment_.to_commit();
    if (positions.empty()) return;
    constexpr int waits = 0;
    const rd_kafka_resp_err_t code = rd_kafka_commit(client_->get(), positions.get(), waits);
    if (is_about_membership(code)) return;
    kafka::check("cannot commit the positions of the group " + quote(what_.group.str()), code);
    assignment_.note_committed(positions);
}

std::vector<PartitionLag> Member::lag() {
    std::vector<PartitionLag> lag;
    for (const Assignment::Owned& owned : assignment_.owned()) {
        const Stored stored = stored_in(*client_, owned.topic, owned.partition);
        const std::int64_t from = std::max(owned.position, stored.begin);
        lag.push_back({names_.at(owned.topic), Partition{owned.partition},
                       static_cast<std::uint64_t>(std::max<std::int64_t>(stored.end - from, 0))});
    }
    return lag;
}

void Member::leave() {
    leaves_ = true;
    waiting_.clear();
    const auto deadline = Clock::now() + longest_wait_to_commit;
    while (client_->awaits_group() && !assignment_.to_commit().empty() && Clock::now() < deadline)
        std::this_thread::sleep_for(pause);
    try {
        commit();
    } catch (const BrokerError& error) {
        options_->write_log(LogLevel::warning, error.what());
    }
    refuse_rebalance();
    rd_kafka_consumer_close(client_->get());
    assignment_.clear();
    moves_.reset();
    groups_.reset();
    queue_.reset();
    // An end before the first assignment fails an assertion of librdkafka's cooperative assignor (issue 4312
    // there): such a client, which has left its group, stays to the end of the process.
    if (is_cooperative_ && !had_assignment_ && rd_kafka_version() < version_that_ends_well)
        static_cast<void>(client_.release());
    client_.reset();
}

void Member::audit(const ReceivedEvent& event) const {
    options_->write_log(LogLevel::info,
                        "received from Kafka: topic " + event.topic.str() + ", event " +
                            event.metadata.id.to_string() + " of " + event.metadata.event_type +
                            ", partition " +
                            std::to_string(static_cast<std::int32_t>(event.position.partition)) +
                            ", position " + event.position_text);
}

}  // namespace eventbus::kafka_topics
