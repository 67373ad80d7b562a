#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventbus/broker/broker.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

namespace {

class NamedBroker final : public Broker {
  public:
    explicit NamedBroker(std::string_view name) : name_(name) {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] std::unique_ptr<Publisher> publisher() override { return nullptr; }
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(SubscribeOptions) override { return nullptr; }
    [[nodiscard]] std::unique_ptr<Reader> reader(ReadOptions) override { return nullptr; }
    [[nodiscard]] std::unique_ptr<Admin> admin() override { return nullptr; }

  private:
    std::string_view name_;
};

BrokerFactory factory_of(std::string_view name) {
    return [name](const Settings&, const LogSink&) { return std::make_shared<NamedBroker>(name); };
}

TEST(BrokerCatalogue, MakesWhatWasAdded) {
    BrokerCatalogue catalogue;
    catalogue.add("one", factory_of("first"));
    catalogue.add("two", factory_of("second"));
    EXPECT_TRUE(catalogue.contains("one"));
    EXPECT_FALSE(catalogue.contains("three"));
    EXPECT_EQ(catalogue.make("two", Settings{}, {})->name(), "second");
}

TEST(BrokerCatalogue, TheLastOfANameCounts) {
    BrokerCatalogue catalogue;
    catalogue.add("one", factory_of("first"));
    catalogue.add("one", factory_of("another"));
    EXPECT_EQ(catalogue.make("one", Settings{}, {})->name(), "another");
}

TEST(BrokerCatalogue, ListsWhatThereIs) {
    BrokerCatalogue catalogue;
    catalogue.add("one", factory_of("first"));
    catalogue.add("two", factory_of("second"));
    try {
        static_cast<void>(catalogue.make("tow", Settings{}, {}));
        FAIL() << "an unknown backend was made";
    } catch (const SettingsError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("tow"));
        EXPECT_THAT(error.what(), testing::HasSubstr("one, two"));
    }
}

}  // namespace

}  // namespace eventbus
