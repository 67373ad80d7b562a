#include "checks.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "cpp_names.hpp"
#include "eventbus/event/nearest.hpp"
#include "eventbus/event/quote.hpp"
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

const std::string* record_of(const Type& type) {
    if (type.shape == Shape::record) return &type.name;
    return type.element ? record_of(*type.element) : nullptr;
}

class Checker {
  public:
    Checker(Subdomain& subdomain, Diagnostics& diagnostics)
        : subdomain_(subdomain), diagnostics_(diagnostics) {}

    void run() {
        check_namespace();
        for (const Record& record : subdomain_.records) check_record(record);
        check_events();
        if (!diagnostics_.has_errors()) order_records();
    }

  private:
    void check_namespace() {
        std::string_view rest = subdomain_.cpp_namespace;
        for (;;) {
            const std::size_t colons = rest.find("::");
            if (!is_identifier(rest.substr(0, colons))) {
                diagnostics_.error({}, quote(subdomain_.cpp_namespace) + " is no C++ namespace");
                return;
            }
            if (colons == std::string_view::npos) return;
            rest.remove_prefix(colons + 2);
        }
    }

    void check_record(const Record& record) {
        if (!is_identifier(record.name))
            diagnostics_.error(record.place, quote(record.name) + " is no name for a record");
        const auto& builtins = builtin_types();
        if (std::find(builtins.begin(), builtins.end(), record.name) != builtins.end())
            diagnostics_.error(record.place,
                               quote(record.name) + " is a built-in type; give the record another name");
        check_fields(record.fields);
    }

    void check_fields(const std::vector<Field>& fields) {
        std::map<std::string, std::string> cpp_names;
        for (const Field& field : fields) {
            if (!is_identifier(field.name))
                diagnostics_.error(field.place, quote(field.name) + " is no name for a field");
            check_type(field);
        }
    }

    void check_type(const Field& field) {
        const std::string* record = record_of(field.type);
        if (record == nullptr || subdomain_.find(*record) != nullptr) return;
        std::vector<std::string_view> known = builtin_types();
        for (const Record& candidate : subdomain_.records) known.push_back(candidate.name);
        const std::string_view near = nearest_name(*record, known);
        diagnostics_.error(field.place,
                           "unknown type " + quote(*record) +
                               (near.empty() ? std::string() : "; did you mean " + quote(near) + "?"));
    }

    void check_events() {
        std::set<std::string> types;
        std::set<std::string> structs;
        for (const Record& record : subdomain_.records) structs.insert(record.name);
        if (subdomain_.events.empty()) diagnostics_.error({}, "the file defines no events");
        for (const Event& event : subdomain_.events) {
            if (!is_constant(event.constant))
                diagnostics_.error(event.place, quote(event.constant) +
                                                    " is no name for an event; use capitals, digits and _");
            if (!types.insert(event.type).second)
                diagnostics_.error(event.place, "the event type " + quote(event.type) + " is used twice");
            if (!structs.insert(data_struct_name(event.constant)).second)
                diagnostics_.error(event.place, "the event's struct would be " +
                                                    quote(data_struct_name(event.constant)) +
                                                    ", which is a record or another event's");
            check_event_type(event);
            check_fields(event.data);
            check_key_field(event);
        }
    }

    void check_event_type(const Event& event) {
        if (is_event_type(event.type, false)) return;
        if (is_event_type(event.type, true)) {
            if (event.legal_avro_namespace)
                diagnostics_.error(event.place,
                                   "the event type " + quote(event.type) +
                                       " has a hyphen, so that a schema registry refuses its schema; use _ "
                                       "(or say legal_avro_namespace: false, if it is in use already)");
            return;
        }
        diagnostics_.error(
            event.place, quote(event.type) + " is no event type; one looks like org.example.door.opened.v1");
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
        diagnostics_.error(event.place, "the key field " + quote(event.key_field) + " of " +
                                            quote(event.constant) + " leads to no field of its data");
    }

    // Depth first: a record is placed after all that it uses; one that is met on its own way is within
    // itself.
    void order_records() {
        std::vector<Record> ordered;
        std::map<std::string, int> states;
        for (const Record& record : subdomain_.records) place_record(record, states, ordered);
        if (!diagnostics_.has_errors()) subdomain_.records = std::move(ordered);
    }

    void place_record(const Record& record, std::map<std::string, int>& states,
                      std::vector<Record>& ordered) {
        constexpr int being_placed = 1;
        constexpr int placed = 2;
        int& state = states[record.name];
        if (state == placed) return;
        if (state == being_placed) {
            diagnostics_.error(record.place,
                               "the record " + quote(record.name) + " holds itself, which events cannot");
            return;
        }
        state = being_placed;
        for (const Field& field : record.fields)
            if (const std::string* used = record_of(field.type))
                if (const Record* other = subdomain_.find(*used)) place_record(*other, states, ordered);
        states[record.name] = placed;
        ordered.push_back(record);
    }

    Subdomain& subdomain_;
    Diagnostics& diagnostics_;
};

}  // namespace

void check(Subdomain& subdomain, Diagnostics& diagnostics) { Checker(subdomain, diagnostics).run(); }

}  // namespace eventbus::generator
