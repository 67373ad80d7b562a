#include "eventbus/catalogue/analytics.hpp"
#include "eventbus/catalogue/authz.hpp"
#include "eventbus/catalogue/catalogue.hpp"
#include "eventbus/catalogue/content_authoring.hpp"
#include "eventbus/catalogue/enterprise.hpp"
#include "eventbus/catalogue/learning.hpp"

namespace eventbus {

const Catalogue& openedx_catalogue() {
    static const Catalogue catalogue = [] {
        Catalogue all;
        all.add(analytics::events());
        all.add(authz::events());
        all.add(content_authoring::events());
        all.add(enterprise::events());
        all.add(learning::events());
        return all;
    }();
    return catalogue;
}

std::string_view openedx_events_version() { return "11.2.0"; }

}  // namespace eventbus
