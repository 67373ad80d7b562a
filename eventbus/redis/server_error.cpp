#include "eventbus/redis/server_error.hpp"

#include <algorithm>
#include <array>

namespace eventbus::redis {

namespace {

struct Meaning {
    /// How the server's text begins.
    std::string_view beginning;
    /// What is the matter, and what to do.
    std::string_view text;
    /// The same command may succeed later without anyone changing anything.
    bool passes;
};

constexpr std::string_view out_of_memory =
    "Redis has reached its maxmemory; give it more, or keep fewer events (EVENT_BUS_REDIS_STREAM_MAX_LEN)";
constexpr std::string_view no_such_command =
    "the server does not know a command; Redis 7.0 or newer is needed, with no command renamed";
constexpr std::string_view cluster =
    "the server belongs to a Redis Cluster, which is not supported; use a server of its own, or one with "
    "sentinels";
constexpr std::string_view too_many_clients =
    "the server takes no more clients; close some, or raise its maxclients";
constexpr std::string_view wrong_login =
    "user or password are wrong, or the user is disabled; see "
    "EVENT_BUS_REDIS_CONNECTION_URL";
constexpr std::string_view needless_password =
    "the server has no password for the default user, so that the one in EVENT_BUS_REDIS_CONNECTION_URL is "
    "wrong; take it out, or name its user";

// The first that fits counts.
constexpr std::array meanings{
    Meaning{
        "READONLY",
        "the server is a replica, which takes no writes; after a failover another one is the master, which "
        "redis+sentinel:// finds",
        true},
    Meaning{"NOAUTH", "the server wants a password; give user and password in EVENT_BUS_REDIS_CONNECTION_URL",
            false},
    Meaning{"WRONGPASS", wrong_login, false},
    Meaning{"ERR invalid password", wrong_login, false},
    Meaning{"ERR AUTH <password> called without any password", needless_password, false},
    Meaning{"ERR Client sent AUTH, but no password is set", needless_password, false},
    Meaning{"NOPERM", "the user lacks a right; grant it with ACL SETUSER, see docs/backends/redis.md", false},
    Meaning{"LOADING", "the server is still loading its data after its start", true},
    Meaning{"WRONGTYPE",
            "its key holds something else; delete it, or choose another EVENT_BUS_TOPIC_PREFIX or database",
            false},
    Meaning{"NOGROUP", "the stream or the group is gone, deleted or flushed", false},
    Meaning{"MISCONF", "the server cannot save its data, and takes no writes until it can; see its log",
            true},
    Meaning{"MASTERDOWN", "the server is a replica that has lost its master", true},
    Meaning{"NOREPLICAS", "the master has fewer replicas than its min-replicas-to-write", true},
    Meaning{"BUSY ", "the server is busy with a script", true},
    Meaning{"TRYAGAIN", cluster, true},
    Meaning{"CLUSTERDOWN", cluster, true},
    Meaning{"MOVED", cluster, false},
    Meaning{"ASK ", cluster, false},
    Meaning{"CROSSSLOT", cluster, false},
    Meaning{"DENIED",
            "the server is in protected mode: it has no password and takes clients of its own machine alone",
            false},
    Meaning{"ERR max number of clients", too_many_clients, true},
    Meaning{"ERR unknown command", no_such_command, false},
    Meaning{"ERR unknown subcommand", no_such_command, false},
    Meaning{"ERR Unknown subcommand", no_such_command, false},
    Meaning{"ERR DB index is out of range",
            "the server has no database of this number; see its setting databases", false},
    Meaning{"ERR Protocol error: invalid bulk length",
            "an event is larger than the server takes; see its proto-max-bulk-len", false},
};

// The server repeats the words of a command that it does not know: an AUTH has the password among them.
std::string_view without_words(std::string_view reply) { return reply.substr(0, reply.find(", with args")); }

std::string printable(std::string_view text) {
    constexpr std::size_t most = 300;
    std::string out(text.substr(0, most));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }, '?');
    if (text.size() > most) out += "...";
    return out;
}

}  // namespace

void throw_server_error(std::string_view attempt, std::string_view reply) {
    std::string what = std::string(attempt) + ": ";
    const std::string said = printable(without_words(reply));
    std::string code = said.substr(0, said.find(' '));
    if (code == "OOM") throw StorageFull(what.append(out_of_memory) + " (" + said + ")");
    const auto* const meaning = std::find_if(meanings.begin(), meanings.end(), [reply](const Meaning& one) {
        return reply.starts_with(one.beginning);
    });
    if (meaning == meanings.end()) throw ServerError(what + said, false, std::move(code));
    what.append(meaning->text).append(" (").append(said).append(")");
    throw ServerError(what, meaning->passes, std::move(code));
}

bool calls_for_reconnection(std::string_view reply) {
    return reply.starts_with("READONLY") || reply.starts_with("MASTERDOWN") || reply.starts_with("NOAUTH");
}

}  // namespace eventbus::redis
