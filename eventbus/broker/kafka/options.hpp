#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "eventbus/broker/kafka/kafka_broker.hpp"
#include "eventbus/kafka/client.hpp"

namespace eventbus::kafka_topics {

/// What all parts of a broker share.
struct Options : KafkaOptions {
    /// Throws SettingsError.
    explicit Options(KafkaOptions given);

    void write_log(LogLevel level, std::string_view message) const;

    [[nodiscard]] kafka::Properties for_producer() const;
    /// For a member of a group; `member` may be empty.
    [[nodiscard]] kafka::Properties for_member(const std::string& group, const std::string& member) const;
    /// For a client that reads without a group.
    [[nodiscard]] kafka::Properties for_reader() const;
    /// For one that only asks.
    [[nodiscard]] kafka::Properties for_admin() const;

    std::shared_ptr<SchemaRegistry> schemas;
    /// How often somebody of this broker told members to move (moves.hpp): they look at once then.
    std::shared_ptr<std::atomic<std::uint64_t>> noted_moves = std::make_shared<std::atomic<std::uint64_t>>(0);

  private:
    [[nodiscard]] kafka::Properties common() const;
    /// What the consumers' own properties say of the connection: who it is, and how it is secured.
    void add_connection(kafka::Properties& properties) const;
};

}  // namespace eventbus::kafka_topics
