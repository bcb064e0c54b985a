// A thread is given back the workspace that it had last, and any other one where that is in use.
#include <cstdio>
#include <cstdlib>

#include "encoding/idle.hpp"

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
}
