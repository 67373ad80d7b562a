#include "eventbus/bus/dead_letter_policy.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/bus/backoff.hpp"
#include "eventbus/bus/broker_failure.hpp"
#include "eventbus/bus/dead_letter.hpp"
#include "eventbus/bus/dead_letter_topic.hpp"
#include "eventbus/bus/event_text.hpp"
#include "eventbus/bus/json_string.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds longest_trying{5'000};

std::string described(const FailedEvent& failed) {
    const ReceivedEvent& event = failed.event;
    return quote(event.metadata.event_type) + " " + event.metadata.id.to_string() + " of " + place_of(event) +
           ", group " + quote(failed.group);
}

[[noreturn]] void fail(const FailedEvent& failed, const TopicName& topic, const std::exception_ptr& cause) {
    const std::string text = "the event " + described(failed) +
                             " was given up, and cannot be kept in the dead-letter topic " + topic.str() +
                             "; it is not acknowledged: " + one_line(error_text(cause));
    throw_broker_error(text, cause);
}

/// An argument of a command line, as a shell reads it.
std::string shell_word(std::string_view text) {
    std::string word = "'";
    for (const char c : text) word.append(c == '\'' ? std::string("'\\''") : std::string(1, c));
    return word + "'";
}

std::string_view without_prefix(const Bus& bus, std::string_view topic) {
    const std::string prefix = bus.settings().get(setting::TOPIC_PREFIX) + "-";
    return prefix.size() > 1 && topic.starts_with(prefix) ? topic.substr(prefix.size()) : topic;
}

/// The letters of one event, and which of them are stored.
class Letters {
  public:
    Letters(const TopicName& topic, const FailedEvent& failed) {
        for (const Failure& failure : failed.failures)
            letters_.push_back(OutgoingDeadLetter::letter(topic, failed.event, failure, failed.group));
        positions_.resize(letters_.size());
    }

    /// Publishes those that are not stored; the first failure, or null.
    std::exception_ptr publish(Publisher& publisher) {
        std::vector<OutgoingEvent> events;
        std::vector<std::optional<Position>*> positions;
        for (std::size_t i = 0; i < letters_.size(); ++i) {
            if (positions_[i]) continue;
            events.push_back(letters_[i].view());
            positions.push_back(&positions_[i]);
        }
        const std::vector<Delivery> deliveries = publisher.publish(events);
        std::exception_ptr first;
        for (std::size_t i = 0; i < deliveries.size(); ++i) {
            if (!deliveries[i].failure) *positions[i] = deliveries[i].position;
            if (deliveries[i].failure && !first) first = deliveries[i].failure;
        }
        return first;
    }

    /// As words of a command line; all must be stored.
    [[nodiscard]] std::string ids() const {
        std::string ids;
        for (const auto& position : positions_) ids += " " + letter_id(*position);
        return ids;
    }

  private:
    std::vector<OutgoingDeadLetter> letters_;
    std::vector<std::optional<Position>> positions_;
};

std::string log_text(const Bus& bus, const FailedEvent& failed, const Letters& letters) {
    std::string text = "an event is kept as a dead letter: " + described(failed);
    for (const Failure& failure : failed.failures)
        text.append("; ").append(to_string(failure.reason)).append(": ").append(describe(failure));
    return text + "; see it with: eventbus dead-letters show -t " +
           shell_word(without_prefix(bus, failed.event.topic.str())) + " -g " + shell_word(failed.group) +
           letters.ids();
}

}  // namespace

struct DeadLetters::Connection {
    explicit Connection(Bus& bus) : broker(bus.consumer_broker()), publisher(broker->publisher()) {}

    void need(const TopicName& topic) {
        const std::lock_guard lock(mutex);
        if (ready.contains(topic)) return;
        const auto admin = broker->admin();
        try {
            // One that is there keeps the retention that somebody gave it.
            if (!admin->topic(topic)) admin->create_topic(topic, {.partitions = 1, .retention = {}});
        } catch (const InvalidValue&) {
            // Somebody else made it meanwhile, with other partitions.
            if (!admin->topic(topic)) throw;
        }
        ready.insert(topic);
    }

    std::shared_ptr<Broker> broker;
    std::unique_ptr<Publisher> publisher;
    std::mutex mutex;
    std::set<TopicName> ready;
};

DeadLetters::DeadLetters(std::stop_token stop) : stop_(std::move(stop)), process_(::getpid()) {}

// What belongs to the parent of this process is left as it is, and never destroyed: see Connections.
DeadLetters::~DeadLetters() {
    if (process_ != ::getpid()) static_cast<void>(connection_.release());
}

DeadLetters::Connection& DeadLetters::connection(Bus& bus) {
    const std::lock_guard lock(mutex_);
    if (process_ != ::getpid()) {
        static_cast<void>(connection_.release());
        process_ = ::getpid();
    }
    if (!connection_) connection_ = std::make_unique<Connection>(bus);
    return *connection_;
}

void DeadLetters::settle(Bus& bus, const FailedEvent& failed) {
    const TopicName topic = dead_letter_topic(failed.event.topic, GroupName(std::string(failed.group)));
    Letters letters(topic, failed);
    const auto deadline = Clock::now() + longest_trying;
    for (Backoff backoff;; backoff.wait(stop_)) {
        std::exception_ptr failure;
        try {
            Connection& open = connection(bus);
            open.need(topic);
            failure = letters.publish(*open.publisher);
        } catch (const std::exception&) {
            failure = std::current_exception();
        }
        if (!failure) break;
        if (!is_retriable(failure) || stop_.stop_requested() || Clock::now() >= deadline)
            fail(failed, topic, failure);
    }
    bus.log(LogLevel::warning, log_text(bus, failed, letters));
}

}  // namespace eventbus
