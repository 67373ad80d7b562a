#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "eventbus/sqlite/database.hpp"

namespace eventbus::sqlite {

/// "EBus": the application id by which the file of an embedded bus is told from other databases.
inline constexpr std::int64_t application_id_of_bus = 0x45427573;

/// Makes an empty file, with its directory (0600 in 0700), when it is not there. Throws BrokerError.
void make_file(const Place& place);

/// Has readers never wait for the writer. Stays so in the file. Waits up to `patience` for other processes'
/// locks.
void use_write_ahead_log(Connection& connection, std::chrono::milliseconds patience);

/// The first column of the first row; 0 when there is none.
[[nodiscard]] std::int64_t value_of(Connection& connection, std::string_view sql);

}  // namespace eventbus::sqlite
