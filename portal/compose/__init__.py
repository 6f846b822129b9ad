"""Composition: from a page request to a finished page.

Read in the order of the data: `page` (what comes in and goes out), `subjects` (what an address
leads to), `plan` (which blocks where), `composer` and `attempt` (judge, render, choose, assemble),
`fragments` and `worker` (run one block, beside the page's thread), `templates`, `shell` and
`assets` (the HTML around it).
"""

from portal.compose.assets import AssetCatalog
from portal.compose.assets import theme_stylesheet
from portal.compose.composer import Composer
from portal.compose.composer import Composition
from portal.compose.composer import PageUnavailable
from portal.compose.fragments import FragmentMaker
from portal.compose.page import Page
from portal.compose.page import PageRequest
from portal.compose.plan import PlanCatalog
from portal.compose.shell import ShellCatalog
from portal.compose.templates import make_environment
from portal.compose.templates import shell_regions
from portal.compose.worker import Snapshot

__all__ = [
    "AssetCatalog",
    "Composer",
    "Composition",
    "FragmentMaker",
    "Page",
    "PageRequest",
    "PageUnavailable",
    "PlanCatalog",
    "ShellCatalog",
    "Snapshot",
    "make_environment",
    "shell_regions",
    "theme_stylesheet",
]
