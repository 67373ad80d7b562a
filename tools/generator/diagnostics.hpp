#pragma once

#include <string>
#include <vector>

#include "model.hpp"

namespace eventbus::generator {

/// The errors found in a YAML file, all of them, in the order of their place.
class Diagnostics {
  public:
    explicit Diagnostics(std::string file) : file_(std::move(file)) {}

    void error(Place place, const std::string& message);
    [[nodiscard]] bool has_errors() const { return !errors_.empty(); }
    /// `file.yaml:3:7: error: message`, a line each.
    [[nodiscard]] std::vector<std::string> lines() const;

  private:
    struct Entry {
        Place place;
        std::string message;
    };
    std::string file_;
    std::vector<Entry> errors_;
};

}  // namespace eventbus::generator
