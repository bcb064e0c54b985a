from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libcpp cimport bool as bint_t
from libcpp.memory cimport unique_ptr
from libcpp.optional cimport optional
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
        size_t size()
        const string_view& operator[](size_t at)


cdef extern from "unicode/utf8.hpp" namespace "ctxpack::unicode" nogil:
    bint_t is_valid(const uint8_t* bytes, size_t size)


cdef extern from "unicode/nfc.hpp" namespace "ctxpack::unicode" nogil:
    bint_t is_plainly_nfc(string_view text)


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


cdef extern from "bpe/specials.hpp" namespace "ctxpack::bpe" nogil:
    cdef cppclass Special:
        uint32_t id
        string_view text

    cdef cppclass special_span "std::span<const ctxpack::bpe::Special>":
        special_span()
        special_span(const Special* data, size_t size)

    cdef cppclass SpecialMatch "ctxpack::bpe::Specials::Match":
        size_t begin
        size_t end
        uint32_t id

    cdef cppclass Specials:
        vector[uint32_t] ids() except +
        optional[SpecialMatch] find(string_view text, size_t start, id_span wanted)


cdef extern from "bpe/encoding.hpp" namespace "ctxpack::bpe" nogil:
    const uint32_t NO_TOKEN "ctxpack::bpe::kNoToken"

    cdef enum class Pattern:
        pass

    Pattern pattern_named(string_view name) except +

    cdef cppclass IdRun:
        uint32_t rank
        uint32_t id

    cdef cppclass run_span "std::span<const ctxpack::bpe::IdRun>":
        run_span()
        run_span(const IdRun* data, size_t size)

    cdef cppclass CoreEncoding "ctxpack::bpe::Encoding":
        CoreEncoding(const VocabularyData& data, run_span runs, special_span specials, Pattern pattern) except +
        size_t n_vocab() noexcept
        size_t n_ordinary() noexcept
        const Specials& specials() noexcept
        size_t count(string_view text) except +
        size_t count(string_view text, id_span wanted) except +
        size_t count(string_view text, end_span ends) except +
        vector[uint32_t] encode(string_view text, end_span ends) except +
        vector[uint32_t] encode(string_view text) except +
        vector[uint32_t] encode(string_view text, id_span wanted) except +
        vector[size_t] count_batch(text_span texts, id_span wanted, size_t threads) except +
        vector[vector[uint32_t]] encode_batch(text_span texts, id_span wanted, size_t threads) except +
        string decode(id_span ids) except +
        string_view text(uint32_t id) except +
        uint32_t token(string_view text) except +


cdef extern from "bpe/offsets.hpp" namespace "ctxpack::bpe" nogil:
    cdef cppclass CoreOffsets "ctxpack::bpe::Offsets":
        CoreOffsets(const CoreEncoding& encoding, string_view text) except +
        size_t total() noexcept
        size_t count(size_t begin, size_t end) except +


cdef extern from "unicode/characters.hpp" namespace "ctxpack::unicode" nogil:
    size_t floor_boundary(string_view text, size_t at)

    cdef cppclass CharacterOffsets:
        CharacterOffsets()
        CharacterOffsets(string_view text) except +
        size_t byte(size_t character)


cdef extern from "bpe/counter.hpp" namespace "ctxpack::bpe" nogil:
    cdef cppclass CoreCounter "ctxpack::bpe::Counter":
        CoreCounter(const CoreEncoding& encoding)
        CoreCounter(const CoreCounter& other) except +
        void append(string_view text) except +
        size_t count() except +


cdef extern from "bpe/truncate.hpp" namespace "ctxpack::bpe" nogil:
    cdef cppclass Ends:
        size_t head
        size_t tail

    size_t fit_head(const CoreEncoding& encoding, string_view text, size_t tokens) except +
    size_t fit_tail(const CoreEncoding& encoding, string_view text, size_t tokens) except +
    Ends fit_ends(const CoreEncoding& encoding, string_view text, size_t tokens) except +


cdef enum:
    BRIEF = 512  # texts of fewer bytes are done sooner than the interpreter lock could be given up and taken back


cdef object hold(text, string_view* view)
cdef list hold_all(texts, vector[string_view]* views)
cdef text_span texts_of(const vector[string_view]& views) noexcept nogil
cdef size_t worker_count(threads, text_span texts) except? 0


cdef class TokenIds:
    cdef vector[uint32_t] ids
    cdef Py_ssize_t length  # the shape that buffers point to


cdef class Encoding:
    cdef readonly str name
    cdef dict special_ids  # text -> id
    cdef object normalize  # brings a str to NFC, or None
    cdef object split  # finds the ends of a text's pretokens where the core has no scanner, or None
    cdef unique_ptr[CoreEncoding] core


cdef class TokenOffsets:
    cdef Encoding encoding
    cdef object text  # as given, or the bytes of what was given
    cdef Py_ssize_t length  # in the units of the text
    cdef string_view view
    cdef unique_ptr[CoreOffsets] core  # none for a text that is not valid Unicode
    cdef unique_ptr[CharacterOffsets] characters  # none where units are bytes
    cdef size_t byte(self, size_t at) noexcept
    cdef bint cuts(self, size_t byte) noexcept


cdef class TokenCounter:
    cdef Encoding encoding
    cdef bytes pending  # of a character whose other bytes are still to come
    cdef unique_ptr[CoreCounter] core
    cdef object whole_characters(self, bytes data)
    cdef int end_character(self) except -1
    cdef int take(self, text) except -1
