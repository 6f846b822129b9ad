"""What holds for every layout: patching is deterministic, and its result says the same again."""

from __future__ import annotations

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal.layouts import LayoutErrors
from portal.layouts import SiteFolder
from portal.layouts import load_site_folder
from portal.layouts import render_text
from portal.layouts.explain import effective
from portal.layouts.explain import values
from tests.unit.layouts.layout_site import SPECS
from tests.unit.layouts.layout_site import TEMPLATES
from tests.unit.layouts.layout_site import write_site

KEYS = st.sampled_from(["identity", "tools", "body", "related", "extra", "gone"])
REGIONS = st.sampled_from(["header", "top", "main", "aside", "footer"])
PLACES = st.one_of(
    st.fixed_dictionaries({"region": REGIONS}),
    st.fixed_dictionaries({"before": KEYS}),
    st.fixed_dictionaries({"after": KEYS}),
)
VALUES = st.sampled_from(
    [
        ("related.settings.limit", 3),
        ("related.settings.topic.limit", 2),
        ("related.settings.title", {"vi": "Tin liên quan"}),
        ("related.cache.fresh", "1m"),
        ("related.show", {"any": [{"tag": "le-hoi"}, {"between": ["2027-01-28", None]}]}),
        ("tools.settings.tools", ["print"]),
        ("tools.on_error", "hide"),
        ("extra.settings.count", 4),
        ("extra.bind", {"exclude": "related.shown"}),
        ("body.required", False),
        ("body.budget", "150ms"),
    ]
)
OPERATIONS = st.one_of(
    VALUES.map(lambda pair: {"set": pair[0], "to": pair[1]}),
    st.builds(lambda key, place: {"move": key, **place}, KEYS, PLACES),
    st.builds(lambda key: {"remove": key}, KEYS),
    PLACES.map(lambda place: {"insert": {"key": "extra", "block": "latest"}, **place}),
)


def load(folder: Path, layout: object) -> SiteFolder | str:
    """The site with one more layout, or what is wrong with it. JSON is YAML."""
    config = folder / "config"
    write_site(config, {"layouts/news.yaml": json.dumps(layout, ensure_ascii=False)})
    try:
        return load_site_folder(config, SPECS, templates=TEMPLATES)
    except LayoutErrors as error:
        return render_text(error.problems)


@settings(max_examples=40, deadline=None)
@given(st.lists(OPERATIONS, max_size=7))
def test_effective_layout_compiles_to_the_same_plan(operations: list[dict[str, object]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        patched = {"layout": "news", "extends": "article", "patch": operations}

        first = load(folder, patched)
        again = load(folder, patched)

        if isinstance(first, str):
            assert first == again
            return
        assert isinstance(again, SiteFolder)
        assert first.layouts == again.layouts
        own = load(folder, values(effective(first, "news"), defaults=False))
        assert isinstance(own, SiteFolder), own
        assert own.layouts["news"] == first.layouts["news"]


def test_forty_layouts_load_well_below_a_second(tmp_path: Path) -> None:
    files = {
        f"layouts/article/topic-{number}.yaml": (
            f"layout: article/topic-{number}\nextends: article\nregions:\n  aside:\n"
            + "".join(
                f"    - {{key: news_{index}, block: latest, version: 2, settings: {{limit: 3}}}}\n"
                for index in range(10)
            )
            + "patch:\n  - {set: related.settings.limit, to: 3}\n"
        )
        for number in range(40)
    }
    write_site(tmp_path / "config", files)
    started = time.process_time()

    site = load_site_folder(tmp_path / "config", SPECS, templates=TEMPLATES)

    assert len(site.layouts) == 49
    assert time.process_time() - started < 0.8
