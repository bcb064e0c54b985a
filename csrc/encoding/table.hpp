// Zero-filled memory of hash tables.
//
// Tables are read at random places, so with pages of 4 KB nearly every access would also miss the processor's address
// cache. Where the system offers larger pages on request, large tables ask for them; their memory is also not touched
// before it is used. A system may hold a program up for 20 ms to put such pages together, so what tables of
// pretokens grow to, while a text waits, does without. Small tables that will soon be read all over may ask for all of
// their pages at once, for one by one each takes a microsecond or two.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "cpu/prefetch.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ctxpack {

using cpu::prefetch;

enum class Pages { large, small, at_once };

namespace memory {

inline constexpr std::size_t kLargePage = std::size_t{1} << 21;

#if defined(__linux__)
// A mapping starts at any small page; one large page more than asked for leaves room to align it.
inline void* map(std::size_t bytes, Pages pages) {
    void* const start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw std::bad_alloc();
    if (pages == Pages::large)
        madvise(start, bytes, MADV_HUGEPAGE);  // advice: without it the table is slower, not wrong
    return start;
}

inline void unmap(void* start, std::size_t bytes) { munmap(start, bytes); }

// Has all pages of some memory there; where the system cannot, they come when they are used.
inline void touch(void* start, std::size_t bytes) {
    constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE, which older headers lack
    madvise(start, bytes, kPopulateWrite);
}
#else
inline void* map(std::size_t bytes, Pages) {
    void* const start = std::calloc(bytes, 1);
    if (start == nullptr) throw std::bad_alloc();
    return start;
}

inline void unmap(void* start, std::size_t) { std::free(start); }

inline void touch(void*, std::size_t) {}
#endif

}  // namespace memory

// A fixed number of zero-filled values.
template <class T>
class Table {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    explicit Table(std::size_t size, Pages pages = Pages::large)
        : size_(size), bytes_(size * sizeof(T) + memory::kLargePage), start_(memory::map(bytes_, pages)) {
        void* aligned = start_;
        std::size_t room = bytes_;
        values_ = static_cast<T*>(std::align(memory::kLargePage, size * sizeof(T), aligned, room));
        if (pages == Pages::at_once) memory::touch(values_, size * sizeof(T));
    }
    ~Table() {
        if (start_ != nullptr) memory::unmap(start_, bytes_);
    }
    Table(Table&& other) noexcept
        : size_(other.size_),
          bytes_(other.bytes_),
          start_(std::exchange(other.start_, nullptr)),
          values_(other.values_) {}
    Table& operator=(Table&& other) noexcept {
        std::swap(size_, other.size_);
        std::swap(bytes_, other.bytes_);
        std::swap(start_, other.start_);
        std::swap(values_, other.values_);
        return *this;
    }

    std::size_t size() const { return size_; }
    T& operator[](std::size_t at) { return values_[at]; }
    const T& operator[](std::size_t at) const { return values_[at]; }

private:
    std::size_t size_;
    std::size_t bytes_;
    void* start_;
    T* values_;
};

}  // namespace ctxpack
