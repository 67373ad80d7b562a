#include "eventbus/avro/least_size.hpp"

#include <algorithm>
#include <string>

#include "eventbus/event/error.hpp"

namespace eventbus::avro {
namespace {

/// Not known yet, or without a finite value.
constexpr std::size_t unbounded = SIZE_MAX;
/// Sizes beyond this are not told apart: no body is as long.
constexpr std::size_t largest = std::size_t{1} << 40U;

std::size_t of_record(const Schema& schema) {
    std::size_t sum = 0;
    for (const Field& field : schema.fields) {
        if (field.schema->least_size == unbounded) return unbounded;
        sum = std::min(sum + field.schema->least_size, largest);
    }
    return sum;
}

std::size_t of_union(const Schema& schema) {
    std::size_t least = unbounded;
    for (const Schema* branch : schema.branches) least = std::min(least, branch->least_size);
    return least == unbounded ? unbounded : std::min(least + 1, largest);
}

std::size_t least_size_of(const Schema& schema) {
    switch (schema.kind) {
        case Kind::null:
            return 0;
        case Kind::float_:
            return 4;
        case Kind::double_:
            return 8;
        case Kind::fixed:
            return schema.size;
        case Kind::record:
            return of_record(schema);
        case Kind::union_:
            return of_union(schema);
        default:
            return 1;
    }
}

bool update(Schema& schema) {
    const std::size_t size = least_size_of(schema);
    if (size == schema.least_size) return false;
    schema.least_size = size;
    return true;
}

}  // namespace

void set_least_sizes(std::deque<Schema>& types) {
    for (Schema& schema : types) schema.least_size = unbounded;
    // Sizes only become smaller; inner types mostly stand behind outer ones, so that few rounds are needed.
    for (bool changed = true; changed;) {
        changed = false;
        const auto update_one = [&changed](Schema& schema) { changed = update(schema) || changed; };
        std::for_each(types.rbegin(), types.rend(), update_one);
        std::for_each(types.begin(), types.end(), update_one);
    }
    for (const Schema& schema : types) {
        if (schema.least_size == unbounded && schema.kind == Kind::record) {
            throw DecodeError("Avro schema: " + schema.full_name +
                              " always holds itself, so that it has no finite value");
        }
    }
}

}  // namespace eventbus::avro
