"""What an import did, or would do: counts, doubts by rule, the outcome of every file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from dataclasses import dataclass
from typing import Literal

from portal.importing.dump import Encoding
from portal.importing.dump import Flag

Outcome = Literal["imported", "flagged", "unchanged", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("imported", "flagged", "unchanged", "refused")


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file.

    `flagged` is imported too, but a person has to look at its `flags`; `unchanged` was in the
    store before, flags and all. `article` is the id in the store, none for a refused file and for
    a new one in a dry run.
    """

    file: str
    outcome: Outcome
    headline: str = ""
    content_hash: str = ""
    article: int | None = None
    encoding: Encoding | None = None
    flags: tuple[Flag, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of one run. `batch` names what it wrote, for undoing it."""

    batch: str
    dry_run: bool
    section: str | None
    files: tuple[FileOutcome, ...]

    @property
    def counts(self) -> dict[Outcome, int]:
        """Number of files by outcome; every outcome is named."""
        found = Counter(file.outcome for file in self.files)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def refused(self) -> int:
        """Number of files that were not imported."""
        return self.counts["refused"]

    @property
    def flags(self) -> dict[str, int]:
        """Number of flags by rule, most frequent first."""
        found = Counter(flag.rule for file in self.files for flag in file.flags)
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    @property
    def written(self) -> tuple[int, ...]:
        """Ids of the articles this run wrote: what an undo of the batch takes back."""
        return tuple(
            file.article
            for file in self.files
            if file.article is not None and file.outcome in ("imported", "flagged")
        )

    def as_json(self) -> dict[str, object]:
        """The report as plain values for `json.dumps`."""
        return {
            "batch": self.batch,
            "dry_run": self.dry_run,
            "section": self.section,
            "counts": self.counts,
            "flags": self.flags,
            "files": [asdict(file) for file in self.files],
        }

    def as_text(self) -> str:
        """The report for a terminal: totals first, then the files that need a person."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        done = "would be imported (dry run)" if self.dry_run else f"imported as batch {self.batch}"
        counts = self.counts
        written = counts["imported"] + counts["flagged"]
        files = "1 file" if len(self.files) == 1 else f"{len(self.files)} files"
        yield (
            f"{files}: {written} {done}, {counts['flagged']} of them to review,"
            f" {counts['unchanged']} unchanged, {counts['refused']} refused"
        )
        if self.flags:
            yield ""
            yield "To review, by rule:"
            yield from (f"  {number:6,}  {rule}" for rule, number in self.flags.items())
        for file in self.files:
            if file.outcome == "refused":
                yield f"refused  {file.reason}"
            for flag in file.flags:
                yield f"review   {file.file}:{flag.first_line}: {flag.rule}: {flag.message}"
