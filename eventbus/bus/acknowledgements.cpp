#include "eventbus/bus/acknowledgements.hpp"

namespace eventbus {

void Acknowledgements::add(const ReceivedEvent& event) {
    if (receipts_.empty()) since_ = std::chrono::steady_clock::now();
    receipts_.push_back({&event.topic, event.position});
}

bool Acknowledgements::is_due() const {
    return !receipts_.empty() && std::chrono::steady_clock::now() - since_ >= longest_wait;
}

}  // namespace eventbus
