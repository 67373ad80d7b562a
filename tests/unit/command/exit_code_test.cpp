#include "eventbus/command/exit_code.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

#include "eventbus/bus/error_streak.hpp"
#include "eventbus/bus/send.hpp"
#include "eventbus/command/output.hpp"

namespace eventbus {
namespace {

SendFailed send_failed(std::exception_ptr cause) {
    SendReport report;
    report.topics.push_back({TopicName("t"), std::nullopt, {}, std::move(cause)});
    return SendFailed(std::move(report));
}

TEST(ExitCodeOf, TellsSortsOfErrorsApart) {
    EXPECT_EQ(exit_code_of(SettingsError("x")), ExitCode::settings);
    EXPECT_EQ(exit_code_of(InvalidValue("x")), ExitCode::bad_input);
    EXPECT_EQ(exit_code_of(DecodeError("x")), ExitCode::bad_input);
    EXPECT_EQ(exit_code_of(BrokerError("x", true)), ExitCode::broker);
    EXPECT_EQ(exit_code_of(NotFound("x")), ExitCode::not_found);
    EXPECT_EQ(exit_code_of(StorageFull("x")), ExitCode::storage_full);
    EXPECT_EQ(exit_code_of(OutputError("x", false)), ExitCode::output);
    EXPECT_EQ(exit_code_of(CommandError(ExitCode::overdue, "x")), ExitCode::overdue);
    EXPECT_EQ(exit_code_of(TooManyErrors("x")), ExitCode::too_many_errors);
    EXPECT_EQ(exit_code_of(std::runtime_error("x")), ExitCode::unexpected);
}

TEST(ExitCodeOf, OfAFailedSendIsThatOfItsCause) {
    EXPECT_EQ(exit_code_of(send_failed(std::make_exception_ptr(StorageFull("x")))), ExitCode::storage_full);
    EXPECT_EQ(exit_code_of(send_failed(std::make_exception_ptr(BrokerError("x", true)))), ExitCode::broker);
    EXPECT_EQ(exit_code_of(send_failed(std::make_exception_ptr(std::runtime_error("x")))), ExitCode::broker);
    EXPECT_EQ(exit_code_of(send_failed(std::make_exception_ptr(5))), ExitCode::broker);
}

TEST(ExitCodeOf, ASignalIsThatOfShells) { EXPECT_EQ(static_cast<int>(exit_code_of_signal(15)), 143); }

}  // namespace
}  // namespace eventbus
