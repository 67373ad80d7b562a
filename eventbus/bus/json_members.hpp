#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace eventbus {

/// A member of a JSON object; its value as it stands in the text, not parsed.
struct JsonMember {
    std::string name;
    std::string_view value;
};

/// Goes through the members of a JSON object without parsing their values: finds where each ends, however
/// deep it is, in one pass.
class JsonMembers {
  public:
    /// Throws DecodeError when `json` does not begin an object.
    explicit JsonMembers(std::string_view json);

    /// Nothing behind the last. Throws DecodeError for what is not JSON as far as it matters here.
    [[nodiscard]] std::optional<JsonMember> next();

  private:
    void skip_space();
    [[nodiscard]] char peek() const { return at_ < json_.size() ? json_[at_] : '\0'; }
    bool take(char c);
    void skip_string();
    void skip_value();
    [[noreturn]] void fail(const std::string& what) const;

    std::string_view json_;
    std::size_t at_ = 0;
    bool is_first_ = true;
};

/// The text of a JSON string. Nothing when `value` is anything else, or no JSON.
[[nodiscard]] std::optional<std::string> json_string(std::string_view value);

}  // namespace eventbus
