#pragma once

#include "eventbus/bus/signal_table.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

/// Gives each signal the routes that EVENT_BUS_PRODUCER_CONFIG has for it; none when there is no
/// EVENT_BUS_PRODUCER. Entries that are not enabled are checked too. Throws SettingsError that names the
/// place.
void set_routes(SignalTable& signals, const Settings& settings);

}  // namespace eventbus
