"""What block authors test with: a small real site, and the contract that every block passes.

from portal.testing import BlockContract
from portal_weather import block

class TestWeather(BlockContract):
    block = block
"""

from portal.testing.contract import BlockContract
from portal.testing.examples import Example
from portal.testing.examples import read_examples
from portal.testing.harness import Harness

__all__ = ["BlockContract", "Example", "Harness", "read_examples"]
