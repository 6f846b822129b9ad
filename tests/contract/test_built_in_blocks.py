"""Every built-in block passes the contract that third-party blocks inherit too."""

from __future__ import annotations

from blocks.breadcrumb import block as breadcrumb
from blocks.error_message import block as error_message
from blocks.language_switch import block as language_switch
from blocks.latest import block as latest
from blocks.main_menu import block as main_menu
from blocks.news_list import block as news_list
from blocks.related import block as related
from blocks.site_footer import block as site_footer
from blocks.site_header import block as site_header
from blocks.toolbar import block as toolbar
from blocks.viewdata import block as viewdata
from portal.registry import BUILT_IN
from portal.testing import BlockContract


class TestBreadcrumb(BlockContract):
    block = breadcrumb


class TestErrorMessage(BlockContract):
    block = error_message


class TestLanguageSwitch(BlockContract):
    block = language_switch


class TestLatest(BlockContract):
    block = latest


class TestMainMenu(BlockContract):
    block = main_menu


class TestNewsList(BlockContract):
    block = news_list


class TestRelated(BlockContract):
    block = related


class TestSiteFooter(BlockContract):
    block = site_footer


class TestSiteHeader(BlockContract):
    block = site_header


class TestToolbar(BlockContract):
    block = toolbar


class TestViewdata(BlockContract):
    block = viewdata


def test_every_built_in_block_is_under_contract():
    tested = {case.block.name for case in BlockContract.__subclasses__()}
    assert set(BUILT_IN) <= tested
