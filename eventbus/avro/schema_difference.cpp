#include "eventbus/avro/schema_difference.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace eventbus::avro {

namespace {

/// Paths with their types in one line each, in the order of the schema.
class Outline {
  public:
    explicit Outline(const Schema& root) { add({}, root, {}); }

    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& lines() const { return lines_; }
    /// Empty when the path is not there.
    [[nodiscard]] std::string at(const std::string& path) const {
        const auto found = by_path_.find(path);
        return found == by_path_.end() ? std::string() : found->second;
    }

    /// The names of the fields of the records, in their order.
    [[nodiscard]] const std::map<std::string, std::vector<std::string>>& records() const { return records_; }

  private:
    void add(const std::string& path, const Schema& schema, const std::string& suffix) {
        std::string line = text_of(schema) + suffix;
        by_path_.emplace(path, line);
        lines_.emplace_back(path, std::move(line));
        add_below(path, schema);
    }

    void add_below(const std::string& path, const Schema& schema) {
        if (schema.kind == Kind::record) {
            // A type that holds itself has been outlined by the path that led to it first.
            if (!open_.insert(&schema).second) return;
            std::vector<std::string>& names = records_[path];
            for (const Field& field : schema.fields) {
                names.push_back(field.name);
                add(path.empty() ? field.name : path + "." + field.name, *field.schema,
                    field.default_json ? " = " + *field.default_json : std::string());
            }
            open_.erase(&schema);
        } else if (schema.element != nullptr) {
            add(path + "[]", *schema.element, {});
        }
        for (const Schema* const branch : schema.branches) add_below(path, *branch);
    }

    static std::string text_of(const Schema& schema) {
        std::string text(to_string(schema.kind));
        if (schema.kind == Kind::union_) {
            text.clear();
            for (const Schema* const branch : schema.branches)
                text.append(text.empty() ? "" : "|").append(text_of(*branch));
            return text;
        }
        if (!schema.full_name.empty()) text.append(" ").append(schema.full_name);
        if (!schema.logical_type.empty()) text.append(" (").append(schema.logical_type).append(")");
        if (schema.kind == Kind::fixed) text.append(" of ").append(std::to_string(schema.size));
        for (const std::string& symbol : schema.symbols) text.append(" ").append(symbol);
        return text;
    }

    std::vector<std::pair<std::string, std::string>> lines_;
    std::map<std::string, std::string> by_path_;
    std::map<std::string, std::vector<std::string>> records_;
    std::set<const Schema*> open_;
};

std::string joined(const std::vector<std::string>& names) {
    std::string text = "order";
    for (const std::string& name : names) text.append(text == "order" ? " " : ", ").append(name);
    return text;
}

bool differ_in_order(std::vector<std::string> left, std::vector<std::string> right) {
    if (left == right) return false;
    std::sort(left.begin(), left.end());
    std::sort(right.begin(), right.end());
    return left == right;
}

}  // namespace

std::vector<SchemaDifference> differences(const Schema& before, const Schema& after) {
    const Outline old_outline(before);
    const Outline new_outline(after);
    std::vector<SchemaDifference> found;
    for (const auto& [path, line] : new_outline.lines())
        if (const std::string old_line = old_outline.at(path); old_line != line)
            found.push_back({path, old_line, line});
    for (const auto& [path, line] : old_outline.lines())
        if (new_outline.at(path).empty()) found.push_back({path, line, {}});
    for (const auto& [path, names] : new_outline.records())
        if (const auto old_names = old_outline.records().find(path);
            old_names != old_outline.records().end() && differ_in_order(old_names->second, names))
            found.push_back({path, joined(old_names->second), joined(names)});
    return found;
}

}  // namespace eventbus::avro
