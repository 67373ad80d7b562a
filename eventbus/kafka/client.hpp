#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "eventbus/event/log.hpp"
#include "eventbus/kafka/configuration.hpp"

namespace eventbus::kafka {

/// What a client calls back, from the thread that polls it.
struct Callbacks {
    /// One message of a producer is stored, or has failed; its opaque is what it was produced with.
    std::function<void(const rd_kafka_message_t&)> delivered;
    /// The group gives or takes partitions; what to do about it is the callback's.
    std::function<void(rd_kafka_resp_err_t, const rd_kafka_topic_partition_list_t*)> rebalanced;
    /// Whether `awaits_group` is to be known.
    bool notes_joining = false;
};

/// A producer or consumer of librdkafka, with its threads, which ends with this object. What librdkafka logs
/// and reports goes to the log. Its own calls are thread-safe.
class Client {
  public:
    using Clock = std::chrono::steady_clock;

    /// Throws SettingsError when the properties contradict each other.
    Client(rd_kafka_type_t type, const Properties& properties, LogSink log, Callbacks callbacks = {});
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    [[nodiscard]] rd_kafka_t* get() const { return handle_; }

    /// What is reported comes with the messages from now on, and is called back when those are polled.
    void report_with_messages();
    /// Calls back what there is to report, unless that comes with messages.
    void hear_reports() const;

    /// What librdkafka reported last of the cluster as a whole, for error messages: why no broker answers.
    [[nodiscard]] std::string last_trouble() const;

    /// Why a broker turned this client away, or the client the broker, since then: a login or a certificate,
    /// which no waiting puts right. Nothing when none did.
    [[nodiscard]] std::optional<rd_kafka_resp_err_t> refusal_since(Clock::time_point then) const;

    /// Whether the client has told its group that it joins it, again or anew, and has not heard yet what it
    /// owns.
    [[nodiscard]] bool awaits_group() const { return awaits_group_; }

  private:
    static rd_kafka_resp_err_t on_new(rd_kafka_t* handle, const rd_kafka_conf_t* conf, void* self,
                                      char* error, std::size_t size_of_error);
    static rd_kafka_resp_err_t on_request(rd_kafka_t* handle, int socket, const char* broker, std::int32_t id,
                                          std::int16_t request, std::int16_t version, std::int32_t number,
                                          std::size_t size, void* self);
    static rd_kafka_resp_err_t on_response(rd_kafka_t* handle, int socket, const char* broker,
                                           std::int32_t id, std::int16_t request, std::int16_t version,
                                           std::int32_t number, std::size_t size, std::int64_t time,
                                           rd_kafka_resp_err_t code, void* self);
    static void on_log(const rd_kafka_t* handle, int level, const char* facility, const char* text);
    static void on_error(rd_kafka_t* handle, int code, const char* reason, void* self);
    static void on_delivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* self);
    static void on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code,
                             rd_kafka_topic_partition_list_t* partitions, void* self);
    void note(rd_kafka_resp_err_t code, std::string text);

    LogSink log_;
    Callbacks callbacks_;
    mutable std::mutex mutex_;
    std::string trouble_;
    bool reports_with_messages_ = false;
    std::optional<rd_kafka_resp_err_t> refusal_;
    Clock::time_point refused_at_;
    std::atomic<bool> awaits_group_ = false;
    rd_kafka_t* handle_ = nullptr;
};

}  // namespace eventbus::kafka
