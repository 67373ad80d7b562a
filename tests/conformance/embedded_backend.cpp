#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "backend.hpp"
#include "eventbus/broker/embedded/embedded_broker.hpp"

namespace eventbus::conformance {

namespace {

class EmbeddedStore final : public TestStore {
  public:
    EmbeddedStore() {
        std::string name = (std::filesystem::temp_directory_path() / "eventbus-conformance-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
        directory_ = name;
    }
    EmbeddedStore(const EmbeddedStore&) = delete;
    EmbeddedStore& operator=(const EmbeddedStore&) = delete;
    ~EmbeddedStore() override {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    [[nodiscard]] std::shared_ptr<Broker> connect() override {
        EmbeddedOptions options;
        options.path = (directory_ / "events.db").string();
        options.retention_interval = std::chrono::milliseconds(20);
        return make_embedded_broker(std::move(options));
    }

  private:
    std::filesystem::path directory_;
};

}  // namespace

const Backend& backend() {
    static const Backend embedded{
        .name = "embedded",
        .features = {.durable = true,
                     .processes = true,
                     .survives_fork = true,
                     .members_never_expire = true,
                     .largest_event = std::size_t{64} << 20},
        .make_store = [] { return std::make_unique<EmbeddedStore>(); },
    };
    return embedded;
}

}  // namespace eventbus::conformance
