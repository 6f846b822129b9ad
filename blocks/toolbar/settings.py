"""What a site builder may set for the toolbar."""

from __future__ import annotations

from typing import Annotated
from typing import Literal
from typing import TypeVar

from pydantic import AfterValidator
from pydantic import Field

from portal.block import Settings

Part = Literal[
    "headline",
    "lead",
    "date",
    "updated",
    "reading_time",
    "size",
    "theme",
    "listen",
    "print",
    "save",
    "offline",
    "share",
]
ShareTarget = Literal["native", "copy", "email", "facebook"]
SaveFormat = Literal["html", "txt"]

Language = Annotated[str, Field(pattern=r"^(vi|en)$")]
Abbreviation = Annotated[str, Field(pattern=r"^[^=\s]+$")]
Words = Annotated[str, Field(pattern=r"^[^\n]*$")]

TEXT_SIZES = (87.5, 100.0, 112.5, 125.0, 150.0, 175.0, 200.0)
"""Per cent of the reader's own size: the steps for which the style sheet has a rule."""

Item = TypeVar("Item")


def _without_repeats(items: tuple[Item, ...]) -> tuple[Item, ...]:
    repeated = sorted({str(item) for item in items if items.count(item) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} stands twice; name each once")
    return items


def _offered_sizes(sizes: tuple[float, ...]) -> tuple[float, ...]:
    known = ", ".join(f"{size:g}" for size in TEXT_SIZES)
    unknown = [f"{size:g}" for size in sizes if size not in TEXT_SIZES]
    if unknown:
        raise ValueError(f"no style rule for {', '.join(unknown)} (known: {known})")
    if sorted(set(sizes)) != list(sizes) or 100 not in sizes:
        raise ValueError("sizes must rise and contain 100, the reader's own size")
    return sizes


class Speech(Settings):
    """How an article is read aloud by the reader's own device."""

    rate: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    """Speed, as a factor of the voice's own."""
    dictionary: dict[Language, dict[Abbreviation, Words]] = {}
    """Abbreviations to say in full, by language of the text; they join the shipped ones,
    and an empty text takes a shipped one away."""
    prefer_voices: tuple[Words, ...] = ("HoaiMy", "NamMinh", "Linh", "Microsoft An", "Google")
    """Parts of voice names, the best first; voices of another language are never used."""
    read_captions: bool = True
    """Whether captions of pictures are read too."""
    help_path: Annotated[str, Field(pattern=r"^(/[^\s]*)?$")] = ""
    """Address of a page on this site that explains how to add a voice to a device."""


class ToolbarSettings(Settings):
    """Settings of the block `toolbar`."""

    show: Annotated[tuple[Part, ...], AfterValidator(_without_repeats)] = (
        "date",
        "updated",
        "reading_time",
        "size",
        "theme",
        "listen",
        "print",
        "save",
        "offline",
        "share",
    )
    """What is shown, in this order. With `headline` the toolbar carries the page's `h1`."""
    sizes: Annotated[tuple[float, ...], AfterValidator(_offered_sizes)] = TEXT_SIZES
    """Text sizes in per cent of the reader's own size."""
    share: Annotated[
        tuple[ShareTarget, ...], Field(min_length=1), AfterValidator(_without_repeats)
    ] = ("native", "copy", "email", "facebook")
    """Ways to pass the article on. `native` is the device's own dialog, where it has one."""
    save_formats: Annotated[
        tuple[SaveFormat, ...], Field(min_length=1), AfterValidator(_without_repeats)
    ] = ("html", "txt")
    """Files in which the article can be kept."""
    speech: Speech = Speech()
    """Reading aloud."""
    labels: Literal["icon", "text", "both"] = "both"
    """Whether tools show a picture, words, or both; in a narrow place `both` shows pictures."""
