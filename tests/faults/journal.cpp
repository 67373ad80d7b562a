#include "journal.hpp"

#include <algorithm>
#include <sstream>

namespace eventbus::faults {

std::vector<Entry> read_journal(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<Entry> entries;
    for (std::string line; std::getline(file, line) && !file.eof();) {
        std::istringstream words(line);
        Entry entry;
        words >> entry.time >> entry.partition >> entry.offset.number >> entry.offset.sequence >> entry.key >>
            entry.id;
        if (words.fail()) throw std::runtime_error(path.string() + " has a line like no other: " + line);
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::vector<Entry> read_journals(const std::filesystem::path& directory, const std::string& begin) {
    std::vector<Entry> all;
    for (const auto& file : std::filesystem::directory_iterator(directory)) {
        if (file.path().filename().string().rfind(begin, 0) != 0) continue;
        const auto some = read_journal(file.path());
        all.insert(all.end(), some.begin(), some.end());
    }
    std::stable_sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.time < b.time; });
    return all;
}

JournalCounter::JournalCounter(std::vector<std::filesystem::path> paths)
    : paths_(std::move(paths)), read_(paths_.size()) {}

std::uint64_t JournalCounter::count() {
    for (std::size_t i = 0; i < paths_.size(); ++i) {
        std::ifstream file(paths_[i], std::ios::binary);
        file.seekg(read_[i]);
        std::vector<char> bytes(1 << 16);
        while (file) {
            file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
            read_[i] += file.gcount();
            lines_ +=
                static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.begin() + file.gcount(), '\n'));
        }
    }
    return lines_;
}

}  // namespace eventbus::faults
