from libc.stdint cimport int64_t, uint8_t, uint32_t
from libcpp.memory cimport unique_ptr
from libcpp.string_view cimport string_view
from libcpp.vector cimport vector


cdef extern from "<span>" namespace "std" nogil:
    cdef cppclass double_span "std::span<const double>":
        double_span()
        double_span(const double* data, size_t size)

    cdef cppclass cost_span "std::span<const std::int64_t>":
        cost_span()
        cost_span(const int64_t* data, size_t size)

    cdef cppclass uint32_span "std::span<const std::uint32_t>":
        uint32_span()
        uint32_span(const uint32_t* data, size_t size)

    cdef cppclass unit_span "std::span<const ctxpack::text::Unit>":
        size_t size()
        const Unit& operator[](size_t at)


cdef extern from "text/unit.hpp" namespace "ctxpack::text" nogil:
    cdef cppclass Unit:
        uint32_t begin
        uint32_t end


cdef extern from "text/shape.hpp" namespace "ctxpack::text" nogil:
    cdef enum class Shape:
        prose
        lines


cdef extern from "text/document.hpp" namespace "ctxpack::text" nogil:
    cdef cppclass CoreDocument "ctxpack::text::Document":
        CoreDocument(string_view text) except +
        Shape shape() noexcept
        unit_span units() noexcept
        vector[double] scores(string_view query, double focus) except +
        vector[uint32_t] choose(
            double_span scores, cost_span costs, uint32_span required, int64_t gap, int64_t budget
        ) except +


cdef extern from "text/names.hpp" namespace "ctxpack::text" nogil:
    cdef cppclass Name:
        uint32_t begin
        uint32_t end

    vector[Name] core_names "ctxpack::text::names"(string_view text) except +


cdef class Document:
    cdef unique_ptr[CoreDocument] core
    cdef readonly tuple units
