"""Files that are taken for vocabularies and are none, by what they begin with."""

from codecs import BOM_UTF8

_OTHERS = {
    BOM_UTF8: "it begins with a byte order mark, which no vocabulary has: take its first three bytes away",
    b"\x1f\x8b": "it is packed by gzip: unpack it first",
    b"PK\x03\x04": "it is a zip file: unpack it first",
    b"version https://git-lfs": "it is what Git LFS has in place of the file: git lfs pull gets that",
    b"#version": "it is a merges.txt, which has no ids: the tokenizer.json beside it has both, or save_pretrained of "
    "transformers writes one",
}


def other_file(data: bytes) -> str:
    """What a file is in place of a vocabulary, and what to do about it; "" where that is not known."""
    return next((what for start, what in _OTHERS.items() if data.startswith(start)), "")
