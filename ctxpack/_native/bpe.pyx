# distutils: language = c++
"""Byte-pair encodings; see bpe.pyi for the contract of every public name."""

from cpython.memoryview cimport PyMemoryView_GET_BUFFER

from libcpp.string cimport string

from ctxpack._native.encoding cimport add_kind, normalize_by
from ctxpack._native.views cimport view_of


cdef class BpeEncoding(Encoding):
    def __cinit__(self, str name, str pattern, single_bytes, pairs, wholes, spares, runs, hasty, specials,
                  normalize=None, split=None, bint normalizes_first=False):
        # typed views would import collections
        bytes_view = memoryview(single_bytes).cast("B")
        pairs_view = memoryview(pairs).cast("B")
        cdef bytes pattern_name = pattern.encode()
        cdef VocabularyData data
        cdef vector[string_view] whole_views
        cdef vector[string_view] spare_views
        cdef vector[IdRun] run_list
        cdef vector[RankRange] hasty_list
        cdef vector[Special] special_list
        cdef Split external
        cdef Normalize normalizer
        wholes, spares, specials = list(wholes), list(spares), dict(specials)  # kept as long as views of their texts
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
        for text, special.id in specials.items():
            special.text = view_of(text)
            special_list.push_back(special)
        data.bytes = bytes_of(bytes_view)
        data.pairs = bytes_of(pairs_view)
        data.wholes = text_span(whole_views.data(), whole_views.size())
        data.hasty = range_span(hasty_list.data(), hasty_list.size())
        data.spares = text_span(spare_views.data(), spare_views.size())
        if split is not None:
            external = split_by(ends_of, <void*>split)
        if normalize is not None:
            normalizer = normalize_by(normal_of, <void*>normalize)
        self.split = split
        self.normalize = normalize
        self.normalizes_first = normalizes_first
        cdef Pattern known = pattern_named(view_of(pattern_name))
        cdef CoreBpe* core
        with nogil:
            core = new CoreBpe(
                data,
                run_span(run_list.data(), run_list.size()),
                special_span(special_list.data(), special_list.size()),
                known,
                external,
                normalizer,
                normalizes_first,
            )
        self.hold_core(name, core)


add_kind(BpeEncoding)


cdef int ends_of(void* split, string_view text, vector[uint64_t]* ends) except -1 with gil:
    """Asks a Python function, on any thread."""
    for end in (<object>split)(text.data()[:text.size()]):
        ends.push_back(end)
    return 0


cdef int normal_of(void* normalize, string_view text, string* normal) except -1 with gil:
    cdef bytes found = (<object>normalize)(text.data()[:text.size()].decode()).encode()
    normal[0] = found
    return 0


cdef byte_span bytes_of(memoryview view) noexcept:
    return byte_span(<const uint8_t*>PyMemoryView_GET_BUFFER(view).buf, <size_t>len(view))
