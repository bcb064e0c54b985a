# distutils: language = c++
"""SentencePiece models; see sentencepiece.pyi for the contract of every public name."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from cython.operator cimport dereference

from ctxpack._native.bpe cimport BRIEF, TokenIds, hold, hold_all, texts_of, worker_count


cdef class SentencePieceEncoding:
    def __init__(
        self,
        str name,
        *,
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
        cdef CoreEncoding* core
        with nogil:
            core = new CoreEncoding(data)
        self.core.reset(core)
        self.name = name

    @property
    def n_vocab(self):
        return dereference(self.core).n_vocab()

    def count(self, text):
        cdef string_view view
        cdef size_t total
        _owner = hold(text, &view)
        if view.size() < BRIEF:
            total = dereference(self.core).count(view)
        else:
            with nogil:
                total = dereference(self.core).count(view)
        return total

    def count_batch(self, texts, threads=None):
        cdef vector[string_view] views
        cdef vector[size_t] counts
        _owners = hold_all(texts, &views)
        cdef size_t workers = worker_count(threads, texts_of(views))
        with nogil:
            counts = dereference(self.core).count_batch(texts_of(views), workers)
        return counts

    def encode(self, text):
        cdef string_view view
        cdef TokenIds result = TokenIds.__new__(TokenIds)
        _owner = hold(text, &view)
        with nogil:
            result.ids = dereference(self.core).encode(view)
        result.length = <Py_ssize_t>result.ids.size()
        return result

    def decode(self, ids):
        cdef TokenIds tokens = ids if isinstance(ids, TokenIds) else TokenIds(ids)
        cdef string text
        with nogil:
            text = dereference(self.core).decode(id_span(tokens.ids.data(), tokens.ids.size()))
        return PyUnicode_DecodeUTF8(text.data(), <Py_ssize_t>text.size(), b"replace")

    def decode_bytes(self, ids):
        cdef TokenIds tokens = ids if isinstance(ids, TokenIds) else TokenIds(ids)
        cdef string text
        with nogil:
            text = dereference(self.core).decode_bytes(id_span(tokens.ids.data(), tokens.ids.size()))
        return PyBytes_FromStringAndSize(text.data(), <Py_ssize_t>text.size())

    def __repr__(self):
        return f"<SentencePieceEncoding {self.name!r}>"


cdef string_view view_of(bytes data) noexcept:
    return string_view(PyBytes_AS_STRING(data), <size_t>PyBytes_GET_SIZE(data))
