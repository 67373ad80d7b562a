#include "eventbus/bus/inbox.hpp"

#include <utility>

#include "eventbus/bus/sqlite_inbox.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

InboxOptions inbox_options(const Settings& settings) {
    InboxOptions options;
    options.path = settings.get(setting::INBOX_PATH);
    options.retention = std::chrono::ceil<std::chrono::seconds>(settings.get(setting::INBOX_RETENTION));
    return options;
}

std::shared_ptr<Inbox> make_inbox(InboxOptions options) {
    return std::make_shared<SqliteInbox>(std::move(options));
}

std::shared_ptr<Inbox> make_inbox(const Settings& settings) { return make_inbox(inbox_options(settings)); }

}  // namespace eventbus
