#pragma once

#include <string>
#include <string_view>

namespace eventbus {

/// Text from outside as it may stand in a message: in double quotes, control characters and invalid UTF-8
/// escaped, cut after about 100 bytes with its length told.
[[nodiscard]] std::string quote(std::string_view text);

}  // namespace eventbus
