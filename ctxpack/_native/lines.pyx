# distutils: language = c++
"""Lines of texts, and where they repeat; see lines.pyi for the contract of every public name."""

from ctxpack._native.views cimport view_of


cdef class Lines:
    def __cinit__(self, str text not None, numbers=None):  # once, for threads may read it
        cdef bytes encoded = text.encode("utf-8", "surrogatepass")
        cdef string_view view = view_of(encoded)
        cdef vector[Gutter] gutters
        if numbers is None:
            with nogil:
                self.core = core_list(view)
            return
        gutters = gutters_of(numbers)
        with nogil:
            self.core = core_list_numbered(view, gutter_span(gutters.data(), gutters.size()))

    cdef line_span view(self) noexcept nogil:
        return line_span(self.core.data(), self.core.size())

    def __len__(self):
        return self.core.size()

    def __getitem__(self, Py_ssize_t at):
        if not 0 <= at < <Py_ssize_t>self.core.size():
            raise IndexError("there is no such line")
        return self.core[at].start, self.core[at].stop, self.core[at].number

    def same(self, Py_ssize_t at, Lines other not None, Py_ssize_t there):
        self[at], other[there]
        return self.core[at].hash == other.core[there].hash


cdef class LineIndex:
    def add(self, Lines lines not None):
        self.core.add(lines.view())

    def runs(self, Lines lines not None, uint32_t least, uint32_t few, uint32_t much, uint32_t within):
        cdef vector[Run] found
        with nogil:
            found = self.core.runs(lines.view(), least, few, much, within)
        return [(run.first, run.length, run.place, run.at) for run in found]

    def number(self, uint32_t place, uint32_t at):
        return self.core.number(place, at)


def reports(str line not None):
    cdef bytes encoded = line.encode("utf-8", "surrogatepass")
    return core_reports(view_of(encoded))


def templated(str text not None):
    cdef bytes encoded = text.encode("utf-8", "surrogatepass")
    cdef string_view view = view_of(encoded)
    cdef Templated found
    with nogil:
        found = core_templated(view)
    return found.text.decode("utf-8", "surrogatepass"), found.templates, found.lines


cdef vector[Gutter] gutters_of(numbers) except *:
    cdef vector[Gutter] found
    cdef Gutter gutter
    for number, size in numbers:
        gutter.number, gutter.size = number, size
        found.push_back(gutter)
    return found
