// A thread is given back the workspace that it had last, and any other one where that is in use.
#include "encoding/idle.hpp"

#include <cstdio>
#include <cstdlib>
#include <new>

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

void expect(bool holds, const char* what) {
    if (holds) return;
    std::printf("%s\n", what);
    std::exit(1);
}

}  // namespace

int main() {
    ctxpack::Idle<int> idle;
    expect(idle.take() == nullptr, "there was something at the start");
    idle.give(std::make_unique<int>(1));
    std::thread([&] { idle.give(std::make_unique<int>(2)); }).join();
    std::unique_ptr<int> mine = idle.take();
    expect(*mine == 1, "a thread was given what another one had last");
    std::unique_ptr<int> other = idle.take();
    expect(*other == 2, "nothing was there though one was not in use");
    expect(idle.take() == nullptr, "one was given out twice");
    idle.give(std::move(other));
    idle.give(std::move(mine));
    std::thread([&] { idle.give(idle.take()); }).join();  // now one belongs to a thread that is gone
    expect(idle.take() != nullptr && idle.take() != nullptr, "one was lost");

    ctxpack::Idle<int> full;
    auto kept = std::make_unique<int>(3);
    fails = true;
    full.give(std::move(kept));
    fails = false;
    expect(full.take() == nullptr, "what there was no memory for is there");
}
