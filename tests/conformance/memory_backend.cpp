#include "backend.hpp"
#include "eventbus/broker/memory/memory_broker.hpp"

namespace eventbus::conformance {

namespace {

class MemoryStore final : public TestStore {
  public:
    [[nodiscard]] std::shared_ptr<Broker> connect() override { return broker_; }

  private:
    std::shared_ptr<Broker> broker_ = make_memory_broker();
};

}  // namespace

const Backend& backend() {
    static const Backend memory{
        .name = "memory",
        .features = {.remembers_gaps = true, .members_never_expire = true},
        .make_store = [] { return std::make_unique<MemoryStore>(); },
    };
    return memory;
}

}  // namespace eventbus::conformance
