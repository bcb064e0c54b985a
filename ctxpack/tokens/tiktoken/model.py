"""The encodings of models, as tiktoken has them and, beyond these, as the dated data do."""

from ctxpack.errors import UnknownModelError
from ctxpack.tokens.models import model_row
from ctxpack.tokens.tiktoken.core import Encoding
from ctxpack.tokens.tiktoken.registry import get_encoding

# tiktoken 0.14, tiktoken/model.py. The first prefix that fits counts.
_PREFIXES = {
    "o200k_base": "o1- o3- o4-mini- gpt-5 gpt-4.5- gpt-4.1- chatgpt-4o- gpt-4o- ft:gpt-4o",
    "cl100k_base": "gpt-4- gpt-3.5-turbo- gpt-35-turbo- ft:gpt-4 ft:gpt-3.5-turbo ft:davinci-002 ft:babbage-002",
    "o200k_harmony": "gpt-oss-",
}
_MODELS = {
    "o200k_base": "o1 o3 o4-mini gpt-5 gpt-4.1 gpt-4o",
    "cl100k_base": "gpt-4 gpt-3.5-turbo gpt-3.5 gpt-35-turbo davinci-002 babbage-002 text-embedding-ada-002 "
    "text-embedding-3-small text-embedding-3-large",
    "p50k_base": "text-davinci-003 text-davinci-002 code-davinci-002 code-davinci-001 code-cushman-002 "
    "code-cushman-001 davinci-codex cushman-codex",
    "r50k_base": "text-davinci-001 text-curie-001 text-babbage-001 text-ada-001 davinci curie babbage ada "
    "text-similarity-davinci-001 text-similarity-curie-001 text-similarity-babbage-001 text-similarity-ada-001 "
    "text-search-davinci-doc-001 text-search-curie-doc-001 text-search-babbage-doc-001 text-search-ada-doc-001 "
    "code-search-babbage-code-001 code-search-ada-code-001",
    "p50k_edit": "text-davinci-edit-001 code-davinci-edit-001",
    "gpt2": "gpt2 gpt-2",
}


def _by_name(names: dict[str, str]) -> dict[str, str]:
    return {name: encoding for encoding, listed in names.items() for name in listed.split()}


# What a program adds to these counts, too.
MODEL_PREFIX_TO_ENCODING = _by_name(_PREFIXES)
MODEL_TO_ENCODING = _by_name(_MODELS)


def encoding_name_for_model(model_name: str) -> str:
    """Name of the encoding that a model uses.

    The dated data are asked before the prefixes, for they know more: of fine-tuned GPT-4.1 tiktoken says cl100k_base.

    Raises:
        KeyError: it is not known.
    """
    if model_name in MODEL_TO_ENCODING:
        return MODEL_TO_ENCODING[model_name]
    try:
        return _dated(model_name)
    except KeyError:
        for prefix, encoding in MODEL_PREFIX_TO_ENCODING.items():
            if model_name.startswith(prefix):
                return encoding
        raise


def encoding_for_model(model_name: str) -> Encoding:
    """The encoding that a model uses; raises as `encoding_name_for_model` does."""
    return get_encoding(encoding_name_for_model(model_name))


def _dated(model_name: str) -> str:
    try:
        row = model_row(model_name)
    except UnknownModelError as error:
        raise KeyError(str(error)) from None
    if row.exactness != "exact":
        raise KeyError(f"the encoding of model {model_name!r} is not known, only one that comes near")
    return row.encoding
