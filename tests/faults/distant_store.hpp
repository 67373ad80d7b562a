#pragma once

#include <memory>

#include "store.hpp"
#include "tests/servers/proxy.hpp"

namespace eventbus::faults {

/// A store behind a network.
struct DistantStore {
    std::unique_ptr<Store> store;
    /// The store's own.
    servers::Proxy* network = nullptr;
    /// A sender may be left in doubt: it does not ask again whether an event is stored.
    bool leaves_doubts = false;
};

/// On a server of its own. Each program of tests has one implementation in it.
[[nodiscard]] DistantStore make_distant_store();

}  // namespace eventbus::faults
