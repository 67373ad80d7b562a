#pragma once

#include <string>

namespace eventbus::servers {

/// The answer of the server behind a unix socket to a command in one line, as it was written; empty when
/// there is none within two seconds.
[[nodiscard]] std::string answer_to(const std::string& command, const std::string& socket_path);

}  // namespace eventbus::servers
