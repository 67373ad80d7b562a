#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace eventbus::faults {

/// What a store has of an event or a record among the dead letters, read without the library.
struct StoredRecord {
    std::int32_t partition = 0;
    /// As the store writes it.
    std::string offset;
    std::string key;
    std::map<std::string, std::string> headers;
    std::string payload;

    /// What the sender wrote between << and >> in its data.
    [[nodiscard]] std::string id() const;
    /// A header's value; empty when it is not there.
    [[nodiscard]] std::string header(const std::string& name) const;
};

/// The letters among the records of a dead-letter topic of one partition that no later record settles.
[[nodiscard]] std::vector<StoredRecord> open_letters(const std::vector<StoredRecord>& records);

}  // namespace eventbus::faults
