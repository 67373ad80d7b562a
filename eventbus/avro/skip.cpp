#include "eventbus/avro/skip.hpp"

#include <string>

#include "eventbus/avro/limits.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::avro {
namespace {

void skip_array(Reader& reader, const Schema& schema, std::size_t depth) {
    check_depth(reader, depth);
    while (const std::size_t count = reader.read_block(schema.element->least_size)) {
        // Values of an element that can be empty are all empty.
        if (schema.element->least_size == 0) continue;
        for (std::size_t i = 0; i < count; ++i) skip(reader, *schema.element, depth);
    }
}

void skip_map(Reader& reader, const Schema& schema, std::size_t depth) {
    check_depth(reader, depth);
    while (const std::size_t count = reader.read_block(schema.element->least_size + 1)) {
        for (std::size_t i = 0; i < count; ++i) {
            static_cast<void>(reader.read_bytes());
            skip(reader, *schema.element, depth);
        }
    }
}

void skip_record(Reader& reader, const Schema& schema, std::size_t depth) {
    check_depth(reader, depth);
    for (const Field& field : schema.fields) skip(reader, *field.schema, depth);
}

}  // namespace

void check_depth(const Reader& reader, std::size_t depth) {
    if (depth <= max_depth) return;
    throw DecodeError("Avro body, offset " + std::to_string(reader.offset()) +
                      ": values are nested deeper than " + std::to_string(max_depth) + " levels");
}

void skip(Reader& reader, const Schema& schema, std::size_t depth) {
    if (schema.least_size == 0) return;
    switch (schema.kind) {
        case Kind::null:
            return;
        case Kind::boolean:
            static_cast<void>(reader.read_boolean());
            return;
        case Kind::int_:
            static_cast<void>(reader.read_int());
            return;
        case Kind::long_:
            static_cast<void>(reader.read_long());
            return;
        case Kind::float_:
            static_cast<void>(reader.read_float());
            return;
        case Kind::double_:
            static_cast<void>(reader.read_double());
            return;
        case Kind::bytes:
        case Kind::string:
            static_cast<void>(reader.read_bytes());
            return;
        case Kind::fixed:
            static_cast<void>(reader.read_raw(schema.size));
            return;
        case Kind::enumeration:
            static_cast<void>(reader.read_symbol(schema.symbols.size()));
            return;
        case Kind::union_:
            return skip(reader, *schema.branches[reader.read_branch(schema.branches.size())], depth);
        case Kind::array:
            return skip_array(reader, schema, depth + 1);
        case Kind::map:
            return skip_map(reader, schema, depth + 1);
        case Kind::record:
            return skip_record(reader, schema, depth + 1);
    }
}

}  // namespace eventbus::avro
