#pragma once

#include <memory>
#include <optional>
#include <string>

#include "eventbus/kafka/admin_call.hpp"
#include "eventbus/kafka/group_client.hpp"
#include "eventbus/kafka/partitions.hpp"

namespace eventbus::kafka_topics {

/// Where the members of a group are to go (moves.hpp), asked without waiting. Not thread-safe.
class MoveWatch {
  public:
    /// The file descriptor becomes readable when there is an answer. `groups` outlives this object.
    MoveWatch(kafka::GroupClient& groups, const std::string& group, int descriptor, LogSink log);

    /// Asks about these partitions; while an answer is awaited, once more after it.
    void look(const kafka::Partitions& partitions);

    /// Where to go: empty when nowhere, and while there is no answer. One that fails is none.
    [[nodiscard]] kafka::Partitions take();

  private:
    void ask(const kafka::Partitions& partitions);

    struct Question {
        explicit Question(std::shared_ptr<const kafka::Client> asked);

        std::shared_ptr<const kafka::Client> client;
        kafka::AdminCall call;
    };

    kafka::GroupClient& groups_;
    const std::string group_;
    const int descriptor_;
    const LogSink log_;
    std::unique_ptr<Question> question_;
    std::optional<kafka::Partitions> next_;
};

}  // namespace eventbus::kafka_topics
