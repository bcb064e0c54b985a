from libc.stdint cimport uint8_t, uint32_t
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

    cdef cppclass text_span "std::span<const std::string_view>":
        text_span()
        text_span(const string_view* data, size_t size)


cdef extern from "unicode/utf8.hpp" namespace "ctxpack::unicode" nogil:
    bint_t is_valid(const uint8_t* bytes, size_t size)


cdef extern from "bpe/vocabulary.hpp" namespace "ctxpack::bpe" nogil:
    cdef cppclass VocabularyData:
        size_t size
        const uint8_t* lengths
        const uint8_t* left_halves
        const uint8_t* text
        size_t text_size


cdef extern from "bpe/encoding.hpp" namespace "ctxpack::bpe" nogil:
    cdef enum class Pattern:
        pass

    Pattern pattern_named(string_view name) except +

    cdef cppclass CoreEncoding "ctxpack::bpe::Encoding":
        CoreEncoding(const VocabularyData& data, byte_span specials, Pattern pattern) except +
        size_t n_vocab() noexcept
        size_t count(string_view text) except +
        vector[size_t] count_batch(text_span texts, size_t threads) except +
        vector[uint32_t] encode(string_view text) except +
        string decode(id_span ids) except +


cdef enum:
    BRIEF = 512  # texts of fewer bytes are done sooner than the interpreter lock could be given up and taken back


cdef object hold(text, string_view* view)

cdef size_t worker_count(threads, size_t total) except? 0


cdef class TokenIds:
    cdef vector[uint32_t] ids
    cdef Py_ssize_t length  # the shape that buffers point to


cdef class Encoding:
    cdef readonly str name
    cdef unique_ptr[CoreEncoding] core
