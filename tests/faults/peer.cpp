// The other processes of the fault tests:
//   faults_peer send ADDRESS TOPIC SENDER COUNT BATCH enqueue|publish PAUSE_MICROSECONDS JOURNAL
//   faults_peer consume ADDRESS TOPIC GROUP MOST JOURNAL
// The address is an embedded bus's file, a Redis server's URL, or kafka:// with brokers, / and a registry's
// URL. A sender writes an event down once it is stored, a consumer before it acknowledges. Both end well at
// SIGTERM.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/broker/kafka/kafka_broker.hpp"
#include "eventbus/broker/redis/redis_broker.hpp"
#include "line_file.hpp"
#include "sigterm.hpp"

namespace {

using namespace eventbus;
using faults::must_end;
using faults::to_wake;

constexpr std::uint64_t keys = 64;

/// Gathers lines, and writes them by one call.
class Journal {
  public:
    explicit Journal(const char* path) : file_(path) {}

    void add(const Position& position, const std::string& key, const std::string& id) {
        lines_ += faults::journal_line(position, key, id);
    }
    void write() {
        file_.write(lines_);
        lines_.clear();
    }

  private:
    faults::LineFile file_;
    std::string lines_;
};

/// One event of a sender with all that it views.
struct Sent {
    TopicName topic;
    std::string id;
    std::string key;
    std::vector<std::byte> key_as_avro;
    std::string payload;
    EventMetadata metadata;
    Headers headers;

    Sent(const std::string& topic_name, const std::string& sender, std::uint64_t number)
        : topic(topic_name),
          id(sender + '-' + std::to_string(number)),
          key("key" + std::to_string(number * 7919 % keys)),
          payload(id + ' ' + std::string(number % 300, 'x')) {
        // The length as Avro writes one below 64.
        key_as_avro.push_back(static_cast<std::byte>(key.size() * 2));
        for (const char character : key) key_as_avro.push_back(static_cast<std::byte>(character));
        metadata.event_type = "org.openedx.learning.course.enrollment.created.v1";
        metadata.id = Uuid::make_v1();
        metadata.source = "openedx/lms/web";
        metadata.sourcehost = "host";
        metadata.time = now();
        metadata.sourcelib = "11.2.0";
    }
    [[nodiscard]] OutgoingEvent view() const {
        OutgoingEvent event;
        event.topic = &topic;
        event.metadata = &metadata;
        event.key = EventKey{key, key_as_avro, R"("string")"};
        event.payload = std::as_bytes(std::span(payload));
        event.schema = R"({"type": "record", "name": "CloudEvent", "fields": []})";
        event.headers = &headers;
        return event;
    }
};

std::string text(std::span<const std::byte> bytes) {
    std::string characters(bytes.size(), '\0');
    std::transform(bytes.begin(), bytes.end(), characters.begin(),
                   [](std::byte byte) { return static_cast<char>(byte); });
    return characters;
}

void publish(Publisher& publisher, const std::vector<Sent>& batch, Journal& journal) {
    std::vector<OutgoingEvent> events;
    for (const Sent& event : batch) events.push_back(event.view());
    const auto deliveries = publisher.publish(events);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (deliveries[i].failure) std::rethrow_exception(deliveries[i].failure);
        journal.add(deliveries[i].position, batch[i].key, batch[i].id);
    }
    journal.write();
}

void enqueue(Publisher& publisher, const std::vector<Sent>& batch, Journal& journal) {
    for (const Sent& event : batch) {
        publisher.enqueue(event.view(), [&journal, key = event.key, id = event.id](const Delivery& delivery) {
            if (delivery.failure) std::rethrow_exception(delivery.failure);
            journal.add(delivery.position, key, id);
            journal.write();
        });
    }
}

std::shared_ptr<Broker> open_kafka(const std::string& address) {
    const std::size_t begin = std::string("kafka://").size();
    const std::size_t slash = address.find('/', begin);
    KafkaOptions options;
    options.bootstrap_servers = address.substr(begin, slash - begin);
    options.registry.urls = {address.substr(slash + 1)};
    options.consumer_properties = {{"session.timeout.ms", "2000"}, {"heartbeat.interval.ms", "200"}};
    return make_kafka_broker(std::move(options));
}

std::shared_ptr<Broker> open(const std::string& address) {
    if (address.starts_with("kafka://")) return open_kafka(address);
    if (!address.starts_with("redis://"))
        return make_embedded_broker({.path = address, .clock = now, .log = {}});
    RedisOptions options;
    options.url = address;
    options.stream_max_len = 10'000'000;
    options.lease = std::chrono::seconds(1);
    options.claim_after = std::chrono::seconds(2);
    return make_redis_broker(std::move(options));
}

void send(char** argument) {
    const auto broker = open(argument[0]);
    Journal journal(argument[7]);
    const auto publisher = broker->publisher();
    const std::uint64_t count = std::stoull(argument[3]);
    const std::uint64_t batch_size = std::stoull(argument[4]);
    const bool enqueues = std::string(argument[5]) == "enqueue";
    const std::chrono::microseconds pause(std::stoll(argument[6]));
    for (std::uint64_t number = 0; number < count && !must_end;) {
        std::vector<Sent> batch;
        for (; batch.size() < batch_size && number < count; ++number)
            batch.emplace_back(argument[1], argument[2], number);
        if (enqueues) {
            enqueue(*publisher, batch, journal);
        } else {
            publish(*publisher, batch, journal);
        }
        if (pause.count() > 0) std::this_thread::sleep_for(pause);
    }
    if (!publisher->flush(std::chrono::minutes(1)))
        throw std::runtime_error("the queue is not stored in time");
}

void consume(char** argument) {
    const auto broker = open(argument[0]);
    Journal journal(argument[4]);
    SubscribeOptions options{
        .topics = {TopicName(argument[1])}, .group = GroupName(argument[2]), .reset = {}, .member = {}};
    const auto subscription = broker->subscribe(options);
    to_wake = subscription.get();
    while (!must_end) {
        const auto events = subscription->poll(std::stoull(argument[3]), std::chrono::seconds(10));
        if (events.empty()) continue;
        std::vector<Receipt> receipts;
        for (const ReceivedEvent& event : events) {
            const std::string payload = text(event.payload);
            journal.add(event.position, event.key.value(), payload.substr(0, payload.find(' ')));
            receipts.push_back({&event.topic, event.position});
        }
        journal.write();
        subscription->acknowledge(receipts);
    }
    to_wake = nullptr;
    subscription->close();
}

}  // namespace

int main(int count, char** arguments) try {
    faults::end_at_sigterm();
    const std::string what = count > 1 ? arguments[1] : "";
    if (what == "send" && count == 10) {
        send(arguments + 2);
    } else if (what == "consume" && count == 7) {
        consume(arguments + 2);
    } else {
        std::fputs("faults_peer send|consume ...\n", stderr);
        return 2;
    }
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "faults_peer: %s\n", error.what());
    return 1;
}
