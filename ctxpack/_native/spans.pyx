# distutils: language = c++
"""Where buffers lie inside another one; see spans.pyi for the contract."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer


def locate(outer, parts):
    cdef Py_buffer whole
    PyObject_GetBuffer(outer, &whole, PyBUF_SIMPLE)
    try:
        return [range_in(&whole, part) for part in parts]
    finally:
        PyBuffer_Release(&whole)


cdef tuple range_in(Py_buffer* whole, part):
    cdef Py_buffer view
    cdef Py_ssize_t start
    PyObject_GetBuffer(part, &view, PyBUF_SIMPLE)
    try:
        start = <char*>view.buf - <char*>whole.buf
        if start < 0 or start + view.len > whole.len:
            raise ValueError("a part is no view of the outer buffer")
        return start, start + view.len
    finally:
        PyBuffer_Release(&view)
