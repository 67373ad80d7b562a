#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "model.hpp"

namespace eventbus::generator {

/// The errors found in a YAML file, in the order of their place. The first 100 are kept, the others counted.
class Diagnostics {
  public:
    explicit Diagnostics(std::string file) : file_(std::move(file)) {}

    void error(Place place, const std::string& message);
    [[nodiscard]] bool has_errors() const { return !errors_.empty(); }
    /// Whether further errors are only counted.
    [[nodiscard]] bool is_full() const { return errors_.size() >= most_errors; }
    /// `file.yaml:3:7: error: message`, a line each.
    [[nodiscard]] std::vector<std::string> lines() const;

  private:
    static constexpr std::size_t most_errors = 100;

    struct Entry {
        Place place;
        std::string message;
    };
    std::string file_;
    std::vector<Entry> errors_;
    std::size_t further_ = 0;
};

}  // namespace eventbus::generator
