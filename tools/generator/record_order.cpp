#include "record_order.hpp"

#include <algorithm>
#include <map>

#include "eventbus/event/quote.hpp"

namespace eventbus::generator {

namespace {

constexpr std::size_t deepest = 64;
constexpr std::size_t most_fields = 10'000;

// Depth first: a record is placed after all that it uses; one that is met on its own way is within itself.
class RecordOrder {
  public:
    RecordOrder(const Subdomain& subdomain, Diagnostics& diagnostics)
        : subdomain_(subdomain), diagnostics_(diagnostics) {}

    std::vector<Record> run() {
        for (const Record& record : subdomain_.records) place(record, 1);
        for (const Event& event : subdomain_.events) {
            const Extent extent = extent_of(event.data);
            if (extent.fields > most_fields) refuse_size(event.place, event.constant);
            if (extent.depth > deepest) refuse_depth(event.place, event.constant);
        }
        return std::move(ordered_);
    }

  private:
    enum class State { being_placed, placed, refused };
    // Of a record with those within it.
    struct Extent {
        State state = State::being_placed;
        std::size_t depth = 0;
        std::size_t fields = 0;
    };

    // False when the record cannot be placed, which was then reported.
    bool place(const Record& record, std::size_t depth) {
        const auto [known, is_new] = extents_.emplace(record.name, Extent{});
        if (!is_new) {
            if (known->second.state == State::being_placed)
                diagnostics_.error(record.place,
                                   "the record " + quote(record.name) + " holds itself, which events cannot");
            return known->second.state == State::placed;
        }
        known->second = placed_extent(record, depth);
        if (known->second.state == State::placed) ordered_.push_back(record);
        return known->second.state == State::placed;
    }

    Extent placed_extent(const Record& record, std::size_t depth) {
        Extent extent;
        extent.state = State::refused;
        if (depth > deepest) {
            refuse_depth(record.place, record.name);
            return extent;
        }
        for (const Field& field : record.fields)
            if (const std::string* used = record_within(field.type))
                if (const Record* other = subdomain_.find(*used);
                    other != nullptr && !place(*other, depth + 1))
                    return extent;
        extent = extent_of(record.fields);
        if (extent.depth > deepest) refuse_depth(record.place, record.name);
        if (extent.fields > most_fields) refuse_size(record.place, record.name);
        const bool is_placed = extent.depth <= deepest && extent.fields <= most_fields;
        extent.state = is_placed ? State::placed : State::refused;
        return extent;
    }

    [[nodiscard]] Extent extent_of(const std::vector<Field>& fields) const {
        Extent extent;
        for (const Field& field : fields) {
            ++extent.fields;
            const std::string* used = record_within(field.type);
            const auto inner = used == nullptr ? extents_.end() : extents_.find(*used);
            if (inner == extents_.end()) continue;
            extent.depth = std::max(extent.depth, inner->second.depth);
            extent.fields = std::min(extent.fields + inner->second.fields, most_fields + 1);
        }
        ++extent.depth;
        return extent;
    }

    void refuse_depth(Place place, const std::string& name) {
        diagnostics_.error(place, quote(name) + " has records within each other more than " +
                                      std::to_string(deepest) + " deep");
    }

    void refuse_size(Place place, const std::string& name) {
        diagnostics_.error(place, quote(name) + " has more than " + std::to_string(most_fields) +
                                      " fields, with those of its records");
    }

    const Subdomain& subdomain_;
    Diagnostics& diagnostics_;
    std::map<std::string, Extent> extents_;
    std::vector<Record> ordered_;
};

}  // namespace

const std::string* record_within(const Type& type) {
    if (type.shape == Shape::record) return &type.name;
    return type.element ? record_within(*type.element) : nullptr;
}

void order_records(Subdomain& subdomain, Diagnostics& diagnostics) {
    std::vector<Record> ordered = RecordOrder(subdomain, diagnostics).run();
    if (!diagnostics.has_errors()) subdomain.records = std::move(ordered);
}

}  // namespace eventbus::generator
