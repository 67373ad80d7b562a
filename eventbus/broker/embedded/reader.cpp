#include "eventbus/broker/embedded/reader.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/broker/embedded/event_reader.hpp"
#include "eventbus/broker/embedded/file.hpp"
#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/start_offsets.hpp"

namespace eventbus::embedded {

namespace {

constexpr std::size_t most_bytes_of_a_read = std::size_t{32} << 20;
constexpr std::size_t most_rows_of_a_scan = 20'000;

}  // namespace

struct EmbeddedReader::File {
    explicit File(const EmbeddedOptions& options)
        : connection(open_file(options.path, Sync::normal, options.patience)), reader(*connection) {}

    std::unique_ptr<Connection> connection;
    EventReader reader;
};

EmbeddedReader::EmbeddedReader(std::shared_ptr<const EmbeddedOptions> options, ReadOptions what)
    : options_(std::move(options)), what_(std::move(what)), generation_(fork_generation()) {
    const NoFork no_fork;
    generation_ = fork_generation();
    file_ = std::make_unique<File>(*options_);
    static_cast<void>(find());
    // What a topic that comes later holds is new.
    if (std::holds_alternative<Latest>(what_.from)) what_.from = Earliest{};
}

EmbeddedReader::~EmbeddedReader() {
    const NoFork no_fork;
    if (generation_ != fork_generation()) static_cast<void>(file_.release());
    file_.reset();
}

void EmbeddedReader::start_afresh_after_fork() {
    if (generation_ == fork_generation()) return;
    static_cast<void>(file_.release());
    file_ = std::make_unique<File>(*options_);
    generation_ = fork_generation();
}

const std::optional<Topic>& EmbeddedReader::find() {
    const auto topic = find_topic(*file_->connection, what_.topic.str());
    const bool is_another = !topic || !topic_ || topic->id != topic_->id;
    if (topic && is_another) begin(*topic);
    if (is_another) file_->reader.forget_topics();
    topic_ = topic;
    return topic_;
}

void EmbeddedReader::begin(const Topic& topic) {
    std::vector<std::int64_t> starts;
    for (const auto& start : start_offsets(*file_->connection, topic, what_.from))
        starts.push_back(start.value_or(topic.first_offset));
    std::vector<std::int64_t> ends(starts.size(), INT64_MAX);
    if (what_.to) {
        const StartOffsets to = start_offsets(*file_->connection, topic, *what_.to);
        for (std::size_t i = 0; i < ends.size(); ++i) ends[i] = to[i].value_or(topic.next_offset);
    }
    cursor_ = *std::ranges::min_element(starts);
    starts_ = std::move(starts);
    ends_ = std::move(ends);
}

std::vector<ReceivedEvent> EmbeddedReader::read(std::size_t most) {
    const NoFork no_fork;
    start_afresh_after_fork();
    std::vector<ReceivedEvent> events;
    if (!find() || most == 0) return events;
    const auto is_wanted = [&](std::int32_t partition, std::int64_t offset) {
        const auto index = static_cast<std::size_t>(partition);
        return offset >= starts_[index] && offset < ends_[index];
    };
    const std::int64_t last_end = *std::ranges::max_element(ends_);
    while (events.empty() && cursor_ < last_end) {
        const std::int64_t end =
            file_->reader.scan(what_.topic, *topic_, cursor_, is_wanted,
                               {most, most_bytes_of_a_read, most_rows_of_a_scan}, events);
        if (end == cursor_) break;
        cursor_ = end;
    }
    return events;
}

std::uint64_t EmbeddedReader::left() {
    const NoFork no_fork;
    start_afresh_after_fork();
    if (!find()) return 0;
    std::vector<std::int64_t> from;
    for (const std::int64_t start : starts_) from.push_back(std::max(start, cursor_));
    std::uint64_t left = 0;
    for (const PartitionContent& content : content_by_partition(*file_->connection, *topic_, from, ends_))
        left += content.events;
    return left;
}

}  // namespace eventbus::embedded
