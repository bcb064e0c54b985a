// Functions of the program around that are called from here.
#pragma once

#include <version>

#if defined(__GLIBCXX__)
#include <cxxabi.h>

#include <chrono>
#include <thread>
#endif

namespace ctxpack {

// What function() returns. Where it ends its thread, as Python does at its own end with a thread that wants its lock,
// the thread waits here for the end of the process: unwound further, it would meet a handler of every exception, and
// end the process as a crash does.
template <class Function>
int call_outside(Function function) {
#if defined(__GLIBCXX__)
    try {
        return function();
    } catch (const abi::__forced_unwind&) {
        for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    }
#else
    return function();
#endif
}

}  // namespace ctxpack
