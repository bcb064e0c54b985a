# distutils: language = c++
"""Token ids, encodings and what counts with them; see encoding.pyi for the contract of every public name."""

import os

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DecodeUTF8
from cython.operator cimport dereference

from ctxpack._native.views cimport view_of

# The ways to take special tokens.
TEXT, ALLOW, REFUSE = "text", "allow", "refuse"

include "texts.pxi"
include "token_ids.pxi"
include "offsets.pxi"
include "counter.pxi"

cdef enum:
    SHARE = 65536  # bytes of a batch that a thread is worth starting for
    SEARCHED = 65536  # fewer are searched, or spans of fewer counted, sooner than the lock could be given up


cdef tuple KINDS = ()  # the classes that make a core


cdef object add_kind(type kind):
    global KINDS
    KINDS += (kind,)


cdef class Encoding:
    # Not __init__, here and below: no encoding is without its core, and none gets another.
    def __cinit__(self, *args, **options):
        if not issubclass(type(self), KINDS):
            names = "ctxpack.tokens.encoding or load_sentencepiece"
            raise TypeError(f"this is what all encodings are; get one from {names}")

    cdef object hold_core(self, str name, CoreEncoding* core):
        """Takes the core over."""
        self.core.reset(core)
        self.name = name
        specials = special_list(dereference(core).specials())
        self.special_ids = {text: id for id, text in sorted(specials)}
        self.special_numbers = {text: number for number, (_, text) in enumerate(specials)}
        self.every_special = self.special_numbers.values()

    @property
    def n_vocab(self):
        return dereference(self.core).n_vocab()

    @property
    def special_tokens(self):
        return dict(self.special_ids)

    def count(self, text, *, special=TEXT):
        cdef string_view view
        cdef size_t total
        cdef vector[uint32_t] wanted
        _owner = prepare_special(self, text, special, &view, &wanted)
        if view.size() < BRIEF:
            total = dereference(self.core).count(view, span_of(wanted))
        else:
            with nogil:
                total = dereference(self.core).count(view, span_of(wanted))
        return total

    def count_batch(self, texts, threads=None, *, special=TEXT):
        cdef vector[string_view] views
        cdef vector[size_t] counts
        cdef vector[uint32_t] wanted
        _owners = prepare_all(self, texts, special, &views, &wanted)
        cdef size_t workers = worker_count(threads, texts_of(views))
        with nogil:
            counts = dereference(self.core).count_batch(texts_of(views), span_of(wanted), workers)
        return counts

    def encode(self, text, *, special=TEXT):
        cdef string_view view
        cdef vector[uint32_t] ids
        cdef vector[uint32_t] wanted
        _owner = prepare_special(self, text, special, &view, &wanted)
        if view.size() < BRIEF:
            ids = dereference(self.core).encode(view, span_of(wanted))
        else:
            with nogil:
                ids = dereference(self.core).encode(view, span_of(wanted))
        return token_ids(&ids)

    def encode_batch(self, texts, threads=None, *, special=TEXT):
        cdef vector[string_view] views
        cdef vector[vector[uint32_t]] batch
        cdef vector[uint32_t] wanted
        _owners = prepare_all(self, texts, special, &views, &wanted)
        cdef size_t workers = worker_count(threads, texts_of(views))
        with nogil:
            batch = dereference(self.core).encode_batch(texts_of(views), span_of(wanted), workers)
        return [token_ids(&batch[i]) for i in range(batch.size())]

    def truncate(self, text, n, keep="head", *, special=TEXT):
        cdef string_view view
        cdef string normal
        cdef vector[uint32_t] wanted
        cdef vector[uint32_t] refused
        cdef Ends ends
        cdef Py_ssize_t tokens = clipped_index(n, NULL)
        if tokens < 0:
            raise ValueError(f"n must be at least 0, not {n}")
        _owner = prepare_special(self, text, special, &view, &wanted)
        if self.normalize is not None and not wanted.empty():
            with nogil:
                normal = dereference(self.core).normal_between(view, span_of(wanted))
            view = string_view(normal.data(), normal.size())
        ends.head = 0
        ends.tail = view.size()
        if keep == "head":
            with nogil:
                ends.head = dereference(self.core).fit_head(view, tokens, span_of(wanted))
        elif keep == "tail":
            with nogil:
                ends.tail = dereference(self.core).fit_tail(view, tokens, span_of(wanted))
        elif keep == "ends":
            refused = numbers_of(self, REFUSE if special == REFUSE else TEXT)
            with nogil:
                ends = dereference(self.core).fit_ends(view, tokens, span_of(wanted), span_of(refused))
        else:
            raise ValueError(f'keep must be "head", "tail" or "ends", not {keep!r}')
        kept = view.data()[:ends.head] + view.data()[ends.tail:view.size()]
        return kept.decode() if isinstance(text, str) else kept

    def offsets(self, text, *, special=TEXT):
        return TokenOffsets(self, text, special=special)

    def counter(self, *, special=TEXT):
        return TokenCounter(self, special=special)

    def token(self, text):
        given = plain(text)
        spelling = without_surrogates(given).encode() if isinstance(given, str) else given
        cdef uint32_t found = dereference(self.core).token(view_of(spelling))
        if found == NO_TOKEN:
            raise KeyError(given)
        return found

    def decode(self, ids, str errors not None="replace"):
        if "\0" in errors:
            raise ValueError("errors has a null character")
        cdef string joined = decoded(self, ids)
        return PyUnicode_DecodeUTF8(joined.data(), <Py_ssize_t>joined.size(), errors.encode())

    def decode_bytes(self, ids):
        cdef string joined = decoded(self, ids)
        return PyBytes_FromStringAndSize(joined.data(), <Py_ssize_t>joined.size())

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        return f"<Encoding {self.name!r}>"


cdef string decoded(Encoding encoding, ids) except *:
    cdef TokenIds tokens = ids if isinstance(ids, TokenIds) else TokenIds(ids)
    cdef string joined
    with nogil:
        joined = dereference(encoding.core).decode(span_of(tokens.ids))
    return joined


cdef vector[uint32_t] numbers_of(Encoding encoding, special) except *:
    """Numbers of the special tokens that are to be found in texts."""
    cdef vector[uint32_t] numbers
    if special == TEXT:
        return numbers
    if special not in (ALLOW, REFUSE) if isinstance(special, (str, bytes)) else not hasattr(special, "__iter__"):
        raise ValueError(f'special must be "text", "allow", "refuse" or a set of special tokens, not {special!r}')
    if isinstance(special, str):
        return encoding.every_special
    for name in special:
        if name not in encoding.special_numbers:
            raise ValueError(f"{name!r} is no special token of {encoding.name}; its special_tokens are all there are")
        numbers.push_back(encoding.special_numbers[name])
    return numbers


cdef object kept_special(special):
    """What may be handed in again: an iterator could not."""
    return special if isinstance(special, (str, bytes)) or not hasattr(special, "__iter__") else frozenset(special)


cdef object prepare(Encoding encoding, text, string_view* view):
    """As hold, with the text in the encoding's normal form; the text itself where it is in that form already."""
    owner = hold(text, view)
    if encoding.normalize is None or isinstance(owner, str) and PyUnicode_IS_ASCII(owner):
        return owner
    cdef string held
    cdef string_view normal
    if view.size() < BRIEF:
        normal = dereference(encoding.core).normal(view[0], held)
    else:
        with nogil:
            normal = dereference(encoding.core).normal(view[0], held)
    return owner if normal.data() == view.data() else hold_normal(held, view)


cdef object prepare_special(Encoding encoding, text, special, string_view* view, vector[uint32_t]* wanted):
    """As prepare, where special tokens may be no plain text; those that stand for themselves go to `wanted`."""
    if special is TEXT:
        return prepare(encoding, text, view)
    wanted[0] = numbers_of(encoding, special)
    owner = prepare_around(encoding, text, special, wanted[0], view)
    if special == REFUSE:
        wanted.clear()
    return owner


cdef list prepare_all(Encoding encoding, texts, special, vector[string_view]* views, vector[uint32_t]* wanted):
    cdef string_view view
    if isinstance(texts, (str, bytes, bytearray, memoryview)):
        raise TypeError(f"texts must be an iterable of texts, not one {type(texts).__name__}")
    owners = []
    wanted[0] = numbers_of(encoding, special)
    for text in texts:
        owners.append(prepare_around(encoding, text, special, wanted[0], &view))
        views.push_back(view)
    if special == REFUSE:
        wanted.clear()
    return owners


cdef object prepare_around(Encoding encoding, text, special, const vector[uint32_t]& specials, string_view* view):
    """As prepare; as it is where the core normalizes what is between those special tokens.

    Raises where they are refused and the text has one.
    """
    cdef bint between = not (specials.empty() or encoding.normalize is None or encoding.normalizes_first)
    owner = hold(text, view) if between else prepare(encoding, text, view)
    if special == REFUSE:
        refuse(encoding, specials, view[0])
        return prepare(encoding, text, view) if between else owner
    return owner


cdef int refuse(Encoding encoding, const vector[uint32_t]& unwanted, string_view text) except -1:
    cdef optional_match found
    if text.size() < SEARCHED:
        found = dereference(encoding.core).specials().find(text, 0, span_of(unwanted))
    else:
        with nogil:
            found = dereference(encoding.core).specials().find(text, 0, span_of(unwanted))
    if found.has_value():
        name = text.substr(found.value().begin, found.value().end - found.value().begin).decode()
        raise ValueError(f"the text has the special token {name!r}, which is refused")
    return 0


cdef list special_list(const Specials& specials):
    """The special tokens, each as its id and text."""
    return [(special.id, special.text.decode()) for special in specials.all()]


cdef size_t worker_count(threads, text_span texts) except? 0:
    """Threads for a batch: as many as asked for, else as are worth starting; no more than there are processors."""
    cdef size_t i, total = 0
    processors = os.cpu_count() or 1
    if threads is None:
        for i in range(texts.size()):
            total += texts[i].size()
        return min(processors, total // SHARE + 1)
    threads = PyNumber_Index(threads)
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    return min(processors, threads)
