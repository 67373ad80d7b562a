#include "eventbus/bus/open_letters.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

void refuse_other_topic(const DeadLetterLog& log) {
    if (log.began_anew())
        throw BrokerError("the dead-letter topic was deleted and made anew while it was read; try again",
                          true);
}

}  // namespace

void SettledLetters::refresh() {
    const auto middle = static_cast<std::ptrdiff_t>(sorted_.size());
    for (auto entries = log_.read(); !entries.empty(); entries = log_.read()) {
        refuse_other_topic(log_);
        for (const DeadLetterLogEntry& entry : entries)
            if (entry.info && entry.info->kind != DeadLetterRecord::letter)
                sorted_.push_back(entry.info->letter);
    }
    std::sort(sorted_.begin() + middle, sorted_.end());
    std::inplace_merge(sorted_.begin(), sorted_.begin() + middle, sorted_.end());
}

bool SettledLetters::contains(const Position& letter) const {
    return std::ranges::binary_search(sorted_, letter);
}

// The end is set before the settlements are read, so that those of each letter are known.
OpenLetters::OpenLetters(Broker& broker, const TopicName& topic)
    : log_(broker, topic, Latest{}), settled_(broker, topic), records_(log_.left()) {
    settled_.refresh();
}

std::optional<std::vector<OpenLetterRecord>> OpenLetters::next() {
    auto entries = log_.read();
    refuse_other_topic(log_);
    if (entries.empty()) return std::nullopt;
    records_read_ += entries.size();
    std::vector<OpenLetterRecord> letters;
    for (DeadLetterLogEntry& entry : entries) {
        if (entry.info && entry.info->kind != DeadLetterRecord::letter) continue;
        if (settled_.contains(entry.record.position)) continue;
        if (!entry.info) {
            note_unreadable(entry.problem);
            continue;
        }
        try {
            DeadLetter letter = read_dead_letter_alone(entry.record);
            letters.push_back({std::move(entry.record), std::move(letter)});
        } catch (const DecodeError& error) {
            note_unreadable(error.what());
        }
    }
    return letters;
}

void OpenLetters::drop_settled(std::vector<OpenLetterRecord>& letters) {
    settled_.refresh();
    std::erase_if(letters,
                  [&](const OpenLetterRecord& letter) { return settled_.contains(letter.record.position); });
}

void OpenLetters::note_unreadable(const std::string& problem) {
    if (unreadable_++ == 0) problem_ = problem;
}

}  // namespace eventbus
