#include "checks.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "cpp_names.hpp"
#include "eventbus/event/nearest.hpp"
#include "eventbus/event/quote.hpp"
#include "record_order.hpp"
#include "type_name.hpp"

namespace eventbus::generator {

namespace {

bool is_constant(std::string_view name) {
    return is_identifier(name) &&
           std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

// Dotted, lower case: `org.openedx.learning.student.registration.completed.v1`. A hyphen is no letter of an
// Avro name.
bool is_event_type(std::string_view type, bool allow_hyphen) {
    bool at_start = true;
    for (const char c : type) {
        const bool is_letter = (c >= 'a' && c <= 'z') || c == '_';
        const bool is_other = (c >= '0' && c <= '9') || (allow_hyphen && c == '-');
        if (c == '.') {
            if (at_start) return false;
            at_start = true;
        } else {
            if (!is_letter && (at_start || !is_other)) return false;
            at_start = false;
        }
    }
    return !at_start && type.find('.') != std::string_view::npos && type.size() <= 200;
}

class Checker {
  public:
    Checker(Subdomain& subdomain, Diagnostics& diagnostics)
        : subdomain_(subdomain), diagnostics_(diagnostics) {}

    void run() {
        check_namespace();
        for (const Record& record : subdomain_.records) check_record(record);
        check_event_names();
        for (const Record& record : subdomain_.records) check_fields(record.fields);
        for (const Event& event : subdomain_.events) {
            check_event_type(event);
            check_fields(event.data);
            check_key_field(event);
        }
        if (!diagnostics_.has_errors()) order_records(subdomain_, diagnostics_);
    }

  private:
    void check_namespace() {
        std::string_view rest = subdomain_.cpp_namespace;
        for (bool first = true;; first = false) {
            const std::size_t colons = rest.find("::");
            const std::string part(rest.substr(0, colons));
            // Generated code names things of the library with `eventbus::`, which a namespace within would
            // hide.
            const bool is_outer_eventbus = first && part == "eventbus" && colons != std::string_view::npos;
            if (!is_identifier(part) || (is_cpp_word(part) && !is_outer_eventbus)) {
                diagnostics_.error(subdomain_.namespace_place,
                                   quote(subdomain_.cpp_namespace) + " cannot be a C++ namespace");
                return;
            }
            if (colons == std::string_view::npos) return;
            rest.remove_prefix(colons + 2);
        }
    }

    void check_record(const Record& record) {
        if (!is_identifier(record.name) || is_cpp_word(record.name))
            diagnostics_.error(record.place, quote(record.name) +
                                                 " cannot be the name of a record: " + why_not(record.name));
        const auto& builtins = builtin_types();
        if (std::find(builtins.begin(), builtins.end(), record.name) != builtins.end())
            diagnostics_.error(record.place,
                               quote(record.name) + " is a built-in type; give the record another name");
        claim(record.name, record.place, "the record " + quote(record.name));
    }

    static std::string why_not(const std::string& name) {
        if (is_cpp_word(name)) return "C++ has a meaning for it";
        return "a name has letters, digits and single underscores, begins with a letter, and has at most 128 "
               "of them";
    }

    // Every name that the generated code has in its namespace is there for one thing.
    void claim(const std::string& name, Place place, const std::string& owner) {
        const auto [claimed, is_new] = claimed_.emplace(name, owner);
        if (!is_new)
            diagnostics_.error(
                place, owner + " needs the C++ name " + quote(name) + ", which " + claimed->second + " has");
    }

    void check_fields(const std::vector<Field>& fields) {
        std::map<std::string, std::string> cpp_names;
        for (const Field& field : fields) {
            if (!is_identifier(field.name)) {
                diagnostics_.error(field.place, quote(field.name) +
                                                    " cannot be the name of a field: " + why_not(field.name));
                continue;
            }
            const auto [other, is_new] = cpp_names.emplace(cpp_name(field.name), field.name);
            if (!is_new)
                diagnostics_.error(field.place, "the fields " + quote(other->second) + " and " +
                                                    quote(field.name) + " would both be " +
                                                    quote(cpp_name(field.name)) + " in C++");
            if (claimed_.contains(field.name))
                diagnostics_.error(field.place, "the field " + quote(field.name) + " has the name of " +
                                                    claimed_.at(field.name) + ", which C++ does not allow");
            check_type(field);
        }
    }

    void check_type(const Field& field) {
        const std::string* record = record_within(field.type);
        if (record == nullptr || subdomain_.find(*record) != nullptr) return;
        std::vector<std::string_view> known = builtin_types();
        for (const Record& candidate : subdomain_.records) known.push_back(candidate.name);
        const std::string_view near = nearest_name(*record, known);
        diagnostics_.error(field.place,
                           "unknown type " + quote(*record) +
                               (near.empty() ? "; it is neither built in nor a record of this file"
                                             : "; did you mean " + quote(near) + "?"));
    }

    void check_event_names() {
        std::map<std::string, std::string> types;
        if (subdomain_.events.empty()) diagnostics_.error({}, "the file defines no events");
        for (const Event& event : subdomain_.events) {
            if (!is_constant(event.constant))
                diagnostics_.error(event.place, quote(event.constant) +
                                                    " cannot be the name of an event: use capitals, digits "
                                                    "and single underscores, such as DOOR_OPENED");
            const auto [other, is_new] = types.emplace(event.type, event.constant);
            if (!is_new)
                diagnostics_.error(event.type_place, "the event type " + quote(event.type) + " is that of " +
                                                         quote(other->second) + " already");
            const std::string owner = "the event " + quote(event.constant);
            claim(event.constant, event.place, owner);
            claim(data_struct_name(event.constant), event.place, owner);
        }
    }

    void check_event_type(const Event& event) {
        if (is_event_type(event.type, false)) return;
        if (!is_event_type(event.type, true)) {
            diagnostics_.error(
                event.type_place,
                quote(event.type) + " is no event type; one looks like org.example.door.opened.v1");
        } else if (event.legal_avro_namespace) {
            diagnostics_.error(event.type_place,
                               "the event type " + quote(event.type) +
                                   " has a hyphen, so that a schema registry refuses its schema; use _ "
                                   "(or say legal_avro_namespace: false, if it is in use already)");
        }
    }

    void check_key_field(const Event& event) {
        if (event.key_field.empty()) return;
        const std::vector<Field>* fields = &event.data;
        std::string_view rest = event.key_field;
        while (fields != nullptr) {
            const std::size_t dot = rest.find('.');
            const std::string name(rest.substr(0, dot));
            const auto field =
                std::find_if(fields->begin(), fields->end(), [&](const Field& f) { return f.name == name; });
            if (field == fields->end()) break;
            if (dot == std::string_view::npos) return;
            rest.remove_prefix(dot + 1);
            const Record* record =
                field->type.shape == Shape::record ? subdomain_.find(field->type.name) : nullptr;
            fields = record != nullptr ? &record->fields : nullptr;
        }
        diagnostics_.error(event.key_field_place, "the key field " + quote(event.key_field) + " of " +
                                                      quote(event.constant) +
                                                      " leads to no field of its data");
    }

    Subdomain& subdomain_;
    Diagnostics& diagnostics_;
    std::map<std::string, std::string> claimed_{{"CloudEvent", "the record around each event's data"},
                                                {"event_type", "generated code"},
                                                {"events", "generated code"},
                                                {"visit_signals", "generated code"}};
};

}  // namespace

void check(Subdomain& subdomain, Diagnostics& diagnostics) { Checker(subdomain, diagnostics).run(); }

}  // namespace eventbus::generator
