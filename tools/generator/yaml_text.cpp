#include "yaml_text.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>

#include <sstream>
#include <string>

#include "eventbus/event/word_characters.hpp"

namespace eventbus::generator {

namespace {

constexpr std::size_t most_bytes = 1 << 20;

Place place_of(const YAML::Mark& mark) {
    return mark.is_null() ? Place{} : Place{mark.line + 1, mark.column + 1};
}

// Makes nothing of a document; aliases are reported.
class RefuseAliases final : public YAML::EventHandler {
  public:
    explicit RefuseAliases(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        diagnostics_.error(place_of(mark), "aliases are not read here; write out what it stands for");
    }
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

  private:
    Diagnostics& diagnostics_;
};

// YAML::Load reads the first document and is silent about what follows it.
void check_document(const std::string& text, Diagnostics& diagnostics) {
    std::istringstream in(text);
    YAML::Parser parser(in);
    RefuseAliases handler(diagnostics);
    if (parser.HandleNextDocument(handler) && parser.HandleNextDocument(handler))
        diagnostics.error({}, "the file must hold one YAML document and nothing after it");
}

}  // namespace

std::optional<YAML::Node> parse_yaml(std::string_view text, Diagnostics& diagnostics) {
    if (text.size() > most_bytes) {
        diagnostics.error({}, "the file is larger than 1 MiB");
        return std::nullopt;
    }
    // yaml-cpp would guess among encodings, and put marks in place of wrong bytes.
    if (const auto line = first_line_not_text(text)) {
        diagnostics.error({*line, 1}, "the file must be UTF-8 text");
        return std::nullopt;
    }
    try {
        const std::string copy(text);
        check_document(copy, diagnostics);
        if (diagnostics.has_errors()) return std::nullopt;
        return YAML::Load(copy);
    } catch (const YAML::DeepRecursion& error) {
        diagnostics.error(place_of(error.mark), "nested too deeply");
    } catch (const YAML::Exception& error) {
        diagnostics.error(place_of(error.mark), "not valid YAML: " + error.msg);
    }
    return std::nullopt;
}

}  // namespace eventbus::generator
