from libc.stdint cimport uint8_t, uint32_t
from libcpp cimport bool as bint_t
from libcpp.string cimport string
from libcpp.string_view cimport string_view

from ctxpack._native.encoding cimport CoreEncoding, Encoding, uint32_span


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
    cdef cppclass CoreModel "ctxpack::sentencepiece::Encoding"(CoreEncoding):
        CoreModel(const ModelData& data) except +
        string decode_repaired(uint32_span ids) except +


cdef class SentencePieceEncoding(Encoding):
    cdef readonly str path
    cdef CoreModel* model  # the same as the core
