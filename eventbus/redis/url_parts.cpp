#include "eventbus/redis/url_parts.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "eventbus/event/error.hpp"

namespace eventbus::redis {

namespace {

/// Cuts off `text` what stands before the first of `ends`, and that end too if it is to go.
std::string_view take_until(std::string_view& text, std::string_view ends, bool takes_end) {
    const std::string_view taken = text.substr(0, text.find_first_of(ends));
    text.remove_prefix(taken.size());
    if (takes_end && !text.empty()) text.remove_prefix(1);
    return taken;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::string decode_value(std::string_view text) {
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return decode_percent(spaced);
}

void read_login(UrlParts& parts, std::string_view login) {
    const std::size_t colon = login.find(':');
    parts.user = decode_percent(login.substr(0, colon));
    if (colon != std::string_view::npos) parts.password = decode_percent(login.substr(colon + 1));
}

void read_parameters(UrlParts& parts, std::string_view query) {
    while (!query.empty()) {
        std::string_view parameter = take_until(query, "&", true);
        if (parameter.empty()) continue;
        if (parameter.find('=') == std::string_view::npos)
            throw SettingsError("a parameter behind the '?' has no '='");
        const std::string_view name = take_until(parameter, "=", true);
        const bool is_known = std::any_of(parts.parameters.begin(), parts.parameters.end(),
                                          [name](const auto& one) { return one.first == name; });
        if (!parameter.empty() && !is_known) parts.parameters.emplace_back(name, decode_value(parameter));
    }
}

}  // namespace

std::string decode_percent(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        const std::string_view digits = text.substr(i).substr(std::min<std::size_t>(1, text.size() - i), 2);
        const char* const end = digits.data() + digits.size();
        const bool is_escape =
            text[i] == '%' && digits.size() == 2 && std::from_chars(digits.data(), end, byte, 16).ptr == end;
        out.push_back(is_escape ? static_cast<char>(byte) : text[i]);
        if (is_escape) i += digits.size();
    }
    return out;
}

UrlParts split_url(std::string_view url) {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) throw SettingsError("it has no '://'");
    UrlParts parts;
    parts.scheme = lower(url.substr(0, scheme_end));
    url.remove_prefix(scheme_end + 3);
    if (url.find('#') != std::string_view::npos) throw SettingsError("it has a '#'");
    std::string_view place = take_until(url, "/?", false);
    if (const std::size_t at = place.rfind('@'); at != std::string_view::npos) {
        read_login(parts, place.substr(0, at));
        place.remove_prefix(at + 1);
    }
    parts.hosts = place;
    parts.path = take_until(url, "?", true);
    read_parameters(parts, url);
    return parts;
}

}  // namespace eventbus::redis
