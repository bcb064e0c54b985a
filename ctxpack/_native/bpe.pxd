from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libcpp.string_view cimport string_view
from libcpp.vector cimport vector

from ctxpack._native.encoding cimport CoreEncoding, Encoding, Normalize, Special, text_span


cdef extern from "<span>" namespace "std" nogil:
    cdef cppclass byte_span "std::span<const std::uint8_t>":
        byte_span()
        byte_span(const uint8_t* data, size_t size)


cdef extern from "encoding/specials.hpp" namespace "ctxpack" nogil:
    cdef cppclass special_span "std::span<const ctxpack::Special>":
        special_span()
        special_span(const Special* data, size_t size)


cdef extern from "bpe/vocabulary.hpp" namespace "ctxpack::bpe" nogil:
    cdef cppclass RankRange:
        uint32_t first
        uint32_t last

    cdef cppclass range_span "std::span<const ctxpack::bpe::RankRange>":
        range_span()
        range_span(const RankRange* data, size_t size)

    cdef cppclass VocabularyData:
        byte_span bytes
        byte_span pairs
        text_span wholes
        text_span spares
        range_span hasty


cdef extern from "bpe/external.hpp" namespace "ctxpack::bpe" nogil:
    cdef cppclass Split:
        Split()

    ctypedef int (*SplitFunction)(void* owner, string_view text, vector[uint64_t]* ends) except -1

    Split split_by(SplitFunction function, void* owner)


cdef extern from "bpe/encoding.hpp" namespace "ctxpack::bpe" nogil:
    cdef enum class Pattern:
        pass

    Pattern pattern_named(string_view name) except +

    cdef cppclass IdRun:
        uint32_t rank
        uint32_t id

    cdef cppclass run_span "std::span<const ctxpack::bpe::IdRun>":
        run_span()
        run_span(const IdRun* data, size_t size)

    cdef cppclass CoreBpe "ctxpack::bpe::Encoding"(CoreEncoding):
        CoreBpe(const VocabularyData& data, run_span runs, special_span specials, Pattern pattern,
                Split external, Normalize normalize, bint normalizes_first) except +


cdef class BpeEncoding(Encoding):
    cdef object split  # finds the ends of a text's pretokens where the core has no scanner, or None
