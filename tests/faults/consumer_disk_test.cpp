#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

#include "bus_file.hpp"
#include "eventbus/bus/consumer.hpp"
#include "eventbus/bus/dead_letter_box.hpp"
#include "eventbus/catalogue/learning.hpp"
#include "eventbus/command/exit_code.hpp"
#include "eventbus/event/error.hpp"
#include "mounts.hpp"
#include "scene.hpp"

namespace eventbus::faults {

namespace {

using learning::SESSION_LOGIN_COMPLETED;
using learning::SessionLoginCompleted;
using testing::HasSubstr;

constexpr std::int64_t events = 60;

/// A service on a bus in a file, of which every third event is refused by its handler.
class FailingService {
  public:
    explicit FailingService(std::filesystem::path path, std::size_t workers)
        : path_(std::move(path)), workers_(workers) {
        const auto bus = make_bus();
        for (std::int64_t i = 0; i < events; ++i)
            bus->send(SESSION_LOGIN_COMPLETED,
                      {{.id = i, .is_active = true, .pii = {"key" + std::to_string(i % 7), "a@b", {}}}});
    }

    /// `before_refusal` happens once, before the first event is refused.
    void consume(const std::function<void()>& before_refusal) {
        const auto bus = make_bus();
        std::once_flag once;
        bus->connect(SESSION_LOGIN_COMPLETED, "mail", [&](const SessionLoginCompleted& data) {
            if (data.user.id % 3 == 0) {
                std::call_once(once, before_refusal);
                throw Reject("every third is refused");
            }
            const std::lock_guard lock(mutex_);
            handled_.insert(data.user.id);
        });
        Consumer(*bus, {.topics = {"logins"},
                        .group = "group",
                        .until_idle = std::chrono::milliseconds(300),
                        .workers = workers_})
            .run();
    }

    /// What ends the consumer when this happens before the first refusal.
    std::string failure_of(const std::function<void()>& before_refusal, ExitCode code) {
        try {
            consume(before_refusal);
        } catch (const std::exception& error) {
            EXPECT_EQ(exit_code_of(error), code) << error.what();
            return error.what();
        }
        ADD_FAILURE() << "the consumer goes on";
        return {};
    }

    [[nodiscard]] std::set<std::int64_t> letters() const {
        std::set<std::int64_t> ids;
        DeadLetterBox box(make_bus()->consumer_broker(), TopicName("logins"), GroupName("group"));
        static_cast<void>(box.for_each({}, [&](const OpenLetter& letter) {
            ids.insert(SESSION_LOGIN_COMPLETED.decode(letter.letter.event.payload).user.id);
            return true;
        }));
        return ids;
    }
    [[nodiscard]] const std::set<std::int64_t>& handled() const { return handled_; }

    [[nodiscard]] std::uint64_t lag() const {
        std::uint64_t lag = 0;
        for (const GroupInfo& group : make_bus()->consumer_broker()->admin()->groups(TopicName("logins")))
            for (const auto& partition : group.partitions) lag += partition.lag;
        return lag;
    }

    void expect_that_all_are_handled_or_letters() const {
        for (std::int64_t i = 0; i < events; ++i) EXPECT_EQ(handled().contains(i), i % 3 != 0) << i;
        const auto kept = letters();
        for (std::int64_t i = 0; i < events; ++i) EXPECT_EQ(kept.contains(i), i % 3 == 0) << i;
        EXPECT_EQ(lag(), 0U);
    }

  private:
    [[nodiscard]] std::unique_ptr<Bus> make_bus() const {
        std::vector<std::string> warnings;
        BusOptions options;
        options.settings =
            Settings::load({{"EVENT_BUS_PRODUCER", "embedded"},
                            {"EVENT_BUS_CONSUMER", "embedded"},
                            {"EVENT_BUS_EMBEDDED_PATH", path_.string()},
                            {"EVENT_BUS_EMBEDDED_PARTITIONS", "1"},
                            {"EVENT_BUS_PRODUCER_CONFIG",
                             R"({"org.openedx.learning.auth.session.login.completed.v1": {"logins": )"
                             R"({"event_key_field": "user.pii.username", "enabled": true}}})"}},
                           warnings);
        return std::make_unique<Bus>(std::move(options));
    }

    std::filesystem::path path_;
    std::size_t workers_;
    std::mutex mutex_;
    std::set<std::int64_t> handled_;
};

class ConsumerDisk : public testing::TestWithParam<std::size_t> {};

TEST_P(ConsumerDisk, WithoutRoomForALetterItEndsAndNothingIsLost) {
    SmallDisk disk(std::size_t{2} << 20);
    FailingService service(disk.directory() / "events.db", GetParam());
    const std::string text = service.failure_of([&] { disk.fill(); }, ExitCode::storage_full);
    EXPECT_THAT(text, HasSubstr("dead-letter topic logins.dead-letters.group"));
    EXPECT_THAT(text, HasSubstr("not acknowledged"));
    EXPECT_THAT(text, HasSubstr("free some disk space"));
    disk.make_room();
    // The first event is the first that is refused, and the position does not pass it.
    EXPECT_EQ(service.lag(), static_cast<std::uint64_t>(events));
    EXPECT_EQ(service.letters().size(), 0U);
    service.consume([] {});
    service.expect_that_all_are_handled_or_letters();
}

TEST_P(ConsumerDisk, ThatIsReadOnlyForAWhileEndsItAndNothingIsLost) {
    const Scene scene;
    FailingService service(scene.bus(), GetParam());
    std::optional<ReadOnly> sealed;
    const std::string text = service.failure_of([&] { sealed.emplace(scene.bus()); }, ExitCode::broker);
    EXPECT_THAT(text, HasSubstr("not acknowledged"));
    EXPECT_THAT(text, HasSubstr(scene.bus().string()));
    sealed.reset();
    EXPECT_EQ(service.lag(), static_cast<std::uint64_t>(events));
    service.consume([] {});
    service.expect_that_all_are_handled_or_letters();
}

INSTANTIATE_TEST_SUITE_P(Workers, ConsumerDisk, testing::Values(1, 4),
                         [](const auto& workers) { return "With" + std::to_string(workers.param); });

}  // namespace

}  // namespace eventbus::faults
