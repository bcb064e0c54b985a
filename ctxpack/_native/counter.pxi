# The count of a growing text. Included by encoding.pyx.

from cpython.pythread cimport (
    NOWAIT_LOCK,
    WAIT_LOCK,
    PyThread_acquire_lock,
    PyThread_allocate_lock,
    PyThread_free_lock,
    PyThread_get_thread_ident,
    PyThread_release_lock,
)
from cpython.unicode cimport PyUnicode_DecodeUTF8Stateful


cdef unsigned long forks = 0  # up to this process


def _count_fork():
    global forks
    forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count_fork)


cdef class OneCall:
    """Lets one call in at a time: others wait, but one within it is refused, such as that of a signal handler.

    Waiting releases the interpreter lock, which the thread that counts may need to split or normalize.
    """

    def __cinit__(self):
        self.make_lock()

    cdef int make_lock(self) except -1:
        cdef PyThread_type_lock made = PyThread_allocate_lock()
        if made == NULL:
            raise MemoryError
        self.lock, self.forks = made, forks
        return 0

    def __dealloc__(self):
        if self.lock != NULL:
            PyThread_free_lock(self.lock)

    cdef int enter(self) except -1:
        cdef long thread = PyThread_get_thread_ident()
        if self.forks != forks:
            self.leave_to_parent()
        if self.is_taken and self.thread == thread:
            raise RuntimeError("a counter cannot be used within a call of its own")
        if not PyThread_acquire_lock(self.lock, NOWAIT_LOCK):
            with nogil:
                PyThread_acquire_lock(self.lock, WAIT_LOCK)
        self.is_taken, self.thread = True, thread
        return 0

    cdef int leave_to_parent(self) except -1:
        """Gives up a lock that a thread of the process before the fork may hold."""
        if self.is_taken:
            raise RuntimeError("a counter cannot be used that a thread was counting with when the process was forked")
        cdef PyThread_type_lock left = self.lock
        self.make_lock()
        PyThread_free_lock(left)
        return 0

    cdef int leave(self) noexcept:
        self.is_taken = False
        PyThread_release_lock(self.lock)
        return 0


cdef class TokenCounter:
    def __init__(self, Encoding encoding not None, *, special=TEXT):
        cdef vector[uint32_t] none
        cdef vector[uint32_t] specials = numbers_of(encoding, special)
        cdef bint refuses = special == REFUSE
        cdef OneCall one_call = OneCall.__new__(OneCall)
        # From here on nothing of Python's runs that could make it, too, or use it half made.
        if self.encoding is not None:
            raise TypeError("a counter is made once")
        self.core = dereference(encoding.core).counter(
            span_of(none if refuses else specials), span_of(specials if refuses else none))
        self.encoding, self.cut, self.refuses, self.one_call = encoding, b"", refuses, one_call

    @property
    def count(self):
        self.enter()
        try:
            return self.counted()
        finally:
            self.one_call.leave()

    def append(self, text):
        text = plain(text)
        self.enter()
        try:
            if self.refuses:
                return self.append_or_refuse(text)
            self.take(text)
            return self.counted()
        finally:
            self.one_call.leave()

    cdef int enter(self) except -1:
        if self.one_call is None:
            raise TypeError("the counter was not made: the __init__ of its class does not call this one's")
        return self.one_call.enter()

    cdef size_t append_or_refuse(self, text) except? 0:
        cdef TokenCounter after = self.copied()
        after.take(text)
        cdef size_t count = after.counted()
        self.cut = after.cut
        self.core.swap(after.core)
        return count

    cdef size_t counted(self) except? 0:
        if not self.cut:
            return dereference(self.core).count()
        cdef TokenCounter ended = self.copied()
        ended.end_character()
        return dereference(ended.core).count()

    cdef int take(self, text) except -1:
        if isinstance(text, bytes):
            self.add(self.whole_characters(text))
        elif text:
            self.end_character()
            self.add(text)
        return 0

    cdef object whole_characters(self, bytes data):
        """What was cut off and the data, but for a character at the end that is cut in two: that is cut off now."""
        data = self.cut + data
        cdef Py_ssize_t used = len(data)
        text = data
        if not is_valid(<const uint8_t*><const char*>data, <size_t>used):
            text = PyUnicode_DecodeUTF8Stateful(data, used, b"replace", &used)
            rest = data[used:].decode("utf-8", "replace")
            if len(rest) > 1:  # the start of a surrogate, which nothing makes a character
                text, used = text + rest, len(data)
        self.cut = data[used:]
        return text

    cdef int end_character(self) except -1:
        """Makes U+FFFD of what was cut off, as decoding does at the end of a text."""
        if self.cut:
            self.cut = b""
            self.add("\ufffd")
        return 0

    cdef int add(self, text) except -1:
        cdef string_view view
        _owner = hold(text, &view)
        if view.size() < BRIEF:
            dereference(self.core).append(view)
        else:
            with nogil:
                dereference(self.core).append(view)
        return 0

    def copy(self):
        self.enter()
        try:
            return self.copied()
        finally:
            self.one_call.leave()

    cdef TokenCounter copied(self):
        cdef TokenCounter other = TokenCounter.__new__(TokenCounter)
        other.encoding = self.encoding
        other.one_call = OneCall.__new__(OneCall)
        other.cut = self.cut
        other.refuses = self.refuses
        other.core = dereference(self.core).copy()
        return other

    __copy__ = copy

    def __deepcopy__(self, memo):
        return self.copy()

    def __reduce__(self):
        raise TypeError("a TokenCounter cannot be pickled: keep the text, or count it anew")

    def __repr__(self):
        return f"<TokenCounter at {self.count}>"
