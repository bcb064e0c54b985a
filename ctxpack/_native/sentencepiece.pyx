# distutils: language = c++
"""SentencePiece models; see sentencepiece.pyi for the contract of every public name."""

from cpython.unicode cimport PyUnicode_DecodeUTF8
from cython.operator cimport dereference
from libcpp.vector cimport vector

from ctxpack._native.encoding cimport TokenIds, add_kind, span_of
from ctxpack._native.views cimport view_of


cdef class SentencePieceEncoding(Encoding):
    def __cinit__(
        self,
        str name,
        *,
        str path,
        bint unigram,
        pieces,
        scores,
        types,
        bytes charsmap,
        bytes unknown_surface,
        bint byte_fallback,
        bint add_dummy_prefix,
        bint remove_extra_whitespaces,
        bint escape_whitespaces,
        bint whitespace_as_suffix,
    ):
        cdef bytes text = b"".join(pieces)
        cdef vector[uint32_t] length_values = [len(piece) for piece in pieces]
        cdef vector[float] score_values = scores
        cdef vector[uint8_t] type_values = types
        if not length_values.size() == score_values.size() == type_values.size():
            raise ValueError("there must be as many scores and types as pieces")
        cdef ModelData data
        data.type = ModelType.unigram if unigram else ModelType.bpe
        data.size = length_values.size()
        data.lengths = length_values.data()
        data.scores = score_values.data()
        data.types = type_values.data()
        data.text = view_of(text)
        data.charsmap = view_of(charsmap)
        data.unknown_surface = view_of(unknown_surface)
        data.byte_fallback = byte_fallback
        data.add_dummy_prefix = add_dummy_prefix
        data.remove_extra_whitespaces = remove_extra_whitespaces
        data.escape_whitespaces = escape_whitespaces
        data.whitespace_as_suffix = whitespace_as_suffix
        with nogil:
            self.model = new CoreModel(data)
        self.path = path
        self.hold_core(name, self.model)

    def decode(self, ids, str errors="replace"):
        if errors != "replace":
            return Encoding.decode(self, ids, errors)
        cdef TokenIds tokens = ids if isinstance(ids, TokenIds) else TokenIds(ids)
        cdef string text
        with nogil:
            text = dereference(self.model).decode_repaired(span_of(tokens.ids))
        return PyUnicode_DecodeUTF8(text.data(), <Py_ssize_t>text.size(), NULL)


add_kind(SentencePieceEncoding)
