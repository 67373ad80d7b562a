#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "eventbus/bus/connections.hpp"
#include "eventbus/bus/data_codec.hpp"
#include "eventbus/bus/handler_table.hpp"
#include "eventbus/bus/origin.hpp"
#include "eventbus/bus/posted.hpp"
#include "eventbus/bus/scratch.hpp"
#include "eventbus/bus/send.hpp"
#include "eventbus/bus/signal_table.hpp"

namespace eventbus {

/// Data of a signal, its C++ type forgotten.
struct ErasedData {
    const DataCodec& codec;
    const void* data;
};

/// The way of an event out: metadata, handlers in the process, topics. Thread-safe.
class Sender {
  public:
    Sender(const Origin& origin, const HandlerTable& handlers, Connections& connections, ScratchPool& scratch,
           Listeners listeners)
        : origin_(origin),
          handlers_(handlers),
          connections_(connections),
          scratch_(scratch),
          listeners_(listeners) {}

    SendReport send(SignalState& signal, const ErasedData& event, const SendOptions& options);
    std::vector<SendReport> send_all(SignalState& signal, const DataCodec& codec, std::size_t count,
                                     const std::function<const void*(std::size_t)>& data,
                                     const SendOptions& options);
    void post(SignalState& signal, const ErasedData& event, const SendOptions& options, PostHandler done);
    SendReport send_raw(const Route& route, std::span<const std::byte> payload, const SendOptions& options);
    void post_raw(const Route& route, std::span<const std::byte> payload, const SendOptions& options,
                  PostHandler done);

  private:
    using Time = std::chrono::steady_clock::time_point;

    /// Checks and encodes, and calls the handlers in the process.
    [[nodiscard]] SendReport handle_here(SignalState& signal, const ErasedData& event,
                                         const SendOptions& options, std::vector<std::byte>& payload);
    /// Of an event that no handler gets; the settings must name a backend to send to.
    [[nodiscard]] SendReport report_of_raw(const Route& route, const SendOptions& options);
    void call_handlers(SignalState& signal, const ErasedData& event, std::span<const std::byte> payload,
                       Dispatch dispatch, SendReport& report);
    void log_failures(const SendReport& report) const;

    /// Writes what is addressed to its topics, and waits.
    void store(const Scratch& scratch, std::span<SendReport> reports);
    void enqueue(Scratch& scratch, const std::shared_ptr<Posted>& posted);

    const Origin& origin_;
    const HandlerTable& handlers_;
    Connections& connections_;
    ScratchPool& scratch_;
    Listeners listeners_;
};

}  // namespace eventbus
