#include "eventbus/bus/inbox.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "child.hpp"
#include "database_lock.hpp"
#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/bus/inbox_transaction.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto remember = InboxUse::remember;
constexpr auto transaction = InboxUse::transaction;

/// What another program sees in a database: one number.
std::int64_t number_in(const std::string& path, const std::string& sql) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection(opened, sqlite3_close);
    if (code != SQLITE_OK) throw std::runtime_error("cannot open " + path);
    sqlite3_busy_timeout(opened, 10'000);
    std::int64_t number = 0;
    const auto read = [](void* to, int, char** columns, char**) {
        *static_cast<std::int64_t*>(to) = std::stoll(columns[0]);
        return 0;
    };
    if (sqlite3_exec(opened, sql.c_str(), read, &number, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(opened));
    return number;
}

class InboxTest : public BusTest {
  protected:
    [[nodiscard]] std::string path() const { return directory_.file("state/inbox.db"); }
    [[nodiscard]] std::shared_ptr<Inbox> inbox(InboxOptions options = {}) const {
        options.path = path();
        return make_inbox(std::move(options));
    }
    [[nodiscard]] std::int64_t entries() const {
        return number_in(path(), "SELECT count(*) FROM eventbus_inbox");
    }
    [[nodiscard]] std::int64_t bookings() const { return number_in(path(), "SELECT count(*) FROM bookings"); }
    void make_bookings() const {
        static_cast<void>(inbox());
        number_in(path(), "CREATE TABLE bookings(event TEXT, amount INTEGER)");
    }

    static void book(InboxTransaction& in, std::string_view event) {
        in.execute("INSERT INTO bookings VALUES(?, ?)", {event, 7});
    }

    TemporaryDirectory directory_;
    const Uuid id_ = Uuid::make_v1();
    const InboxEntry entry_{"group", "handler", id_};
};

TEST_F(InboxTest, AHandlerRunsOnceForAnEvent) {
    for (const InboxUse use : {remember, transaction}) {
        const auto inbox = this->inbox();
        const Uuid id = Uuid::make_v1();
        int calls = 0;
        const auto run = [&](std::string_view group, std::string_view handler, const Uuid& event) {
            return inbox->run_once({group, handler, event}, use, [&](InboxTransaction* given) {
                EXPECT_EQ(given != nullptr, use == transaction);
                ++calls;
            });
        };
        EXPECT_TRUE(run("group", "handler", id));
        EXPECT_FALSE(run("group", "handler", id));
        EXPECT_EQ(calls, 1);
        EXPECT_TRUE(run("group", "other handler", id));
        EXPECT_TRUE(run("other group", "handler", id));
        EXPECT_TRUE(run("group", "handler", Uuid::make_v1()));
        EXPECT_FALSE(run("other group", "handler", id));
        EXPECT_EQ(calls, 4);
    }
}

TEST_F(InboxTest, RemembersInItsFile) {
    inbox()->run_once(entry_, remember, [](InboxTransaction*) {});
    EXPECT_FALSE(inbox()->run_once(entry_, transaction, [](InboxTransaction*) { FAIL(); }));
    EXPECT_EQ(entries(), 1);
    EXPECT_EQ(number_in(path(), "SELECT length(event) FROM eventbus_inbox"), 16);
    EXPECT_EQ(std::filesystem::status(path()).permissions() & std::filesystem::perms::all,
              std::filesystem::perms(0600));
}

TEST_F(InboxTest, AHandlerThatThrowsRunsAgain) {
    for (const InboxUse use : {remember, transaction}) {
        const auto inbox = this->inbox();
        const Uuid id = Uuid::make_v1();
        EXPECT_THROW(inbox->run_once({"g", "h", id}, use,
                                     [](InboxTransaction*) { throw std::runtime_error("no tea"); }),
                     std::runtime_error);
        EXPECT_EQ(entries(), use == remember ? 0 : 1);
        EXPECT_TRUE(inbox->run_once({"g", "h", id}, use, [](InboxTransaction*) {}));
    }
}

TEST_F(InboxTest, WhatIsDoneInTheTransactionIsKeptWithTheEntry) {
    make_bookings();
    inbox()->run_once(entry_, transaction, [](InboxTransaction* in) { book(*in, "event"); });
    EXPECT_EQ(bookings(), 1);
    EXPECT_EQ(entries(), 1);
}

TEST_F(InboxTest, WhatIsDoneInTheTransactionOfAHandlerThatThrowsIsUndone) {
    make_bookings();
    const auto inbox = this->inbox();
    EXPECT_THROW(inbox->run_once(entry_, transaction,
                                 [](InboxTransaction* in) {
                                     book(*in, "event");
                                     throw Reject("never");
                                 }),
                 Reject);
    EXPECT_EQ(bookings(), 0);
    EXPECT_EQ(entries(), 0);
    inbox->run_once(entry_, transaction, [](InboxTransaction* in) { book(*in, "event"); });
    EXPECT_EQ(bookings(), 1);
}

TEST_F(InboxTest, ATransactionTakesAndGivesEveryTypeOfValue) {
    const std::string blob("a\0b", 3);
    inbox()->run_once(entry_, transaction, [&](InboxTransaction* in) {
        in->execute("CREATE TABLE things(i, r, t, b, n)");
        EXPECT_EQ(in->execute("INSERT INTO things VALUES(?, ?, ?, ?, ?)",
                              {INT64_MIN, 0.5, "tea", std::as_bytes(std::span(blob)), nullptr}),
                  1);
        int rows = 0;
        in->query("SELECT * FROM things WHERE t = ?", {std::string("tea")}, [&](const SqlRow& row) {
            ++rows;
            EXPECT_EQ(row.integer(0), INT64_MIN);
            EXPECT_EQ(row.real(1), 0.5);
            EXPECT_EQ(row.text(2), "tea");
            EXPECT_EQ(row.blob(3).size(), 3U);
            EXPECT_TRUE(row.is_null(4));
            EXPECT_FALSE(row.is_null(0));
        });
        EXPECT_EQ(rows, 1);
        EXPECT_EQ(in->execute("UPDATE things SET i = 1 WHERE t = 'coffee'"), 0);
        EXPECT_NE(in->handle(), nullptr);
    });
}

TEST_F(InboxTest, WrongSqlIsTold) {
    inbox()->run_once(entry_, transaction, [](InboxTransaction* in) {
        EXPECT_THAT(message_of<BrokerError>([&] { in->execute("SELECT * FROM nosuch"); }),
                    HasSubstr("no such table: nosuch"));
        EXPECT_THAT(message_of<InvalidValue>([&] { in->execute("SELECT ?", {}); }),
                    HasSubstr("1 parameters"));
        EXPECT_THAT(message_of<InvalidValue>([&] { in->execute("SELECT 1; DELETE FROM eventbus_inbox"); }),
                    HasSubstr("not one SQL statement"));
        EXPECT_THAT(message_of<InvalidValue>([&] { in->execute("  "); }), HasSubstr("not one SQL statement"));
        in->execute("SELECT 1;\n");
    });
    EXPECT_EQ(entries(), 1);
}

TEST_F(InboxTest, AHandlerCannotCommit) {
    make_bookings();
    const auto inbox = this->inbox();
    EXPECT_THROW(inbox->run_once(entry_, transaction,
                                 [](InboxTransaction* in) {
                                     book(*in, "event");
                                     in->execute("COMMIT");
                                 }),
                 BrokerError);
    EXPECT_EQ(bookings(), 0);
    EXPECT_EQ(entries(), 0);
}

TEST_F(InboxTest, WhatAHandlerDoesAfterItsRollbackIsNotKept) {
    make_bookings();
    const auto inbox = this->inbox();
    const auto roll_back_and_go_on = [&] {
        inbox->run_once(entry_, transaction, [](InboxTransaction* in) {
            in->execute("ROLLBACK");
            EXPECT_THROW(book(*in, "event"), BrokerError);
        });
    };
    EXPECT_THAT(message_of<Error>(roll_back_and_go_on),
                AllOf(HasSubstr("\"handler\""), HasSubstr("ROLLBACK")));
    EXPECT_EQ(bookings(), 0);
    EXPECT_EQ(entries(), 0);
    EXPECT_TRUE(inbox->run_once(entry_, transaction, [](InboxTransaction* in) { book(*in, "event"); }));
    EXPECT_EQ(bookings(), 1);
}

TEST_F(InboxTest, ForgetsWhatIsTooOldInSmallSteps) {
    auto time = std::make_shared<Timestamp>(now());
    const auto inbox =
        this->inbox({.path = {}, .retention = std::chrono::hours(1), .clock = [time] { return *time; }});
    for (int i = 0; i < 250; ++i)
        inbox->run_once({"g", "h", Uuid::make_v1()}, remember, [](InboxTransaction*) {});
    EXPECT_EQ(entries(), 250);
    *time += std::chrono::hours(1);
    inbox->run_once(entry_, remember, [](InboxTransaction*) {});
    EXPECT_EQ(entries(), 251);
    *time += std::chrono::seconds(2);
    std::vector<std::int64_t> left;
    for (int i = 0; i < 4; ++i) {
        inbox->run_once({"g", "h", Uuid::make_v1()}, transaction, [](InboxTransaction*) {});
        left.push_back(entries());
    }
    EXPECT_THAT(left, ElementsAre(152, 53, 4, 5));
    EXPECT_FALSE(inbox->run_once(entry_, remember, [](InboxTransaction*) {}));
}

TEST_F(InboxTest, KeepsAllWhenTheRetentionIsNone) {
    auto time = std::make_shared<Timestamp>(now());
    const auto inbox =
        this->inbox({.path = {}, .retention = std::chrono::seconds(0), .clock = [time] { return *time; }});
    inbox->run_once(entry_, remember, [](InboxTransaction*) {});
    *time += std::chrono::hours(24 * 365 * 100);
    inbox->run_once({"g", "h", Uuid::make_v1()}, remember, [](InboxTransaction*) {});
    EXPECT_EQ(entries(), 2);
}

TEST_F(InboxTest, ThreadsShareIt) {
    make_bookings();
    const auto inbox = this->inbox();
    constexpr int events = 200;
    std::vector<Uuid> ids;
    for (int i = 0; i < events; ++i) ids.push_back(Uuid::make_v1());
    std::vector<std::thread> threads;
    std::atomic<int> ran = 0;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            for (const Uuid& id : ids) {
                const bool own = thread % 2 == 0;
                const Uuid event = own ? Uuid::make_v1() : id;
                if (inbox->run_once({"g", "h", event}, own ? remember : transaction,
                                    [&](InboxTransaction* in) {
                                        if (in != nullptr) book(*in, "event");
                                    }))
                    ++ran;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(bookings(), events);
    EXPECT_EQ(ran, 3 * events);
    EXPECT_EQ(entries(), 3 * events);
}

TEST_F(InboxTest, ProcessesShareIt) {
    make_bookings();
    std::vector<Uuid> ids;
    for (int i = 0; i < 200; ++i) ids.push_back(Uuid::make_v1());
    const auto work = [&] {
        const auto inbox = this->inbox();
        for (const Uuid& id : ids)
            inbox->run_once({"g", "h", id}, transaction, [](InboxTransaction* in) { book(*in, "event"); });
    };
    Child first(work);
    Child second(work);
    work();
    EXPECT_TRUE(first.succeeded());
    EXPECT_TRUE(second.succeeded());
    EXPECT_EQ(bookings(), 200);
}

TEST_F(InboxTest, WaitsForAnotherProcess) {
    const auto inbox = this->inbox();
    auto lock = std::make_unique<DatabaseLock>(path());
    std::thread other([&] {
        std::this_thread::sleep_for(milliseconds(300));
        lock.reset();
    });
    EXPECT_TRUE(inbox->run_once(entry_, transaction, [](InboxTransaction*) {}));
    other.join();
}

TEST_F(InboxTest, PatienceHasAnEnd) {
    const auto inbox = this->inbox({.path = {}, .patience = milliseconds(10)});
    const DatabaseLock lock(path());
    try {
        inbox->run_once(entry_, transaction, [](InboxTransaction*) { FAIL(); });
        FAIL() << "there was no lock";
    } catch (const BrokerError& error) {
        EXPECT_TRUE(error.retriable());
        EXPECT_THAT(error.what(), HasSubstr(path()));
    }
}

TEST_F(InboxTest, AFinishedHandlerThatCouldNotBeNotedDoesNotRunAgain) {
    const auto inbox = this->inbox({.path = {}, .patience = milliseconds(10)});
    int calls = 0;
    const auto run = [&] { return inbox->run_once(entry_, remember, [&](InboxTransaction*) { ++calls; }); };
    {
        const DatabaseLock lock(path());
        EXPECT_THROW(run(), BrokerError);
        EXPECT_THROW(run(), BrokerError);
    }
    EXPECT_FALSE(run());
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(entries(), 1);
}

TEST_F(InboxTest, AChildGoesOnWithIt) {
    make_bookings();
    const auto inbox = this->inbox();
    inbox->run_once(entry_, transaction, [](InboxTransaction* in) { book(*in, "parent"); });
    Child child([&] {
        EXPECT_FALSE(inbox->run_once(entry_, transaction, [](InboxTransaction*) { FAIL(); }));
        EXPECT_FALSE(inbox->run_once(entry_, remember, [](InboxTransaction*) { FAIL(); }));
        EXPECT_TRUE(inbox->run_once({"g", "child", id_}, transaction,
                                    [](InboxTransaction* in) { book(*in, "child"); }));
    });
    EXPECT_TRUE(child.succeeded());
    EXPECT_TRUE(inbox->run_once({"g", "parent", id_}, transaction,
                                [](InboxTransaction* in) { book(*in, "parent"); }));
    EXPECT_EQ(bookings(), 3);
}

TEST_F(InboxTest, AHandlerMayForkInItsTransaction) {
    make_bookings();
    const auto inbox = this->inbox();
    inbox->run_once(entry_, transaction, [&](InboxTransaction* in) {
        // More than SQLite's cache holds.
        const std::string large(1 << 20, 'x');
        for (int i = 0; i < 8; ++i) in->execute("INSERT INTO bookings VALUES(?, 1)", {large});
        Child child([&] {
            EXPECT_EQ(in->handle(), nullptr);
            EXPECT_THROW(book(*in, "child"), BrokerError);
        });
        EXPECT_TRUE(child.succeeded());
        book(*in, "event");
    });
    EXPECT_EQ(bookings(), 9);
    EXPECT_EQ(number_in(path(), "SELECT sum(length(event)) FROM bookings"), (8 << 20) + 5);
}

TEST_F(InboxTest, AServicesOwnDatabaseTakesItIn) {
    std::filesystem::create_directories(std::filesystem::path(path()).parent_path());
    std::ofstream(path()).close();
    number_in(path(), "PRAGMA application_id = 77");
    number_in(path(), "CREATE TABLE bookings(event TEXT, amount INTEGER)");
    inbox()->run_once(entry_, transaction, [](InboxTransaction* in) { book(*in, "event"); });
    EXPECT_EQ(bookings(), 1);
    EXPECT_EQ(number_in(path(), "PRAGMA application_id"), 77);
}

TEST_F(InboxTest, RefusesFilesThatItCannotUse) {
    const std::string text = directory_.file("notes.txt");
    std::ofstream(text) << std::string(8192, 'x');
    EXPECT_THAT(message_of<BrokerError>([&] { static_cast<void>(make_inbox(InboxOptions{.path = text})); }),
                AllOf(HasSubstr(text), HasSubstr("EVENT_BUS_INBOX_PATH")));

    const std::string bus = directory_.file("events.db");
    static_cast<void>(make_embedded_broker({.path = bus, .clock = now, .log = {}})->publisher());
    EXPECT_THAT(message_of<BrokerError>([&] { static_cast<void>(make_inbox(InboxOptions{.path = bus})); }),
                AllOf(HasSubstr("file of an embedded bus"), HasSubstr("EVENT_BUS_INBOX_PATH")));

    EXPECT_THAT(message_of<BrokerError>(
                    [&] { static_cast<void>(make_inbox(InboxOptions{.path = directory_.file("")})); }),
                HasSubstr(directory_.file("")));

    static_cast<void>(inbox());
    number_in(path(), "ALTER TABLE eventbus_inbox ADD COLUMN result TEXT");
    EXPECT_THAT(message_of<BrokerError>([&] { static_cast<void>(inbox()); }),
                HasSubstr("this version of eventbus does not know"));
}

TEST_F(InboxTest, IsMadeAsTheSettingsSay) {
    const Settings settings =
        Settings().with({{"EVENT_BUS_INBOX_PATH", path()}, {"EVENT_BUS_INBOX_RETENTION", "0.5"}});
    const InboxOptions options = inbox_options(settings);
    EXPECT_EQ(options.path, path());
    EXPECT_EQ(options.retention, std::chrono::seconds(1));
    EXPECT_EQ(inbox_options(Settings().with({{"EVENT_BUS_INBOX_PATH", path()}})).retention,
              std::chrono::hours(7 * 24));
    make_inbox(settings)->run_once(entry_, remember, [](InboxTransaction*) {});
    EXPECT_EQ(entries(), 1);
}

TEST_F(InboxTest, HandlersGetWhatTheyAskFor) {
    make_bookings();
    Bus bus(kettle_options());
    std::vector<std::string> called;
    bus.connect(KETTLE_BOILED, "plain", [&](const KettleBoiled&, const EventContext& context) {
        EXPECT_EQ(context.transaction, nullptr);
        called.emplace_back("plain");
    });
    bus.connect(KETTLE_BOILED, "remembers",
                [&](const KettleBoiled&, const EventContext& context) {
                    EXPECT_EQ(context.transaction, nullptr);
                    called.emplace_back("remembers");
                },
                {.inbox = remember});
    bus.connect(KETTLE_BOILED, "books",
                [&](const KettleBoiled& boiled, const EventContext& context) {
                    book(*context.transaction, boiled.kettle.room);
                    called.emplace_back("books");
                },
                {.inbox = transaction});
    bus.connect_all("raw",
                    [&](const RawEvent& event) { book(*event.transaction, event.metadata.event_type); },
                    {.inbox = transaction});
    const auto inbox = this->inbox();
    const ReceivedEvent event = received(KETTLE_BOILED, boiled("kitchen"));
    const HandleOptions options{.only = {}, .inbox = inbox.get(), .group = "group"};
    EXPECT_TRUE(bus.handle(event, options).succeeded());
    EXPECT_TRUE(bus.handle(event, options).succeeded());
    EXPECT_THAT(called, ElementsAre("plain", "remembers", "books", "plain"));
    EXPECT_EQ(bookings(), 2);
    EXPECT_EQ(entries(), 3);
}

}  // namespace
}  // namespace eventbus::bus_test
