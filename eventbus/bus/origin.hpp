#pragma once

#include <string>

#include "eventbus/bus/send.hpp"
#include "eventbus/catalogue/signal.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

/// Who sends: what stands in the metadata of all events of one bus.
class Origin {
  public:
    explicit Origin(const Settings& settings);

    /// A new event of this type, now.
    [[nodiscard]] EventMetadata metadata(const EventType& type) const;
    /// The metadata that `options` ask for. Throws InvalidValue when they cannot be an event of this type.
    [[nodiscard]] EventMetadata metadata(const EventType& type, const SendOptions& options) const;

  private:
    std::string source_;
    std::string host_;
};

}  // namespace eventbus
