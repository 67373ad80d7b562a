#include "least_size.hpp"

namespace eventbus::generator {

namespace {

std::size_t least_size(const Subdomain& subdomain, const Field& field) {
    // Of a union the index of its branch.
    if (field.nullable) return 1;
    if (field.type.shape == Shape::floating) return sizeof(double);
    // Of text, bytes, lists and maps the length.
    if (field.type.shape != Shape::record) return 1;
    return least_size(subdomain, subdomain.find(field.type.name)->fields);
}

}  // namespace

std::size_t least_size(const Subdomain& subdomain, const std::vector<Field>& fields) {
    std::size_t size = 0;
    for (const Field& field : fields) size += least_size(subdomain, field);
    return size;
}

}  // namespace eventbus::generator
