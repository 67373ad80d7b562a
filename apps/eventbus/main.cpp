#include "eventbus/command/output.hpp"
#include "program.hpp"

int main(int argc, char** argv) {
    eventbus::ignore_write_signals();
    eventbus::app::Program program;
    add_consume_events(program);
    add_produce_event(program);
    add_replay(program);
    add_topics(program);
    add_dead_letters(program);
    add_catalogue(program);
    add_schema(program);
    add_settings(program);
    add_doctor(program);
    add_health(program);
    add_version(program);
    add_completion(program);
    return static_cast<int>(program.run(argc, argv));
}
