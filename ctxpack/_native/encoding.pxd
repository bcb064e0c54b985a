from cpython.pythread cimport PyThread_type_lock
from libc.stdint cimport uint8_t, uint32_t
from libcpp cimport bool as bint_t
from libcpp.memory cimport unique_ptr
from libcpp.string cimport string
from libcpp.string_view cimport string_view
from libcpp.vector cimport vector


cdef extern from "<span>" namespace "std" nogil:
    cdef cppclass uint32_span "std::span<const std::uint32_t>":
        uint32_span()
        uint32_span(const uint32_t* data, size_t size)

    cdef cppclass text_span "std::span<const std::string_view>":
        text_span()
        text_span(const string_view* data, size_t size)
        size_t size()
        const string_view& operator[](size_t at)


cdef extern from "<optional>" namespace "std" nogil:
    cdef cppclass optional_match "std::optional<ctxpack::Specials::Match>":
        bint_t has_value()
        SpecialMatch& value()


cdef extern from "unicode/utf8.hpp" namespace "ctxpack::unicode" nogil:
    bint_t is_valid(const uint8_t* bytes, size_t size)


cdef extern from "unicode/transcode.hpp" namespace "ctxpack::unicode" nogil:
    cdef cppclass Transcoded:
        Transcoded()
        Transcoded(const void* characters, size_t size, unsigned int width) except +
        bint_t is_valid()
        string_view text()


cdef extern from "unicode/characters.hpp" namespace "ctxpack::unicode" nogil:
    size_t floor_boundary(string_view text, size_t at)

    cdef cppclass CharacterOffsets:
        CharacterOffsets()
        CharacterOffsets(string_view text) except +
        size_t byte(size_t character)


cdef extern from "encoding/types.hpp" namespace "ctxpack" nogil:
    const uint32_t NO_TOKEN "ctxpack::kNoToken"


cdef extern from "encoding/specials.hpp" namespace "ctxpack" nogil:
    cdef cppclass Special:
        uint32_t id
        string_view text

    cdef cppclass SpecialMatch "ctxpack::Specials::Match":
        size_t begin
        size_t end
        uint32_t id

    cdef cppclass Specials:
        vector[Special] all() except +
        optional_match find(string_view text, size_t start, uint32_span wanted)


cdef extern from "encoding/encoding.hpp" namespace "ctxpack" nogil:
    cdef cppclass CoreOffsets "ctxpack::Offsets":
        size_t count(size_t begin, size_t end) except +

    cdef cppclass CoreCounter "ctxpack::Counter":
        void append(string_view text) except +
        size_t count() except +
        unique_ptr[CoreCounter] copy() except +

    cdef cppclass Ends:
        size_t head
        size_t tail

    cdef cppclass Normalize:
        Normalize()

    ctypedef int (*NormalizeFunction)(void* owner, string_view text, string* normal) except -1

    Normalize normalize_by(NormalizeFunction function, void* owner)

    cdef cppclass CoreEncoding "ctxpack::Encoding":
        size_t n_vocab()
        const Specials& specials()
        size_t count(string_view text, uint32_span wanted) except +
        vector[uint32_t] encode(string_view text, uint32_span wanted) except +
        vector[size_t] count_batch(text_span texts, uint32_span wanted, size_t threads) except +
        vector[vector[uint32_t]] encode_batch(text_span texts, uint32_span wanted, size_t threads) except +
        string decode(uint32_span ids) except +
        uint32_t token(string_view spelling) except +
        unique_ptr[CoreOffsets] offsets(string_view text, uint32_span wanted) except +
        unique_ptr[CoreCounter] counter(uint32_span wanted, uint32_span refused) except +
        size_t fit_head(string_view text, size_t tokens, uint32_span wanted) except +
        size_t fit_tail(string_view text, size_t tokens, uint32_span wanted) except +
        Ends fit_ends(string_view text, size_t tokens, uint32_span wanted, uint32_span refused) except +
        string_view normal(string_view text, string& held) except +
        string normal_between(string_view text, uint32_span wanted) except +


cdef enum:
    BRIEF = 512  # texts of fewer bytes are done sooner than the interpreter lock could be given up and taken back


cdef class TokenIds:
    cdef vector[uint32_t] ids
    cdef Py_ssize_t length  # the shape that buffers point to


cdef uint32_span span_of(const vector[uint32_t]& ids) noexcept nogil


cdef object add_kind(type kind)


cdef class Encoding:
    cdef readonly str name
    cdef dict special_ids  # text -> id
    cdef dict special_numbers  # text -> its place in the order of these texts
    cdef vector[uint32_t] every_special  # these places
    cdef object normalize  # brings a str to NFC, or None
    cdef bint normalizes_first  # before special tokens are looked for
    cdef unique_ptr[CoreEncoding] core
    cdef object hold_core(self, str name, CoreEncoding* core)


cdef class TokenOffsets:
    cdef Encoding encoding
    cdef object special
    cdef object text  # as given, or the bytes of what was given
    cdef object owner  # of what the view shows
    cdef Py_ssize_t length  # in the units of the text
    cdef string_view view
    cdef unique_ptr[CoreOffsets] core  # none for a text that is not valid Unicode, or not in the encoding's normal form
    cdef unique_ptr[CharacterOffsets] characters  # none where units are bytes
    cdef size_t byte(self, size_t at) noexcept
    cdef bint cuts(self, size_t byte) noexcept


cdef class OneCall:
    cdef PyThread_type_lock lock
    cdef long thread
    cdef bint is_taken
    cdef unsigned long forks  # when the lock was made
    cdef int make_lock(self) except -1
    cdef int leave_to_parent(self) except -1
    cdef int enter(self) except -1
    cdef int leave(self) noexcept


cdef class TokenCounter:
    cdef Encoding encoding
    cdef OneCall one_call
    cdef int enter(self) except -1
    cdef bytes cut  # of a character whose other bytes are still to come
    cdef bint refuses
    cdef unique_ptr[CoreCounter] core
    cdef size_t counted(self) except? 0
    cdef TokenCounter copied(self)
    cdef object whole_characters(self, bytes data)
    cdef int take(self, text) except -1
    cdef size_t append_or_refuse(self, text) except? 0
    cdef int end_character(self) except -1
    cdef int add(self, text) except -1
