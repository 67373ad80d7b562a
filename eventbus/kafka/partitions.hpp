#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <string>

namespace eventbus::kafka {

struct DestroyPartitions {
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        rd_kafka_topic_partition_list_destroy(list);
    }
};

/// A list of partitions of librdkafka's, each with an offset, an error and a text.
class Partitions {
  public:
    Partitions() : list_(rd_kafka_topic_partition_list_new(1)) {}
    /// Takes it over; null is an empty one.
    explicit Partitions(rd_kafka_topic_partition_list_t* list)
        : list_(list == nullptr ? rd_kafka_topic_partition_list_new(1) : list) {}
    [[nodiscard]] static Partitions copy_of(const rd_kafka_topic_partition_list_t* list) {
        return Partitions(list == nullptr ? nullptr : rd_kafka_topic_partition_list_copy(list));
    }

    rd_kafka_topic_partition_t& add(const std::string& topic, std::int32_t partition,
                                    std::int64_t offset = RD_KAFKA_OFFSET_INVALID) {
        auto* const added = rd_kafka_topic_partition_list_add(list_.get(), topic.c_str(), partition);
        added->offset = offset;
        return *added;
    }

    [[nodiscard]] rd_kafka_topic_partition_list_t* get() const { return list_.get(); }
    [[nodiscard]] bool empty() const { return list_->cnt == 0; }
    [[nodiscard]] rd_kafka_topic_partition_t* begin() const { return list_->elems; }
    [[nodiscard]] rd_kafka_topic_partition_t* end() const { return list_->elems + list_->cnt; }

  private:
    std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyPartitions> list_;
};

}  // namespace eventbus::kafka
