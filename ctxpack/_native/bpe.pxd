from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libcpp cimport bool as bint_t
from libcpp.memory cimport unique_ptr
from libcpp.string cimport string
from libcpp.string_view cimport string_view
from libcpp.vector cimport vector


cdef extern from "<span>" namespace "std" nogil:
    cdef cppclass byte_span "std::span<const std::uint8_t>":
        byte_span()
        byte_span(const uint8_t* data, size_t size)

    cdef cppclass id_span "std::span<const std::uint32_t>":
        id_span()
        id_span(const uint32_t* data, size_t size)

    cdef cppclass end_span "std::span<const std::uint64_t>":
        end_span()
        end_span(const uint64_t* data, size_t size)

    cdef cppclass text_span "std::span<const std::string_view>":
        text_span()
        text_span(const string_view* data, size_t size)


cdef extern from "unicode/utf8.hpp" namespace "ctxpack::unicode" nogil:
    bint_t is_valid(const uint8_t* bytes, size_t size)


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


cdef extern from "bpe/encoding.hpp" namespace "ctxpack::bpe" nogil:
    cdef enum class Pattern:
        pass

    Pattern pattern_named(string_view name) except +

    cdef cppclass IdRun:
        uint32_t rank
        uint32_t id

    cdef cppclass Special:
        uint32_t id
        string_view text

    cdef cppclass run_span "std::span<const ctxpack::bpe::IdRun>":
        run_span()
        run_span(const IdRun* data, size_t size)

    cdef cppclass special_span "std::span<const ctxpack::bpe::Special>":
        special_span()
        special_span(const Special* data, size_t size)

    cdef cppclass CoreEncoding "ctxpack::bpe::Encoding":
        CoreEncoding(const VocabularyData& data, run_span runs, special_span specials, Pattern pattern) except +
        size_t n_vocab() noexcept
        size_t count(string_view text) except +
        size_t count(string_view text, end_span ends) except +
        vector[size_t] count_batch(text_span texts, size_t threads) except +
        vector[uint32_t] encode(string_view text) except +
        vector[uint32_t] encode(string_view text, end_span ends) except +
        string decode(id_span ids) except +


cdef class TokenIds:
    cdef vector[uint32_t] ids
    cdef Py_ssize_t length  # the shape that buffers point to


cdef class Encoding:
    cdef readonly str name
    cdef object normalize  # brings a str to the encoding's normal form, or None
    cdef object split  # finds the ends of a text's pretokens where the core has no scanner, or None
    cdef unique_ptr[CoreEncoding] core
