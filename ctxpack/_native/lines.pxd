from libc.stdint cimport uint32_t, uint64_t
from libcpp.string cimport string
from libcpp.string_view cimport string_view
from libcpp.vector cimport vector


cdef extern from "<span>" namespace "std" nogil:
    cdef cppclass line_span "std::span<const ctxpack::lines::Line>":
        line_span()
        line_span(const Line* data, size_t size)

    cdef cppclass gutter_span "std::span<const ctxpack::lines::Gutter>":
        gutter_span()
        gutter_span(const Gutter* data, size_t size)


cdef extern from "lines/list.hpp" namespace "ctxpack::lines" nogil:
    cdef cppclass Line:
        uint32_t start
        uint32_t stop
        uint32_t number
        uint64_t hash

    cdef cppclass Gutter:
        uint32_t number
        uint32_t size

    vector[Line] core_list "ctxpack::lines::list"(string_view text) except +
    vector[Line] core_list_numbered "ctxpack::lines::list"(string_view text, gutter_span gutters) except +


cdef extern from "lines/index.hpp" namespace "ctxpack::lines" nogil:
    cdef cppclass Run:
        uint32_t first
        uint32_t length
        uint32_t place
        uint32_t at

    cdef cppclass CoreIndex "ctxpack::lines::Index":
        void add(line_span lines) except +
        vector[Run] runs(line_span lines, uint32_t least, uint32_t few, uint32_t much, uint32_t within) except +
        uint32_t number(uint32_t place, uint32_t at) except +


cdef extern from "lines/reports.hpp" namespace "ctxpack::lines" nogil:
    bint core_reports "ctxpack::lines::reports"(string_view line)


cdef extern from "lines/templated.hpp" namespace "ctxpack::lines" nogil:
    cdef cppclass Templated:
        string text
        uint32_t templates
        uint32_t lines

    Templated core_templated "ctxpack::lines::templated"(string_view text) except +


cdef class Lines:
    cdef vector[Line] core
    cdef line_span view(self) noexcept nogil


cdef class LineIndex:
    cdef CoreIndex core
