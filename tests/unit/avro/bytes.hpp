#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "eventbus/avro/schema.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::avro::testing {

using Bytes = std::vector<std::byte>;

inline Bytes bytes(std::initializer_list<int> values) {
    Bytes result;
    for (const int value : values) result.push_back(static_cast<std::byte>(value));
    return result;
}

/// Characters as bytes.
inline Bytes bytes(const std::string& text) {
    Bytes result;
    for (const char c : text) result.push_back(static_cast<std::byte>(c));
    return result;
}

inline std::shared_ptr<const SchemaDocument> schema(std::string_view json) {
    return SchemaDocument::parse(json);
}

/// The text of the error of this type that `call` throws; a remark when it throws none.
template <class Expected>
std::string error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Expected& error) {
        return error.what();
    }
    return "(nothing was thrown)";
}

}  // namespace eventbus::avro::testing
