#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <string>

#include "eventbus/kafka/client.hpp"

namespace eventbus::kafka {

struct DestroyEvent {
    void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
using Event = std::unique_ptr<rd_kafka_event_t, DestroyEvent>;

/// One request of librdkafka's admin interface, and its answer.
class AdminCall {
  public:
    AdminCall(const Client& client, rd_kafka_admin_op_t operation, std::chrono::milliseconds limit);

    [[nodiscard]] rd_kafka_AdminOptions_t* options() const { return options_.get(); }
    [[nodiscard]] rd_kafka_queue_t* queue() const { return queue_.get(); }

    /// The answer; throws when the request as a whole failed: `what` begins the text.
    [[nodiscard]] Event answer(const std::string& what) const;
    /// The same without waiting: null while there is none.
    [[nodiscard]] Event answer_if_there(const std::string& what) const;
    /// The file descriptor becomes readable when the answer is there.
    void wake(int descriptor) const;

  private:
    [[nodiscard]] Event checked(Event event, const std::string& what) const;

    struct DestroyOptions {
        void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
    };
    struct DestroyQueue {
        void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
    };
    const Client& client_;
    std::unique_ptr<rd_kafka_AdminOptions_t, DestroyOptions> options_;
    std::unique_ptr<rd_kafka_queue_t, DestroyQueue> queue_;
};

}  // namespace eventbus::kafka
