"""UTF-8 of Python as the core takes it."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libcpp.string_view cimport string_view


cdef inline string_view view_of(bytes text) except *:
    """Valid as long as the bytes are."""
    if text is None:
        raise TypeError("None is no text")
    return string_view(PyBytes_AS_STRING(text), <size_t>PyBytes_GET_SIZE(text))
