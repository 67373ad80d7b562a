#pragma once

#include <memory>
#include <span>
#include <string>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/handler_table.hpp"
#include "eventbus/bus/scratch.hpp"
#include "eventbus/bus/signal_table.hpp"
#include "eventbus/bus/writer_schemas.hpp"

namespace eventbus {

/// The way of an event in: from a broker to the handlers in the process, and to nothing else. Thread-safe.
class Receiver {
  public:
    Receiver(SignalTable& signals, const HandlerTable& handlers, ScratchPool& scratch,
             std::span<const std::shared_ptr<Observer>> observers)
        : signals_(signals), handlers_(handlers), scratch_(scratch), observers_(observers) {}

    /// See Bus::handle.
    [[nodiscard]] HandlingReport handle(const ReceivedEvent& event, const HandleOptions& options);
    /// See Bus::handle_batch.
    [[nodiscard]] BatchResults handle_batch(std::string_view handler,
                                            std::span<const ReceivedEvent* const> events,
                                            HandlerCalls* calls);
    /// See Bus::schema_of.
    [[nodiscard]] std::shared_ptr<const avro::SchemaDocument> schema_of(const ReceivedEvent& event,
                                                                        std::string* problem);

  private:
    void give(SignalState* signal, const ReceivedEvent& event, const HandleOptions& options,
              HandlingReport& report);
    void give_to_handlers(SignalState& signal, const ReceivedEvent& event, const HandleOptions& options,
                          HandlingReport& report);
    void give_to_raw_handlers(const SignalState* signal, const ReceivedEvent& event,
                              const HandleOptions& options, HandlingReport& report);
    void give_batch(const TypedCall& call, SignalState& signal, std::span<const ReceivedEvent* const> events,
                    BatchResults& results);
    void give_raw_batch(const RawCall& call, std::span<const ReceivedEvent* const> events,
                        BatchResults& results);
    [[nodiscard]] RawEvent raw_event(const SignalState* signal, const ReceivedEvent& event,
                                     std::string& problem);
    /// The payload as our schema's reader expects it; `translated` holds it when that takes new bytes. Throws
    /// DecodeError.
    [[nodiscard]] std::span<const std::byte> in_our_schema(SignalState& signal, const ReceivedEvent& event,
                                                           std::vector<std::byte>& translated);
    void tell_observers(const ReceivedEvent& event, const HandlingReport& report,
                        Observer::Duration took) const;

    SignalTable& signals_;
    const HandlerTable& handlers_;
    ScratchPool& scratch_;
    std::span<const std::shared_ptr<Observer>> observers_;
    WriterSchemas writer_schemas_;
};

}  // namespace eventbus
