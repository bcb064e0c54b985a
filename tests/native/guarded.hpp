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
        Unit* const start = reinterpret_cast<Unit*>(memory_ + size_) - text.size();
        ASAN_UNPOISON_MEMORY_REGION(memory_, size_);
        ASAN_POISON_MEMORY_REGION(memory_, size_ - text.size_bytes());
        std::copy(text.begin(), text.end(), start);
        return start;
    }

private:
    static constexpr std::size_t kPage = std::size_t{1} << 16;  // a multiple of every system's

    void map(std::size_t size) {
        unmap();
        size_ = (size + kPage - 1) / kPage * kPage;
        void* const start = mmap(nullptr, size_ + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == MAP_FAILED) std::abort();
        memory_ = static_cast<char*>(start);
        if (mprotect(memory_ + size_, kPage, PROT_NONE) != 0) std::abort();
    }
    void unmap() {
        if (memory_ == nullptr) return;
        ASAN_UNPOISON_MEMORY_REGION(memory_, size_);
        munmap(memory_, size_ + kPage);
    }

    char* memory_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace ctxpack::tests
