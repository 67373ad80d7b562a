#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "diagnostics.hpp"

namespace eventbus::generator {

/// A mapping of the YAML whose members are taken one by one: says what is missing, of the wrong kind, twice
/// there or unknown.
class Mapping {
  public:
    /// `what` names the mapping in messages: `the record "UserData"`.
    Mapping(const YAML::Node& node, std::string what, Diagnostics& diagnostics);

    /// False when the node is no mapping, which was then reported.
    [[nodiscard]] bool valid() const { return valid_; }
    [[nodiscard]] Place place() const;
    [[nodiscard]] Place place_of(const std::string& member) const;

    [[nodiscard]] std::string required_text(const std::string& member);
    [[nodiscard]] std::string optional_text(const std::string& member);
    [[nodiscard]] bool flag(const std::string& member, bool otherwise);
    [[nodiscard]] std::int32_t number(const std::string& member, std::int32_t otherwise);
    /// Nothing when the member is not there.
    [[nodiscard]] std::optional<YAML::Node> node(const std::string& member) const;

    /// Reports every member that is not among `known`, with the nearest of them.
    void refuse_others(std::span<const std::string_view> known);

  private:
    YAML::Node node_;
    std::string what_;
    Diagnostics& diagnostics_;
    bool valid_;
};

[[nodiscard]] Place place_of(const YAML::Node& node);

}  // namespace eventbus::generator
