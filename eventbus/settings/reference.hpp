#pragma once

#include <string>
#include <string_view>

#include "eventbus/settings/setting.hpp"

namespace eventbus {

/// The settings reference as Markdown, made from the declarations: what `docs/settings.md` holds.
[[nodiscard]] std::string settings_reference();

/// A kind of value in words: `whole number`, `seconds`, ...
[[nodiscard]] std::string_view to_string(SettingKind kind);

}  // namespace eventbus
