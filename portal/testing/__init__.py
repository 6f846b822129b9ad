"""What block authors test with: a small real site, and the contract that every block passes.

from portal.testing import BlockContract
from portal_weather import block

class TestWeather(BlockContract):
    block = block
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.testing.examples import Example
from portal.testing.examples import read_examples
from portal.testing.harness import Harness

if TYPE_CHECKING:
    from portal.testing.contract import BlockContract

__all__ = ["BlockContract", "Example", "Harness", "read_examples"]


def __getattr__(name: str) -> object:
    """The contract when it is asked for: it needs pytest, which a portal with a gallery has not."""
    if name == "BlockContract":
        from portal.testing.contract import BlockContract  # noqa: PLC0415

        return BlockContract
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
