#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "eventbus/broker/embedded/sqlite.hpp"

namespace eventbus::embedded {

/// Opens the bus's file at `path`, and makes it, with its directory, when it is not there (0600 in 0700).
/// What is there already is checked first: a file of another program, or of a newer version of this one, is
/// refused untouched. Throws BrokerError.
[[nodiscard]] std::unique_ptr<Connection> open_file(const std::string& path, Sync sync,
                                                    std::chrono::milliseconds patience);

}  // namespace eventbus::embedded
