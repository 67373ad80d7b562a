#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/position.hpp"
#include "eventbus/bus/handler.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/metadata.hpp"
#include "eventbus/event/names.hpp"

namespace eventbus {

/// What happens when a handler in the process throws while an event is sent.
enum class Dispatch {
    /// It is logged and reported; the other handlers and the topics get the event all the same.
    robust,
    /// The exception is passed on to the sender at once; handlers connected later and the topics do not get
    /// the event. (In Python the bus is one of a signal's receivers, in the order of connection; here it is
    /// always the last, so that a sender who is told of a failure knows that nothing left the process.)
    strict,
};

struct SendOptions {
    /// When it happened; now when unset. Wins over the time in `metadata`.
    std::optional<Timestamp> time = {};
    /// The whole metadata, to send an event again as it was: it must name the signal's event type.
    std::optional<EventMetadata> metadata = {};
    Dispatch dispatch = Dispatch::robust;
};

/// What became of an event on one topic.
struct TopicResult {
    /// With prefix.
    TopicName topic;
    /// The key as text; nothing when the event has none.
    std::optional<std::string> key;
    /// Where it is stored; meaningful when `failure` is null.
    Position position;
    /// Why it is not stored; null when it is.
    std::exception_ptr failure;
};

/// What `Bus::send` did.
struct SendReport {
    EventMetadata metadata;
    /// False when the signal is disabled: then nothing was done, and `metadata` has the event's type alone.
    bool enabled = true;
    /// The handlers in this process, in the order they were called.
    std::vector<HandlerResult> handlers;
    /// The topics that the event was written to, or should have been, in the order of their names.
    std::vector<TopicResult> topics;

    /// Whether every topic has the event.
    [[nodiscard]] bool stored() const;
};

/// An event could not be written to at least one of its topics. Everything needed to send it again is in
/// `report`: the same data with `SendOptions::metadata = report().metadata` keeps its id and time. The text
/// names the event, each topic that failed, key and cause. `retriable()` when each cause is.
class SendFailed : public BrokerError {
  public:
    explicit SendFailed(SendReport report);

    [[nodiscard]] const SendReport& report() const noexcept { return *report_; }
    /// The first topic that failed.
    [[nodiscard]] const TopicResult& failure() const noexcept { return *failure_; }
    [[nodiscard]] const TopicName& topic() const noexcept { return failure_->topic; }
    [[nodiscard]] const std::optional<std::string>& key() const noexcept { return failure_->key; }
    [[nodiscard]] const Uuid& id() const noexcept { return report_->metadata.id; }
    [[nodiscard]] const std::exception_ptr& cause() const noexcept { return failure_->failure; }

  private:
    std::shared_ptr<const SendReport> report_;
    const TopicResult* failure_;
};

/// Called once when an event that was posted is durable on all its topics or has failed on some: see
/// `TopicResult::failure`. From any thread; it must not throw, and must not send.
using PostHandler = std::function<void(const SendReport&)>;

}  // namespace eventbus
