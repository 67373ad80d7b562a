#pragma once

#include <cstdint>
#include <string>

#include "tests/servers/process.hpp"

namespace eventbus::servers {

/// A schema registry of its own on the loopback, which keeps its schemas in memory; it ends with this object,
/// and with the thread that started it.
class SchemaRegistryServer {
  public:
    /// Started, and answering. Throws std::runtime_error when it does not within a minute.
    SchemaRegistryServer();
    SchemaRegistryServer(const SchemaRegistryServer&) = delete;
    SchemaRegistryServer& operator=(const SchemaRegistryServer&) = delete;
    ~SchemaRegistryServer() = default;

    /// Where its Confluent interface is: `http://127.0.0.1:{port}/apis/ccompat/v7`
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Ends it at once (SIGKILL): what it kept is gone.
    void kill();
    /// Starts it again on the same port. Throws as the constructor.
    void start();
    /// It answers nothing until `resume` (SIGSTOP, SIGCONT).
    void pause() const;
    void resume() const;

  private:
    [[nodiscard]] bool answers() const;

    TestDirectory directory_;
    std::uint16_t port_ = 0;
    Process process_;
};

}  // namespace eventbus::servers
