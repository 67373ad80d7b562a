#include "tests/servers/schema_registry_server.hpp"

#include <curl/curl.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <thread>

#include "tests/servers/java.hpp"

namespace eventbus::servers {

namespace {

constexpr std::chrono::seconds patience{60};

}  // namespace

SchemaRegistryServer::SchemaRegistryServer() : port_(free_port()) { start(); }

std::string SchemaRegistryServer::url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/apis/ccompat/v7";
}

bool SchemaRegistryServer::answers() const {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> request(curl_easy_init(), curl_easy_cleanup);
    curl_easy_setopt(request.get(), CURLOPT_URL, (url() + "/subjects").c_str());
    curl_easy_setopt(request.get(), CURLOPT_NOBODY, 0L);
    curl_easy_setopt(request.get(), CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(request.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(request.get(), CURLOPT_TIMEOUT_MS, 2000L);
    curl_easy_setopt(
        request.get(), CURLOPT_WRITEFUNCTION,
        +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
    return curl_easy_perform(request.get()) == CURLE_OK;
}

void SchemaRegistryServer::start() {
    process_.start(java::registry(port_), directory_.path() / "log");
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!answers()) {
        if (!process_.runs() || std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("the schema registry does not start; its log is in " +
                                     directory_.path().string());
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

void SchemaRegistryServer::kill() { process_.end(SIGKILL); }

void SchemaRegistryServer::pause() const { process_.signal(SIGSTOP); }

void SchemaRegistryServer::resume() const { process_.signal(SIGCONT); }

}  // namespace eventbus::servers
