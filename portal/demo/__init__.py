"""The demo commune: its articles are files in `config/demo`, its pictures are drawn here.

Loading it twice is loading it once.
"""

from portal.demo.loading import load_demo
from portal.demo.loading import read_articles

__all__ = ["load_demo", "read_articles"]
