#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/avro/schema.hpp"
#include "eventbus/broker/event.hpp"
#include "eventbus/registry/schema_registry.hpp"

namespace eventbus::kafka_topics {

struct DestroyHeaders {
    void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
};
using RecordHeaders = std::unique_ptr<rd_kafka_headers_t, DestroyHeaders>;

// An event as a record of Kafka: the metadata in the headers `ce_specversion`, `content-type`,
// `ce_datacontenttype`, `ce_type`, `ce_id`, `ce_source`, `ce_time`, `ce_minorversion`, `sourcehost` and
// `sourcelib`, in this order, as edx-event-bus-kafka 6.2.0 writes them; then the event's own headers. The
// value is framed with the id of its schema (registry/framing.hpp), and so is the key. What came without a
// frame, and so has no schema, is written without one. The key of a kept event is its text alone, so that a
// dead letter needs no registry.

/// One whose name is one of those above gets `eventbus-header-` before it.
[[nodiscard]] RecordHeaders make_headers(const OutgoingEvent& event);

/// What the key and the value of a record are framed with; nothing for what has no frame.
struct RecordIds {
    std::optional<SchemaId> key;
    std::optional<SchemaId> value;
};

/// The ids of the schemas that were used before. Thread-safe.
class RecordSchemas {
  public:
    explicit RecordSchemas(SchemaRegistry& registry) : registry_(registry) {}

    /// Asks the registry where the event's schemas are new. Throws as SchemaRegistry::id_of.
    [[nodiscard]] RecordIds ids_of(const OutgoingEvent& event);

  private:
    struct Known {
        std::string topic;
        std::string schema;
        SchemaId id;
    };
    [[nodiscard]] SchemaId id_of(std::vector<Known>& known, const TopicName& topic, std::string_view schema);

    SchemaRegistry& registry_;
    /// Not held while the registry is asked.
    std::mutex mutex_;
    std::vector<Known> values_;
    std::vector<Known> keys_;
};

/// `out` becomes the record's key; the event has one.
void write_key(std::vector<std::byte>& out, const OutgoingEvent& event, const RecordIds& ids);
void write_value(std::vector<std::byte>& out, const OutgoingEvent& event, const RecordIds& ids);

/// Reads records. Remembers the schemas of keys. Not thread-safe.
class RecordReader {
  public:
    explicit RecordReader(SchemaRegistry& registry) : registry_(registry) {}

    /// What cannot be used of a record is told in `unusable`; a value that cannot be read is then the payload
    /// as it is, byte for byte. Throws BrokerError when the registry does not answer: the record is to be
    /// read again.
    [[nodiscard]] ReceivedEvent read(const TopicName& topic, const rd_kafka_message_t& message);

  private:
    [[nodiscard]] std::string read_key(std::string_view key);
    [[nodiscard]] const avro::Schema& key_schema(SchemaId id);
    void read_value(ReceivedEvent& event, std::string_view value);

    SchemaRegistry& registry_;
    std::map<SchemaId, std::shared_ptr<const avro::SchemaDocument>> key_schemas_;
};

}  // namespace eventbus::kafka_topics
