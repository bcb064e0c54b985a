"""A slow, obvious twin of SentencePiece: merging by scores, and the best path through all segmentations."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sentencepiece.sentencepiece_model_pb2 import ModelProto

Type = ModelProto.SentencePiece.Type
SEGMENTS = (Type.NORMAL, Type.USER_DEFINED, Type.UNUSED)
LARGEST_SUM = np.float32(100_000)


@dataclass(frozen=True)
class ReferenceModel:
    proto: ModelProto

    @property
    def ids(self) -> dict[str, int]:
        return {piece.piece: id_ for id_, piece in enumerate(self.proto.pieces) if piece.type in SEGMENTS}

    def of_type(self, type_: int) -> dict[str, int]:
        return {piece.piece: id_ for id_, piece in enumerate(self.proto.pieces) if piece.type == type_}

    def encode(self, normalized: str) -> list[int]:
        """Ids of text that the model's normalizer has been over."""
        is_unigram = self.proto.trainer_spec.model_type == 1
        ids: list[int] = []
        (unknown,) = self.of_type(Type.UNKNOWN).values()
        bytes_ = self.of_type(Type.BYTE)
        for segment, id_ in self.best_path(normalized) if is_unigram else self.merge(normalized):
            if id_ is None and bytes_:
                ids += [bytes_[f"<0x{byte:02X}>"] for byte in segment.encode()]
            elif id_ is not None or not ids or ids[-1] != unknown:
                ids.append(unknown if id_ is None else id_)
        return ids

    def merge(self, text: str) -> list[tuple[str, int | None]]:
        """Merges the adjacent pair of the best score, the leftmost of equals, until no pair is a piece."""
        ids, symbols = self.ids, self.of_type(Type.USER_DEFINED)
        parts: list[tuple[str, bool]] = []
        while text:
            symbol = max((symbol for symbol in symbols if text.startswith(symbol)), key=len, default="")
            parts.append((symbol or text[0], bool(symbol)))
            text = text[len(symbol or text[0]) :]
        while True:
            scores = [
                -np.inf if frozen or fixed or left + right not in ids else self.proto.pieces[ids[left + right]].score
                for (left, frozen), (right, fixed) in pairwise(parts)
            ]
            if not scores or max(scores) == -np.inf:
                return [(part, ids.get(part)) for part, _ in parts]
            at = scores.index(max(scores))
            parts[at : at + 2] = [(parts[at][0] + parts[at + 1][0], False)]

    def best_path(self, text: str) -> list[tuple[str, int | None]]:
        """The path of the highest sum of scores, added up in 32 bits; the first of equals."""
        scores = {text: self.score(id_) for text, id_ in self.ids.items() if self.proto.pieces[id_].type != Type.UNUSED}
        normal = [piece.score for piece in self.proto.pieces if piece.type == Type.NORMAL]
        unknown = np.float32(min(normal)) - np.float32(10)
        longest = max(map(len, scores))
        best: list[tuple[np.float32, int] | None] = [(np.float32(0), 0)] + [None] * len(text)
        for start in range(len(text)):
            self.reset(best, start)
            for end in range(start + 1, min(len(text), start + longest) + 1):
                score = scores.get(text[start:end], unknown if end == start + 1 else None)
                if score is None:
                    continue
                total = score + best[start][0]
                if best[end] is None or total > best[end][0]:
                    best[end] = (total, start)
        segments, end = [], len(text)
        while end > 0:
            start = best[end][1]
            segments.append((text[start:end], self.ids.get(text[start:end]) if text[start:end] in scores else None))
            end = start
        return segments[::-1]

    @staticmethod
    def reset(best: list[tuple[np.float32, int] | None], start: int) -> None:
        total = best[start][0]
        if abs(total) > LARGEST_SUM:
            best[start:] = [node and (node[0] - total, node[1]) for node in best[start:]]

    def score(self, id_: int) -> np.float32:
        piece = self.proto.pieces[id_]
        is_symbol = piece.type == Type.USER_DEFINED
        return np.float32(0.1 * (len(piece.piece.encode()) - 1) if is_symbol else piece.score)
