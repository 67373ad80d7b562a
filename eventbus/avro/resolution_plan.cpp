#include "eventbus/avro/resolution_plan.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "eventbus/avro/limits.hpp"
#include "eventbus/avro/schema_names.hpp"

namespace eventbus::avro {
namespace {

using Action = ResolutionNode::Action;

constexpr std::size_t max_problems = 100;
/// Pairs of types: schemas can be made of which each type meets each.
constexpr std::size_t max_pairs = 50'000;

bool is_named(const Schema& schema) { return !schema.full_name.empty(); }

/// By the names without namespaces, or an alias of the reader's.
bool names_match(const Schema& writer, const Schema& reader) {
    const std::string_view name = unqualified(writer.full_name);
    return name == unqualified(reader.full_name) ||
           std::any_of(reader.aliases.begin(), reader.aliases.end(),
                       [name](const std::string& alias) { return unqualified(alias) == name; });
}

/// What happens to values of a scalar type; nothing when the types do not match.
std::optional<Action> scalar_action(Kind writer, Kind reader) {
    const bool is_integer = writer == Kind::int_ || writer == Kind::long_;
    if (writer == reader) return Action::copy;
    if (writer == Kind::int_ && reader == Kind::long_) return Action::copy;
    if (is_integer && reader == Kind::float_) return Action::integer_to_float;
    if (is_integer && reader == Kind::double_) return Action::integer_to_double;
    if (writer == Kind::float_ && reader == Kind::double_) return Action::float_to_double;
    if (writer == Kind::string && reader == Kind::bytes) return Action::copy;
    if (writer == Kind::bytes && reader == Kind::string) return Action::bytes_to_string;
    return std::nullopt;
}

bool is_scalar(Kind kind) { return kind <= Kind::string; }

enum class Match { none, promotion, name, exact };

/// By the outermost layer: what lies within is resolved with the branch that is chosen.
Match match(const Schema& writer, const Schema& reader) {
    if (writer.kind != reader.kind) {
        const bool promoted =
            is_scalar(writer.kind) && is_scalar(reader.kind) && scalar_action(writer.kind, reader.kind);
        return promoted ? Match::promotion : Match::none;
    }
    if (!is_named(writer)) return Match::exact;
    if (writer.kind == Kind::fixed && writer.size != reader.size) return Match::none;
    if (writer.full_name == reader.full_name) return Match::exact;
    return names_match(writer, reader) ? Match::name : Match::none;
}

std::string located(const std::string& path, const std::string& problem) {
    return path.empty() ? problem : path + ": " + problem;
}

using FieldIndexes = std::unordered_map<std::string_view, std::size_t>;

FieldIndexes field_indexes(const Schema& record) {
    FieldIndexes indexes;
    for (const Field& field : record.fields) indexes.emplace(field.name, indexes.size());
    return indexes;
}

/// The writer's field for one of the reader: by its name, else by an alias that is no other field's name.
std::size_t writer_field(const FieldIndexes& writer, const FieldIndexes& reader, const Field& field) {
    if (const auto found = writer.find(field.name); found != writer.end()) return found->second;
    for (const std::string& alias : field.aliases) {
        const auto found = writer.find(alias);
        if (found != writer.end() && !reader.contains(alias)) return found->second;
    }
    return ResolutionNode::none;
}

/// By what the node itself does, its children taken to be identities.
bool may_be_identity(const ResolutionNode& node) {
    switch (node.action) {
        case Action::copy:
        case Action::array:
        case Action::map:
            return true;
        case Action::enumeration:
            for (std::size_t i = 0; i < node.indexes.size(); ++i) {
                if (node.indexes[i] != i) return false;
            }
            return true;
        case Action::record:
            return node.in_order && node.indexes.size() == node.writer->fields.size() &&
                   std::find(node.indexes.begin(), node.indexes.end(), ResolutionNode::none) ==
                       node.indexes.end();
        case Action::writer_union:
            return node.reader->kind == Kind::union_;
        default:
            return false;
    }
}

bool are_children_identities(const ResolutionNode& node) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        const ResolutionNode* child = node.children[i];
        if (node.action == Action::writer_union) {
            // The same branch, and within it the same.
            if (child->action != Action::reader_union || child->branch != i) return false;
            child = child->children.front();
        }
        if (!child->is_identity) return false;
    }
    return true;
}

}  // namespace

std::string without_symbol(const Schema& enumeration, const std::string& symbol) {
    return "the reader's " + enumeration.full_name + " has no symbol " + symbol + " and no default";
}

ResolutionPlan::ResolutionPlan(const Schema& writer, const Schema& reader)
    : root_(&resolve(writer, reader, "", 0)) {
    find_identities();
}

ResolutionNode& ResolutionPlan::resolve(const Schema& writer, const Schema& reader, const std::string& path,
                                        std::size_t depth) {
    const auto [entry, is_new] = by_pair_.try_emplace(std::pair(&writer, &reader), nullptr);
    if (!is_new) return *entry->second;
    ResolutionNode& node = nodes_.emplace_back();
    entry->second = &node;
    node.writer = &writer;
    node.reader = &reader;
    // Until it turns out otherwise a pair can be resolved: so may a recursive type that is met again on the
    // way.
    node.action = Action::copy;
    if (depth > 2 * max_depth || nodes_.size() > max_pairs) {
        fail(node, path, "the schemas are too large or nested too deep to be compared");
    } else {
        fill(node, path, depth + 1);
    }
    return node;
}

void ResolutionPlan::fill(ResolutionNode& node, const std::string& path, std::size_t depth) {
    const Kind writer = node.writer->kind;
    const Kind reader = node.reader->kind;
    if (writer == Kind::union_) return fill_from_writer_union(node, path, depth);
    if (reader == Kind::union_) return fill_into_reader_union(node, path, depth);
    if (match(*node.writer, *node.reader) == Match::none) {
        return fail(node, path,
                    "the writer's " + std::string(node.writer->name()) + " cannot be read as " +
                        std::string(node.reader->name()));
    }
    if (writer == Kind::record) return fill_record(node, path, depth);
    if (writer == Kind::enumeration) return fill_enumeration(node, path);
    if (writer == Kind::array || writer == Kind::map) return fill_container(node, path, depth);
    node.action = scalar_action(writer, reader).value_or(Action::copy);
}

void ResolutionPlan::fill_from_writer_union(ResolutionNode& node, const std::string& path,
                                            std::size_t depth) {
    node.action = Action::writer_union;
    bool any = false;
    for (const Schema* branch : node.writer->branches) {
        const ResolutionNode& child = resolve(*branch, *node.reader, path, depth);
        any = any || child.action != Action::fail;
        node.children.push_back(&child);
    }
    if (!any) {
        node.action = Action::fail;
        node.reason = "no branch of the writer's union can be read as " + std::string(node.reader->name());
    }
}

void ResolutionPlan::fill_into_reader_union(ResolutionNode& node, const std::string& path,
                                            std::size_t depth) {
    auto best = Match::none;
    const auto& branches = node.reader->branches;
    for (std::size_t i = 0; i < branches.size(); ++i) {
        const Match found = match(*node.writer, *branches[i]);
        if (found <= best) continue;
        best = found;
        node.branch = i;
    }
    if (best == Match::none) {
        return fail(
            node, path,
            "the writer's " + std::string(node.writer->name()) + " is no branch of the reader's union");
    }
    const ResolutionNode& child = resolve(*node.writer, *branches[node.branch], path, depth);
    node.action = child.action == Action::fail ? Action::fail : Action::reader_union;
    node.reason = child.reason;
    node.children.push_back(&child);
}

void ResolutionPlan::fill_enumeration(ResolutionNode& node, const std::string& path) {
    node.action = Action::enumeration;
    const auto& symbols = node.reader->symbols;
    const auto index_of = [&symbols](const std::string& symbol) {
        const auto found = std::find(symbols.begin(), symbols.end(), symbol);
        return found == symbols.end() ? ResolutionNode::none
                                      : static_cast<std::size_t>(found - symbols.begin());
    };
    const auto& fallback = node.reader->default_symbol;
    for (const std::string& symbol : node.writer->symbols) {
        std::size_t index = index_of(symbol);
        if (index == ResolutionNode::none && fallback) index = index_of(*fallback);
        if (index == ResolutionNode::none && problems_.size() < max_problems) {
            problems_.push_back(located(path, without_symbol(*node.reader, symbol)));
        }
        node.indexes.push_back(index);
    }
}

void ResolutionPlan::fill_container(ResolutionNode& node, const std::string& path, std::size_t depth) {
    const ResolutionNode& child = resolve(*node.writer->element, *node.reader->element, path + "[]", depth);
    node.action = node.writer->kind == Kind::array ? Action::array : Action::map;
    if (child.action == Action::fail) node.action = Action::fail;
    node.reason = child.reason;
    node.children.push_back(&child);
}

void ResolutionPlan::fill_record(ResolutionNode& node, const std::string& path, std::size_t depth) {
    node.action = Action::record;
    node.in_order = true;
    const FieldIndexes writer_fields = field_indexes(*node.writer);
    const FieldIndexes reader_fields = field_indexes(*node.reader);
    std::size_t next = 0;
    for (const Field& field : node.reader->fields) {
        std::string field_path = path;
        field_path.append(path.empty() ? "" : ".").append(field.name);
        const std::size_t index = writer_field(writer_fields, reader_fields, field);
        const ResolutionNode* child = nullptr;
        if (index != ResolutionNode::none) {
            child = &resolve(*node.writer->fields[index].schema, *field.schema, field_path, depth);
            if (child->action == Action::fail) {
                node.action = Action::fail;
                node.reason = child->reason;
            }
            node.in_order = node.in_order && index >= next;
            next = index + 1;
        } else if (!field.default_json) {
            fail(node, field_path,
                 "the writer does not have the field, and the reader has no default for it");
        }
        node.indexes.push_back(index);
        node.children.push_back(child);
    }
}

void ResolutionPlan::fail(ResolutionNode& node, const std::string& path, const std::string& reason) {
    node.action = Action::fail;
    node.reason = located(path, reason);
    if (problems_.size() < max_problems) problems_.push_back(node.reason);
}

void ResolutionPlan::find_identities() {
    for (ResolutionNode& node : nodes_) node.is_identity = may_be_identity(node);
    for (bool changed = true; changed;) {
        changed = false;
        std::for_each(nodes_.rbegin(), nodes_.rend(), [&changed](ResolutionNode& node) {
            if (!node.is_identity || are_children_identities(node)) return;
            node.is_identity = false;
            changed = true;
        });
    }
}

}  // namespace eventbus::avro
