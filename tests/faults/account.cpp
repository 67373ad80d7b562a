#include "account.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

namespace eventbus::faults {

namespace {

// The journals of one handler, in the order of time.
std::vector<Entry> journals_of(const Service& service, const std::string& handler) {
    std::vector<Entry> all;
    for (const auto& file : std::filesystem::directory_iterator(service.directory())) {
        const std::string name = file.path().filename().string();
        if (!name.starts_with("handled-") || !name.ends_with('-' + handler)) continue;
        const auto some = read_journal(file.path());
        all.insert(all.end(), some.begin(), some.end());
    }
    std::stable_sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.time < b.time; });
    return all;
}

std::vector<Entry> sent_by(const Service& service) {
    std::vector<Entry> all;
    for (const auto& file : std::filesystem::directory_iterator(service.directory())) {
        const std::string name = file.path().filename().string();
        if (!name.starts_with("sent-") || name.ends_with(".log")) continue;
        const auto some = read_journal(file.path());
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

}  // namespace

const std::vector<std::string>& handlers() {
    static const std::vector<std::string> names{"mail", "index", "archive"};
    return names;
}

Account::Account(const Service& service)
    : sent_(sent_by(service)), open_(open_letters(service.store().records(Service::dead_letters))) {
    const auto stored = service.store().records(Service::topic);
    for (const StoredRecord& event : stored) stored_.insert(event.id());
    EXPECT_EQ(stored_.size(), stored.size()) << "an event is stored twice";
    for (const std::string& handler : handlers()) {
        by_handler_[handler] = journals_of(service, handler);
        for (const Entry& entry : by_handler_[handler]) ++times_[{entry.id, handler}];
    }
}

std::map<Account::Task, int> Account::letters() const {
    std::map<Task, int> letters;
    for (const StoredRecord& letter : open_)
        for (const std::string& handler : handlers())
            if (const std::string only = letter.header("eventbus-handler"); only.empty() || only == handler)
                ++letters[{letter.id(), handler}];
    return letters;
}

std::vector<Entry> Account::lost() const {
    std::vector<Entry> lost;
    for (const Entry& entry : sent_)
        if (!stored_.contains(entry.id)) lost.push_back(entry);
    return lost;
}

void Account::expect_stored_is_handled() const {
    const auto in_letters = letters();
    for (const std::string& id : stored_)
        for (const std::string& handler : handlers())
            EXPECT_TRUE(times_.contains({id, handler}) || in_letters.contains({id, handler}))
                << id << " was not handled by " << handler << ", and is no letter";
}

void Account::expect_nothing_lost() const {
    for (const Entry& entry : lost())
        ADD_FAILURE() << entry.id << " was acknowledged to its sender and is lost";
    expect_stored_is_handled();
    for (const auto& [task, times] : times_)
        EXPECT_TRUE(stored_.contains(task.first)) << task.first << " came from nowhere";
}

void Account::expect_order(bool unless_lettered) const {
    std::set<std::string> lettered;
    if (unless_lettered)
        for (const StoredRecord& letter : open_) lettered.insert(letter.key);
    std::size_t compared = 0;
    for (const auto& [handler, entries] : by_handler_) {
        // What fails alone of a batch comes later.
        if (handler == "archive") continue;
        std::set<std::string> seen;
        std::map<std::pair<std::string, std::string>, Entry> last;
        for (const Entry& entry : entries) {
            if (lettered.contains(entry.key) || !seen.insert(entry.id).second) continue;
            const auto [before, is_first] = last.try_emplace({entry.sender(), entry.key}, entry);
            if (is_first) continue;
            EXPECT_LT(before->second.number(), entry.number()) << handler << " handled " << entry.id << " of "
                                                               << entry.key << " after " << before->second.id;
            before->second = entry;
            ++compared;
        }
    }
    // In a long run every key may have a letter.
    EXPECT_TRUE(compared > 0 || !lettered.empty()) << "there is nothing of which the order could be seen";
}

std::size_t Account::duplicates() const {
    std::size_t again = 0;
    for (const auto& [task, times] : times_) again += static_cast<std::size_t>(times - 1);
    return again;
}

void Account::print() const {
    std::printf(
        "%zu events acknowledged to their senders, %zu stored; %zu times handled, %zu of them again; %zu "
        "open "
        "letters\n",
        sent_.size(), stored_.size(), times_.size() + duplicates(), duplicates(), open_.size());
    std::fflush(stdout);
}

}  // namespace eventbus::faults
