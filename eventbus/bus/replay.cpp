#include "eventbus/bus/replay.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/bus/broker_calls.hpp"
#include "eventbus/bus/failure_policy.hpp"
#include "eventbus/bus/handler_watch.hpp"
#include "eventbus/bus/handling.hpp"
#include "eventbus/bus/stop_watchdog.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

using Take = std::function<void(ReceivedEvent)>;

/// Reads a topic from one place to another, and gives what the options take of it to a function.
class ReplayRun {
  public:
    ReplayRun(Bus& bus, const ReplayOptions& options, const std::vector<std::string_view>& types,
              std::stop_token stop)
        : bus_(bus),
          options_(options),
          types_(types),
          stop_(std::move(stop)),
          calls_(bus, "of a replay", stop_) {}

    /// How far it came; what the handlers made of it is not counted.
    ReplayResult work(const TopicName& topic, const Take& take) {
        ReplayResult result;
        if (open(topic)) {
            tell_progress();
            result.complete = read_to_the_end(take);
            tell_progress();
        }
        result.read = read_;
        result.last = last_;
        result.last_position_text = last_position_text_;
        return result;
    }
    [[nodiscard]] std::uint64_t events() const { return events_; }

  private:
    [[nodiscard]] bool open(const TopicName& topic) {
        const auto broker = bus_.consumer_broker();
        return calls_.until_stop("begin", [&] {
            if (!broker->admin()->topic(topic)) throw NotFound("there is no topic " + quote(topic.str()));
            reader_ = broker->reader({.topic = topic, .from = options_.from, .to = options_.to});
            if (options_.on_progress) total_ = reader_->left();
        });
    }

    /// False when it was asked to stop before.
    [[nodiscard]] bool read_to_the_end(const Take& take) {
        const auto most = static_cast<std::size_t>(bus_.settings().get(setting::CONSUMER_PREFETCH));
        std::vector<ReceivedEvent> events;
        while (!has_enough()) {
            if (stop_.stop_requested() || !calls_.until_stop("read", [&] { events = reader_->read(most); }))
                return false;
            if (events.empty()) return true;
            for (ReceivedEvent& event : events) {
                if (has_enough()) return true;
                if (stop_.stop_requested()) return false;
                give(std::move(event), take);
            }
        }
        return true;
    }

    void give(ReceivedEvent event, const Take& take) {
        ++read_;
        if (is_wanted(event)) {
            last_ = event.position;
            last_position_text_ = event.position_text;
            take(std::move(event));
            ++events_;
        }
        tell_progress();
    }

    [[nodiscard]] bool is_wanted(const ReceivedEvent& event) const {
        const bool has_type =
            types_.empty() || std::ranges::find(types_, event.metadata.event_type) != types_.end();
        return has_type &&
               (options_.keys.empty() ||
                (event.key && std::ranges::find(options_.keys, *event.key) != options_.keys.end()));
    }

    [[nodiscard]] bool has_enough() const { return options_.count && events_ >= *options_.count; }

    void tell_progress() const {
        if (options_.on_progress) options_.on_progress({read_, total_, events_});
    }

    Bus& bus_;
    const ReplayOptions& options_;
    const std::vector<std::string_view>& types_;
    std::stop_token stop_;
    std::unique_ptr<Reader> reader_;
    std::uint64_t total_ = 0;
    std::uint64_t read_ = 0;
    std::uint64_t events_ = 0;
    std::optional<Position> last_;
    std::string last_position_text_;
    BrokerCalls calls_;
};

}  // namespace

Replay::Replay(Bus& bus, ReplayOptions options)
    : bus_(bus),
      options_(std::move(options)),
      topic_(prefixed_topic(bus_.settings().get(setting::TOPIC_PREFIX), options_.topic)) {
    static_cast<void>(bus_.consumer_broker());
    for (const std::string& type : options_.types) types_.push_back(bus_.catalogue().resolve(type).type);
    if (!options_.failures) options_.failures = std::make_shared<LogFailures>();
}

ReplayResult Replay::run(std::stop_token stop) {
    ConsumeOptions once;
    once.retry = RetryPolicy{.most_tries = 1};
    ErrorStreak any_number(0);
    Handling handling(bus_, once, *options_.failures, any_number);
    HandlerWatch watch(1, std::nullopt, [](const auto&...) {});
    StopWatchdog watchdog(bus_, watch, options_.stop_timeout, options_.on_overdue);
    const std::stop_callback on_stop(stop, [&] { watchdog.start(); });
    ReplayRun run(bus_, options_, types_, std::move(stop));
    ReplayResult result = run.work(topic_, [&](ReceivedEvent event) {
        HeldEvent held{.event = std::move(event), .receipt = {}};
        static_cast<void>(handling.try_once(held, watch.worker(0), Handling::BatchHandlers::called));
    });
    const ConsumeResult handled = handling.result();
    result.handled = handled.handled;
    result.failed = handled.failed;
    result.unusable = handled.unusable;
    return result;
}

ReplayResult Replay::dry_run(std::stop_token stop) {
    ReplayRun run(bus_, options_, types_, std::move(stop));
    ReplayResult result = run.work(topic_, [](const ReceivedEvent&) {});
    result.handled = run.events();
    return result;
}

}  // namespace eventbus
