#include "eventbus/bus/replay.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/bus/backoff.hpp"
#include "eventbus/bus/failure_policy.hpp"
#include "eventbus/bus/json_string.hpp"
#include "eventbus/bus/stop_watchdog.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

/// Limits may be as good as none; no clock overflows by this one.
constexpr std::chrono::milliseconds longest_limit = std::chrono::hours{24 * 365};

/// Handles an event that was taken, and counts it.
using Take = std::function<void(const ReceivedEvent&, ReplayResult&)>;

/// Reads a topic from one place to another, and gives what the options take of it to a function.
class ReplayRun {
  public:
    ReplayRun(Bus& bus, const ReplayOptions& options, const std::vector<std::string_view>& types,
              std::stop_token stop)
        : bus_(bus), options_(options), types_(types), stop_(std::move(stop)) {}

    ReplayResult work(const TopicName& topic, const Take& take) {
        if (open(topic)) {
            tell_progress();
            result_.complete = read_to_the_end(take);
            tell_progress();
        }
        return result_;
    }

  private:
    [[nodiscard]] bool open(const TopicName& topic) {
        const auto broker = bus_.consumer_broker();
        return try_until_stop([&] {
            if (!broker->admin()->topic(topic)) throw NotFound("there is no topic " + quote(topic.str()));
            reader_ = broker->reader({.topic = topic, .from = options_.from, .to = options_.to});
            if (options_.on_progress) total_ = reader_->left();
        });
    }

    /// False when it was asked to stop before.
    [[nodiscard]] bool read_to_the_end(const Take& take) {
        const auto most = static_cast<std::size_t>(bus_.settings().get(setting::CONSUMER_PREFETCH));
        const auto stop_timeout =
            options_.stop_timeout.value_or(bus_.settings().get(setting::CONSUMER_STOP_TIMEOUT));
        std::vector<ReceivedEvent> events;
        StopWatchdog watchdog(bus_, std::min(stop_timeout, longest_limit), options_.on_overdue);
        const std::stop_callback on_stop(stop_, [&] { watchdog.start(); });
        while (!has_enough()) {
            if (stop_.stop_requested() || !try_until_stop([&] { events = reader_->read(most); }))
                return false;
            if (events.empty()) return true;
            for (const ReceivedEvent& event : events) {
                if (has_enough()) return true;
                if (stop_.stop_requested()) return false;
                give(event, take, watchdog);
            }
        }
        return true;
    }

    void give(const ReceivedEvent& event, const Take& take, StopWatchdog& watchdog) {
        ++result_.read;
        if (is_wanted(event)) {
            watchdog.working_on(&event);
            take(event, result_);
            watchdog.working_on(nullptr);
            result_.last = event.position;
            result_.last_position_text = event.position_text;
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

    [[nodiscard]] bool has_enough() const { return options_.count && result_.events() >= *options_.count; }

    void tell_progress() const {
        if (options_.on_progress) options_.on_progress({result_.read, total_, result_.events()});
    }

    /// False when a stop was asked for before the call succeeded.
    template <class Call>
    bool try_until_stop(const Call& call) {
        for (;;) {
            try {
                call();
                backoff_.reset();
                return true;
            } catch (const BrokerError& error) {
                if (!error.retriable()) throw;
                bus_.log(LogLevel::warning, "the replay cannot read, and tries again in " +
                                                std::to_string(backoff_.next().count()) +
                                                " ms: " + one_line(error.what()));
                backoff_.wait(stop_);
                if (stop_.stop_requested()) return false;
            }
        }
    }

    Bus& bus_;
    const ReplayOptions& options_;
    const std::vector<std::string_view>& types_;
    std::stop_token stop_;
    std::unique_ptr<Reader> reader_;
    std::uint64_t total_ = 0;
    ReplayResult result_;
    Backoff backoff_;
};

}  // namespace

Replay::Replay(Bus& bus, ReplayOptions options)
    : bus_(bus),
      options_(std::move(options)),
      topic_(prefixed_topic(bus_.settings().get(setting::TOPIC_PREFIX), options_.topic)) {
    static_cast<void>(bus_.consumer_broker());
    for (const std::string& type : options_.types) types_.push_back(bus_.catalogue().resolve(type).type);
    if (options_.on_failure) return;
    options_.on_failure = [&bus = bus_](const ReceivedEvent& event, const HandlingReport& report) {
        LogFailures().settle(bus, {event, report, {}});
    };
}

ReplayResult Replay::run(std::stop_token stop) {
    ReplayRun run(bus_, options_, types_, std::move(stop));
    return run.work(topic_, [this](const ReceivedEvent& event, ReplayResult& result) {
        const HandlingReport report = bus_.handle(event);
        if (!report.succeeded()) options_.on_failure(event, report);
        std::uint64_t& count = report.unusable   ? result.unusable
                               : report.failed() ? result.failed
                                                 : result.handled;
        ++count;
    });
}

ReplayResult Replay::dry_run(std::stop_token stop) {
    ReplayRun run(bus_, options_, types_, std::move(stop));
    return run.work(topic_, [](const ReceivedEvent&, ReplayResult& result) { ++result.handled; });
}

}  // namespace eventbus
