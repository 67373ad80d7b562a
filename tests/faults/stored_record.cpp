#include "stored_record.hpp"

#include <utility>

namespace eventbus::faults {

std::string StoredRecord::id() const {
    const std::size_t begin = payload.find("<<");
    const std::size_t end = payload.find(">>", begin);
    return end == std::string::npos ? std::string() : payload.substr(begin + 2, end - begin - 2);
}

std::string StoredRecord::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

std::vector<StoredRecord> open_letters(const std::vector<StoredRecord>& records) {
    std::map<std::string, StoredRecord> open;
    for (const StoredRecord& record : records) {
        if (record.header("eventbus-dead-letter") == "letter") {
            open.emplace(record.offset, record);
        } else {
            open.erase(record.header("eventbus-letter"));
        }
    }
    std::vector<StoredRecord> letters;
    for (auto& [id, letter] : open) letters.push_back(std::move(letter));
    return letters;
}

}  // namespace eventbus::faults
