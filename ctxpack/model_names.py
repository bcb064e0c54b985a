"""Names of models without what sellers write around them, and without snapshot dates, by a dated data file."""

import os
import re
from functools import cache
from typing import NamedTuple

# As long as the longest resource name at Bedrock; also bounds the time that expressions take.
LONGEST = 2048


class ModelForm(NamedTuple):
    """One row of model_forms.json: something that stands in a model's name beside the model.

    Attributes:
        match: regular expression of what is replaced, in small letters.
        put: what is put in its place.
        what: what it is, with an example.
        source: where the row comes from.
        as_of: date of the source.
        own_price: whether what is so called is sold at a price of its own.
    """

    match: str
    put: str
    what: str
    source: str
    as_of: str
    own_price: bool = False


class ModelForms(NamedTuple):
    """The rows of model_forms.json, in the order in which they are applied.

    Attributes:
        sellers: what sellers write around a name.
        snapshots: what says which snapshot of a model is meant.
    """

    sellers: tuple[ModelForm, ...]
    snapshots: tuple[ModelForm, ...]


def check_name(model: object) -> None:
    """Raises TypeError where a model is named by anything but a str."""
    if not isinstance(model, str):
        raise TypeError(f'a model is named by a str, such as "gpt-4o", not by {type(model).__name__}')


def plain_name(model: str) -> str:
    """A model's name in small letters, without what sellers write around it; empty where it can be no name.

    >>> plain_name("openrouter/openai/GPT-4o-2024-08-06:nitro")
    'gpt-4o-2024-08-06'
    """
    if len(model) > LONGEST or not model.isascii():
        return ""
    return _without(model.lower(), model_forms().sellers)


def known_names(model: str) -> tuple[str, ...]:
    """The names under which a row may hold a model, the most exact first: as given, plain, without snapshot.

    >>> known_names("openai/gpt-4o-2024-08-06")
    ('openai/gpt-4o-2024-08-06', 'gpt-4o-2024-08-06', 'gpt-4o')
    """
    plain = plain_name(model)
    return tuple(dict.fromkeys((model.lower(), plain, _without(plain, model_forms().snapshots))))


def has_own_price(model: str) -> bool:
    """Whether a model is sold at another price than the one of its plain name, as fine-tuned ones are.

    >>> has_own_price("ft:gpt-4o:team::id"), has_own_price("azure/gpt-4o")
    (True, False)
    """
    return any(form.own_price and re.search(form.match, model.lower()) for form in model_forms().sellers)


def _without(name: str, forms: tuple[ModelForm, ...]) -> str:
    for form in forms:
        name = re.sub(form.match, form.put, name)
    return name


@cache
def model_forms() -> ModelForms:
    """What the data file holds."""
    import json  # not needed to count by encoding, and not free to import

    with open(os.path.join(os.path.dirname(__file__), "model_forms.json"), encoding="utf-8") as file:
        rows = json.load(file)
    return ModelForms(**{part: tuple(ModelForm(**row) for row in rows[part]) for part in ModelForms._fields})
