# The count of a growing text. Included by encoding.pyx.

from _thread import allocate_lock

from cpython.unicode cimport PyUnicode_DecodeUTF8Stateful

cdef class TokenCounter:
    def __init__(self, Encoding encoding not None):
        self.encoding = encoding
        # Of Python: waiting for it releases the interpreter lock, which the thread that counts may need for splitting.
        self.lock = allocate_lock()
        self.cut = self.open = b""
        self.core = dereference(encoding.core).counter()

    @property
    def count(self):
        with self.lock:
            return self.counted()

    def append(self, text):
        text = plain(text)
        with self.lock:
            if isinstance(text, bytes):
                self.take(self.whole_characters(text))
            elif text:
                self.end_character()
                self.take(text)
            return self.counted()

    cdef size_t counted(self) except? 0:
        if not self.cut and not self.open:
            return dereference(self.core).count()
        cdef TokenCounter ended = self.copied()
        ended.end()
        return dereference(ended.core).count()

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

    cdef int end(self) except -1:
        """Takes what is pending as the end of a text."""
        self.end_character()
        cdef bytes last = self.open
        if last:
            self.open = b""
            last = self.encoding.normalize(last.decode()).encode()
            self.add(view_of(last))
        return 0

    cdef int end_character(self) except -1:
        """Makes U+FFFD of what was cut off, as decoding does at the end of a text."""
        if self.cut:
            self.cut = b""
            self.take("\ufffd")
        return 0

    cdef int take(self, text) except -1:
        cdef string_view view
        cdef bytes normal
        _owner = hold(text, &view)
        if self.encoding.normalize is None:
            self.add(view)
        else:
            normal = self.settled(view)
            self.add(view_of(normal))
        return 0

    cdef bytes settled(self, string_view text):
        """What was open and the text, in normal form, but for its last plain character and the marks after it."""
        cdef bytes whole = self.open + text.data()[:text.size()]
        cdef size_t at = last_plain(view_of(whole))
        self.open = whole[at:]
        return self.encoding.normalize(whole[:at].decode()).encode()

    cdef int add(self, string_view text) except -1:
        if text.size() < BRIEF:
            dereference(self.core).append(text)
        else:
            with nogil:
                dereference(self.core).append(text)
        return 0

    def copy(self):
        with self.lock:
            return self.copied()

    cdef TokenCounter copied(self):
        cdef TokenCounter other = TokenCounter.__new__(TokenCounter)
        other.encoding = self.encoding
        other.lock = allocate_lock()
        other.cut = self.cut
        other.open = self.open
        other.core = dereference(self.core).copy()
        return other

    __copy__ = copy

    def __deepcopy__(self, memo):
        return self.copy()

    def __repr__(self):
        return f"<TokenCounter at {self.count}>"
