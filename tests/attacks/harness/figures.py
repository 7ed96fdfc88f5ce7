"""Figures of attacks, some with a bound."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A number with its unit; ``before`` is what it was before the attack, where that matters.

    A number above ``most`` makes the run fail. Bounds are generous: they tell an attack that works
    from a machine that is busy.
    """

    title: str
    value: float
    unit: str = ""
    before: float | None = None
    most: float | None = None

    @property
    def is_wrong(self) -> bool:
        """Tell whether the number is beyond its bound."""
        return self.most is not None and self.value > self.most

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """Return title, number before, number, bound and judgement as text."""
        judgement = "" if self.most is None else "WRONG" if self.is_wrong else "ok"
        return (
            f"{self.title}, {self.unit}" if self.unit else self.title,
            _text(self.before),
            _text(self.value),
            _text(self.most),
            judgement,
        )


def table(figures: list[Figure]) -> str:
    """Return lines of figures, no longer than a terminal of 80 columns."""
    rows = [("", "before", "", "at most", ""), *(figure.cells for figure in figures)]
    return "\n".join(
        f"  {title[:40]:<40}{before:>11}{value:>11}{most:>10} {judgement}".rstrip()
        for title, before, value, most, judgement in rows
    )


def _text(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.0f}" if number == int(number) or number >= 1000 else f"{number:,.1f}"
