#pragma once

#include <memory>
#include <vector>

#include "eventbus/broker/memory/store.hpp"
#include "eventbus/broker/reader.hpp"

namespace eventbus::memory {

class MemoryReader final : public Reader {
  public:
    MemoryReader(std::shared_ptr<Store> store, ReadOptions options);

    [[nodiscard]] std::vector<ReceivedEvent> read(std::size_t most) override;
    [[nodiscard]] std::uint64_t left() override;

  private:
    std::shared_ptr<Store> store_;
    ReadOptions options_;
    ReadPosition position_;
};

}  // namespace eventbus::memory
