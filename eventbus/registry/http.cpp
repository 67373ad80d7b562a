#include "eventbus/registry/http.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <new>
#include <thread>
#include <utility>

namespace eventbus::registry {

namespace {

/// A schema is at most 1 MiB; the answer has it escaped, and a proxy's error page is as long as it likes.
constexpr std::size_t longest_answer = std::size_t{8} << 20;
constexpr std::chrono::milliseconds first_pause{100};
constexpr long too_many_requests = 429;
constexpr long server_error = 500;

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

std::size_t take(const char* data, std::size_t size, std::size_t count, void* target) {
    auto& body = *static_cast<std::string*>(target);
    const std::size_t bytes = size * count;
    if (body.size() + bytes > longest_answer) return 0;
    body.append(data, bytes);
    return bytes;
}

bool may_pass(long status) { return status == too_many_requests || status >= server_error; }

}  // namespace

std::string without_password(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t at = url.substr(0, url.find('/', begin)).rfind('@');
    if (at == std::string_view::npos) return std::string(url);
    return std::string(url.substr(0, begin)).append(url.substr(at + 1));
}

struct Http::Handle {
    Handle() : curl(curl_easy_init()) {
        if (curl == nullptr) throw BrokerError("libcurl cannot be used", false);
    }
    ~Handle() { curl_easy_cleanup(curl); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    template <class Value>
    void set(CURLoption option, Value value) {
        curl_easy_setopt(curl, option, value);
    }
    void set_text(CURLoption option, const std::string& value) {
        if (!value.empty()) set(option, value.c_str());
    }

    CURL* curl;
};

Http::Http(const RegistryOptions& options, const LogSink& log) : options_(options), log_(log) {
    if (options_.urls.empty())
        throw SettingsError(
            "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL must be set for the Kafka backend: https://host:8081");
}

Http::~Http() = default;

void Http::abandon() noexcept { static_cast<void>(handle_.release()); }

HttpAnswer Http::get(const std::string& path) { return ask(path, nullptr); }

HttpAnswer Http::post(const std::string& path, const std::string& json) { return ask(path, &json); }

std::string Http::escaped(std::string_view text) {
    const std::unique_ptr<char, decltype(&curl_free)> escaped(
        curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), curl_free);
    if (!escaped) throw std::bad_alloc();
    return escaped.get();
}

HttpAnswer Http::ask(const std::string& path, const std::string* json) {
    std::string problem;
    auto pause = first_pause;
    for (int attempt = 0; attempt < std::max(1, options_.tries); ++attempt) {
        if (attempt > 0) std::this_thread::sleep_for(std::exchange(pause, 2 * pause));
        for (std::size_t i = 0; i < options_.urls.size(); ++i) {
            const std::size_t index = (preferred_ + i) % options_.urls.size();
            const std::string& base = options_.urls[index];
            try {
                HttpAnswer answer =
                    ask_one((base.ends_with('/') ? base.substr(0, base.size() - 1) : base) + path, json);
                if (!may_pass(answer.status)) {
                    preferred_ = index;
                    return answer;
                }
                problem = without_password(base) + " answers with status " + std::to_string(answer.status);
            } catch (const BrokerError& error) {
                problem = without_password(base) + ": " + error.what();
            }
            if (log_) log_(LogLevel::warning, "the schema registry does not answer: " + problem);
        }
    }
    throw BrokerError("no schema registry answers: " + problem, true);
}

HttpAnswer Http::ask_one(const std::string& url, const std::string* json) {
    if (!handle_) handle_ = std::make_unique<Handle>();
    Handle& handle = *handle_;
    HttpAnswer answer;
    std::array<char, CURL_ERROR_SIZE> error{};
    HeaderList headers(
        curl_slist_append(nullptr, "Accept: application/vnd.schemaregistry.v1+json, application/json"));
    curl_easy_reset(handle.curl);
    handle.set(CURLOPT_URL, url.c_str());
    handle.set(CURLOPT_PROTOCOLS_STR, "http,https");
    handle.set(CURLOPT_NOSIGNAL, 1L);
    handle.set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    handle.set(CURLOPT_ERRORBUFFER, error.data());
    handle.set(CURLOPT_WRITEFUNCTION, take);
    handle.set(CURLOPT_WRITEDATA, &answer.body);
    if (!options_.user.empty()) {
        handle.set(CURLOPT_USERNAME, options_.user.c_str());
        handle.set(CURLOPT_PASSWORD, options_.password.c_str());
    }
    handle.set_text(CURLOPT_CAINFO, options_.ca_file);
    handle.set_text(CURLOPT_SSLCERT, options_.certificate_file);
    handle.set_text(CURLOPT_SSLKEY, options_.key_file);
    handle.set_text(CURLOPT_KEYPASSWD, options_.key_password);
    if (json != nullptr) {
        curl_slist_append(headers.get(), "Content-Type: application/vnd.schemaregistry.v1+json");
        handle.set(CURLOPT_POST, 1L);
        handle.set(CURLOPT_POSTFIELDS, json->c_str());
        handle.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json->size()));
    }
    handle.set(CURLOPT_HTTPHEADER, headers.get());
    const CURLcode result = curl_easy_perform(handle.curl);
    if (result == CURLE_WRITE_ERROR) throw BrokerError("its answer is longer than 8 MiB", true);
    if (result != CURLE_OK)
        throw BrokerError(error.front() == '\0' ? curl_easy_strerror(result) : error.data(), true);
    curl_easy_getinfo(handle.curl, CURLINFO_RESPONSE_CODE, &answer.status);
    return answer;
}

}  // namespace eventbus::registry
