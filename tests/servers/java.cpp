#include "tests/servers/java.hpp"

#include <stdexcept>

namespace eventbus::servers::java {

namespace {

std::filesystem::path servers() {
    const std::filesystem::path directory = EVENTBUS_KAFKA;
    if (!std::filesystem::exists(directory / "complete"))
        throw std::runtime_error(
            "there are no Kafka servers: configure with -DEVENTBUS_KAFKA=$(tools/kafka_servers.sh "
            "build/kafka)");
    return directory;
}

std::vector<std::string> command(std::initializer_list<std::string> more) {
    std::vector<std::string> words{"java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                                   "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"};
    words.insert(words.end(), more);
    return words;
}

std::string class_path() { return (servers() / "broker" / "*").string(); }

}  // namespace

std::vector<std::string> broker(const std::filesystem::path& directory) {
    return command({"-cp", class_path(), "kafka.Kafka", directory / "server.properties"});
}

std::vector<std::string> format(const std::filesystem::path& directory, std::string_view cluster,
                                std::string_view user, std::string_view password) {
    std::vector<std::string> words = command({"-cp", class_path(), "kafka.tools.StorageTool", "format", "-t",
                                              std::string(cluster), "-c", directory / "server.properties"});
    if (user.empty()) return words;
    for (const std::string mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-512"}) {
        words.emplace_back("--add-scram");
        words.push_back(mechanism + "=[name=" + std::string(user) + ",password=" + std::string(password) +
                        "]");
    }
    return words;
}

std::vector<std::string> registry(std::uint16_t port) {
    for (const auto& file : std::filesystem::directory_iterator(servers() / "registry"))
        if (file.path().string().ends_with("-runner.jar"))
            return command({"-Dquarkus.http.host=127.0.0.1", "-Dquarkus.http.port=" + std::to_string(port),
                            "-jar", file.path()});
    throw std::runtime_error("there is no registry in " + servers().string());
}

}  // namespace eventbus::servers::java
