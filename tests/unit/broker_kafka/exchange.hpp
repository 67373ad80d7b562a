#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eventbus::kafka_topics {

/// A topic of librdkafka's mock cluster in this process: what is put in comes out as a consumer gets it.
class Exchange {
  public:
    using Headers = std::vector<std::pair<std::string, std::string>>;
    struct DestroyMessage {
        void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
    };
    using Message = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

    Exchange();
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    /// Without a key when `key` is null. Throws std::runtime_error. To be gone before the exchange is.
    [[nodiscard]] Message pass(const Headers& headers, const std::string* key, std::string_view value);
    /// The same with headers that are made already.
    [[nodiscard]] Message pass(rd_kafka_headers_t* headers, const std::string* key, std::string_view value);

    /// Where it listens, and the topic's name.
    [[nodiscard]] const std::string& address() const { return address_; }
    [[nodiscard]] static std::string topic();

  private:
    struct Destroy {
        void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
    };
    std::string address_;
    std::unique_ptr<rd_kafka_t, Destroy> producer_;
    std::unique_ptr<rd_kafka_t, Destroy> consumer_;
};

}  // namespace eventbus::kafka_topics
