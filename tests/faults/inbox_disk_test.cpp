#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bus_file.hpp"
#include "eventbus/bus/inbox.hpp"
#include "eventbus/bus/inbox_transaction.hpp"
#include "eventbus/event/error.hpp"
#include "mounts.hpp"
#include "scene.hpp"

namespace eventbus::faults {

namespace {

using testing::AnyOf;
using testing::HasSubstr;

std::shared_ptr<Inbox> inbox_at(const std::filesystem::path& path) {
    return make_inbox(InboxOptions{.path = path.string()});
}

TEST(InboxOnAFullDisk, KeepsEffectAndEntryTogetherAndGoesOnWhenThereIsRoom) {
    SmallDisk disk(std::size_t{2} << 20);
    const auto path = disk.directory() / "inbox.db";
    const auto inbox = inbox_at(path);
    const std::string large(20'000, 'x');
    const auto book = [&](InboxTransaction* in) {
        in->execute("CREATE TABLE IF NOT EXISTS effects(text TEXT)");
        in->execute("INSERT INTO effects VALUES(?)", {large});
    };
    std::int64_t booked = 0;
    std::optional<Uuid> refused;
    while (!refused && booked < 10'000) {
        const Uuid id = Uuid::make_v1();
        try {
            inbox->run_once({"g", "h", id}, InboxUse::transaction, book);
            ++booked;
        } catch (const StorageFull& error) {
            EXPECT_THAT(error.what(), HasSubstr(path.string()));
            EXPECT_THAT(error.what(), HasSubstr("free some disk space"));
            refused = id;
        }
    }
    ASSERT_TRUE(refused) << "the disk never gets full";
    EXPECT_GT(booked, 10);
    disk.make_room();
    EXPECT_TRUE(inbox->run_once({"g", "h", *refused}, InboxUse::transaction, book));
    std::int64_t effects = 0;
    std::int64_t entries = 0;
    inbox->run_once({"g", "reader", *refused}, InboxUse::transaction, [&](InboxTransaction* in) {
        in->query("SELECT count(*) FROM effects", {}, [&](const SqlRow& row) { effects = row.integer(0); });
        in->query("SELECT count(*) FROM eventbus_inbox", {},
                  [&](const SqlRow& row) { entries = row.integer(0); });
    });
    EXPECT_EQ(effects, booked + 1);
    EXPECT_EQ(entries, booked + 1);
}

TEST(InboxOnAFullDisk, AHandlerThatFinishedDoesNotRunAgain) {
    SmallDisk disk(std::size_t{2} << 20);
    const auto inbox = inbox_at(disk.directory() / "inbox.db");
    disk.fill();
    Uuid id;
    int calls = 0;
    const auto run = [&] {
        return inbox->run_once({"g", "h", id}, InboxUse::remember, [&](InboxTransaction*) { ++calls; });
    };
    // Entries take little room: some can be written still, and at last none.
    const auto run_until_full = [&] {
        for (int i = 0; i < 100'000; ++i) {
            id = Uuid::make_v1();
            run();
        }
    };
    EXPECT_TRUE(refusal_of(run_until_full).is_storage_full);
    const int called = calls;
    EXPECT_TRUE(refusal_of([&] { run(); }).is_storage_full);
    disk.make_room();
    EXPECT_FALSE(run());
    EXPECT_EQ(calls, called);
}

TEST(ReadOnlyInbox, IsRefused) {
    const Scene scene;
    const auto path = scene.directory() / "inbox.db";
    const Uuid id = Uuid::make_v1();
    inbox_at(path)->run_once({"g", "h", id}, InboxUse::remember, [](InboxTransaction*) {});
    {
        const ReadOnly sealed(path);
        const auto refusal = refusal_of([&] { static_cast<void>(inbox_at(path)); });
        EXPECT_FALSE(refusal.retriable) << refusal.text;
        EXPECT_THAT(refusal.text, HasSubstr(path.string()));
        EXPECT_THAT(refusal.text, AnyOf(HasSubstr("permissions"), HasSubstr("writable")));
    }
    EXPECT_FALSE(inbox_at(path)->run_once({"g", "h", id}, InboxUse::remember, [](InboxTransaction*) {}));
}

}  // namespace

}  // namespace eventbus::faults
