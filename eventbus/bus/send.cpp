#include "eventbus/bus/send.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

bool is_stored(const TopicResult& result) { return result.failure == nullptr; }

bool may_pass(const std::exception_ptr& cause) {
    try {
        std::rethrow_exception(cause);
    } catch (const BrokerError& error) {
        return error.retriable();
    } catch (...) {
        return false;
    }
}

bool is_retriable(const SendReport& report) {
    return std::ranges::all_of(report.topics, [](const TopicResult& result) {
        return is_stored(result) || may_pass(result.failure);
    });
}

std::string describe(const SendReport& report) {
    std::string text = report.metadata.event_type + " " + report.metadata.id.to_string() + " is not stored";
    const char* separator = ": ";
    for (const TopicResult& result : report.topics) {
        if (is_stored(result)) continue;
        text.append(separator).append("on topic ").append(result.topic.str());
        if (result.key) text.append(" with key ").append(quote(*result.key));
        text.append(": ").append(error_text(result.failure));
        separator = "; ";
    }
    return text;
}

}  // namespace

bool SendReport::stored() const { return std::ranges::all_of(topics, is_stored); }

SendFailed::SendFailed(SendReport report)
    : BrokerError(describe(report), is_retriable(report)),
      report_(std::make_shared<const SendReport>(std::move(report))),
      failure_(&*std::ranges::find_if_not(report_->topics, is_stored)) {}

}  // namespace eventbus
