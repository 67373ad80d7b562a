#include "eventbus/broker/kafka/publisher.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "eventbus/broker/kafka/record.hpp"
#include "eventbus/broker/kafka/reports.hpp"
#include "eventbus/broker/kafka/topic_config.hpp"
#include "eventbus/broker/kafka/topics.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/forks.hpp"
#include "eventbus/event/longest_limit.hpp"
#include "eventbus/kafka/error.hpp"

namespace eventbus::kafka_topics {

namespace {

using Clock = Reports::Clock;

Clock::time_point in(std::chrono::milliseconds time) { return Clock::now() + std::min(time, longest_limit); }

/// Who waits for the report of one message.
class Recipient {
  public:
    Recipient() = default;
    Recipient(const Recipient&) = delete;
    Recipient& operator=(const Recipient&) = delete;
    virtual ~Recipient() = default;
    /// Called once, by the thread that polls; may end this object.
    virtual void report(const Delivery& delivery) noexcept = 0;
};

/// One event of a publish.
class Published final : public Recipient {
  public:
    void expect(Delivery& delivery, std::atomic<std::size_t>& open) {
        delivery_ = &delivery;
        open_ = &open;
    }
    void report(const Delivery& delivery) noexcept override {
        *delivery_ = delivery;
        open_->fetch_sub(1, std::memory_order_release);
    }

  private:
    Delivery* delivery_ = nullptr;
    std::atomic<std::size_t>* open_ = nullptr;
};

/// One event of an enqueue.
class Enqueued final : public Recipient {
  public:
    Enqueued(DeliveryHandler done, std::atomic<std::uint64_t>& open) : done_(std::move(done)), open_(open) {}
    void report(const Delivery& delivery) noexcept override {
        const std::unique_ptr<Enqueued> self(this);
        if (done_) done_(delivery);
        open_.fetch_sub(1, std::memory_order_release);
    }

  private:
    DeliveryHandler done_;
    std::atomic<std::uint64_t>& open_;
};

bool is_same(std::string_view one, std::string_view other) {
    return one.data() == other.data() && one.size() == other.size();
}

/// Both have the same topic and schemas, told from where these are in memory: most events of a call do.
bool are_alike(const OutgoingEvent& one, const OutgoingEvent& other) {
    return one.topic == other.topic && one.keep == other.keep && is_same(one.schema, other.schema) &&
           one.key.has_value() == other.key.has_value() &&
           (!one.key || is_same(one.key->schema, other.key->schema));
}

bool is_not_found(const std::exception_ptr& failure) {
    if (!failure) return false;
    try {
        std::rethrow_exception(failure);
    } catch (const NotFound&) {
        return true;
    } catch (...) {
        return false;
    }
}

std::string what_failed(const std::string& topic) { return "cannot store an event in the topic " + topic; }

std::exception_ptr failure_of(const rd_kafka_message_t& message, const std::string& trouble) {
    const std::string what = what_failed(rd_kafka_topic_name(message.rkt));
    if (is_missing_topic(message.err))
        return std::make_exception_ptr(missing_topic(rd_kafka_topic_name(message.rkt)));
    if (message.err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT || message.err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
        const bool may_be_stored = rd_kafka_message_status(&message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
        std::string text = what + ": no broker confirmed it in time";
        if (!trouble.empty()) text += " (" + trouble + ")";
        if (may_be_stored)
            text += ". Whether the event is stored is not known; sending it again may store it twice";
        return std::make_exception_ptr(BrokerError(text, true));
    }
    return kafka::make_error(what, message.err, trouble);
}

Delivery delivery_of(const rd_kafka_message_t& message, const std::string& trouble) {
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return {{}, failure_of(message, trouble)};
    return {{Partition{message.partition}, {static_cast<std::uint64_t>(message.offset), 0}}, nullptr};
}

}  // namespace

/// A producer, and who waits for its reports. A child of a fork makes another one; so does a producer that
/// librdkafka gave up.
class KafkaPublisher::Producer {
  public:
    explicit Producer(std::shared_ptr<const Options> options)
        : options_(std::move(options)),
          client_(RD_KAFKA_PRODUCER, options_->for_producer(), options_->log,
                  {.delivered = [this](const rd_kafka_message_t& message) { deliver(message); },
                   .rebalanced = {}}),
          reports_(client_),
          schemas_(*options_->schemas) {}
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    ~Producer() {
        flush(options_->close_limit);
        if (rd_kafka_outq_len(client_.get()) > 0) {
            rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
            constexpr int time_to_report_ms = 1000;
            rd_kafka_flush(client_.get(), time_to_report_ms);
        }
        server_.request_stop();
        enqueued_changed_.notify_all();
    }

    void publish(std::span<const OutgoingEvent> events, std::span<Delivery> deliveries) {
        std::vector<std::size_t> all(events.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        publish(all, events, deliveries);
        // librdkafka does not notice by itself that a topic was made anew.
        std::vector<std::size_t> again;
        for (const std::size_t i : all)
            if (forgotten_.load() && is_not_found(deliveries[i].failure)) again.push_back(i);
        if (!again.empty()) publish(again, events, deliveries);
    }

    void enqueue(const OutgoingEvent& event, DeliveryHandler done) {
        open_.fetch_add(1, std::memory_order_relaxed);
        auto recipient = std::make_unique<Enqueued>(std::move(done), open_);
        Recipient& told = *recipient.release();
        const auto ids = prepare(event, told);
        if (!ids) return;
        const std::lock_guard turn(producing_);
        produce(event, *ids, told);
        serve_reports();
    }

    bool flush(std::chrono::milliseconds limit) {
        return reports_.wait_until(in(limit), [&] { return open_.load(std::memory_order_acquire) == 0; });
    }

    [[nodiscard]] bool is_broken() const { return rd_kafka_fatal_error(client_.get(), nullptr, 0) != 0; }

  private:
    void publish(const std::vector<std::size_t>& which, std::span<const OutgoingEvent> events,
                 std::span<Delivery> deliveries) {
        std::vector<Published> recipients(which.size());
        std::atomic<std::size_t> open = which.size();
        std::vector<std::optional<RecordIds>> ids(which.size());
        for (std::size_t i = 0; i < which.size(); ++i) {
            recipients[i].expect(deliveries[which[i]], open);
            const bool is_as_before =
                i > 0 && ids[i - 1] && are_alike(events[which[i - 1]], events[which[i]]);
            ids[i] = is_as_before ? ids[i - 1] : prepare(events[which[i]], recipients[i]);
        }
        {
            const std::lock_guard turn(producing_);
            for (std::size_t i = 0; i < which.size(); ++i)
                if (ids[i]) produce(events[which[i]], *ids[i], recipients[i]);
        }
        reports_.wait_until(Clock::time_point::max(),
                            [&] { return open.load(std::memory_order_acquire) == 0; });
    }

    void deliver(const rd_kafka_message_t& message) {
        const Delivery delivery =
            delivery_of(message, message.err == 0 ? std::string() : client_.last_trouble());
        if (is_missing_topic(message.err)) forgotten_.store(true);
        if (options_->audit && !delivery.failure) audit(message);
        static_cast<Recipient*>(message._private)->report(delivery);
    }

    void audit(const rd_kafka_message_t& message) const {
        options_->write_log(LogLevel::info, std::string("sent to Kafka: topic ") +
                                                rd_kafka_topic_name(message.rkt) + ", partition " +
                                                std::to_string(message.partition) + ", position " +
                                                std::to_string(message.offset));
    }

    // Before the turn: a cluster or a registry that does not answer must hold up nobody else. Nothing when it
    // cannot be sent, which is reported then. No schema is registered for a topic that is not there.
    std::optional<RecordIds> prepare(const OutgoingEvent& event, Recipient& recipient) {
        try {
            need(event.topic->str());
            return schemas_.ids_of(event);
        } catch (...) {
            recipient.report({{}, std::current_exception()});
            return std::nullopt;
        }
    }

    // librdkafka would make the topic where the cluster allows it.
    void need(const std::string& topic) {
        {
            const std::lock_guard lock(knowing_);
            if (forgotten_.exchange(false)) there_.clear();
            if (there_.contains(topic)) return;
        }
        if (!has_topic(client_, topic)) throw missing_topic(topic);
        const std::lock_guard lock(knowing_);
        there_.insert(topic);
    }

    // Reports to the recipient at once what cannot be handed to librdkafka.
    void produce(const OutgoingEvent& event, const RecordIds& ids, Recipient& recipient) {
        try {
            write_value(value_, event, ids);
            if (event.key) write_key(key_, event, ids);
            hand_over(event, recipient);
        } catch (...) {
            recipient.report({{}, std::current_exception()});
        }
    }

    void hand_over(const OutgoingEvent& event, Recipient& recipient) {
        // So that a group can keep it as a dead letter, with what is told about it.
        if (!event.keep && value_.size() + (event.key ? key_.size() : 0) > largest_event)
            throw InvalidValue(what_failed(event.topic->str()) + ": it has " + std::to_string(value_.size()) +
                               " bytes; at most 16 MiB are taken");
        RecordHeaders headers = make_headers(event);
        std::optional<Clock::time_point> deadline;
        for (;;) {
            const rd_kafka_resp_err_t code = try_to_hand_over(event, headers.get(), recipient);
            if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
                static_cast<void>(headers.release());
                return;
            }
            // The queue is full: there is room again when something was reported.
            if (!deadline) deadline = in(options_->patience);
            const int before = rd_kafka_outq_len(client_.get());
            if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL ||
                !reports_.wait_until(*deadline, [&] { return rd_kafka_outq_len(client_.get()) < before; }))
                kafka::throw_error(what_failed(event.topic->str()), code, client_.last_trouble());
        }
    }

    [[nodiscard]] rd_kafka_resp_err_t try_to_hand_over(const OutgoingEvent& event,
                                                       rd_kafka_headers_t* headers, Recipient& recipient) {
        std::array<rd_kafka_vu_t, 6> parts{};
        parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
        parts[0].u.cstr = event.topic->str().c_str();
        parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
        parts[1].u.i = RD_KAFKA_MSG_F_COPY;
        parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
        parts[2].u.mem = {value_.data(), value_.size()};
        parts[3].vtype = RD_KAFKA_VTYPE_KEY;
        if (event.key) parts[3].u.mem = {key_.data(), key_.size()};
        parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
        parts[4].u.headers = headers;
        parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
        parts[5].u.ptr = &recipient;
        const std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> error(
            rd_kafka_produceva(client_.get(), parts.data(), parts.size()), rd_kafka_error_destroy);
        return error ? rd_kafka_error_code(error.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
    }

    // What is enqueued is reported although no caller waits for it.
    void serve_reports() {
        if (!server_.joinable())
            server_ = std::jthread([this](const std::stop_token& stop) { run_server(stop); });
        enqueued_changed_.notify_one();
    }

    void run_server(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            reports_.wait_until(Clock::time_point::max(), [&] {
                return open_.load(std::memory_order_acquire) == 0 || stop.stop_requested();
            });
            std::unique_lock lock(producing_);
            enqueued_changed_.wait(lock, stop, [&] { return open_.load(std::memory_order_acquire) != 0; });
        }
    }

    std::shared_ptr<const Options> options_;
    kafka::Client client_;
    Reports reports_;
    /// Held while events are handed to librdkafka, so that those of one call stand together.
    std::mutex producing_;
    RecordSchemas schemas_;
    std::vector<std::byte> key_;
    std::vector<std::byte> value_;
    std::mutex knowing_;
    std::set<std::string, std::less<>> there_;
    /// A topic that was there is not any more.
    std::atomic<bool> forgotten_ = false;
    std::atomic<std::uint64_t> open_ = 0;
    std::condition_variable_any enqueued_changed_;
    std::jthread server_;
};

KafkaPublisher::KafkaPublisher(std::shared_ptr<const Options> options) : options_(std::move(options)) {}

KafkaPublisher::~KafkaPublisher() = default;

std::shared_ptr<KafkaPublisher::Producer> KafkaPublisher::producer() {
    const Turn turn(starting_);
    const std::shared_ptr<Producer>* const there = producer_.find();
    if (there != nullptr && !(*there)->is_broken()) return *there;
    return producer_.set(std::make_unique<std::shared_ptr<Producer>>(std::make_shared<Producer>(options_)));
}

std::vector<Delivery> KafkaPublisher::publish(std::span<const OutgoingEvent> events) {
    for (const OutgoingEvent& event : events) check_complete(event);
    std::vector<Delivery> deliveries(events.size());
    if (!events.empty()) producer()->publish(events, deliveries);
    return deliveries;
}

void KafkaPublisher::enqueue(const OutgoingEvent& event, DeliveryHandler done) {
    check_complete(event);
    producer()->enqueue(event, std::move(done));
}

bool KafkaPublisher::flush(std::chrono::milliseconds limit) { return producer()->flush(limit); }

}  // namespace eventbus::kafka_topics
