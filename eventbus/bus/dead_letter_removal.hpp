#pragma once

#include "eventbus/broker/broker.hpp"

namespace eventbus {

/// Removes the front of a group's dead-letter topic, up to the first record that is still needed: an open
/// letter, or a redrive that the group has not acknowledged and its letter. So what was purged or handled
/// really goes. Does nothing when the topic does not exist. Throws BrokerError.
void remove_settled_letters(Broker& broker, const TopicName& dead_letter_topic, const GroupName& group);

}  // namespace eventbus
