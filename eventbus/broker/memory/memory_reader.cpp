#include "eventbus/broker/memory/memory_reader.hpp"

#include <utility>

namespace eventbus::memory {

MemoryReader::MemoryReader(std::shared_ptr<Store> store, ReadOptions options)
    : store_(std::move(store)), options_(std::move(options)) {
    static_cast<void>(store_->left(options_, position_));
    // What a topic that comes later holds is new.
    if (std::holds_alternative<Latest>(options_.from)) options_.from = Earliest{};
}

std::vector<ReceivedEvent> MemoryReader::read(std::size_t most) {
    return received(store_->read(options_, position_, most));
}

std::uint64_t MemoryReader::left() { return store_->left(options_, position_); }

}  // namespace eventbus::memory
