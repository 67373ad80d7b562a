#include "eventbus/bus/dead_letter_box.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/bus/broker_failure.hpp"
#include "eventbus/bus/dead_letter_removal.hpp"
#include "eventbus/bus/dead_letter_topic.hpp"
#include "eventbus/bus/handler.hpp"
#include "eventbus/bus/open_letters.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

void note_unreadable(DeadLettersSeen& seen, const OpenLetters& letters) {
    seen.unreadable = letters.unreadable();
    seen.problem = letters.problem();
}

[[noreturn]] void fail(const TopicName& topic, std::uint64_t settled, const std::exception_ptr& cause) {
    const std::string text = "cannot write to the dead-letter topic " + topic.str() + ": " +
                             error_text(cause) + "; " + std::to_string(settled) +
                             " letters were settled before, the others are open as they were";
    throw_broker_error(text, cause);
}

/// Writes the records that settle letters.
class Settlements {
  public:
    Settlements(Broker& broker, const TopicName& topic) : broker_(broker), topic_(topic) {}

    template <class MakeRecord>
    void write(const std::vector<OpenLetterRecord>& letters, const MakeRecord& make_record) {
        if (letters.empty()) return;
        if (!publisher_) publisher_ = broker_.publisher();
        std::vector<OutgoingDeadLetter> records;
        std::vector<OutgoingEvent> events;
        records.reserve(letters.size());
        for (const OpenLetterRecord& letter : letters) {
            records.push_back(make_record(letter.record));
            events.push_back(records.back().view());
        }
        std::exception_ptr failure;
        for (const Delivery& delivery : publisher_->publish(events)) {
            if (!delivery.failure) ++written_;
            if (delivery.failure && !failure) failure = delivery.failure;
        }
        if (failure) fail(topic_, written_, failure);
    }

    [[nodiscard]] std::uint64_t written() const { return written_; }

  private:
    Broker& broker_;
    const TopicName& topic_;
    std::unique_ptr<Publisher> publisher_;
    std::uint64_t written_ = 0;
};

std::optional<DeadLetterGroup> look_at(Broker& broker, const TopicName& name) {
    std::optional<DeadLetterGroup> group;
    OpenLetters letters(broker, name);
    while (const auto some = letters.next()) {
        if (!group && !some->empty()) {
            const DeadLetter& first = some->front().letter;
            group = DeadLetterGroup{first.event.topic, GroupName(first.group), name, 0};
        }
        if (group) group->open += some->size();
    }
    return group;
}

}  // namespace

DeadLetterBox::DeadLetterBox(std::shared_ptr<Broker> broker, const TopicName& topic, GroupName group)
    : broker_(std::move(broker)),
      topic_(eventbus::dead_letter_topic(topic, group)),
      group_(std::move(group)) {}

DeadLettersSeen DeadLetterBox::for_each(const LetterFilter& filter,
                                        const std::function<bool(OpenLetter)>& use) {
    DeadLettersSeen seen;
    OpenLetters letters(*broker_, topic_);
    bool goes_on = true;
    while (goes_on) {
        auto some = letters.next();
        if (!some) break;
        for (auto letter = some->begin(); goes_on && letter != some->end(); ++letter) {
            if (!filter.matches(letter->record.position, letter->letter)) continue;
            ++seen.letters;
            letter->letter.event.payload = std::move(letter->record.payload);
            goes_on = use({letter_id(letter->record), std::move(letter->letter)});
        }
    }
    note_unreadable(seen, letters);
    return seen;
}

DeadLettersSeen DeadLetterBox::count(const LetterFilter& filter) {
    return for_each(filter, [](const OpenLetter&) { return true; });
}

DeadLettersSeen DeadLetterBox::redrive(const LetterFilter& filter, const SettleLettersOptions& options) {
    return settle(filter, options, OutgoingDeadLetter::redrive);
}

DeadLettersSeen DeadLetterBox::purge(const LetterFilter& filter, const SettleLettersOptions& options) {
    return settle(filter, options, OutgoingDeadLetter::purge);
}

DeadLettersSeen DeadLetterBox::settle(const LetterFilter& filter, const SettleLettersOptions& options,
                                      MakeRecord make_record) {
    DeadLettersSeen seen;
    OpenLetters letters(*broker_, topic_);
    Settlements settlements(*broker_, topic_);
    for (;;) {
        seen.stopped = options.stop.stop_requested();
        if (seen.stopped) break;
        auto some = letters.next();
        if (!some) break;
        std::erase_if(*some, [&](const OpenLetterRecord& letter) {
            return !filter.matches(letter.record.position, letter.letter);
        });
        // Another command may be at the same letters.
        if (!some->empty()) letters.drop_settled(*some);
        // Events of a key that were parked, and parked again, need not lie in their order.
        std::ranges::stable_sort(*some, {},
                                 [](const OpenLetterRecord& letter) { return letter.letter.event.position; });
        settlements.write(*some, make_record);
        if (options.progress)
            options.progress({settlements.written(), letters.records_read(), letters.records()});
    }
    seen.letters = settlements.written();
    note_unreadable(seen, letters);
    remove_settled_letters(*broker_, topic_, group_);
    return seen;
}

std::vector<DeadLetterGroup> dead_letter_groups(Broker& broker) {
    std::vector<DeadLetterGroup> groups;
    for (const TopicInfo& topic : broker.admin()->topics())
        if (may_hold_dead_letters(topic.name))
            if (auto group = look_at(broker, topic.name)) groups.push_back(std::move(*group));
    return groups;
}

}  // namespace eventbus
