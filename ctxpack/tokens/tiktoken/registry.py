"""The encodings of the stand-in for tiktoken, by name."""

from functools import cached_property

from ctxpack._native.encoding import Encoding as NativeEncoding
from ctxpack.errors import UnknownEncodingError, VocabularyError
from ctxpack.locks import lock_kept_from_forks
from ctxpack.tokens.encodings import encoding, full_name
from ctxpack.tokens.library import named
from ctxpack.tokens.making import made
from ctxpack.tokens.patterns import splitter
from ctxpack.tokens.tiktoken.core import Definition, Encoding
from ctxpack.tokens.tiktoken.specials import Text, bytes_of
from ctxpack.tokens.vocabulary import Vocabulary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctxpack.tokens.patterns import Split

# tiktoken's own encodings, in its order. `get_encoding` knows all others of ctxpack's too.
_NAMES = ["gpt2", "r50k_base", "p50k_base", "p50k_edit", "cl100k_base", "o200k_base", "o200k_harmony"]
# Those that are another one by another name, or with other special tokens.
_SAME = {"gpt2": "r50k_base", "p50k_edit": "p50k_base"}
# tiktoken 0.14, tiktoken_ext/openai_public.py.
_EDIT_SPECIALS = {
    b"<|endoftext|>": 50256,
    b"<|fim_prefix|>": 50281,
    b"<|fim_middle|>": 50282,
    b"<|fim_suffix|>": 50283,
}
# The encodings that were asked for, by name. What a program puts here, `get_encoding` knows too.
ENCODINGS: dict[str, Encoding] = {}
_making = lock_kept_from_forks()


def list_encoding_names() -> list[str]:
    """Names of the encodings that tiktoken has as well."""
    return list(_NAMES)


def get_encoding(encoding_name: str) -> Encoding:
    """The encoding of that name, made once and shared.

    Raises:
        ValueError: there is no such encoding, and the message lists the ones that there are; or its file or package is
            missing or damaged.

    Thread-safety: safe.
    """
    if not isinstance(encoding_name, str):
        raise ValueError(f"Expected a string in get_encoding, got {type(encoding_name)}")
    name = full_name(encoding_name)
    if name in ENCODINGS:
        return ENCODINGS[name]
    with _making:
        if name not in ENCODINGS:
            ENCODINGS[name] = _registered(name)
        return ENCODINGS[name]


def _registered(name: str) -> "RegisteredEncoding":
    try:
        return RegisteredEncoding(name, _core(name))
    except (UnknownEncodingError, VocabularyError) as error:
        raise ValueError(str(error)) from None


def _core(name: str) -> NativeEncoding:
    if name != "p50k_edit":
        return encoding(_SAME.get(name, name))
    vocabulary = _vocabulary(name)
    vocabulary.specials = _EDIT_SPECIALS
    return made(name, name, vocabulary)


def _definition(name: str) -> Definition:
    vocabulary = _vocabulary(name)
    return Definition(vocabulary.about.regexes, {text: token for token, text in vocabulary.tokens().items()})


def _vocabulary(name: str) -> Vocabulary:
    return named(_SAME.get(name, name))


class RegisteredEncoding(Encoding):
    """One that `get_encoding` knows: it is pickled by name, and its ranks are read when somebody asks for them."""

    def __init__(self, name: str, core: NativeEncoding) -> None:
        self._start(name, core, core.special_tokens, lambda: _definition(name))

    def encode_single_token(self, text_or_bytes: Text) -> int:
        """As everywhere; none of the special tokens has a rank, too, so that ranks need not be read."""
        return self._core.token(bytes_of(text_or_bytes))

    @cached_property
    def _split(self) -> "Split":
        return splitter(self._definition.regexes)

    def _normal(self, text: str) -> bytes:
        return self._core.decode_bytes(self._core.encode(text))

    def __reduce__(self) -> tuple[object, ...]:
        return get_encoding, (self.name,)
