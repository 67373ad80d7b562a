#include "personal_data.hpp"

namespace eventbus::generator {

namespace {

void collect(const Subdomain& subdomain, const std::vector<Field>& fields, const std::string& prefix,
             std::vector<std::string>& paths) {
    for (const Field& field : fields) {
        std::string path = prefix + field.name;
        const Type* type = &field.type;
        for (; type->element; type = type->element.get()) path += "[]";
        if (field.personal) paths.push_back(path);
        if (type->shape != Shape::record) continue;
        if (const Record* record = subdomain.find(type->name))
            collect(subdomain, record->fields, path + ".", paths);
    }
}

}  // namespace

std::vector<std::string> personal_data(const Subdomain& subdomain, const Event& event) {
    std::vector<std::string> paths;
    collect(subdomain, event.data, {}, paths);
    return paths;
}

}  // namespace eventbus::generator
