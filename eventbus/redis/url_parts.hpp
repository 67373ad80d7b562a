#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eventbus::redis {

/// A URL taken apart as Python's clients do it, %-escapes decoded where no part of it is split any further.
struct UrlParts {
    /// In lower case.
    std::string scheme;
    std::string user;
    std::string password;
    /// `host:port`, or several with commas between them, as they stand there.
    std::string_view hosts;
    /// From the first slash on, as it stands there.
    std::string_view path;
    /// The names are not empty, nor are the values; of several with one name the first.
    std::vector<std::pair<std::string_view, std::string>> parameters;
};

/// What does not stand in the URL is empty. Views into `url`. Throws SettingsError.
[[nodiscard]] UrlParts split_url(std::string_view url);

/// Decodes %-escapes; what only looks like one stays as it is.
[[nodiscard]] std::string decode_percent(std::string_view text);

}  // namespace eventbus::redis
