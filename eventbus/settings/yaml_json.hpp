#pragma once

#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace eventbus {

/// `settings.yaml:3:18`; the name alone when the mark tells no place.
[[nodiscard]] std::string place_in_file(std::string_view name, const YAML::Mark& mark);

/// Turns the collections of one YAML file into JSON. Bounds depth and, since an alias of an alias can stand
/// for more than any memory holds, the size of all that it makes.
class YamlToJson {
  public:
    /// `name` is the file's, for errors, and must outlive this.
    explicit YamlToJson(std::string_view name) : name_(name) {}

    /// Throws SettingsError for what is too deep or too large, names that are no text, and repeated names.
    [[nodiscard]] nlohmann::json convert(const YAML::Node& node) { return convert(node, 0); }

  private:
    nlohmann::json convert(const YAML::Node& node, int depth);
    nlohmann::json convert_mapping(const YAML::Node& node, int depth);
    void charge(const YAML::Node& node);

    std::string_view name_;
    std::size_t left_ = 1 << 20;
};

}  // namespace eventbus
