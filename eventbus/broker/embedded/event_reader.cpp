#include "eventbus/broker/embedded/event_reader.hpp"

#include <algorithm>
#include <array>

#include "eventbus/broker/embedded/headers_blob.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::embedded {

EventReader::EventReader(Connection& connection)
    : events_(connection.prepare(
          "SELECT position, id, kind, origin, time, stored, key, headers, payload FROM events "
          "WHERE position >= ? AND position <= ? ORDER BY position LIMIT ?")),
      kind_(connection.prepare("SELECT type, minorversion, schema FROM kinds WHERE id = ?")),
      origin_(connection.prepare("SELECT source, sourcehost, sourcelib FROM origins WHERE id = ?")) {}

void EventReader::read(const TopicName& topic, Partition number, PartitionId partition, std::int64_t offset,
                       std::size_t most, std::size_t most_bytes, std::vector<ReceivedEvent>& out) {
    events_.with(row_of(partition, offset), row_of(partition, most_offset), static_cast<std::int64_t>(most));
    for (std::size_t bytes = 0; bytes < most_bytes && events_.next();) {
        out.push_back(event_of_row(topic, number));
        bytes += out.back().payload.size();
    }
    events_.reset();
}

const EventReader::Kind& EventReader::kind(std::int64_t id) {
    if (const auto known = kinds_.find(id); known != kinds_.end()) return known->second;
    if (!kind_.with(id).next())
        throw DecodeError("a stored event has the kind " + std::to_string(id) + ", which is not there");
    Kind kind{std::string(kind_.text(0)), static_cast<std::int32_t>(kind_.integer(1)),
              std::make_shared<const std::string>(kind_.text(2))};
    kind_.reset();
    return kinds_.emplace(id, std::move(kind)).first->second;
}

const EventReader::Origin& EventReader::origin(std::int64_t id) {
    if (const auto known = origins_.find(id); known != origins_.end()) return known->second;
    if (!origin_.with(id).next())
        throw DecodeError("a stored event has the origin " + std::to_string(id) + ", which is not there");
    Origin origin{std::string(origin_.text(0)), std::string(origin_.text(1)), std::string(origin_.text(2))};
    origin_.reset();
    return origins_.emplace(id, std::move(origin)).first->second;
}

ReceivedEvent EventReader::event_of_row(const TopicName& topic, Partition number) {
    const Kind& what = kind(events_.integer(2));
    const Origin& from = origin(events_.integer(3));
    const std::int64_t offset = offset_of(events_.integer(0));
    ReceivedEvent event{topic,
                        {number, {static_cast<std::uint64_t>(offset), 0}},
                        std::to_string(offset),
                        {},
                        {},
                        {},
                        {},
                        {},
                        {},
                        {}};
    std::array<std::uint8_t, 16> id{};
    const auto stored_id = events_.blob(1);
    std::transform(stored_id.begin(),
                   stored_id.begin() + static_cast<std::ptrdiff_t>(std::min(stored_id.size(), id.size())),
                   id.begin(), [](std::byte b) { return static_cast<std::uint8_t>(b); });
    event.metadata = {what.type,         Uuid(id),
                      what.minorversion, from.source,
                      from.sourcehost,   Timestamp(std::chrono::microseconds(events_.integer(4))),
                      from.sourcelib};
    event.stored_at = Timestamp(std::chrono::microseconds(events_.integer(5)));
    if (!events_.is_null(6)) event.key = std::string(events_.text(6));
    if (!events_.is_null(7)) event.headers = unpack(events_.blob(7));
    const auto payload = events_.blob(8);
    event.payload.assign(payload.begin(), payload.end());
    event.writer_schema = what.schema;
    return event;
}

}  // namespace eventbus::embedded
