#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventbus/broker/embedded/embedded_broker.hpp"

namespace eventbus::faults {

/// A bus in a file, used in this process.
class BusFile {
  public:
    explicit BusFile(std::filesystem::path path) : path_(std::move(path)) {}

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::shared_ptr<Broker> broker() const;
    /// Publishes `payload` to the topic `topic`; throws why it was not stored.
    static void publish(Publisher& publisher, const std::string& payload);
    void publish(const std::string& payload) const { publish(*broker()->publisher(), payload); }
    /// The payloads of all that is stored.
    [[nodiscard]] std::vector<std::string> stored() const;
    /// Everything that a program does with a bus: look, publish, consume. Throws what went wrong.
    void use() const;

  private:
    std::filesystem::path path_;
};

/// An error that names the file and says what to do: its text, and whether trying again may help. Fails the
/// test when `act` throws nothing, or anything but a BrokerError.
struct Refusal {
    std::string text;
    bool retriable = false;
    bool is_storage_full = false;
};
[[nodiscard]] Refusal refusal_of(const std::function<void()>& act);

/// The whole file.
[[nodiscard]] std::string bytes_of(const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, const std::string& bytes);

}  // namespace eventbus::faults
