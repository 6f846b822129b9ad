"""Composition: from a page request to a finished page.

Read in the order of the data: `page` (what comes in and goes out), `subjects` (what an address
leads to), `plan` (which blocks where), `composer` and `attempt` (judge, render, choose, assemble),
`exchange`, `waiting` and `renewing` (what processes share, and what no reader waits for),
`fragments` and `worker` (run one block, beside the page's thread), `templates`, `shell`,
`heads` and `assets` (the HTML around it). `documents` makes what is no page: feeds, site maps,
API answers.
"""

from portal.compose.afterwards import Afterwards
from portal.compose.assembly import WHOLE
from portal.compose.assembly import Assembler
from portal.compose.assembly import min_height_rules
from portal.compose.assets import AssetCatalog
from portal.compose.assets import asset_type
from portal.compose.assets import theme_stylesheet
from portal.compose.composer import Composer
from portal.compose.composer import PageUnavailable
from portal.compose.documents import Document
from portal.compose.documents import DocumentMaker
from portal.compose.documents import name_text
from portal.compose.explaining import PageReport
from portal.compose.fragments import FragmentMaker
from portal.compose.page import Body
from portal.compose.page import Page
from portal.compose.page import PageRequest
from portal.compose.passes import Composition
from portal.compose.plan import PlanCatalog
from portal.compose.remembered import PageMemory
from portal.compose.remembered import Remembered
from portal.compose.shell import ShellCatalog
from portal.compose.subjects import article_number
from portal.compose.templates import make_environment
from portal.compose.templates import shell_regions
from portal.compose.worker import Snapshot

__all__ = [
    "WHOLE",
    "Afterwards",
    "Assembler",
    "AssetCatalog",
    "Body",
    "Composer",
    "Composition",
    "Document",
    "DocumentMaker",
    "FragmentMaker",
    "Page",
    "PageMemory",
    "PageReport",
    "PageRequest",
    "PageUnavailable",
    "PlanCatalog",
    "Remembered",
    "ShellCatalog",
    "Snapshot",
    "article_number",
    "asset_type",
    "make_environment",
    "min_height_rules",
    "name_text",
    "shell_regions",
    "theme_stylesheet",
]
