"""Templates are compiled once per process, and never outlive their source."""

from __future__ import annotations

from pathlib import Path

from portal.compose.templates import make_environment


def test_two_portals_of_a_process_share_a_compiled_template(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ words }}", encoding="utf-8")
    first = make_environment(tmp_path, []).get_template("page.html")
    second = make_environment(tmp_path, []).get_template("page.html")
    assert second.render(words="Tin") == first.render(words="Tin") == "Tin"
    assert second.root_render_func.__code__ is first.root_render_func.__code__


def test_a_changed_template_is_compiled_anew(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("old {{ words }}", encoding="utf-8")
    assert make_environment(tmp_path, []).get_template("page.html").render(words="Tin") == "old Tin"
    file.write_text("new {{ words }}", encoding="utf-8")
    assert make_environment(tmp_path, []).get_template("page.html").render(words="Tin") == "new Tin"


def test_sites_with_a_template_of_the_same_name_keep_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text(name, encoding="utf-8")
    pages = [
        make_environment(tmp_path / name, []).get_template("page.html") for name in ("one", "two")
    ]
    assert [page.render() for page in pages] == ["one", "two"]
