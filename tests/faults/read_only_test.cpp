#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bus_file.hpp"
#include "mounts.hpp"
#include "scene.hpp"

namespace eventbus::faults {

namespace {

using testing::AnyOf;
using testing::HasSubstr;

void expect_refusal(const Refusal& refusal, const std::filesystem::path& path) {
    EXPECT_FALSE(refusal.is_storage_full) << refusal.text;
    EXPECT_FALSE(refusal.retriable) << refusal.text;
    EXPECT_THAT(refusal.text, HasSubstr(path.string()));
    EXPECT_THAT(refusal.text, AnyOf(HasSubstr("permissions"), HasSubstr("writable")));
}

TEST(ReadOnlyFile, IsRefusedAndUnharmed) {
    const Scene scene;
    const BusFile bus(scene.bus());
    bus.publish("before");
    {
        const ReadOnly sealed(bus.path());
        expect_refusal(refusal_of([&] { bus.publish("event"); }), bus.path());
        expect_refusal(refusal_of([&] { static_cast<void>(bus.stored()); }), bus.path());
        expect_refusal(refusal_of([&] { static_cast<void>(bus.broker()->admin()); }), bus.path());
    }
    bus.publish("after");
    EXPECT_EQ(bus.stored(), (std::vector<std::string>{"before", "after"}));
}

TEST(ReadOnlyDirectory, WithABusIsRefused) {
    const Scene scene;
    const auto directory = scene.directory() / "sealed";
    const BusFile bus(directory / "events.db");
    bus.publish("before");
    {
        const ReadOnly sealed(directory);
        expect_refusal(refusal_of([&] { bus.publish("event"); }), bus.path());
        expect_refusal(refusal_of([&] { static_cast<void>(bus.stored()); }), bus.path());
    }
    bus.publish("after");
    EXPECT_EQ(bus.stored(), (std::vector<std::string>{"before", "after"}));
}

TEST(ReadOnlyDirectory, WithoutABusIsRefused) {
    const Scene scene;
    const auto directory = scene.directory() / "sealed";
    std::filesystem::create_directory(directory);
    const ReadOnly sealed(directory);
    const BusFile bus(directory / "events.db");
    expect_refusal(refusal_of([&] { bus.publish("event"); }), bus.path());
    const BusFile deeper(directory / "deeper" / "events.db");
    const auto refusal = refusal_of([&] { deeper.publish("event"); });
    EXPECT_THAT(refusal.text, HasSubstr((directory / "deeper").string()));
}

}  // namespace

}  // namespace eventbus::faults
