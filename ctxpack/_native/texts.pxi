# Texts as the core takes them: views of valid UTF-8. Included by encoding.pyx.

from cpython.unicode cimport PyUnicode_AsUTF8AndSize


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
    return hold(plain(text), view)


cdef object plain(text):
    """The text as str or bytes."""
    if isinstance(text, (str, bytes)):
        return text
    if isinstance(text, (bytearray, memoryview)):
        return bytes(text)
    raise TypeError(f"text must be str, bytes, bytearray or memoryview, not {type(text).__name__}")


cdef text_span texts_of(const vector[string_view]& views) noexcept nogil:
    return text_span(views.data(), views.size())
