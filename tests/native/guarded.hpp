// Texts at the very end of readable memory. A sanitizer does not look into vector instructions whose masks leave bytes
// out; here these fail where a byte past the end is not left out.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <span>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, size) (static_cast<void>(start), static_cast<void>(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) (static_cast<void>(start), static_cast<void>(size))
#endif

namespace ctxpack::tests {

class Guarded {
public:
    Guarded() = default;
    ~Guarded() { unmap(); }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;

    // A copy of a text that is valid until the next one; what is before it may not be read either.
    template <class Unit>
    const Unit* copy(std::span<const Unit> text) {
        if (text.size_bytes() > size_) map(text.size_bytes());
        char* const start = memory_ + size_ - text.size_bytes();
        readable(start);
        Unit* const copied = reinterpret_cast<Unit*>(start);
        std::copy(text.begin(), text.end(), copied);
        return copied;
    }

private:
    static constexpr std::size_t kPage = std::size_t{1} << 16;  // a multiple of every system's
    static constexpr std::size_t kTogether = 8;                 // bytes that a sanitizer has one mark for

    // From there on. What is before the last text is marked already: to mark all of it takes longer than most checks.
    void readable(char* start) {
        char* const first = std::min(start, last_);
        char* const from = first - (first - memory_) % kTogether;
        ASAN_UNPOISON_MEMORY_REGION(from, memory_ + size_ - from);
        ASAN_POISON_MEMORY_REGION(from, start - from);
        last_ = start;
    }

    void map(std::size_t size) {
        unmap();
        size_ = (size + kPage - 1) / kPage * kPage;
        void* const start = mmap(nullptr, size_ + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == MAP_FAILED) std::abort();
        memory_ = last_ = static_cast<char*>(start);
        if (mprotect(memory_ + size_, kPage, PROT_NONE) != 0) std::abort();
    }
    void unmap() {
        if (memory_ == nullptr) return;
        ASAN_UNPOISON_MEMORY_REGION(memory_, size_);
        munmap(memory_, size_ + kPage);
    }

    char* memory_ = nullptr;
    char* last_ = nullptr;  // where the last text starts
    std::size_t size_ = 0;
};

}  // namespace ctxpack::tests
