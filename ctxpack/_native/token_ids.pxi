# Ids of tokens as a read-only sequence and buffer. Included by encoding.pyx.

from _collections_abc import Sequence  # collections costs more to import than all of this

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_WRITABLE, PyObject_CheckBuffer
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.memoryview cimport PyMemoryView_GET_BUFFER
from cpython.number cimport PyNumber_AsSsize_t, PyNumber_Index
from libc.stdint cimport UINT32_MAX

cdef tuple NO_IDS = ()  # there is but one

# How the buffer protocol names uint32.
cdef char* ITEM_FORMAT = b"I"


cdef class TokenIds:
    def __cinit__(self, ids=()):  # once, for views may look at it
        if ids is not NO_IDS:
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

    index, count = Sequence.index, Sequence.count

    def __eq__(self, other):
        if isinstance(other, TokenIds):
            return self.ids == (<TokenIds>other).ids
        if not is_ids(other):
            return NotImplemented
        return self.length == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None

    def __add__(self, other):
        return joined_ids(self, other)

    def __radd__(self, other):
        return joined_ids(other, self)

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


Sequence.register(TokenIds)


cdef TokenIds token_ids(vector[uint32_t]* ids):
    """The ids, taken from the vector."""
    cdef TokenIds result = TokenIds.__new__(TokenIds)
    result.ids.swap(dereference(ids))
    result.length = <Py_ssize_t>result.ids.size()
    return result


cdef uint32_span span_of(const vector[uint32_t]& ids) noexcept nogil:
    return uint32_span(ids.data(), ids.size())


cdef bint is_ids(other):
    """Whether it may be compared with ids and added to them."""
    return isinstance(other, Sequence) and not isinstance(other, (str, bytes, bytearray))


cdef object joined_ids(first, second):
    cdef TokenIds head, tail
    if not (is_ids(first) and is_ids(second)):
        return NotImplemented
    head, tail = TokenIds(first), second if isinstance(second, TokenIds) else TokenIds(second)
    head.ids.insert(head.ids.end(), tail.ids.begin(), tail.ids.end())
    return token_ids(&head.ids)


cdef bint is_row(held):
    """Whether a view is of uint32 side by side."""
    return held.format == "I" and held.c_contiguous


cdef object fill(vector[uint32_t]* target, ids):
    """Copies ids out of a buffer of uint32 or any iterable of ints."""
    cdef const uint32_t* first
    if PyObject_CheckBuffer(ids):
        held = memoryview(ids)
        if held.ndim != 1:
            raise TypeError(f"token ids have one dimension, not {held.ndim}")
        if is_row(held):
            first = <const uint32_t*>PyMemoryView_GET_BUFFER(held).buf
            target.assign(first, first + len(held))
            return
    for token in iterator_of(ids):
        target.push_back(token_id(PyNumber_Index(token)))


cdef object iterator_of(ids):
    try:
        if not isinstance(ids, str):
            return iter(ids)
    except TypeError:
        pass
    raise TypeError(f"token ids are an iterable of int or a buffer of uint32, not {type(ids).__name__}")


cdef uint32_t token_id(number) except? 0:
    cdef int overflow
    cdef long long token = PyLong_AsLongLongAndOverflow(number, &overflow)
    if overflow != 0 or not 0 <= token <= UINT32_MAX:
        raise ValueError(f"{number} is not a token id")
    return <uint32_t>token
