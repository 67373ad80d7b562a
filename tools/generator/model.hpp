#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace eventbus::generator {

/// A place in a YAML file, counted from 1.
struct Place {
    int line = 1;
    int column = 1;
};

enum class Shape { boolean, integer, floating, bytes, text, scalar_text, list, map, record };

/// The type of a field.
struct Type {
    Shape shape = Shape::text;
    /// As the YAML has it: `string`, `CourseKey`, a record's name.
    std::string name;
    /// Of a list or map.
    std::shared_ptr<const Type> element;
};

/// A default that is not null.
struct Default {
    enum class Kind { boolean, integer, floating, text, empty_list, empty_map } kind = Kind::text;
    bool boolean = false;
    std::int64_t integer = 0;
    double floating = 0;
    std::string text;
};

struct Field {
    std::string name;
    Type type;
    bool nullable = false;
    std::optional<Default> fallback;
    bool personal = false;
    std::string description;
    Place place;
};

struct Record {
    std::string name;
    std::string description;
    std::vector<Field> fields;
    Place place;
};

struct Event {
    std::string constant;
    std::string type;
    Place type_place;
    std::int32_t minor_version = 0;
    std::string description;
    std::string key_field;
    Place key_field_place;
    bool openedx_events_serializes = true;
    bool legal_avro_namespace = true;
    std::vector<Field> data;
    Place place;
};

/// What one YAML file defines. Records stand before those that use them.
struct Subdomain {
    std::string name;
    /// C++ namespace of what is generated.
    std::string cpp_namespace;
    Place namespace_place;
    /// Python module that has the same signals; empty when there is none.
    std::string python_module;
    std::string description;
    std::vector<Record> records;
    std::vector<Event> events;

    [[nodiscard]] const Record* find(const std::string& record) const {
        for (const Record& candidate : records)
            if (candidate.name == record) return &candidate;
        return nullptr;
    }
};

}  // namespace eventbus::generator
