# Counts of spans of one text. Included by encoding.pyx.

from cpython.object cimport PyObject


# What slice.indices does, without an object for it: a packer asks for the counts of thousands of spans.
cdef extern from "Python.h":
    Py_ssize_t clipped_index "PyNumber_AsSsize_t"(object number, PyObject* overflow) except? -1
    Py_ssize_t PySlice_AdjustIndices(Py_ssize_t length, Py_ssize_t* start, Py_ssize_t* stop, Py_ssize_t step)

cdef class TokenOffsets:
    def __cinit__(self, Encoding encoding not None, text, *, special=TEXT):
        cdef vector[uint32_t] wanted
        self.encoding = encoding
        self.special = kept_special(special)
        self.text = plain(text)
        self.length = len(self.text)
        if self.special != TEXT:
            prepare_special(encoding, self.text, self.special, &self.view, &wanted)  # raises what counting would
        self.owner = prepare(encoding, self.text, &self.view)
        if text_of(self.owner) is not self.text:
            return
        with nogil:
            self.core = dereference(encoding.core).offsets(self.view, span_of(wanted))
        if self.length != <Py_ssize_t>self.view.size():
            self.characters.reset(new CharacterOffsets(self.view))

    @property
    def total(self):
        return self.count()

    def count(self, start=0, stop=None):
        cdef Py_ssize_t begin = 0 if start is None else clipped_index(start, NULL)
        cdef Py_ssize_t end = self.length if stop is None else clipped_index(stop, NULL)
        PySlice_AdjustIndices(self.length, &begin, &end, 1)
        cdef size_t first = self.byte(begin), last = self.byte(max(begin, end))
        cdef size_t total
        if self.core == NULL or self.cuts(first) or self.cuts(last):
            return self.encoding.count(self.text[begin:end], special=self.special)
        if last - first < SEARCHED:
            return dereference(self.core).count(first, last)
        with nogil:
            total = dereference(self.core).count(first, last)
        return total

    cdef size_t byte(self, size_t at) noexcept:
        return at if self.characters == NULL else dereference(self.characters).byte(at)

    cdef bint cuts(self, size_t byte) noexcept:
        """Whether a span that starts or ends there has a part of a character."""
        return floor_boundary(self.view, byte) != byte

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        raise TypeError("TokenOffsets cannot be pickled: keep the text, and make them anew")

    def __repr__(self):
        return f"<TokenOffsets of {self.length} {'characters' if isinstance(self.text, str) else 'bytes'}>"
