"""Report of what a file keeps, converts and loses of a picture."""

from dataclasses import dataclass

from repix.errors import FidelityLost


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Report of what was kept, converted and lost when a file was read or written, one text each.

    >>> print(Fidelity(kept=("16 bits",), lost=("the transparency is lost",)))
    kept: 16 bits
    lost: the transparency is lost
    """

    kept: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()
    """Changes that the format requires and that do not change what the picture shows."""
    lost: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    """Why the result may disappoint, and what would help."""

    def __add__(self, other: "Fidelity") -> "Fidelity":
        """Return both reports joined, without duplicates."""
        parts = zip(self._parts(), other._parts(), strict=True)
        return Fidelity(*(tuple(dict.fromkeys(mine + others)) for mine, others in parts))

    def __str__(self) -> str:
        names = ("kept", "converted", "lost", "advice")
        return "\n".join(f"{name}: {line}" for name, lines in zip(names, self._parts(), strict=True) for line in lines)

    def demand(self, name: str) -> None:
        """Check that nothing is lost.

        Raises:
            FidelityLost: `lost` has entries.

        >>> Fidelity(lost=("JPEG has no transparency",)).demand("a.jpg")
        Traceback (most recent call last):
        repix.errors.FidelityLost: a.jpg was not written, because this would be lost: JPEG has no transparency.
        """
        if self.lost:
            raise FidelityLost(f"{name} was not written, because this would be lost: {'; '.join(self.lost)}.")

    def _parts(self) -> tuple[tuple[str, ...], ...]:
        return self.kept, self.converted, self.lost, self.advice
