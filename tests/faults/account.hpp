#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "journal.hpp"
#include "service.hpp"

namespace eventbus::faults {

/// What became of a service's events, counted without the library: from what its senders and handlers wrote
/// down for themselves and from what is in the store.
class Account {
  public:
    /// An event's id and a handler.
    using Task = std::pair<std::string, std::string>;

    explicit Account(const Service& service);

    /// Fails the test unless each event that is stored, and so each of which the sender was told that it is,
    /// was handled by each handler or is an open letter for it; and unless what was handled was stored.
    void expect_nothing_lost() const;
    /// The part of it that holds when the store itself lost events.
    void expect_stored_is_handled() const;
    /// What senders were told is stored, and is not.
    [[nodiscard]] std::vector<Entry> lost() const;
    /// Fails the test unless those of one sender and key that a handler handled for the first time came in
    /// the order of sending; keys that have letters are left out when `unless_lettered`.
    void expect_order(bool unless_lettered) const;

    /// How often each handler handled each event.
    [[nodiscard]] const std::map<Task, int>& handled() const { return times_; }
    /// How many open letters there are for each handler of each event.
    [[nodiscard]] std::map<Task, int> letters() const;
    [[nodiscard]] std::size_t sent() const { return sent_.size(); }
    [[nodiscard]] std::size_t open() const { return open_.size(); }
    /// Times that a handler was given an event again that it had handled.
    [[nodiscard]] std::size_t duplicates() const;
    void print() const;

  private:
    std::vector<Entry> sent_;
    std::set<std::string> stored_;
    std::map<std::string, std::vector<Entry>> by_handler_;
    std::map<Task, int> times_;
    std::vector<StoredRecord> open_;
};

/// The service's handlers.
[[nodiscard]] const std::vector<std::string>& handlers();

}  // namespace eventbus::faults
