#include "eventbus/broker/embedded/event_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "eventbus/broker/embedded/headers_blob.hpp"
#include "eventbus/broker/embedded/topics.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::embedded {

namespace {

constexpr int id_column = 2;
constexpr int time_column = 5;
constexpr std::size_t id_size = 16;

bool has_text(Timestamp time) {
    using std::chrono::January;
    using std::chrono::sys_days;
    using std::chrono::year;
    return time >= sys_days(year{1} / January / 1) && time < sys_days(year{10'000} / January / 1);
}

// Our publishers write nothing of the kind, and others may.
std::optional<std::string> problem_of(const EventMetadata& metadata, const Statement& row) {
    if (metadata.event_type.empty()) return "the event has no type";
    if (const std::size_t size = row.blob(id_column).size(); size != id_size)
        return "the event's id is not a UUID: it has " + std::to_string(size) + " bytes instead of 16";
    if (!row.is_integer(time_column))
        return "the event's time is not a number of microseconds: " + quote(row.text(time_column));
    if (!has_text(metadata.time))
        return "the event's time is not in the years 1 to 9999: " + std::to_string(row.integer(time_column)) +
               " microseconds after 1970";
    return std::nullopt;
}

}  // namespace

EventReader::EventReader(Connection& connection)
    : connection_(connection),
      kind_(connection.prepare("SELECT type, minorversion, schema FROM kinds WHERE id = ?")),
      origin_(connection.prepare("SELECT source, sourcehost, sourcelib FROM origins WHERE id = ?")) {}

Statement& EventReader::scan_of(std::int64_t topic) {
    if (const auto known = scans_.find(topic); known != scans_.end()) return known->second;
    return scans_
        .emplace(topic, connection_.prepare(
                            "SELECT offset, partition, id, kind, origin, time, stored, key, headers, "
                            "payload FROM " +
                            events_table(topic) + " WHERE offset >= ? ORDER BY offset LIMIT ?"))
        .first->second;
}

std::int64_t EventReader::scan(const TopicName& name, const Topic& topic, std::int64_t from,
                               const Filter& is_wanted, ScanLimits limits, std::vector<ReceivedEvent>& out) {
    const NoFork no_fork;
    Statement& row = scan_of(topic.id).with(from, static_cast<std::int64_t>(limits.rows));
    std::int64_t end = from;
    std::size_t events = 0;
    std::size_t bytes = 0;
    while (events < limits.events && bytes < limits.payload_bytes && row.next()) {
        const std::int64_t offset = row.integer(0);
        end = offset + 1;
        const std::int64_t partition = row.integer(1);
        if (partition < 0 || partition >= topic.partitions)
            connection_.refuse_damage("an event has the partition " + std::to_string(partition));
        if (!is_wanted(static_cast<std::int32_t>(partition), offset)) continue;
        out.push_back(event_of_row(name, row));
        bytes += out.back().payload.size();
        ++events;
    }
    row.reset();
    return end;
}

const EventReader::Kind& EventReader::kind(std::int64_t id) {
    if (const auto known = kinds_.find(id); known != kinds_.end()) return known->second;
    if (!kind_.with(id).next())
        connection_.refuse_damage("an event has the kind " + std::to_string(id) + ", which is not there");
    Kind kind{std::string(kind_.text(0)), static_cast<std::int32_t>(kind_.integer(1)),
              share_schema(kind_.text(2))};
    kind_.reset();
    return kinds_.emplace(id, std::move(kind)).first->second;
}

std::shared_ptr<const std::string> EventReader::share_schema(std::string_view schema) const {
    if (schema.empty()) return nullptr;
    for (const auto& [id, kind] : kinds_)
        if (kind.schema && *kind.schema == schema) return kind.schema;
    return std::make_shared<const std::string>(schema);
}

const EventReader::Origin& EventReader::origin(std::int64_t id) {
    if (const auto known = origins_.find(id); known != origins_.end()) return known->second;
    if (!origin_.with(id).next())
        connection_.refuse_damage("an event has the origin " + std::to_string(id) + ", which is not there");
    Origin origin{std::string(origin_.text(0)), std::string(origin_.text(1)), std::string(origin_.text(2))};
    origin_.reset();
    return origins_.emplace(id, std::move(origin)).first->second;
}

Headers EventReader::headers_of(std::span<const std::byte> blob) const {
    try {
        return unpack(blob);
    } catch (const DecodeError& error) {
        connection_.refuse_damage(error.what());
    }
}

ReceivedEvent EventReader::event_of_row(const TopicName& name, const Statement& row) {
    const Kind& what = kind(row.integer(3));
    const Origin& from = origin(row.integer(4));
    const auto offset = static_cast<std::uint64_t>(row.integer(0));
    const Partition partition{static_cast<std::int32_t>(row.integer(1))};
    ReceivedEvent event{
        name, {partition, {offset, 0}}, std::to_string(offset), {}, {}, {}, {}, what.schema, {}, {}};
    std::array<std::uint8_t, id_size> id{};
    const auto stored_id = row.blob(id_column);
    for (std::size_t i = 0; i < std::min(stored_id.size(), id.size()); ++i)
        id.at(i) = std::to_integer<std::uint8_t>(stored_id[i]);
    const auto at = [&](int column) { return Timestamp(std::chrono::microseconds(row.integer(column))); };
    event.metadata = {what.type,       Uuid(id),        what.minorversion, from.source,
                      from.sourcehost, at(time_column), from.sourcelib};
    event.unusable = problem_of(event.metadata, row);
    event.stored_at = at(6);
    if (!row.is_null(7)) event.key = std::string(row.text(7));
    if (!row.is_null(8)) event.headers = headers_of(row.blob(8));
    const auto payload = row.blob(9);
    event.payload.assign(payload.begin(), payload.end());
    return event;
}

}  // namespace eventbus::embedded
