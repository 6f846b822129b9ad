"""Every built-in block passes the contract that third-party blocks inherit too."""

from __future__ import annotations

from blocks.accessibility_statement import block as accessibility_statement
from blocks.archive import block as archive
from blocks.banners import block as banners
from blocks.breadcrumb import block as breadcrumb
from blocks.error_message import block as error_message
from blocks.feed_directory import block as feed_directory
from blocks.gallery import block as gallery
from blocks.language_switch import block as language_switch
from blocks.latest import block as latest
from blocks.lead_news import block as lead_news
from blocks.links import block as links
from blocks.main_menu import block as main_menu
from blocks.most_read import block as most_read
from blocks.news_list import block as news_list
from blocks.notices import block as notices
from blocks.outage_banner import block as outage_banner
from blocks.rating import block as rating
from blocks.related import block as related
from blocks.rich_text import block as rich_text
from blocks.saved_articles import block as saved_articles
from blocks.search_box import block as search_box
from blocks.search_results import block as search_results
from blocks.section_box import block as section_box
from blocks.section_tabs import block as section_tabs
from blocks.site_footer import block as site_footer
from blocks.site_header import block as site_header
from blocks.sitemap import block as sitemap
from blocks.slideshow import block as slideshow
from blocks.tag_cloud import block as tag_cloud
from blocks.toolbar import block as toolbar
from blocks.topic import block as topic
from blocks.video import block as video
from blocks.viewdata import block as viewdata
from blocks.visit_counter import block as visit_counter
from portal.registry import BUILT_IN
from portal.testing import BlockContract


class TestAccessibilityStatement(BlockContract):
    block = accessibility_statement


class TestArchive(BlockContract):
    block = archive


class TestBanners(BlockContract):
    block = banners


class TestBreadcrumb(BlockContract):
    block = breadcrumb


class TestErrorMessage(BlockContract):
    block = error_message


class TestFeedDirectory(BlockContract):
    block = feed_directory


class TestGallery(BlockContract):
    block = gallery


class TestLanguageSwitch(BlockContract):
    block = language_switch


class TestLatest(BlockContract):
    block = latest


class TestLeadNews(BlockContract):
    block = lead_news


class TestLinks(BlockContract):
    block = links


class TestMainMenu(BlockContract):
    block = main_menu


class TestMostRead(BlockContract):
    block = most_read


class TestNewsList(BlockContract):
    block = news_list


class TestNotices(BlockContract):
    block = notices


class TestOutageBanner(BlockContract):
    block = outage_banner


class TestRating(BlockContract):
    block = rating


class TestRelated(BlockContract):
    block = related


class TestRichText(BlockContract):
    block = rich_text


class TestSavedArticles(BlockContract):
    block = saved_articles


class TestSearchBox(BlockContract):
    block = search_box


class TestSearchResults(BlockContract):
    block = search_results


class TestSectionBox(BlockContract):
    block = section_box


class TestSectionTabs(BlockContract):
    block = section_tabs


class TestSiteFooter(BlockContract):
    block = site_footer


class TestSiteHeader(BlockContract):
    block = site_header


class TestSitemap(BlockContract):
    block = sitemap


class TestSlideshow(BlockContract):
    block = slideshow


class TestTagCloud(BlockContract):
    block = tag_cloud


class TestToolbar(BlockContract):
    block = toolbar


class TestTopic(BlockContract):
    block = topic


class TestVideo(BlockContract):
    block = video


class TestViewdata(BlockContract):
    block = viewdata


class TestVisitCounter(BlockContract):
    block = visit_counter


def test_every_built_in_block_is_under_contract():
    tested = {case.block.name for case in BlockContract.__subclasses__()}
    assert set(BUILT_IN) <= tested
