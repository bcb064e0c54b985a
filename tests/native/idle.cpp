// A thread is given back the workspace that it had last, and any other one where that is in use; what a call borrowed
// is there again when that is over, also by an exception.
#include "encoding/idle.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "require.hpp"

namespace {

bool fails = false;  // whether memory has run out

}  // namespace

void* operator new(std::size_t size) {
    void* const start = fails ? nullptr : std::malloc(size);
    if (start == nullptr) throw std::bad_alloc();
    return start;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace {

using ctxpack::tests::require;

struct Workspace {
    void release() { ++released; }

    int released = 0;
};

void check_loan() {
    ctxpack::Idle<Workspace> idle;
    const auto make = [] { return std::make_unique<Workspace>(); };
    const auto none = []() -> std::unique_ptr<Workspace> { throw std::bad_alloc(); };
    try {
        const ctxpack::Loan<Workspace> loan(idle, none);
    } catch (const std::bad_alloc&) {
    }
    require(idle.take() == nullptr, "what could not be made is there");
    for (int time = 0; time < 2; ++time) {
        try {
            const ctxpack::Loan<Workspace> loan(idle, make);
            require((*loan).released == time, "another one was lent");
            throw std::bad_alloc();
        } catch (const std::bad_alloc&) {
        }
    }
    const std::unique_ptr<Workspace> kept = idle.take();
    require(kept != nullptr && kept->released == 2, "a call that threw kept what it borrowed");
}

// A process that is forked while a thread takes and gives: the child may do so, too.
void check_forks() {
    ctxpack::Idle<int> idle;
    std::atomic<bool> is_over = false;
    std::thread busy([&] {
        while (!is_over) idle.give(idle.take());
    });
    for (int time = 0; time < 300; ++time) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(20);
            idle.give(idle.take());
            _exit(0);
        }
        int status = 1;
        waitpid(child, &status, 0);
        require(status == 0, "a child process waits for ever");
    }
    is_over = true;
    busy.join();
}

}  // namespace

int main() {
    check_forks();
    ctxpack::Idle<int> idle;
    require(idle.take() == nullptr, "there was something at the start");
    idle.give(std::make_unique<int>(1));
    std::thread([&] { idle.give(std::make_unique<int>(2)); }).join();
    std::unique_ptr<int> mine = idle.take();
    require(*mine == 1, "a thread was given what another one had last");
    std::unique_ptr<int> other = idle.take();
    require(*other == 2, "nothing was there though one was not in use");
    require(idle.take() == nullptr, "one was given out twice");
    idle.give(std::move(other));
    idle.give(std::move(mine));
    std::thread([&] { idle.give(idle.take()); }).join();  // now one belongs to a thread that is gone
    require(idle.take() != nullptr && idle.take() != nullptr, "one was lost");

    ctxpack::Idle<int> full;
    auto kept = std::make_unique<int>(3);
    fails = true;
    full.give(std::move(kept));
    fails = false;
    require(full.take() == nullptr, "what there was no memory for is there");

    check_loan();
}
