#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/avro/schema.hpp"

namespace eventbus::avro {

/// How values of one type of the writer become values of one type of the reader. Recursive types are cycles.
struct ResolutionNode {
    enum class Action {
        copy,  // the same bytes
        integer_to_float,
        integer_to_double,
        float_to_double,
        bytes_to_string,  // the same bytes if they are UTF-8
        enumeration,
        array,
        map,
        record,
        writer_union,  // by the writer's branch
        reader_union,  // into a branch of the reader
        fail,
    };
    static constexpr std::size_t none = SIZE_MAX;

    Action action = Action::fail;
    const Schema* writer = nullptr;
    const Schema* reader = nullptr;
    /// The writer's bytes are the reader's.
    bool is_identity = false;
    /// array, map, reader_union: one; writer_union: by the writer's branch; record: by the reader's field,
    /// null for a default.
    std::vector<const ResolutionNode*> children;
    /// enumeration: by the writer's symbol the reader's, or none. record: by the reader's field the writer's,
    /// or none.
    std::vector<std::size_t> indexes;
    /// reader_union: the reader's branch.
    std::size_t branch = 0;
    /// record: the reader has the writer's fields in the writer's order, so that one pass suffices.
    bool in_order = false;
    /// fail: why.
    std::string reason;
};

/// What is said of a symbol of the writer's that the reader can do nothing with.
[[nodiscard]] std::string without_symbol(const Schema& enumeration, const std::string& symbol);

/// The nodes for a pair of schemas, and what in it cannot, or cannot always, be resolved.
class ResolutionPlan {
  public:
    ResolutionPlan(const Schema& writer, const Schema& reader);
    ~ResolutionPlan() = default;
    ResolutionPlan(ResolutionPlan&&) = default;
    ResolutionPlan& operator=(ResolutionPlan&&) = default;
    ResolutionPlan(const ResolutionPlan&) = delete;
    ResolutionPlan& operator=(const ResolutionPlan&) = delete;

    [[nodiscard]] const ResolutionNode& root() const { return *root_; }
    /// A sentence each, with the path in the reader's schema.
    [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

  private:
    ResolutionNode& resolve(const Schema& writer, const Schema& reader, const std::string& path,
                            std::size_t depth);
    void fill(ResolutionNode& node, const std::string& path, std::size_t depth);
    void fill_from_writer_union(ResolutionNode& node, const std::string& path, std::size_t depth);
    void fill_into_reader_union(ResolutionNode& node, const std::string& path, std::size_t depth);
    void fill_enumeration(ResolutionNode& node, const std::string& path);
    void fill_container(ResolutionNode& node, const std::string& path, std::size_t depth);
    void fill_record(ResolutionNode& node, const std::string& path, std::size_t depth);
    void fail(ResolutionNode& node, const std::string& path, const std::string& reason);
    void find_identities();

    std::deque<ResolutionNode> nodes_;
    std::map<std::pair<const Schema*, const Schema*>, ResolutionNode*> by_pair_;
    std::vector<std::string> problems_;
    const ResolutionNode* root_;
};

}  // namespace eventbus::avro
