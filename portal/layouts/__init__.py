"""The layout language: a site's files in, frozen page plans and good error messages out."""

from __future__ import annotations

from portal.layouts.conditions import Condition
from portal.layouts.conditions import PageFacts
from portal.layouts.folder import ERROR_LAYOUTS
from portal.layouts.folder import SiteFolder
from portal.layouts.folder import load_site_folder
from portal.layouts.folder import plan_for
from portal.layouts.model import PAGE_TYPES
from portal.layouts.model import Binding
from portal.layouts.model import BlockSpec
from portal.layouts.model import CacheOverride
from portal.layouts.model import Layout
from portal.layouts.model import OnError
from portal.layouts.model import PageType
from portal.layouts.model import Placement
from portal.layouts.problems import LayoutErrors
from portal.layouts.problems import Problem
from portal.layouts.problems import render_json
from portal.layouts.problems import render_text
from portal.layouts.site_file import SectionDeclaration

__all__ = [
    "ERROR_LAYOUTS",
    "PAGE_TYPES",
    "Binding",
    "BlockSpec",
    "CacheOverride",
    "Condition",
    "Layout",
    "LayoutErrors",
    "OnError",
    "PageFacts",
    "PageType",
    "Placement",
    "Problem",
    "SectionDeclaration",
    "SiteFolder",
    "load_site_folder",
    "plan_for",
    "render_json",
    "render_text",
]
