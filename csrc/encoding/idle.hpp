// Workspaces that no call uses, and the loan of one to a call.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace ctxpack {

// Guards the workspaces of every encoding that an extension has, so that a process can be forked while no thread holds
// it: the child would find it held for ever.
inline std::mutex& idle_mutex() {
    static std::mutex mutex;
#if defined(__unix__) || defined(__APPLE__)
    [[maybe_unused]] static const int around_forks =
        pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); }, [] { mutex.unlock(); });
#endif
    return mutex;
}

// A thread is given the workspace that it had last, if that is here: what that one holds is in the caches of the
// thread's core. Thread-safe.
template <class Workspace>
class Idle {
public:
    // Null where there is none.
    std::unique_ptr<Workspace> take() {
        const std::lock_guard lock(idle_mutex());
        if (idle_.empty()) return nullptr;
        const auto mine = std::ranges::find(idle_, std::this_thread::get_id(), &Entry::thread);
        if (mine != idle_.end()) std::swap(*mine, idle_.back());
        auto workspace = std::move(idle_.back().workspace);
        idle_.pop_back();
        return workspace;
    }

    // Where memory has run out it is not kept: the next call makes another.
    void give(std::unique_ptr<Workspace> workspace) noexcept {
        const std::lock_guard lock(idle_mutex());
        try {
            idle_.push_back({std::this_thread::get_id(), std::move(workspace)});
        } catch (const std::bad_alloc&) {
        }
    }

private:
    struct Entry {
        std::thread::id thread;
        std::unique_ptr<Workspace> workspace;
    };

    std::vector<Entry> idle_;
};

// A workspace for the length of one call. It is given back also where that throws, so it must be fit for use then.
template <class Workspace>
class Loan {
public:
    // make() makes one where none is idle.
    template <class Make>
    Loan(Idle<Workspace>& idle, Make make) : idle_(idle), workspace_(idle.take()) {
        if (!workspace_) workspace_ = make();
    }
    ~Loan() {
        workspace_->release();
        idle_.give(std::move(workspace_));
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    Workspace& operator*() const { return *workspace_; }

private:
    Idle<Workspace>& idle_;
    std::unique_ptr<Workspace> workspace_;
};

}  // namespace ctxpack
