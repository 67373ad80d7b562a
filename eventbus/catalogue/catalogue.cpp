#include "eventbus/catalogue/catalogue.hpp"

#include <string>

#include "eventbus/event/error.hpp"
#include "eventbus/event/nearest.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

bool is_called(const EventType& type, std::string_view name) {
    if (name == type.type || name == type.constant) return true;
    if (!type.python_path.empty() && name == type.python_path) return true;
    return name.size() == type.subdomain.size() + 1 + type.constant.size() &&
           name.starts_with(type.subdomain) && name[type.subdomain.size()] == '.' &&
           name.ends_with(type.constant);
}

}  // namespace

void Catalogue::add(std::span<const EventType* const> types) {
    for (const EventType* type : types) {
        const auto [known, is_new] = by_type_.emplace(type->type, type);
        if (is_new) {
            all_.push_back(type);
        } else if (known->second->schema != type->schema) {
            throw InvalidValue(
                "the event type " + quote(type->type) +
                " is in the catalogue already, with another schema; give one of them another type");
        }
    }
}

const EventType* Catalogue::find(std::string_view type) const {
    const auto known = by_type_.find(type);
    return known == by_type_.end() ? nullptr : known->second;
}

const EventType& Catalogue::resolve(std::string_view name) const {
    std::vector<std::string_view> names;
    const EventType* found = nullptr;
    for (const EventType* type : all_) {
        if (is_called(*type, name)) {
            if (found != nullptr)
                throw InvalidValue(quote(name) + " can be " + std::string(found->type) + " or " +
                                   std::string(type->type) + "; use the event type");
            found = type;
        }
        for (const std::string_view other : {type->type, type->constant, type->python_path})
            if (!other.empty()) names.push_back(other);
    }
    if (found != nullptr) return *found;
    const std::string_view near = nearest_name(name, names);
    throw InvalidValue("there is no event " + quote(name) + " in the catalogue" +
                       (near.empty() ? std::string("; `eventbus catalogue list` shows those there are")
                                     : "; did you mean " + std::string(near) + "?"));
}

}  // namespace eventbus
