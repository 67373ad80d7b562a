#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventbus/broker/embedded/member_lock.hpp"
#include "eventbus/broker/embedded/sqlite.hpp"

namespace eventbus::embedded {

/// This member's place in its group: the row and the lock that say that it is there, and who else is. Used by
/// one thread at a time.
class Membership {
  public:
    Membership(Connection& connection, const std::string& database_path, std::string group, std::string name,
               std::vector<std::string> topics);

    /// Joins the group; within a write transaction, so that nobody sees a member without its lock.
    void join();
    /// Takes the row away, within a write transaction. The lock goes with `drop_lock` after the commit.
    void leave();
    void drop_lock() noexcept { lock_.drop(); }

    [[nodiscard]] std::int64_t id() const { return id_; }

    /// The living members that subscribe a topic, by when they joined; this one is among them.
    [[nodiscard]] std::vector<std::int64_t> living(const std::string& topic);
    /// Members of the group that died without leaving.
    [[nodiscard]] std::vector<std::int64_t> dead();
    /// Removes a dead member and frees what it owned; within a write transaction. Nothing happens when it
    /// lives after all.
    void bury(std::int64_t member);

  private:
    [[nodiscard]] bool lives(std::int64_t member) const { return member == id_ || lock_.is_held(member); }

    Connection& connection_;
    MemberLock lock_;
    std::string group_;
    std::string name_;
    std::vector<std::string> topics_;
    std::int64_t id_ = 0;
};

}  // namespace eventbus::embedded
