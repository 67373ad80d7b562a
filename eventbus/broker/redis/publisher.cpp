#include "eventbus/broker/redis/publisher.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "eventbus/broker/redis/entry.hpp"
#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis_streams {

namespace {

/// What is written is sent when it is as large, so that the server works while the rest is written.
constexpr std::size_t bytes_of_a_send = std::size_t{64} << 10;
constexpr std::chrono::milliseconds first_pause{50};
constexpr std::chrono::milliseconds longest_pause{1'000};

std::chrono::milliseconds longer(std::chrono::milliseconds pause) {
    return std::min(2 * pause, longest_pause);
}

/// False when the deadline comes first.
bool pause_until(redis::Deadline deadline, std::chrono::milliseconds pause) {
    if (redis::in(pause) >= deadline) return false;
    std::this_thread::sleep_for(pause);
    return true;
}

std::exception_ptr refusal(const TopicName& topic, std::string_view reply) {
    try {
        redis::throw_server_error("cannot store an event in the stream " + topic.str(), reply);
    } catch (...) {
        return std::current_exception();
    }
}

std::exception_ptr unknown(const std::string& why) {
    return std::make_exception_ptr(redis::ConnectionLost(
        why + ". Whether the event is stored is not known; sending it again may store it twice"));
}

/// Refused for the time being: the same event may be stored a moment later.
bool may_pass(const std::exception_ptr& failure) {
    if (!failure) return false;
    try {
        std::rethrow_exception(failure);
    } catch (const redis::ServerError& error) {
        return error.retriable();
    } catch (...) {
        return false;
    }
}

}  // namespace

/// What a child of a fork makes anew.
struct RedisPublisher::Server {
    explicit Server(const redis::ConnectOptions& options) : link(options) {}

    redis::Link link;
    std::uint64_t seen_openings = 0;
    ConfirmedIds confirmed;
};

RedisPublisher::RedisPublisher(std::shared_ptr<const Options> options)
    : options_(std::move(options)),
      max_len_(std::to_string(options_->stream_max_len)),
      server_(std::make_unique<Server>(options_->server)),
      queue_({.close = options_->close_limit, .enqueued = options_->queue_limit},
             {.backend = "the Redis backend",
              .store = [this](const auto& events, const auto& deliveries) { store(events, deliveries); },
              .start_afresh = [this] { start_afresh(); }}) {}

RedisPublisher::~RedisPublisher() {
    if (!queue_.is_inherited()) return;
    server_->link.abandon();
    static_cast<void>(server_.release());
}

// A thread of the parent may have been in the midst of using it.
void RedisPublisher::start_afresh() {
    server_->link.abandon();
    static_cast<void>(server_.release());
    server_ = std::make_unique<Server>(options_->server);
}

std::vector<Delivery> RedisPublisher::publish(std::span<const OutgoingEvent> events) {
    return queue_.publish(events);
}

void RedisPublisher::enqueue(const OutgoingEvent& event, DeliveryHandler done) {
    queue_.enqueue(event, std::move(done));
}

bool RedisPublisher::flush(std::chrono::milliseconds limit) { return queue_.flush(limit); }

void RedisPublisher::store(const Events& events, const Deliveries& deliveries) {
    const redis::Deadline deadline = redis::in(options_->patience);
    std::size_t from = 0;
    auto pause = first_pause;
    for (;;) {
        try {
            static_cast<void>(connect(deadline));
        } catch (...) {
            for (std::size_t i = from; i < events.size(); ++i)
                deliveries[i]->failure = std::current_exception();
            break;
        }
        from = store_from(from, events, deliveries);
        if (from == events.size() || !pause_until(deadline, pause)) break;
        pause = longer(pause);
    }
    if (options_->audit && options_->log) audit(events, deliveries);
}

// What is refused is tried again only where nothing behind it was stored, so that events keep their order.
std::size_t RedisPublisher::store_from(std::size_t from, const Events& events, const Deliveries& deliveries) {
    std::size_t answered = from;
    std::size_t to_try_again = events.size();
    bool must_reconnect = false;
    try {
        redis::Connection& connection = server_->link.connection();
        send(connection, from, events);
        for (; answered < events.size(); ++answered) {
            const redis::ReplyView reply = connection.receive().view();
            const TopicName& topic = *events[answered]->topic;
            Delivery& delivery = *deliveries[answered];
            if (reply.is_error()) {
                must_reconnect = must_reconnect || redis::calls_for_reconnection(reply.text());
                delivery.failure = refusal(topic, reply.text());
            } else {
                delivery = {{Partition{0}, stream_id_of(reply.text())}, nullptr};
                server_->confirmed.note(topic, delivery.position.offset);
            }
        }
        if (options_->replicas != 0) wait_for_replicas(connection, deliveries);
        while (to_try_again > from && may_pass(deliveries[to_try_again - 1]->failure)) --to_try_again;
        if (must_reconnect) server_->link.close();
    } catch (const std::exception& error) {
        server_->link.close();
        for (; answered < events.size(); ++answered) deliveries[answered]->failure = unknown(error.what());
        if (options_->replicas != 0) note_not_replicated(std::span(deliveries).subspan(from), error.what());
    }
    return to_try_again;
}

redis::Connection& RedisPublisher::connect(redis::Deadline deadline) {
    for (auto pause = first_pause;; pause = longer(pause)) {
        try {
            redis::Connection& connection = server_->link.connection();
            notice_loss(connection);
            return connection;
        } catch (const BrokerError& error) {
            server_->link.close();
            if (!error.retriable() || !pause_until(deadline, pause)) throw;
        }
    }
}

void RedisPublisher::notice_loss(redis::Connection& connection) {
    if (server_->seen_openings == server_->link.openings()) return;
    for (const ConfirmedIds::Lost& lost : server_->confirmed.find_lost(connection))
        options_->write_log(LogLevel::error, describe(lost));
    server_->seen_openings = server_->link.openings();
}

void RedisPublisher::send(redis::Connection& connection, std::size_t from, const Events& events) {
    redis::CommandBuffer& commands = connection.commands();
    for (std::size_t i = from; i < events.size(); ++i) {
        add(commands, *events[i]);
        if (commands.bytes().size() >= bytes_of_a_send) connection.send();
    }
    connection.send();
}

void RedisPublisher::add(redis::CommandBuffer& commands, const OutgoingEvent& event) const {
    constexpr std::size_t words_besides = 3;
    constexpr std::size_t words_of_trimming = 3;
    const bool trims = !event.keep;
    commands.begin(words_besides + (trims ? words_of_trimming : 0) + field_words(event));
    commands.word("XADD");
    commands.word(event.topic->str());
    if (trims) {
        commands.word("MAXLEN");
        commands.word("~");
        commands.word(max_len_);
    }
    commands.word("*");
    write_fields(commands, event);
}

void RedisPublisher::wait_for_replicas(redis::Connection& connection, const Deliveries& deliveries) const {
    const auto timeout = options_->replicas_timeout;
    connection.commands().add({"WAIT", std::to_string(options_->replicas), std::to_string(timeout.count())});
    connection.send();
    const redis::ReplyView reply = connection.receive(timeout).view();
    if (!reply.is_error() && reply.integer() >= options_->replicas) return;
    const std::string got = reply.is_error() ? std::string(reply.text())
                                             : "only " + std::to_string(reply.integer()) + " have it after " +
                                                   std::to_string(timeout.count()) + " ms";
    note_not_replicated(deliveries, got);
}

void RedisPublisher::note_not_replicated(std::span<Delivery* const> deliveries,
                                         const std::string& why) const {
    for (Delivery* delivery : deliveries) {
        if (delivery->failure) continue;
        delivery->failure = std::make_exception_ptr(BrokerError(
            "the event is stored at " + to_string(delivery->position.offset) + ", but not in " +
                std::to_string(options_->replicas) + " replicas: " + why + "; a failover may lose it",
            true));
    }
}

void RedisPublisher::audit(const Events& events, const Deliveries& deliveries) const {
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (deliveries[i]->failure) continue;
        const EventMetadata& metadata = *events[i]->metadata;
        options_->write_log(LogLevel::info, "sent to Redis: topic " + events[i]->topic->str() + ", event " +
                                                metadata.id.to_string() + " of " + metadata.event_type +
                                                ", position " + to_string(deliveries[i]->position.offset));
    }
}

}  // namespace eventbus::redis_streams
