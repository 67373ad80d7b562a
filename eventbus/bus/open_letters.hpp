#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/bus/dead_letter_log.hpp"

namespace eventbus {

/// The letters of a dead-letter topic that are settled: 24 bytes each.
class SettledLetters {
  public:
    SettledLetters(Broker& broker, const TopicName& topic) : log_(broker, topic) {}

    /// Reads what the topic has got since. Throws BrokerError.
    void refresh();
    [[nodiscard]] bool contains(const Position& letter) const;
    [[nodiscard]] std::uint64_t left() { return log_.left(); }

  private:
    DeadLetterLog log_;
    std::vector<Position> sorted_;
};

/// A letter that no record settles, without what makes it large: `record.payload` is the event's.
struct OpenLetterRecord {
    ReceivedEvent record;
    /// What the record says; its event has no payload.
    DeadLetter letter;
};

/// Reads the letters of a dead-letter topic that are open, in the order of the topic: those that were stored
/// when it was made. One thread at a time.
class OpenLetters {
  public:
    OpenLetters(Broker& broker, const TopicName& topic);

    /// The open ones among the next records. Nothing when all were read. Throws BrokerError.
    [[nodiscard]] std::optional<std::vector<OpenLetterRecord>> next();
    /// Takes out those that were settled by somebody else since `next`.
    void drop_settled(std::vector<OpenLetterRecord>& letters);

    /// Records that were read.
    [[nodiscard]] std::uint64_t records_read() const { return records_read_; }
    /// Records that there are to read in all.
    [[nodiscard]] std::uint64_t records() const { return records_; }
    /// Records that are not settled and are no letters that are understood here.
    [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }
    /// Why, of the first one.
    [[nodiscard]] const std::string& problem() const { return problem_; }

  private:
    void note_unreadable(const std::string& problem);

    DeadLetterLog log_;
    SettledLetters settled_;
    std::uint64_t records_ = 0;
    std::uint64_t records_read_ = 0;
    std::uint64_t unreadable_ = 0;
    std::string problem_;
};

}  // namespace eventbus
