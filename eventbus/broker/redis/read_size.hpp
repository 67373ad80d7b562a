#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

namespace eventbus::redis_streams {

/// How many entries to ask a server for, so that a reply stays small enough to be held: the server does not
/// tell sizes, so the last reply's does.
class ReadSize {
  public:
    static constexpr std::size_t bytes_of_a_read = std::size_t{32} << 20;

    /// At most `most`, at least one.
    [[nodiscard]] std::size_t entries(std::size_t most) const {
        const std::size_t fit = mean_ ? bytes_of_a_read / *mean_ : entries_of_the_first;
        return std::max<std::size_t>(1, std::min(most, fit));
    }

    void note(std::size_t bytes, std::size_t entries) {
        if (entries != 0) mean_ = std::max<std::size_t>(bytes / entries, 1);
    }
    /// The next read asks for one entry.
    void note_too_large() { mean_ = bytes_of_a_read; }

  private:
    static constexpr std::size_t entries_of_the_first = 20;

    std::optional<std::size_t> mean_;
};

}  // namespace eventbus::redis_streams
