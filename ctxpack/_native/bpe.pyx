# distutils: language = c++
"""Token ids and encodings; see bpe.pyi for the contract of every public name."""

import os
from collections.abc import Sequence

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_WRITABLE, PyObject_CheckBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.number cimport PyNumber_AsSsize_t
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DecodeUTF8
from cython.operator cimport dereference

# How the buffer protocol names uint32.
cdef char* ITEM_FORMAT = b"I"

# Texts of fewer bytes are done sooner than the interpreter lock could be given up and taken back.
cdef enum:
    BRIEF = 512

# A thread of a batch is worth starting for this many bytes.
cdef enum:
    SHARE = 65536


cdef class TokenIds:
    def __init__(self, ids=()):
        fill(&self.ids, ids)
        self.length = <Py_ssize_t>self.ids.size()

    def __len__(self):
        return self.length

    def __getitem__(self, at):
        if isinstance(at, slice):
            return TokenIds([self.ids[index] for index in range(*at.indices(self.length))])
        cdef Py_ssize_t index = PyNumber_AsSsize_t(at, IndexError)
        if index < 0:
            index += self.length
        if not 0 <= index < self.length:
            raise IndexError("token index out of range")
        return self.ids[index]

    def __iter__(self):
        cdef Py_ssize_t i
        for i in range(self.length):
            yield self.ids[i]

    def __eq__(self, other):
        if isinstance(other, TokenIds):
            return self.ids == (<TokenIds>other).ids
        if isinstance(other, (str, bytes, bytearray)) or not isinstance(other, Sequence):
            return NotImplemented
        return self.length == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None

    def __repr__(self):
        return f"TokenIds({list(self)})"

    def __reduce__(self):
        return TokenIds, (list(self),)

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        if flags & PyBUF_WRITABLE == PyBUF_WRITABLE:
            raise BufferError("token ids are read-only")
        buffer.obj = self
        buffer.buf = self.ids.data()
        buffer.len = self.length * <Py_ssize_t>sizeof(uint32_t)
        buffer.itemsize = sizeof(uint32_t)
        buffer.readonly = 1
        buffer.format = ITEM_FORMAT if flags & PyBUF_FORMAT else <char*>NULL
        buffer.ndim = 1
        buffer.shape = &self.length
        buffer.strides = &buffer.itemsize
        buffer.suboffsets = NULL
        buffer.internal = NULL


cdef class Encoding:
    def __init__(self, str name, str pattern, single_bytes, pairs, wholes, spares, runs, hasty, specials,
                 normalize=None, split=None):
        cdef const uint8_t[::1] bytes_view = single_bytes
        cdef const uint8_t[::1] pairs_view = pairs
        cdef VocabularyData data
        cdef vector[string_view] whole_views
        cdef vector[string_view] spare_views
        cdef vector[IdRun] run_list
        cdef vector[RankRange] hasty_list
        cdef vector[Special] special_list
        cdef string_view pattern_view
        for whole in wholes:
            whole_views.push_back(view_of(whole))
        for spare in spares:
            spare_views.push_back(view_of(spare))
        cdef IdRun run
        cdef RankRange hurry
        cdef Special special
        for run.rank, run.id in runs:
            run_list.push_back(run)
        for hurry.first, hurry.last in hasty:
            hasty_list.push_back(hurry)
        for special.id, text in specials.items():
            special.text = view_of(text)
            special_list.push_back(special)
        data.bytes = byte_span(bytes_of(bytes_view), <size_t>bytes_view.shape[0])
        data.pairs = byte_span(bytes_of(pairs_view), <size_t>pairs_view.shape[0])
        data.wholes = text_span(whole_views.data(), whole_views.size())
        data.hasty = range_span(hasty_list.data(), hasty_list.size())
        data.spares = text_span(spare_views.data(), spare_views.size())
        hold(pattern, &pattern_view)
        self.core.reset(new CoreEncoding(
            data,
            run_span(run_list.data(), run_list.size()),
            special_span(special_list.data(), special_list.size()),
            pattern_named(pattern_view),
        ))
        self.name = name
        self.normalize = normalize
        self.split = split

    @property
    def n_vocab(self):
        return dereference(self.core).n_vocab()

    def count(self, text):
        cdef string_view view
        cdef vector[uint64_t] ends
        cdef size_t total
        _owner = prepare(self, text, &view)
        if self.split is not None:
            ends = self.split(_owner)
            with nogil:
                total = dereference(self.core).count(view, end_span(ends.data(), ends.size()))
        elif view.size() < BRIEF:
            total = dereference(self.core).count(view)
        else:
            with nogil:
                total = dereference(self.core).count(view)
        return total

    def count_batch(self, texts, threads=None):
        cdef vector[string_view] views
        cdef vector[size_t] counts
        cdef string_view view
        cdef size_t total = 0
        if self.split is not None:
            worker_count(threads, total)
            return [self.count(text) for text in texts]
        owners = []
        for text in texts:
            owners.append(prepare(self, text, &view))
            views.push_back(view)
            total += view.size()
        cdef size_t workers = worker_count(threads, total)
        with nogil:
            counts = dereference(self.core).count_batch(text_span(views.data(), views.size()), workers)
        return counts

    def encode(self, text):
        cdef string_view view
        cdef vector[uint64_t] ends
        cdef TokenIds result = TokenIds.__new__(TokenIds)
        _owner = prepare(self, text, &view)
        if self.split is None:
            with nogil:
                result.ids = dereference(self.core).encode(view)
        else:
            ends = self.split(_owner)
            with nogil:
                result.ids = dereference(self.core).encode(view, end_span(ends.data(), ends.size()))
        result.length = <Py_ssize_t>result.ids.size()
        return result

    def decode(self, ids):
        cdef string joined = decoded(self, ids)
        return PyUnicode_DecodeUTF8(joined.data(), <Py_ssize_t>joined.size(), b"replace")

    def decode_bytes(self, ids):
        cdef string joined = decoded(self, ids)
        return PyBytes_FromStringAndSize(joined.data(), <Py_ssize_t>joined.size())

    def __repr__(self):
        return f"<Encoding {self.name!r}>"


cdef string decoded(Encoding encoding, ids) except *:
    cdef TokenIds tokens = ids if isinstance(ids, TokenIds) else TokenIds(ids)
    cdef string joined
    with nogil:
        joined = dereference(encoding.core).decode(id_span(tokens.ids.data(), tokens.ids.size()))
    return joined


cdef object prepare(Encoding encoding, text, string_view* view):
    """As hold, with the text in the encoding's normal form."""
    owner = hold(text, view)
    if encoding.normalize is None or owner.isascii():
        return owner
    return hold(encoding.normalize(owner if isinstance(owner, str) else owner.decode()), view)


cdef object hold(text, string_view* view):
    """Points `view` at the text as valid UTF-8 and returns the object that keeps it alive."""
    cdef Py_ssize_t size
    cdef const char* data
    if isinstance(text, str):
        try:
            data = PyUnicode_AsUTF8AndSize(text, &size)
        except UnicodeEncodeError:
            return hold(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), view)
        view[0] = string_view(data, <size_t>size)
        return text
    if isinstance(text, bytes):
        view[0] = string_view(<const char*>text, <size_t>len(text))
        if is_valid(<const uint8_t*>view.data(), view.size()):
            return text
        return hold(text.decode("utf-8", "replace"), view)
    if isinstance(text, (bytearray, memoryview)):
        return hold(bytes(text), view)
    raise TypeError(f"text must be str, bytes, bytearray or memoryview, not {type(text).__name__}")


cdef size_t worker_count(threads, size_t total) except? 0:
    """Threads for a batch of `total` bytes: as many as asked for, else as are worth starting."""
    if threads is None:
        return min(os.cpu_count() or 1, total // SHARE + 1)
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    return threads


cdef object fill(vector[uint32_t]* target, ids):
    """Copies ids out of a buffer of uint32 or any iterable of ints."""
    cdef const uint32_t[::1] view
    if PyObject_CheckBuffer(ids) and memoryview(ids).format == "I":
        view = ids
        if view.shape[0]:
            target.assign(&view[0], &view[0] + view.shape[0])
        return
    try:
        for token in ids:
            target.push_back(token)
    except OverflowError:
        raise ValueError(f"{token} is no token id") from None


cdef string_view view_of(bytes text) noexcept:
    return string_view(<const char*>text, <size_t>len(text))


cdef const uint8_t* bytes_of(const uint8_t[::1] view) noexcept:
    """Its first byte; of an empty view none may be taken."""
    return &view[0] if view.shape[0] else NULL
