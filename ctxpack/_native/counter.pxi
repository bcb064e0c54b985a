# The count of a growing text. Included by bpe.pyx.

from cpython.unicode cimport PyUnicode_DecodeUTF8Stateful

cdef class TokenCounter:
    def __init__(self, Encoding encoding not None):
        require_scanner(encoding)
        if encoding.normalize is not None:
            raise ValueError(f"{encoding.name} normalizes text, which a growing text does not allow")
        self.encoding = encoding
        self.pending = b""
        self.core.reset(new CoreCounter(dereference(encoding.core)))

    @property
    def count(self):
        if not self.pending:
            return dereference(self.core).count()
        cdef TokenCounter ended = self.copy()
        ended.end_character()
        return dereference(ended.core).count()

    def append(self, text):
        text = plain(text)
        if isinstance(text, bytes):
            self.take(self.whole_characters(text))
        elif text:
            self.end_character()
            self.take(text)
        return self.count

    cdef object whole_characters(self, bytes data):
        """What is pending and the data, but for a character at the end that is cut in two: that is pending now."""
        data = self.pending + data
        cdef Py_ssize_t used = len(data)
        text = data
        if not is_valid(<const uint8_t*><const char*>data, <size_t>used):
            text = PyUnicode_DecodeUTF8Stateful(data, used, b"replace", &used)
        self.pending = data[used:]
        return text

    cdef int end_character(self) except -1:
        """Makes U+FFFD of what is pending, as decoding does at the end of a text."""
        if self.pending:
            self.pending = b""
            self.take("\ufffd")
        return 0

    cdef int take(self, text) except -1:
        cdef string_view view
        _owner = hold(text, &view)
        if view.size() < BRIEF:
            dereference(self.core).append(view)
        else:
            with nogil:
                dereference(self.core).append(view)
        return 0

    def copy(self):
        cdef TokenCounter other = TokenCounter.__new__(TokenCounter)
        other.encoding = self.encoding
        other.pending = self.pending
        other.core.reset(new CoreCounter(dereference(self.core)))
        return other

    __copy__ = copy

    def __repr__(self):
        return f"<TokenCounter at {self.count}>"
