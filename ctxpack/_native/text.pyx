# distutils: language = c++
"""Texts cut into units and scored; see text.pyi for the contract of every public name."""

from cython.operator cimport dereference

from ctxpack._native.views cimport view_of


cdef class Document:
    def __cinit__(self, str text not None):  # once, for threads may read it
        cdef bytes encoded = utf8(text)
        cdef string_view view = view_of(encoded)
        cdef CoreDocument* core
        with nogil:
            core = new CoreDocument(view)
        self.core.reset(core)
        self.units = character_ranges(dereference(core).units(), view, len(encoded) == len(text))

    @property
    def shape(self):
        return "prose" if dereference(self.core).shape() == Shape.prose else "lines"

    def scores(self, str query not None, double focus=1):
        cdef bytes encoded = utf8(query)
        cdef string_view view = view_of(encoded)
        cdef vector[double] result
        with nogil:
            result = dereference(self.core).scores(view, focus)
        return result

    def choose(self, scores, costs, Py_ssize_t budget, Py_ssize_t gap=0, required=()):
        cdef vector[double] score_values = scores
        cdef vector[int64_t] cost_values = costs
        cdef vector[uint32_t] numbers = required
        cdef double_span score_view = double_span(score_values.data(), score_values.size())
        cdef cost_span cost_view = cost_span(cost_values.data(), cost_values.size())
        cdef uint32_span number_view = uint32_span(numbers.data(), numbers.size())
        cdef vector[uint32_t] result
        with nogil:
            result = dereference(self.core).choose(score_view, cost_view, number_view, gap, budget)
        return result

    def __repr__(self):
        return f"<Document of {len(self.units)} units, {self.shape}>"


def names_in(str text not None):
    cdef bytes encoded = utf8(text)
    cdef string_view view = view_of(encoded)
    cdef vector[Name] found
    with nogil:
        found = core_names(view)
    return [encoded[name.begin:name.end].decode("ascii") for name in found]


cdef bytes utf8(str text):
    """Lone surrogates become "?": one character for one, so that offsets stay."""
    return text.encode("utf-8", "replace")


cdef tuple character_ranges(unit_span units, string_view text, bint ascii):
    """The units' byte offsets as offsets of characters."""
    cdef list ranges = []
    cdef size_t i
    cdef uint32_t at
    cdef Py_ssize_t begin = 0, end = 0
    for i in range(units.size()):
        begin = end
        if ascii:
            end = units[i].end
        else:
            for at in range(units[i].begin, units[i].end):
                end += (<uint8_t>text.data()[at] & 0xC0) != 0x80
        ranges.append((begin, end))
    return tuple(ranges)
