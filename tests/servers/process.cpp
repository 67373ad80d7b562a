#include "tests/servers/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace eventbus::servers {

std::uint16_t free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool known = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                       ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(probe);
    if (!known) throw std::runtime_error("there is no free port");
    return ntohs(address.sin_port);
}

TestDirectory::TestDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "eventbus-server-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path_ = name;
}

TestDirectory::~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Process::~Process() { end(SIGKILL); }

void Process::start(std::vector<std::string> words, const std::filesystem::path& output) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    id_ = ::fork();
    if (id_ < 0) throw std::runtime_error("cannot fork");
    if (id_ > 0) return;
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    const int printed = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(printed, stream);
    ::execvp(pointers.front(), pointers.data());
    ::_exit(127);
}

bool Process::runs() {
    if (id_ > 0 && ::waitpid(id_, nullptr, WNOHANG) == id_) id_ = -1;
    return id_ > 0;
}

void Process::signal(int number) const {
    if (id_ > 0) ::kill(id_, number);
}

void Process::end(int signal) {
    if (id_ <= 0) return;
    ::kill(id_, signal);
    // A paused one takes its signal when it goes on.
    ::kill(id_, SIGCONT);
    static_cast<void>(succeeds());
}

bool Process::succeeds() {
    int status = -1;
    const bool ended = ::waitpid(std::exchange(id_, -1), &status, 0) > 0;
    return ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace eventbus::servers
