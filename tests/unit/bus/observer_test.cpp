#include "eventbus/bus/observer.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "consuming.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Notes a word for each call.
class Notes : public Observer {
  public:
    void sent(const SendReport& report, Duration took) override {
        EXPECT_GE(took, Duration::zero());
        EXPECT_FALSE(report.metadata.event_type.empty());
        add(report.stored() ? "sent" : "not sent");
    }
    void received(const ReceivedEvent& /*event*/) override { add("received"); }
    void handled(const ReceivedEvent& /*event*/, Duration /*took*/) override { add("handled"); }
    void failed(const ReceivedEvent& /*event*/, std::span<const HandlerResult> results,
                Duration /*took*/) override {
        add("failed of " + std::to_string(results.size()));
    }
    void unusable(const ReceivedEvent& /*event*/, std::string_view reason) override {
        add("unusable: " + std::string(reason));
    }
    void acknowledged(std::size_t events) override { acknowledged_ += events; }

    [[nodiscard]] std::vector<std::string> all() const {
        const std::lock_guard lock(mutex_);
        return all_;
    }
    [[nodiscard]] std::size_t acknowledged_events() const { return acknowledged_; }

  private:
    void add(const std::string& note) {
        const std::lock_guard lock(mutex_);
        all_.push_back(note);
    }

    mutable std::mutex mutex_;
    std::vector<std::string> all_;
    std::atomic<std::size_t> acknowledged_ = 0;
};

class ObserverTest : public BusTest {
  protected:
    BusOptions observed(BusOptions options) const {
        options.observers = {notes_};
        return options;
    }

    std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
};

TEST_F(ObserverTest, IsToldOfEverySend) {
    faults_->refuse = [](const OutgoingEvent& event) -> std::exception_ptr {
        if (event.key->text == "cold") return std::make_exception_ptr(StorageFull("full"));
        return nullptr;
    };
    Bus bus(observed(faulty_options()));
    bus.send(KETTLE_BOILED, boiled("a"));
    EXPECT_THROW(bus.send(KETTLE_BOILED, boiled("cold")), SendFailed);
    const std::vector events{boiled("a"), boiled("cold")};
    EXPECT_THROW(bus.send_all(KETTLE_BOILED, events), SendFailed);
    bus.post(KETTLE_BOILED, boiled("cold"));
    bus.send_raw(bus.route(KETTLE_BOILED.type(), "kettles", "kettle.room"), [] {
        std::vector<std::byte> payload;
        KETTLE_BOILED.encode(boiled("a"), payload);
        return payload;
    }());
    EXPECT_THAT(notes_->all(), ElementsAre("sent", "not sent", "sent", "not sent", "not sent", "sent"));
}

TEST_F(ObserverTest, IsToldWhatBecomesOfEventsFromABroker) {
    Bus bus(observed(options({})));
    bus.connect(KETTLE_BOILED, "picky", [](const KettleBoiled& data) {
        if (data.kettle.degrees == 2) throw std::runtime_error("too cold");
    });
    bus.handle(received(KETTLE_BOILED, boiled("kitchen", 1)));
    bus.handle(received(KETTLE_BOILED, boiled("kitchen", 2)));
    ReceivedEvent bad = received(KETTLE_BOILED, boiled("kitchen"));
    bad.unusable = "bad";
    bus.handle(bad);
    EXPECT_THAT(notes_->all(),
                ElementsAre("received", "handled", "received", "failed of 1", "received", "unusable: bad"));
}

TEST_F(ObserverTest, IsNotToldOfDisabledSignals) {
    Bus bus(observed(kettle_options()));
    bus.disable(KETTLE_BOILED);
    bus.send(KETTLE_BOILED, boiled("a"));
    bus.handle(received(KETTLE_BOILED, boiled("kitchen", 1)));
    EXPECT_THAT(notes_->all(), IsEmpty());
}

TEST_F(ObserverTest, IsToldOfAcknowledgements) {
    Bus bus(observed(kettle_options()));
    for (int i = 0; i < 5; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    Consumer(bus, until_idle()).run();
    EXPECT_EQ(notes_->acknowledged_events(), 5U);
    EXPECT_EQ(bus.observers().size(), 1U);
}

}  // namespace
}  // namespace eventbus::bus_test
