#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "eventbus/registry/http.hpp"

namespace eventbus::registry {

// What a registry answers, and what is to be made of it. `what` says what it was asked for: `about the
// subject "a"`.

inline constexpr long success = 200;
inline constexpr long not_found = 404;
inline constexpr long conflict = 409;
inline constexpr long unprocessable = 422;

/// What the registry says of an error, for a message.
[[nodiscard]] std::string reason_of(const HttpAnswer& answer);

/// Throws BrokerError when it turned us away.
void refuse_strangers(const HttpAnswer& answer);

[[noreturn]] void cannot_understand(const std::string& what, const HttpAnswer& answer);

/// The answer's JSON. Throws DecodeError unless the request succeeded with some.
[[nodiscard]] nlohmann::json json_of(const HttpAnswer& answer, const std::string& what);

/// A member of an object. Throws DecodeError when it is not there, or is another kind of value.
template <class Value>
Value member(const nlohmann::json& object, const char* name, const HttpAnswer& answer,
             const std::string& what) {
    try {
        return object.at(name).get<Value>();
    } catch (const nlohmann::json::exception&) {
        cannot_understand(what, answer);
    }
}

}  // namespace eventbus::registry
