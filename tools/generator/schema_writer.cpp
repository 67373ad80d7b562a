#include "schema_writer.hpp"

#include <set>

namespace eventbus::generator {

namespace {

class SchemaWriter {
  public:
    explicit SchemaWriter(const Subdomain& subdomain) : subdomain_(subdomain) {}

    std::string event(const Event& event) {
        // The text of "doc" is a fact of the wire: the peers' schemas have it, and registries compare whole
        // schemas.
        return R"({"doc": "Avro Event Format for CloudEvents created with openedx_events/schema", "fields": )" +
               fields(event.data) + R"(, "name": "CloudEvent", "namespace": ")" + event.type +
               R"(", "type": "record"})";
    }

  private:
    std::string fields(const std::vector<Field>& all) {
        std::string out = "[";
        for (const Field& field : all) {
            if (out.size() > 1) out += ", ";
            out += this->field(field);
        }
        return out + "]";
    }

    std::string field(const Field& field) {
        const std::string name = "\"name\": \"" + field.name + "\", ";
        if (field.nullable)
            return "{\"default\": null, " + name + "\"type\": [\"null\", " + type(field.type) + "]}";
        return "{" + name + "\"type\": " + type(field.type) + "}";
    }

    std::string type(const Type& type) {
        switch (type.shape) {
            case Shape::boolean:
                return "\"boolean\"";
            case Shape::integer:
                return "\"long\"";
            case Shape::floating:
                return "\"double\"";
            case Shape::bytes:
                return "\"bytes\"";
            case Shape::text:
            case Shape::scalar_text:
                return "\"string\"";
            case Shape::list:
                return "{\"items\": " + this->type(*type.element) + ", \"type\": \"array\"}";
            case Shape::map:
                return "{\"type\": \"map\", \"values\": " + this->type(*type.element) + "}";
            case Shape::record:
                return record(type.name);
        }
        return {};
    }

    std::string record(const std::string& name) {
        if (!seen_.insert(name).second) return "\"" + name + "\"";
        const Record* record = subdomain_.find(name);
        return "{\"fields\": " + fields(record->fields) + ", \"name\": \"" + name +
               "\", \"type\": \"record\"}";
    }

    const Subdomain& subdomain_;
    std::set<std::string> seen_;
};

}  // namespace

std::string avro_schema(const Subdomain& subdomain, const Event& event) {
    return SchemaWriter(subdomain).event(event);
}

}  // namespace eventbus::generator
