#include "eventbus/bus/send.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/bus/json_string.hpp"
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

bool is_retriable(const std::vector<SendReport>& reports) {
    return std::ranges::all_of(reports, [](const SendReport& report) {
        return std::ranges::all_of(report.topics, [](const TopicResult& result) {
            return is_stored(result) || may_pass(result.failure);
        });
    });
}

const SendReport& first_failure(const std::vector<SendReport>& reports) {
    return *std::ranges::find_if_not(reports, &SendReport::stored);
}

std::string describe(const SendReport& report) {
    std::string text = report.metadata.event_type + " " + report.metadata.id.to_string() + " is not stored";
    const char* separator = ": ";
    for (const TopicResult& result : report.topics) {
        if (is_stored(result)) continue;
        text.append(separator).append("on topic ").append(result.topic.str());
        if (result.key) text.append(" with key ").append(quote(*result.key));
        text.append(": ").append(one_line(error_text(result.failure)));
        separator = "; ";
    }
    return text;
}

std::string describe(const std::vector<SendReport>& reports) {
    std::string text = describe(first_failure(reports));
    const auto failed =
        reports.size() - static_cast<std::size_t>(std::ranges::count_if(reports, &SendReport::stored));
    if (failed > 1)
        text += "; and " + std::to_string(failed - 1) + " more of the " + std::to_string(reports.size()) +
                " events that were sent together are not stored";
    return text;
}

std::vector<SendReport> alone(SendReport report) {
    std::vector<SendReport> reports;
    reports.push_back(std::move(report));
    return reports;
}

}  // namespace

bool SendReport::stored() const { return std::ranges::all_of(topics, is_stored); }

SendFailed::SendFailed(SendReport report) : SendFailed(alone(std::move(report))) {}

SendFailed::SendFailed(std::vector<SendReport> reports)
    : BrokerError(describe(reports), is_retriable(reports)),
      reports_(std::make_shared<const std::vector<SendReport>>(std::move(reports))),
      report_(&first_failure(*reports_)),
      failure_(&*std::ranges::find_if_not(report_->topics, is_stored)) {}

}  // namespace eventbus
