#include "diagnostics.hpp"

#include <algorithm>
#include <tuple>

namespace eventbus::generator {

void Diagnostics::error(Place place, const std::string& message) {
    if (is_full()) {
        ++further_;
    } else {
        errors_.push_back({place, message});
    }
}

std::vector<std::string> Diagnostics::lines() const {
    std::vector<Entry> sorted = errors_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
    });
    std::vector<std::string> lines;
    for (const Entry& entry : sorted)
        lines.push_back(file_ + ":" + std::to_string(entry.place.line) + ":" +
                        std::to_string(entry.place.column) + ": error: " + entry.message);
    if (further_ > 0) lines.push_back(file_ + ": error: and " + std::to_string(further_) + " more");
    return lines;
}

}  // namespace eventbus::generator
