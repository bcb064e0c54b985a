# distutils: language = c++
"""Where one buffer lies inside another."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer


def offset(outer, inner) -> int:
    """See spans.pyi."""
    cdef Py_buffer whole
    cdef Py_buffer part
    cdef Py_ssize_t distance
    PyObject_GetBuffer(outer, &whole, PyBUF_SIMPLE)
    try:
        PyObject_GetBuffer(inner, &part, PyBUF_SIMPLE)
        try:
            distance = <char*>part.buf - <char*>whole.buf
            if distance < 0 or distance + part.len > whole.len:
                raise ValueError("the inner buffer is no view of the outer one")
            return distance
        finally:
            PyBuffer_Release(&part)
    finally:
        PyBuffer_Release(&whole)
