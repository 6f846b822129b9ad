"""What editors, other programs and the time do to a site; each edit from two numbers.

`which` chooses what is changed and `how` what of it, both by their remainder, so any two numbers
make an edit.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from portal.content import commands
from portal.content.drafts import AttachmentDraft
from portal.content.drafts import PinDraft
from portal.content.drafts import RedirectDraft
from portal.content.drafts import SectionDraft
from portal.content.values import Author
from portal.content.values import Correction
from portal.content.values import Source
from portal.content.values import Term
from tests.integration.oracle.world import SECTIONS
from tests.integration.oracle.world import TAGS
from tests.integration.oracle.world import TOPICS
from tests.integration.oracle.world import World

Edit = Callable[[World, int, int], None]
Item = TypeVar("Item")

_PUBLIC = "kind = 'article' AND status = 'published'"


def pick(items: Sequence[Item], number: int) -> Item:
    """One of the items."""
    return items[number % len(items)]


def _article(world: World, which: int, condition: str = "1 = 1") -> int:
    return pick(world.numbers("article", condition) or world.numbers() or (0,), which)


# --- what editors do ----------------------------------------------------------------------------


def write_article(world: World, which: int, how: int) -> None:
    """A new article, or one in the other language."""
    locale = pick(("vi", "vi", "en"), how)
    hours = pick((0.5, 3, 50, 400), how)
    world.write(which, locale=locale, published=world.clock() - timedelta(hours=hours))


def schedule_article(world: World, which: int, how: int) -> None:
    """A new article, or one that is there, whose time is still to come."""
    at = world.clock() + timedelta(minutes=pick((1, 30, 600), how))
    if which % 2:
        world.write(which, published=at)
    else:
        world.command(commands.publish, _article(world, which), now=world.clock(), at=at)


def change_article(world: World, which: int, how: int) -> None:
    """One field of an article."""
    number = _article(world, which)
    if not number:
        return
    old, now = world.draft(number), world.clock()
    pictures = (None, *world.numbers("media"))
    changes: dict[str, object] = {
        "headline": f"{old.headline[:40]} – sửa {which % 7}",
        "lead": "" if old.lead else f"Câu dẫn mới {which % 7}.",
        "body": f"<p>Nội dung mới {which % 7}.</p><h2>Mục</h2><p>Thêm về cầu và lớp học.</p>",
        "section": pick((*SECTIONS, None), which // 3) if old.kind == "article" else None,
        "slug": f"dia-chi-{which % 5}-{number}",
        "tags": TAGS[: which % 4],
        "topic": pick((None, *TOPICS), which),
        "hero_id": pick(pictures, which),
        "authors": () if old.authors else (Author("Hà Minh", role="photo"),),
        "source": None if old.source else Source("Đài Lam Khê"),
        "published": now - timedelta(hours=which % 90),
        "updated": now - timedelta(minutes=which % 50),
        "expires": pick((None, now + timedelta(hours=2), now - timedelta(hours=1)), which),
        "end_mark": not old.end_mark,
        "precision": "day" if old.precision == "minute" else "minute",
        "status": "draft" if old.status == "published" else "published",
        "legacy_url": f"https://cu.example/{which % 5}",
        "translation_group": pick((None, "g0", "g1", f"g{which % 9}"), which // 2),
        "attachments": (
            AttachmentDraft(f"Tệp {which % 4}", "t.pdf", "application/pdf", 10_000, "files/t.pdf"),
        ),
    }
    name = pick(sorted(changes), how)
    world.change(number, **{name: changes[name]})


def show_picture_in_body(world: World, which: int, how: int) -> None:
    """A picture in the body of an article."""
    picture, number = pick(world.numbers("media") or (1,), how), _article(world, which)
    if number:
        world.change(number, body=f'<p>Ảnh:</p><figure data-media="{picture}"></figure>')


def withdraw_article(world: World, which: int, how: int) -> None:
    """An article that is not to be read any more, with another one in its place or without."""
    successor = _article(world, how) if how % 2 else None
    number = _article(world, which, _PUBLIC)
    if successor == number:
        successor = None
    world.command(
        commands.withdraw,
        number,
        now=world.clock(),
        reason=f"Lý do {how % 3}",
        successor=successor,
    )


def restore_article(world: World, which: int, how: int) -> None:
    """A withdrawn article comes back."""
    number = _article(world, which, "status = 'withdrawn'")
    world.command(commands.restore, number, now=world.clock())


def correct_article(world: World, which: int, how: int) -> None:
    """A correction."""
    note = Correction(world.clock(), "correction", f"Sửa lại số {how % 9}.")
    world.command(commands.add_correction, _article(world, which), note, now=world.clock())


def attach_file(world: World, which: int, how: int) -> None:
    """A file to download."""
    file = AttachmentDraft(f"Văn bản {how % 5}", f"v{how % 5}.pdf", "application/pdf", 9, "v.pdf")
    world.command(commands.save_attachment, _article(world, which), file, now=world.clock())


def link_translations(world: World, which: int, how: int) -> None:
    """Two articles are one content in two languages."""
    one = _article(world, which, "locale = 'vi' AND kind = 'article'")
    other = _article(world, how, "locale = 'en' AND kind = 'article'")
    world.command(commands.link_translation, [one, other], now=world.clock())


def pin_articles(world: World, which: int, how: int) -> None:
    """What stands first on the home page, in a section or beside an article, for a while."""
    scopes = (
        "home",
        f"section:{pick(world.numbers('section'), which)}",
        f"article:{_article(world, which, _PUBLIC)}",
    )
    chosen = dict.fromkeys(_article(world, which + how * at) for at in range(how % 4))
    expires = pick((None, world.clock() + timedelta(minutes=40)), which)
    world.command(
        commands.set_pins, pick(scopes, how), [PinDraft(number, expires) for number in chosen]
    )


def save_redirect(world: World, which: int, how: int) -> None:
    """An old address."""
    draft = RedirectDraft(f"/cu-{which % 4}.aspx", article_id=_article(world, which))
    if how % 3 == 0:
        draft = RedirectDraft(f"/cu-{which % 4}.aspx", code=410)
    world.command(commands.save_redirect, draft)


def change_picture(world: World, which: int, how: int) -> None:
    """A picture's words."""
    world.picture(pick(("cau", "lop-hoc", "cho", "moi"), which), f"sửa {how % 9}")


def save_page(world: World, which: int, how: int) -> None:
    """A static page: a new one, another headline, not public any more."""
    slug = pick(("gioi-thieu", "lien-he", "co-cau-to-chuc", "trang-khac"), which)
    locale = pick(("vi", "en"), how)
    known = world.numbers("article", f"kind = 'page' AND slug = '{slug}' AND locale = '{locale}'")
    status = "draft" if known and how % 3 == 0 else "published"
    world.write(
        how,
        id=known[0] if known else None,
        kind="page",
        section=None,
        slug=slug,
        locale=locale,
        status=status,
        headline=f"Trang {slug} {how % 5}",
        topic=None,
        tags=(),
    )


def edit_sections(world: World, which: int, how: int) -> None:
    """The section tree: a name, the order, an address, one more, one less, one deeper."""
    tree = list(world.tree)
    at = which % len(tree)
    old = tree[at]
    action = how % 6
    if action == 0:
        tree[at] = replace(old, names={"vi": f"{old.names['vi'][:20]} {how % 9}", "en": "Named"})
    elif action == 1:
        tree.reverse()
    elif action == 2:
        slug = f"{old.slug[:14]}-{how % 9}"
        tree[at] = replace(old, slug=slug, formerly=old.slug)
    elif action == 3:
        tree.insert(at, SectionDraft(f"muc-{how % 9}", {"vi": f"Mục {how % 9}"}))
    elif action == 4:
        del tree[at]
    elif len(tree) > 1 and not old.sections:
        del tree[at]
        parent = tree[which % len(tree)]
        inner = replace(old, formerly=old.slug)
        tree[which % len(tree)] = replace(parent, sections=(*parent.sections, inner))
    world.command(commands.save_sections, tuple(tree))
    if not world.history[-1].endswith("was refused"):
        stored = {row.key for row in world.rows("SELECT key FROM section")}
        if {draft.slug for draft in tree} <= stored:
            world.tree = tuple(_settled(draft) for draft in tree)


def _settled(draft: SectionDraft) -> SectionDraft:
    return replace(draft, formerly=None, sections=tuple(map(_settled, draft.sections)))


def rename_term(world: World, which: int, how: int) -> None:
    """A tag or topic gets another name by being used so."""
    number = _article(world, which, _PUBLIC)
    if not number:
        return
    if how % 2:
        term = pick(TOPICS, which)
        world.change(number, topic=Term(term.slug, f"{term.name} {how % 9}"))
    else:
        term = pick(TAGS, which)
        world.change(number, tags=(Term(term.slug, f"{term.name} {how % 9}"),))


EDITS: tuple[Edit, ...] = (
    write_article,
    schedule_article,
    change_article,
    show_picture_in_body,
    withdraw_article,
    restore_article,
    correct_article,
    attach_file,
    link_translations,
    pin_articles,
    save_redirect,
    change_picture,
    save_page,
    edit_sections,
    rename_term,
)

# --- what other programs do ---------------------------------------------------------------------

_ONE = "(SELECT id FROM {table} WHERE id >= :number ORDER BY id LIMIT 1)"

STATEMENTS: tuple[tuple[str, str], ...] = (
    ("article", "UPDATE article SET headline = headline || ' *' WHERE id = {one}"),
    ("article", "UPDATE article SET lead = '' WHERE id = {one}"),
    ("article", "UPDATE article SET body = '<p>Khác.</p>', body_text = 'Khác.' WHERE id = {one}"),
    ("article", "UPDATE article SET slug = 'moi-' || id WHERE id = {one}"),
    ("article", "UPDATE article SET status = 'draft' WHERE id = {one}"),
    (
        "article",
        "UPDATE article SET status = 'published',"
        " first_published_at = coalesce(first_published_at, :now) WHERE id = {one}",
    ),
    ("article", "UPDATE article SET status = 'withdrawn', successor_id = 1 WHERE id = {one}"),
    ("article", "UPDATE article SET successor_id = NULL WHERE id = {one}"),
    ("article", "UPDATE article SET first_published_at = :now WHERE id = {one}"),
    ("article", "UPDATE article SET first_published_at = :later WHERE id = {one}"),
    ("article", "UPDATE article SET expires_at = :later WHERE id = {one}"),
    ("article", "UPDATE article SET expires_at = :now WHERE id = {one}"),
    ("article", "UPDATE article SET expires_at = NULL WHERE id = {one}"),
    ("article", "UPDATE article SET updated_at = :now WHERE id = {one}"),
    ("article", "UPDATE article SET section_id = NULL WHERE id = {one} AND kind = 'article'"),
    ("article", "UPDATE article SET section_id = 1 WHERE id = {one} AND kind = 'article'"),
    ("article", "UPDATE article SET topic_id = NULL WHERE id = {one}"),
    ("article", "UPDATE article SET topic_id = (SELECT max(id) FROM topic) WHERE id = {one}"),
    ("article", "UPDATE article SET hero_id = NULL WHERE id = {one}"),
    ("article", "UPDATE article SET hero_id = (SELECT max(id) FROM media) WHERE id = {one}"),
    ("article", "UPDATE article SET locale = 'en' WHERE id = {one}"),
    ("article", "UPDATE article SET locale = 'vi' WHERE id = {one}"),
    ("article", "UPDATE article SET translation_group = 'g1' WHERE id = {one}"),
    ("article", "UPDATE article SET translation_group = NULL WHERE id = {one}"),
    ("article", "UPDATE article SET site = 'other' WHERE id = {one}"),
    (
        "article",
        "UPDATE article SET first_published_precision = 'day', time_zone = 'UTC' WHERE id = {one}",
    ),
    ("article", "DELETE FROM article WHERE id = {one}"),
    ("article", "DELETE FROM article_tag WHERE article_id = {one}"),
    (
        "article",
        "INSERT INTO article_tag (article_id, tag_id, position, first_published_at)"
        " SELECT id, (SELECT max(id) FROM tag), 9, first_published_at FROM article"
        " WHERE id = {one}"
        " AND NOT EXISTS (SELECT 1 FROM article_tag WHERE article_id = article.id)",
    ),
    ("article", "UPDATE article_tag SET position = 9 - position WHERE article_id = {one}"),
    ("article", "UPDATE article_tag SET first_published_at = :now WHERE article_id = {one}"),
    (
        "article",
        "UPDATE article_tag SET tag_id = (SELECT max(id) FROM tag)"
        " WHERE article_id = {one} AND position = 0",
    ),
    ("article", 'DELETE FROM "similar" WHERE article_id = {one}'),
    ("article", 'UPDATE "similar" SET score = 1 - score WHERE article_id = {one}'),
    ("article", "DELETE FROM attachment WHERE article_id = {one}"),
    ("article", "UPDATE attachment SET title = title || ' *' WHERE article_id = {one}"),
    ("pin", "DELETE FROM pin WHERE id = {one}"),
    ("pin", "UPDATE pin SET position = 9 - position WHERE id = {one}"),
    ("pin", "UPDATE pin SET expires_at = :later WHERE id = {one}"),
    ("pin", "UPDATE pin SET scope = 'home' WHERE id = {one}"),
    ("pin", "UPDATE pin SET scope = 'article:1' WHERE id = {one}"),
    ("media", "UPDATE media SET credit = credit || ' *' WHERE id = {one}"),
    ("media", "UPDATE media SET decorative = NOT decorative WHERE id = {one}"),
    ("media", "UPDATE media SET width = width + 1 WHERE id = {one}"),
    ("media", "UPDATE media SET renditions = '[]' WHERE id = {one}"),
    ("topic", 'UPDATE topic SET name = \'{{"vi": "Chuyện khác"}}\' WHERE id = {one}'),
    ("topic", "UPDATE topic SET slug = slug || '-x' WHERE id = {one}"),
    ("topic", "UPDATE topic SET slug = 'cau-ben-ngan' WHERE id = {one}"),
    ("tag", 'UPDATE tag SET name = \'{{"vi": "Thẻ khác"}}\' WHERE id = {one}'),
    ("tag", "UPDATE tag SET slug = slug || '-x' WHERE id = {one}"),
    ("section", 'UPDATE section SET name = \'{{"vi": "Tên khác"}}\' WHERE id = {one}'),
    ("section", 'UPDATE section SET description = \'{{"vi": "Khác"}}\' WHERE id = {one}'),
    ("section", "UPDATE section SET position = 20 - position WHERE id = {one}"),
    ("section", "UPDATE section SET key = key || '-x', slug = slug || '-x' WHERE id = {one}"),
    ("section", "UPDATE section SET parent_id = NULL WHERE id = {one}"),
    ("redirect", "DELETE FROM redirect WHERE id = {one}"),
    ("redirect", "UPDATE redirect SET article_id = NULL, target = '/' WHERE id = {one}"),
)

BULK: tuple[str, ...] = (
    "UPDATE article SET headline = headline || '.'",
    "UPDATE article SET first_published_at = :now WHERE status = 'published' AND id % 3 = 0",
    "UPDATE article SET status = 'draft' WHERE id % 4 = 0",
    "UPDATE article SET section_id = 1 WHERE kind = 'article' AND id % 2 = 0",
    "UPDATE article SET expires_at = :later WHERE id % 5 = 0",
    "UPDATE article SET hero_id = NULL WHERE id % 2 = 0",
    "UPDATE article SET topic_id = NULL",
    "UPDATE media SET credit = credit || '.'",
    'UPDATE section SET name = \'{"vi": "Mục", "en": "Part"}\'',
    "UPDATE section SET position = -position",
    "DELETE FROM article_tag",
    'DELETE FROM "similar"',
    "DELETE FROM pin",
    "DELETE FROM attachment",
    "DELETE FROM article WHERE id % 6 = 0",
)


def run_statement(world: World, which: int, how: int) -> None:
    """A statement of another program, on one row."""
    table, statement = pick(STATEMENTS, how)
    numbers = world.numbers(table)
    if numbers:
        one = _ONE.format(table=table)
        _run(world, statement.format(one=one), number=pick(numbers, which))


def run_bulk(world: World, which: int, how: int) -> None:
    """A statement of another program, on many rows."""
    _run(world, pick(BULK, how))


def _run(world: World, statement: str, **values: object) -> None:
    moments = {
        "now": _moment(world, minutes=-3),
        "later": _moment(world, minutes=25),
    }
    used = {name: value for name, value in moments.items() if f":{name}" in statement}
    if "'other'" in statement:
        world.execute(
            "INSERT INTO site (key) SELECT 'other'"
            " WHERE NOT EXISTS (SELECT 1 FROM site WHERE key = 'other')"
        )
    world.execute(statement, **used, **values)


def _moment(world: World, **distance: float) -> object:
    """A time as the database stores it."""
    moment = world.clock() + timedelta(**distance)
    if world.engine.dialect.name == "postgresql":
        return moment
    return moment.replace(tzinfo=None).isoformat(" ", timespec="microseconds")
