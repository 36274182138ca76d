"""A click that opens another page."""

from playwright.sync_api import Locator


def leave_by(control: Locator) -> None:
    """Click a link or a button that opens another page, and return once that page has loaded.

    A click alone may return before its request is answered. What is then read without waiting, from
    the page or from the database, may still be what was there before.
    """
    with control.page.expect_navigation():
        control.click()
