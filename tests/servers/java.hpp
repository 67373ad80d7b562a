#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Command lines of the servers that tools/kafka_servers.sh fetches, with small heaps. Throw
/// std::runtime_error when the tests were built without them (EVENTBUS_KAFKA).
namespace eventbus::servers::java {

/// Runs the broker that the `server.properties` in the directory describes.
[[nodiscard]] std::vector<std::string> broker(const std::filesystem::path& directory);
/// Makes its storage; `user` may be empty, else it can come in by SCRAM.
[[nodiscard]] std::vector<std::string> format(const std::filesystem::path& directory,
                                              std::string_view cluster, std::string_view user,
                                              std::string_view password);
/// Runs the schema registry, which keeps its schemas in memory.
[[nodiscard]] std::vector<std::string> registry(std::uint16_t port);

}  // namespace eventbus::servers::java
