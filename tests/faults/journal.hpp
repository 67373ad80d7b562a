#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "eventbus/broker/position.hpp"

namespace eventbus::faults {

/// What a peer wrote down for itself of an event: a line of a file of its own, which the test compares.
struct Entry {
    /// Nanoseconds of the clock that all processes of the machine share.
    std::int64_t time = 0;
    std::int32_t partition = 0;
    Offset offset;
    std::string key;
    /// `{sender}-{number}`, the number counting up.
    std::string id;

    [[nodiscard]] std::string sender() const { return id.substr(0, id.rfind('-')); }
    [[nodiscard]] std::int64_t number() const { return std::stoll(id.substr(id.rfind('-') + 1)); }
};

/// Reads a journal to its last complete line; a peer that is killed may leave a part of one.
[[nodiscard]] std::vector<Entry> read_journal(const std::filesystem::path& path);

/// The entries of all journals of which the name begins so, in the order of time.
[[nodiscard]] std::vector<Entry> read_journals(const std::filesystem::path& directory,
                                               const std::string& begin);

/// Tells how many complete lines journals have, reading each byte once.
class JournalCounter {
  public:
    explicit JournalCounter(std::vector<std::filesystem::path> paths);
    [[nodiscard]] std::uint64_t count();

  private:
    std::vector<std::filesystem::path> paths_;
    std::vector<std::streamoff> read_;
    std::uint64_t lines_ = 0;
};

}  // namespace eventbus::faults
