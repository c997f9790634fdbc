"""What becomes of a picture in a file: kept, converted or lost, a sentence each."""

from dataclasses import dataclass

from repix.errors import FidelityLost


@dataclass(frozen=True)
class Fidelity:
    """The report on one file.

    >>> print(Fidelity(kept=("16 bits",), lost=("the transparency is lost",)))
    kept: 16 bits
    lost: the transparency is lost
    """

    kept: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()
    """Said in another way, as the format needs it: the picture means the same."""
    lost: tuple[str, ...] = ()

    def __add__(self, other: "Fidelity") -> "Fidelity":
        """Both reports, without repetitions."""
        parts = zip(self._parts(), other._parts(), strict=True)
        return Fidelity(*(tuple(dict.fromkeys(mine + others)) for mine, others in parts))

    def __str__(self) -> str:
        names = ("kept", "converted", "lost")
        return "\n".join(f"{name}: {line}" for name, lines in zip(names, self._parts(), strict=True) for line in lines)

    def demand(self, name: str) -> None:
        """Refuse to go on when something is lost.

        >>> Fidelity(lost=("JPEG has no transparency",)).demand("a.jpg")
        Traceback (most recent call last):
        repix.errors.FidelityLost: a.jpg was not written, for this would be lost: JPEG has no transparency.
        """
        if self.lost:
            raise FidelityLost(f"{name} was not written, for this would be lost: {'; '.join(self.lost)}.")

    def _parts(self) -> tuple[tuple[str, ...], ...]:
        return self.kept, self.converted, self.lost
