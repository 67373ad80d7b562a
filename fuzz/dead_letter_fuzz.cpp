// Headers as those of a record of a dead-letter topic: pairs of lines, a name and a value. Each way of
// reading must read or refuse them with a DecodeError; and what was read must be written and read again as
// the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "eventbus/bus/dead_letter.hpp"
#include "eventbus/event/error.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::string next_line(std::string_view& text) {
    std::string line(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

eventbus::ReceivedEvent record_with(eventbus::Headers headers) {
    return {.topic = eventbus::TopicName("kettles.dead-letters.tea"),
            .position = {eventbus::Partition{1}, {12, 0}},
            .position_text = "12",
            .metadata = {},
            .unusable = {},
            .key = "kitchen",
            .payload = {std::byte{1}},
            .writer_schema = nullptr,
            .headers = std::move(headers),
            .stored_at = {}};
}

// Errors that are longer than is kept are cut when they are written.
bool is_kept_whole(const eventbus::DeadLetter& letter) {
    constexpr std::size_t kept = 8192;
    return letter.failure.error.size() <= kept && letter.event.unusable.value_or("").size() <= kept;
}

void check_letter(const eventbus::ReceivedEvent& record) {
    const eventbus::DeadLetter letter = eventbus::read_dead_letter(record);
    if (!is_kept_whole(letter)) return;
    const auto written =
        eventbus::OutgoingDeadLetter::letter(record.topic, letter.event, letter.failure, letter.group);
    eventbus::ReceivedEvent again = record_with(*written.view().headers);
    again.key = std::string(written.view().key->text);
    const eventbus::DeadLetter read = eventbus::read_dead_letter(again);
    require(read.event.headers == letter.event.headers && read.event.key == letter.event.key);
    require(read.event.topic == letter.event.topic && read.event.position == letter.event.position);
    require(read.event.unusable == letter.event.unusable && read.event.stored_at == letter.event.stored_at);
    require(read.failure.error == letter.failure.error && read.failure.handler == letter.failure.handler);
    require(read.failure.tries == letter.failure.tries && read.failure.last_try == letter.failure.last_try);
}

template <class Read>
void read_or_refuse(const Read& read) {
    try {
        read();
    } catch (const eventbus::DecodeError&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(data, data + size);
    std::string_view text = bytes;
    eventbus::Headers headers;
    while (!text.empty()) {
        std::string name = next_line(text);
        headers.emplace_back(std::move(name), next_line(text));
    }
    const eventbus::ReceivedEvent record = record_with(std::move(headers));
    read_or_refuse([&] { static_cast<void>(eventbus::read_record_info(record)); });
    read_or_refuse([&] { static_cast<void>(eventbus::read_redriven(record)); });
    read_or_refuse([&] { check_letter(record); });
    return 0;
}
