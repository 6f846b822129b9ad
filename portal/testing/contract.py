"""The contract every block passes; inherit `BlockContract` and name the block."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from typing import ClassVar

import pytest
from pydantic import ValidationError

from portal.block import Block
from portal.block import Settings
from portal.content import commands
from portal.content.values import Correction
from portal.scaffold import settings_table
from portal.testing.document import Document
from portal.testing.examples import Example
from portal.testing.examples import read_examples
from portal.testing.harness import SITE
from portal.testing.harness import Harness
from portal.testing.samples import NOW
from portal.testing.samples import SECTIONS

LARGEST_FRAGMENT = 15_000
MOST_STATEMENTS = 10


class BlockContract:
    """Everything a block is tested for. `largest` and `statements` may be set lower, not higher."""

    block: ClassVar[Block[Any]]
    templates: ClassVar[Path] = Path("templates")
    largest: ClassVar[int] = LARGEST_FRAGMENT
    statements: ClassVar[int] = MOST_STATEMENTS

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run the tests that ask for an `example` once with each."""
        if "example" in metafunc.fixturenames:
            examples = read_examples(metafunc.cls.block)
            metafunc.parametrize("example", examples, ids=[item.name for item in examples])

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """A portal of its own, with the sample articles; a test may write into it."""
        return Harness(tmp_path, self.block, self.templates.absolute())

    @pytest.fixture(scope="class")
    @classmethod
    def kept_harness(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
        """What `reading` hands from test to test."""
        folder = tmp_path_factory.mktemp(cls.block.name)
        harness = Harness(folder, cls.block, cls.templates.absolute())
        yield harness
        harness.close()

    @pytest.fixture
    def reading(self, kept_harness: Harness) -> Harness:
        """The same for tests that write nothing: its portals are made once for all of them.

        Most of such a test's time would be the start of a portal. Nothing is cached when it begins.
        """
        kept_harness.forget()
        return kept_harness

    # --- settings -----------------------------------------------------------------------------

    def test_default_settings_survive_being_written_down(self) -> None:
        """What a site builder sees as default is what the block gets."""
        written = json.loads(self.block.settings().model_dump_json())
        assert self.block.settings.model_validate(written) == self.block.settings()

    def test_unknown_settings_are_refused(self) -> None:
        """A typo is never ignored."""
        with pytest.raises(ValidationError, match="not_a_setting"):
            self.block.settings(not_a_setting=1)

    def test_mistyped_settings_are_refused(self) -> None:
        """A value of a wrong type never reaches the block."""
        for name in self.block.settings.model_fields:
            with pytest.raises(ValidationError, match=name):
                self.block.settings.model_validate({name: object()})

    def test_settings_are_explained(self) -> None:
        """Site builders read the help in the README, in the gallery and in their editor."""
        assert all(self.block.help.values())

    def test_readme_shows_the_settings_as_they_are(self) -> None:
        """The table in the README is generated."""
        readme = (self.block.folder / "README.md").read_text(encoding="utf-8")
        if "<!-- settings -->" in readme:
            shown = readme.partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]
            assert shown in {settings_table(self.block), ""}
        assert issubclass(self.block.settings, Settings)

    # --- rendering ----------------------------------------------------------------------------

    def test_example_renders_what_it_promises(self, reading: Harness, example: Example) -> None:
        """Every state shows something, or nothing at all; within its budgets."""
        entry, statements = reading.fragment(example)
        assert bool(entry.html) == (example.expect == "html")
        assert len(entry.html) <= self.largest
        assert statements <= self.statements

    def test_example_is_well_formed(self, reading: Harness, example: Example) -> None:
        """Ids are unique and belong to the placement, headings do not jump, no dead control."""
        page = Document(reading.page(example).body.decode())
        assert page.problems() == []

    def test_two_copies_on_a_page_do_not_collide(self, reading: Harness, example: Example) -> None:
        """Unique ids and one `h1`, wherever a block stands and however often."""
        if self.block.headline(self.block.settings(**example.settings)):
            return
        twice = Harness(reading.folder, self.block, reading.templates, copies=2)
        page = Document(twice.page(example).body.decode())
        assert page.problems() == []

    def test_example_speaks_both_languages(self, reading: Harness, example: Example) -> None:
        """No text is missing in either language, and no language falls through to the other."""
        if example.locale != "vi" or example.page == "page" or example.article != "normal":
            return
        for locale in ("vi", "en"):
            other = example.model_copy(update={"locale": locale})
            page = reading.page(other)
            assert page.status in {200, 404, 410, 503}
            assert f'<html lang="{locale}"' in page.body.decode()

    def test_every_text_of_the_catalog_is_used(self) -> None:
        """A catalog holds no text that nobody reads."""
        sources = [
            file.read_text(encoding="utf-8")
            for pattern in ("*.py", "*.html")
            for file in self.block.folder.rglob(pattern)
        ]
        unused = [key for key in self.block.catalog.keys if not _used(key, sources)]
        assert unused == []

    # --- the seal -----------------------------------------------------------------------------

    def test_undeclared_values_change_nothing(self, reading: Harness, example: Example) -> None:
        """A fragment is the same bytes on every page that agrees in what the block declares."""
        subject = reading.subject(example)
        first, _ = reading.fragment(example)
        declared = {*self.block.needs, *self.block.accepts}
        changes: dict[str, object] = {}
        # The translations of a page follow from everything it is about.
        if "translations" not in declared:
            changes["path"] = "/elsewhere"
            if "section" not in declared:
                changes["section_key"] = "thong-bao"
            if "page_number" not in declared:
                changes["page_number"] = 7
        second, _ = reading.fragment(example, replace(subject, **changes))  # type: ignore[arg-type]
        assert second.html == first.html
        assert second.head == first.head

    def test_rendering_twice_gives_the_same_bytes(self, reading: Harness, example: Example) -> None:
        """Nothing random, no order that changes."""
        assert reading.fragment(example)[0].html == reading.fragment(example)[0].html

    # --- the cache ----------------------------------------------------------------------------

    def test_a_cached_page_equals_one_rendered_afresh_after_every_edit(
        self, harness: Harness, example: Example
    ) -> None:
        """An edit shows at once wherever it must, whatever it changed."""
        portal, uncached = harness.portal(example), harness.new_portal(example)
        request = harness.request(example)
        for edit in (_nothing, _correct, _withdraw, _pin, _rename):
            with harness.session() as session, session.begin():
                edit(session, harness)
            cached = portal.composer.compose(request)
            again = portal.composer.compose(request)
            uncached.composer.forget()
            fresh = uncached.composer.compose(request)
            assert cached.status == again.status == fresh.status
            assert cached.body == fresh.body
            assert again.body == fresh.body

    def test_an_unchanged_page_is_not_rendered_again(
        self, reading: Harness, example: Example
    ) -> None:
        """The second reader costs no rendering."""
        portal = reading.portal(example)
        request = reading.request(example)
        portal.composer.compose(request)
        states = set(portal.composer.compose(request).states.values())
        off = self.block.cache.off
        assert off or "rendered" not in states

    def test_a_failure_shows_no_trace(
        self, reading: Harness, example: Example, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A block that raises costs readers at most itself."""

        def fail(context: object) -> None:
            raise RuntimeError("the block is broken on purpose")

        monkeypatch.setattr(self.block, "renderer", fail)
        page = reading.page(example)
        assert "broken on purpose" not in page.body.decode()
        assert "Traceback" not in page.body.decode()
        assert page.status in {200, 404, 410, 503}


def _used(key: str, sources: list[str]) -> bool:
    stem = key.rpartition("_")[0] + "_"
    return any(
        f'"{key}"' in source or f"'{key}'" in source or f'"{stem}' in source or f"'{stem}" in source
        for source in sources
    )


def _nothing(session: Any, harness: Harness) -> None:
    return None


def _correct(session: Any, harness: Harness) -> None:
    commands.add_correction(
        session,
        str(SITE["key"]),
        harness.articles["normal"],
        Correction(NOW, "fix", "Sửa lỗi chính tả."),
        now=NOW,
    )


def _withdraw(session: Any, harness: Harness) -> None:
    commands.withdraw(
        session, str(SITE["key"]), harness.articles["day_precision"], reason="Sai", now=NOW
    )


def _pin(session: Any, harness: Harness) -> None:
    number = harness.articles["corrected"]
    scope = f"article:{harness.articles['normal']}"
    commands.set_pins(session, str(SITE["key"]), scope, [number])


def _rename(session: Any, harness: Harness) -> None:

    renamed = (replace(SECTIONS[0], names={"vi": "Tin mới", "en": "Fresh news"}), *SECTIONS[1:])
    commands.save_sections(session, str(SITE["key"]), renamed)
