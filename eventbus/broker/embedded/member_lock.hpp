#pragma once

#include <cstdint>
#include <string>

#include "eventbus/broker/embedded/sqlite.hpp"

namespace eventbus::embedded {

/// Tells the living members of groups from the dead: each holds a lock on its own byte of a file beside the
/// bus's
/// (`<path>-members`), which the kernel drops when the process ends, however it ends. Nothing is written, so
/// an idle member costs nothing, and a slow one is never taken for dead. The lock belongs to the open file
/// (OFD lock), which a child that is forked closes at once: it does not keep its dead parent's place.
class MemberLock final : private ClosedByFork {
  public:
    /// Opens the file; holds nothing yet. Throws BrokerError.
    explicit MemberLock(const std::string& database_path);
    ~MemberLock() override;
    MemberLock(const MemberLock&) = delete;
    MemberLock& operator=(const MemberLock&) = delete;

    /// Takes the byte of a member; throws BrokerError when it is held.
    void hold(std::int64_t member);
    void drop() noexcept;
    /// Whether another holds the byte of `member`.
    [[nodiscard]] bool is_held(std::int64_t member) const;

  private:
    void close_in_child() noexcept override;

    std::string path_;
    int file_ = -1;
    std::int64_t held_ = 0;
};

}  // namespace eventbus::embedded
