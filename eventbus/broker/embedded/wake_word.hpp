#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace eventbus::embedded {

/// Two counters in a small file beside the bus's (`<path>-wake`), mapped by every process that uses it: one
/// for anything that a waiting consumer should look at, one for changes of membership. Waiting is a futex on
/// the first. The file holds nothing that is not elsewhere: if it is lost, waiters still look again after
/// their time limit. Thread-safe.
class WakeWord {
  public:
    /// Throws BrokerError when the file cannot be made or mapped.
    explicit WakeWord(const std::string& database_path);
    ~WakeWord();
    WakeWord(const WakeWord&) = delete;
    WakeWord& operator=(const WakeWord&) = delete;

    [[nodiscard]] std::uint32_t value() const noexcept;
    /// Counts up and wakes all who wait, in every process. Async-signal-safe.
    void ring() noexcept;
    /// Waits until somebody rings, unless the value is not `seen` any more, for at most `limit`.
    void wait(std::uint32_t seen, std::chrono::nanoseconds limit) noexcept;

    [[nodiscard]] std::uint32_t membership() const noexcept;
    /// Counts up the membership, and rings.
    void ring_membership() noexcept;

  private:
    struct Words;
    Words* words_ = nullptr;
};

}  // namespace eventbus::embedded
