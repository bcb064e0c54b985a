# Texts as the core takes them: views of valid UTF-8. Included by encoding.pyx.

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)


cdef class Utf8:
    """The UTF-8 of a long text that is not ASCII.

    Python would make it with the interpreter lock held, and keep it as long as the text.
    """

    cdef object text
    cdef Transcoded core


cdef class Normal:
    """A text that was brought to an encoding's normal form."""

    cdef string text


cdef object hold(text, string_view* view):
    """Points `view` at the text as valid UTF-8 and returns the object that keeps it alive."""
    cdef Py_ssize_t size
    cdef const char* data
    if isinstance(text, str):
        if PyUnicode_GET_LENGTH(text) >= BRIEF and not PyUnicode_IS_ASCII(text):
            return hold_transcoded(text, view)
        try:
            data = PyUnicode_AsUTF8AndSize(text, &size)
        except UnicodeEncodeError:
            return hold(without_surrogates(text), view)
        view[0] = string_view(data, <size_t>size)
        return text
    if isinstance(text, bytes):
        view[0] = string_view(PyBytes_AS_STRING(text), <size_t>PyBytes_GET_SIZE(text))
        if is_valid(<const uint8_t*>view.data(), view.size()):
            return text
        return hold(bytes.decode(text, "utf-8", "replace"), view)
    return hold(plain(text), view)


cdef object hold_transcoded(text, string_view* view):
    cdef Utf8 owner = Utf8.__new__(Utf8)
    cdef const void* characters = PyUnicode_DATA(text)
    cdef size_t size = <size_t>PyUnicode_GET_LENGTH(text)
    cdef unsigned int width = PyUnicode_KIND(text)
    with nogil:
        owner.core = Transcoded(characters, size, width)
    if not owner.core.is_valid():
        return hold(without_surrogates(text), view)
    owner.text = text
    view[0] = owner.core.text()
    return owner


cdef object hold_normal(string& text, string_view* view):
    """As hold, for UTF-8, which it takes over."""
    cdef Normal owner = Normal.__new__(Normal)
    owner.text.swap(text)
    view[0] = string_view(owner.text.data(), owner.text.size())
    return owner


cdef object text_of(owner):
    """The text that an owner keeps alive."""
    return (<Utf8>owner).text if isinstance(owner, Utf8) else owner


cdef str without_surrogates(text):
    """The text with U+FFFD in their place, those that are half of a pair being put together."""
    return str.encode(text, "utf-16", "surrogatepass").decode("utf-16", "replace")


cdef object plain(text):
    """The text as str or bytes, and not as a class derived from one, whose methods may say something else."""
    if type(text) is str or type(text) is bytes:
        return text
    if isinstance(text, str):
        return str.__str__(text)
    if isinstance(text, bytes):
        return PyBytes_AS_STRING(text)[:PyBytes_GET_SIZE(text)]
    if isinstance(text, (bytearray, memoryview)):
        return bytes(text)
    raise TypeError(f"text must be str, bytes, bytearray or memoryview, not {type(text).__name__}")


cdef text_span texts_of(const vector[string_view]& views) noexcept nogil:
    return text_span(views.data(), views.size())
