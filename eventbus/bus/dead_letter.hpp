#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/broker/event.hpp"
#include "eventbus/bus/failure.hpp"
#include "eventbus/event/names.hpp"

namespace eventbus {

// What stands in a dead-letter topic, for everyone who reads one. The topic is only ever appended to. Its
// events are records of three kinds, told apart by the header `eventbus-dead-letter`:
//
// `letter`   An event that the group gave up, byte for byte as it came: payload, metadata, key, writer's
//            schema, headers; and the headers below. One for each handler that gave it up.
// `redrive`  The same event with the same headers, sent on to the group's consumers, and `eventbus-letter`.
// It
//            settles the letter that it names, and it is the event that the consumers handle.
// `purge`    No payload, and of the headers only `eventbus-letter`: settles the letter, nobody handles it.
//
// A letter is open as long as no later record names it. Records of a letter have its key, so that they are in
// its partition. Of several redrives of one letter, which commands that ran at once can write, the first
// counts.
//
// header                  value
// `eventbus-letter`       the id of a letter: its position in this topic, as the backend writes it (`42`,
//                         `1679676448892-0`), with the partition before it when that is not 0 (`3:42`)
// `eventbus-reason`       `failed`, `rejected`, `unusable` or `parked` (see FailureReason)
// `eventbus-error`        the error's text, cut after 8 KiB
// `eventbus-handler`      the handler's name; empty: all of the group's handlers are still to handle it
// `eventbus-tries`        how often it was given to the handler
// `eventbus-first-try`, `eventbus-last-try`
//                         when, in ISO 8601; the last is when it was given up
// `eventbus-group`        the consumer group that gave it up
// `eventbus-topic`, `eventbus-partition`, `eventbus-position`
//                         where the event was, the topic with prefix
// `eventbus-stored-at`    when the broker stored it there, in ISO 8601; may be missing
// `eventbus-has-key`      `no` when the event had none: the record's key is the event's id then; else `yes`
// `eventbus-unusable`     why the event's metadata cannot be used; missing when it can, and when the event
//                         lacks no more than its schema
// `eventbus-own-NAME`     a header NAME of the event's own that begins with `eventbus-`
//
// Others that begin with `eventbus-` are to be ignored.

/// An event that a consumer group gave up, and why.
struct DeadLetter {
    /// As it came from its topic.
    ReceivedEvent event;
    Failure failure;
    std::string group;
};

/// A dead letter that is sent on: the event as it came from its topic, for one handler.
struct Redriven {
    ReceivedEvent event;
    /// Empty for all handlers.
    std::string handler;
};

enum class DeadLetterRecord { letter, redrive, purge };

/// What a record of a dead-letter topic is about.
struct DeadLetterRecordInfo {
    DeadLetterRecord kind{};
    /// Where the letter is: the record itself for a letter.
    Position letter;
};

/// Headers that begin with this are the dead letter's, not the event's.
inline constexpr std::string_view dead_letter_header_prefix = "eventbus-";

/// The parts of a record, of which the event on its way out is a view.
class OutgoingDeadLetter {
  public:
    /// The record that keeps an event. `topic` (the dead-letter topic) and `event` must outlive it.
    [[nodiscard]] static OutgoingDeadLetter letter(const TopicName& topic, const ReceivedEvent& event,
                                                   const Failure& failure, std::string_view group);
    /// The record that sends a letter on, or settles it. `record` is the letter as it was read from its
    /// topic, and must outlive it.
    [[nodiscard]] static OutgoingDeadLetter redrive(const ReceivedEvent& record);
    [[nodiscard]] static OutgoingDeadLetter purge(const ReceivedEvent& record);

    /// Valid as long as this object and what it was made of.
    [[nodiscard]] OutgoingEvent view() const;

  private:
    OutgoingDeadLetter(const TopicName& topic, const ReceivedEvent& event, bool has_payload,
                       std::optional<std::string> key);

    const TopicName* topic_;
    const ReceivedEvent* event_;
    bool has_payload_;
    Headers headers_;
    std::optional<std::string> key_;
    std::vector<std::byte> encoded_key_;
    std::string_view key_schema_;
};

/// The id of a letter that was read from a dead-letter topic (see `eventbus-letter`).
[[nodiscard]] std::string letter_id(const ReceivedEvent& record);
/// The same where the backend's own text is not at hand; a sequence of 0 is left out.
[[nodiscard]] std::string letter_id(const Position& position);
/// Throws InvalidValue when `text` is no such id.
[[nodiscard]] Position parse_letter_id(std::string_view text);

/// Read what a record of a dead-letter topic says. Headers come from outside: throw DecodeError, which names
/// topic, position and header, when they are not those of such a record.
[[nodiscard]] DeadLetterRecordInfo read_record_info(const ReceivedEvent& record);
/// Of a letter or a redrive. The payload is moved out of `record`.
[[nodiscard]] DeadLetter read_dead_letter(ReceivedEvent record);
/// The same without the payload, which stays where it is.
[[nodiscard]] DeadLetter read_dead_letter_alone(const ReceivedEvent& record);
/// Of a redrive.
[[nodiscard]] Redriven read_redriven(ReceivedEvent record);

}  // namespace eventbus
