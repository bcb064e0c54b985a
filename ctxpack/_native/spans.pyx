# distutils: language = c++
"""Where buffers lie inside another one; see spans.pyi for the contract."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport uintptr_t


def locate(outer, parts):
    cdef Py_buffer whole
    PyObject_GetBuffer(outer, &whole, PyBUF_SIMPLE)
    try:
        return [range_in(&whole, part) for part in parts]
    finally:
        PyBuffer_Release(&whole)


cdef tuple range_in(Py_buffer* whole, part):
    cdef Py_buffer view
    cdef uintptr_t begin = <uintptr_t>whole.buf, at
    PyObject_GetBuffer(part, &view, PyBUF_SIMPLE)
    try:
        at = <uintptr_t>view.buf
        if at < begin or at + <size_t>view.len > begin + <size_t>whole.len:
            raise ValueError("a part is no view of the outer buffer")
        return at - begin, at - begin + <size_t>view.len
    finally:
        PyBuffer_Release(&view)
