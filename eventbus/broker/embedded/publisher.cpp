#include "eventbus/broker/embedded/publisher.hpp"

#include <utility>

#include "eventbus/broker/embedded/event_writer.hpp"
#include "eventbus/broker/embedded/file.hpp"
#include "eventbus/broker/embedded/retention.hpp"
#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/wake_word.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::embedded {

namespace {

Sync sync_of(EmbeddedSync sync) {
    switch (sync) {
        case EmbeddedSync::full:
            return Sync::full;
        case EmbeddedSync::normal:
            return Sync::normal;
        case EmbeddedSync::off:
            return Sync::off;
    }
    return Sync::full;
}

}  // namespace

/// Everything that is opened, and opened again after a fork.
struct EmbeddedPublisher::File {
    explicit File(const EmbeddedOptions& options)
        : connection(open_file(options.path, sync_of(options.sync), options.patience)),
          writer(*connection, options.new_topic, options.clock),
          wake_word(options.path) {}

    std::unique_ptr<Connection> connection;
    EventWriter writer;
    WakeWord wake_word;
    std::chrono::steady_clock::time_point looked_for_expired = std::chrono::steady_clock::now();
};

EmbeddedPublisher::EmbeddedPublisher(std::shared_ptr<const EmbeddedOptions> options)
    : options_(std::move(options)),
      file_(std::make_unique<File>(*options_)),
      queue_({.close = options_->close_limit, .enqueued = options_->queue_limit},
             {.backend = "the embedded bus",
              .store = [this](const auto& events, const auto& deliveries) { write(events, deliveries); },
              .start_afresh = [this] { open_afresh(); }}) {}

// The parent's file is closed in a child already.
EmbeddedPublisher::~EmbeddedPublisher() {
    if (queue_.is_inherited()) static_cast<void>(file_.release());
}

void EmbeddedPublisher::open_afresh() {
    static_cast<void>(file_.release());
    file_ = std::make_unique<File>(*options_);
}

std::vector<Delivery> EmbeddedPublisher::publish(std::span<const OutgoingEvent> events) {
    return queue_.publish(events);
}

void EmbeddedPublisher::enqueue(const OutgoingEvent& event, DeliveryHandler done) {
    queue_.enqueue(event, std::move(done));
}

bool EmbeddedPublisher::flush(std::chrono::milliseconds limit) { return queue_.flush(limit); }

void EmbeddedPublisher::write(const std::vector<const OutgoingEvent*>& events,
                              const std::vector<Delivery*>& deliveries) {
    std::vector<Position> positions(events.size());
    try {
        store_all(events, positions);
    } catch (...) {
        remove_expired_now_and_then();
        throw;
    }
    for (std::size_t i = 0; i < events.size(); ++i) deliveries[i]->position = positions[i];
    remove_expired_now_and_then();
}

void EmbeddedPublisher::store_all(const std::vector<const OutgoingEvent*>& events,
                                  std::vector<Position>& positions) {
    try {
        store(events, positions);
    } catch (const NotFound&) {
        // A topic was deleted behind the writer's back; what it knew is forgotten by now, so it is made anew.
        store(events, positions);
    }
}

void EmbeddedPublisher::store(const std::vector<const OutgoingEvent*>& events,
                              std::vector<Position>& positions) {
    file_->writer.write(events, positions);
    if (file_->writer.made_topic()) {
        file_->wake_word.ring_membership();
    } else {
        file_->wake_word.ring();
    }
}

// A failure to remove takes nothing from what was stored; it is tried again at the next turn.
void EmbeddedPublisher::remove_expired_now_and_then() {
    const auto at = std::chrono::steady_clock::now();
    if (at - file_->looked_for_expired < options_->retention_interval) return;
    file_->looked_for_expired = at;
    try {
        // When there is more to remove than a caller should wait for, the next call goes on with it.
        if (!remove_expired(*file_->connection, options_->clock())) file_->looked_for_expired = {};
    } catch (const BrokerError& error) {
        if (options_->log)
            options_->log(LogLevel::warning, std::string("cannot remove old events: ") + error.what());
    }
}

}  // namespace eventbus::embedded
