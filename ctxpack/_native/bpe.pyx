# distutils: language = c++
"""Byte-pair encodings; see bpe.pyi for the contract of every public name."""

from ctxpack._native.encoding cimport view_of


cdef class BpeEncoding(Encoding):
    def __init__(self, str name, str pattern, single_bytes, pairs, wholes, spares, runs, hasty, specials,
                 normalize=None, split=None):
        cdef const uint8_t[::1] bytes_view = single_bytes
        cdef const uint8_t[::1] pairs_view = pairs
        cdef bytes pattern_name = pattern.encode()
        cdef VocabularyData data
        cdef vector[string_view] whole_views
        cdef vector[string_view] spare_views
        cdef vector[IdRun] run_list
        cdef vector[RankRange] hasty_list
        cdef vector[Special] special_list
        cdef Split external
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
        for special.id, text in specials.items():
            special.text = view_of(text)
            special_list.push_back(special)
        data.bytes = byte_span(bytes_of(bytes_view), <size_t>bytes_view.shape[0])
        data.pairs = byte_span(bytes_of(pairs_view), <size_t>pairs_view.shape[0])
        data.wholes = text_span(whole_views.data(), whole_views.size())
        data.hasty = range_span(hasty_list.data(), hasty_list.size())
        data.spares = text_span(spare_views.data(), spare_views.size())
        if split is not None:
            external = split_by(ends_of, <void*>split)
        self.split = split
        self.normalize = normalize
        self.hold_core(name, new CoreBpe(
            data,
            run_span(run_list.data(), run_list.size()),
            special_span(special_list.data(), special_list.size()),
            pattern_named(view_of(pattern_name)),
            external,
        ))


cdef int ends_of(void* split, string_view text, vector[uint64_t]* ends) except -1 with gil:
    """Asks a Python function, on any thread."""
    for end in (<object>split)(text.data()[:text.size()]):
        ends.push_back(end)
    return 0


cdef const uint8_t* bytes_of(const uint8_t[::1] view) noexcept:
    """Its first byte; of an empty view none may be taken."""
    return &view[0] if view.shape[0] else NULL
