#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cpp_writer.hpp"
#include "yaml_reader.hpp"

namespace {

constexpr int yaml_has_errors = 1;
constexpr int wrong_usage = 2;
constexpr int cannot_write = 3;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

// An output that would stay the same is left alone, so that nothing is built again for it.
bool write_file(const std::filesystem::path& path, const std::string& text) {
    std::error_code error;
    if (std::filesystem::exists(path, error) && read_file(path) == text) return true;
    std::filesystem::create_directories(path.parent_path(), error);
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    return !out.fail();
}

}  // namespace

int main(int argc, char** argv) {
    using namespace eventbus::generator;
    CLI::App app{"Makes C++ structs, Avro schemas and codecs from event definitions in YAML."};
    app.footer(
        "Example:\n  eventbus-generate kettle.yaml --header out/kettle.hpp --source out/kettle.cpp\n\n"
        "Exit codes: 0 done, 1 the YAML has errors, 2 wrong usage, 3 an output cannot be written.");
    std::filesystem::path yaml;
    std::filesystem::path header;
    std::filesystem::path source;
    std::string include;
    app.add_option("yaml", yaml, "The file with the definitions")->required()->check(CLI::ExistingFile);
    app.add_option("--header", header, "The header to write")->required();
    app.add_option("--source", source, "The source to write")->required();
    app.add_option("--include", include,
                   "How the source includes the header (default: the header's file name)");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : wrong_usage;
    }
    if (include.empty()) include = header.filename().string();

    Diagnostics diagnostics(yaml.string());
    const auto subdomain = read_yaml(read_file(yaml), diagnostics);
    if (!subdomain) {
        for (const std::string& line : diagnostics.lines()) std::cerr << line << '\n';
        return yaml_has_errors;
    }
    const std::string name = yaml.filename().string();
    for (const auto& [path, text] : {std::pair{header, cpp_header(*subdomain, name)},
                                     std::pair{source, cpp_source(*subdomain, name, include)}}) {
        if (write_file(path, text)) continue;
        std::cerr << "eventbus-generate: error: cannot write " << path.string() << '\n';
        return cannot_write;
    }
    return 0;
}
