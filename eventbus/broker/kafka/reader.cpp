#include "eventbus/broker/kafka/reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "eventbus/broker/kafka/topics.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/kafka/error.hpp"

namespace eventbus::kafka_topics {

namespace {

constexpr int time_to_answer_ms = static_cast<int>(time_to_answer.count());
constexpr std::size_t most_of_a_fetch = 1'000;
constexpr std::chrono::milliseconds time_of_knowledge{20};

}  // namespace

/// The partitions of a topic that are being fetched into one queue, and what was fetched and not taken.
class KafkaReader::Fetching {
  public:
    struct DestroyMessage {
        void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
    };
    using Message = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

    Fetching(const kafka::Client& client, const std::string& topic)
        : topic_(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr)),
          queue_(rd_kafka_queue_new(client.get())) {
        if (topic_ == nullptr) kafka::throw_error("cannot read the topic " + topic, rd_kafka_last_error());
    }
    Fetching(const Fetching&) = delete;
    Fetching& operator=(const Fetching&) = delete;
    ~Fetching() {
        for (const std::int32_t partition : partitions_) rd_kafka_consume_stop(topic_, partition);
        waiting_.clear();
        rd_kafka_queue_destroy(queue_);
        rd_kafka_topic_destroy(topic_);
    }

    void start(std::int32_t partition, std::int64_t offset) {
        if (rd_kafka_consume_start_queue(topic_, partition, offset, queue_) != 0)
            kafka::throw_error("cannot read the topic " + std::string(rd_kafka_topic_name(topic_)),
                               rd_kafka_last_error());
        partitions_.push_back(partition);
    }

    /// The next message or error; null when none came in time.
    [[nodiscard]] const rd_kafka_message_t* front() {
        if (waiting_.empty()) {
            // A batch would be waited for until it is full.
            rd_kafka_message_t* const first = rd_kafka_consume_queue(queue_, time_to_answer_ms);
            if (first == nullptr) return nullptr;
            waiting_.emplace_back(first);
            std::array<rd_kafka_message_t*, most_of_a_fetch> messages{};
            const ssize_t count = rd_kafka_consume_batch_queue(queue_, 0, messages.data(), messages.size());
            for (ssize_t i = 0; i < count; ++i)
                waiting_.emplace_back(messages.at(static_cast<std::size_t>(i)));
        }
        return waiting_.front().get();
    }
    void pop() { waiting_.pop_front(); }

  private:
    rd_kafka_topic_t* topic_;
    rd_kafka_queue_t* queue_;
    std::vector<std::int32_t> partitions_;
    std::deque<Message> waiting_;
};

struct KafkaReader::Source {
    explicit Source(const Options& options) : client(RD_KAFKA_CONSUMER, options.for_reader(), options.log) {}

    kafka::Client client;
    std::unique_ptr<Fetching> fetching;
};

KafkaReader::KafkaReader(std::shared_ptr<const Options> options, ReadOptions what)
    : options_(std::move(options)), what_(std::move(what)), records_(*options_->schemas) {
    // Of a topic that is still to come, all is new.
    if (!find_topic() && std::holds_alternative<Latest>(what_.from)) what_.from = Earliest{};
}

KafkaReader::~KafkaReader() = default;

KafkaReader::Source& KafkaReader::source() {
    if (Source* const there = source_.find()) return *there;
    return source_.set(std::make_unique<Source>(*options_));
}

// While there is more of what was found a moment ago nothing is asked.
bool KafkaReader::is_topic_known() {
    return !source_.is_inherited() && open_places() > 0 && Clock::now() < found_ + time_of_knowledge;
}

bool KafkaReader::find_topic() {
    const kafka::Client& client = source().client;
    found_ = Clock::now();
    const auto partitions = partitions_of(client, what_.topic.str());
    bool is_another = !partitions;
    if (partitions) {
        if (places_.empty()) find_places(*partitions);
        for (std::size_t i = 0; i < places_.size(); ++i) {
            const Stored stored = stored_in(client, what_.topic.str(), static_cast<std::int32_t>(i));
            is_another = is_another || stored.end < places_[i].stored_end;
            places_[i].stored_end = stored.end;
            places_[i].next = std::max(places_[i].next, stored.begin);
        }
    }
    if (!is_another) return true;
    const bool was_there = !places_.empty();
    places_.clear();
    source().fetching.reset();
    if (was_there && std::holds_alternative<Latest>(what_.from)) what_.from = Earliest{};
    return partitions && find_topic();
}

void KafkaReader::find_places(std::int32_t partitions) {
    const kafka::Client& client = source().client;
    const std::string& topic = what_.topic.str();
    const auto begins = offsets_of(client, topic, partitions, what_.from);
    std::vector<std::optional<std::int64_t>> ends(begins.size());
    if (what_.to) ends = offsets_of(client, topic, partitions, *what_.to);
    std::vector<Place> places;
    for (std::size_t i = 0; i < begins.size(); ++i) {
        const Stored stored = stored_in(client, topic, static_cast<std::int32_t>(i));
        Place place{.next = begins[i].value_or(stored.begin), .end = ends[i], .stored_end = stored.end};
        if (what_.to && !place.end) place.end = stored.end;
        places.push_back(place);
    }
    places_ = std::move(places);
}

std::size_t KafkaReader::open_places() const {
    return static_cast<std::size_t>(std::count_if(
        places_.begin(), places_.end(), [](const Place& place) { return place.next < place.last(); }));
}

std::vector<ReceivedEvent> KafkaReader::read(std::size_t most) {
    std::vector<ReceivedEvent> events;
    if (!is_topic_known() && !find_topic()) return events;
    auto& [client, fetching] = source();
    if (open_places() > 0 && !fetching) {
        fetching = std::make_unique<Fetching>(client, what_.topic.str());
        for (std::size_t i = 0; i < places_.size(); ++i)
            fetching->start(static_cast<std::int32_t>(i), places_[i].next);
    }
    while (events.size() < most && open_places() > 0) {
        const rd_kafka_message_t* const message = fetching->front();
        if (message == nullptr) {
            if (!events.empty()) break;
            throw BrokerError("the topic " + what_.topic.str() + " cannot be read: no broker answers " +
                                  client.last_trouble(),
                              true);
        }
        take(events, *message);
        fetching->pop();
    }
    return events;
}

void KafkaReader::take(std::vector<ReceivedEvent>& events, const rd_kafka_message_t& message) {
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR && message.err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        const rd_kafka_resp_err_t code = message.err;
        const std::string text = rd_kafka_message_errstr(&message);
        source().fetching.reset();
        found_ = {};
        kafka::throw_error("the topic " + what_.topic.str() + " cannot be read", code, text);
    }
    Place& place = places_.at(static_cast<std::size_t>(message.partition));
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        // What stands before the end need not be events: marks of transactions, holes of compaction.
        place.next = std::max(place.next, std::min(message.offset, place.stored_end));
        return;
    }
    if (message.offset < place.next) return;
    if (!place.end || message.offset < *place.end) events.push_back(records_.read(what_.topic, message));
    place.next = message.offset + 1;
    place.stored_end = std::max(place.stored_end, place.next);
}

std::uint64_t KafkaReader::left() {
    if (!find_topic()) return 0;
    std::uint64_t left = 0;
    for (const Place& place : places_)
        left += static_cast<std::uint64_t>(std::max<std::int64_t>(place.last() - place.next, 0));
    return left;
}

}  // namespace eventbus::kafka_topics
