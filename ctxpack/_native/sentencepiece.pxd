from libc.stdint cimport uint8_t, uint32_t
from libcpp cimport bool as bint_t
from libcpp.memory cimport unique_ptr
from libcpp.string cimport string
from libcpp.string_view cimport string_view
from libcpp.vector cimport vector

from ctxpack._native.bpe cimport id_span, text_span


cdef extern from "sentencepiece/pieces.hpp" namespace "ctxpack::sentencepiece" nogil:
    cdef enum class ModelType:
        bpe
        unigram

    cdef cppclass ModelData:
        ModelType type
        size_t size
        const uint32_t* lengths
        const float* scores
        const uint8_t* types
        string_view text
        string_view charsmap
        string_view unknown_surface
        bint_t byte_fallback
        bint_t add_dummy_prefix
        bint_t remove_extra_whitespaces
        bint_t escape_whitespaces
        bint_t whitespace_as_suffix


cdef extern from "sentencepiece/encoding.hpp" namespace "ctxpack::sentencepiece" nogil:
    cdef cppclass CoreEncoding "ctxpack::sentencepiece::Encoding":
        CoreEncoding(const ModelData& data) except +
        size_t n_vocab() noexcept
        size_t count(string_view text) except +
        vector[size_t] count_batch(text_span texts, size_t threads) except +
        vector[uint32_t] encode(string_view text) except +
        string decode(id_span ids) except +
        string decode_bytes(id_span ids) except +


cdef class SentencePieceEncoding:
    cdef readonly str name
    cdef unique_ptr[CoreEncoding] core
