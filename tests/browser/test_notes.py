"""Notes in the corner, where a dialog makes all else inert."""

from __future__ import annotations

from playwright.sync_api import expect


def test_a_note_can_be_read_and_dismissed_above_an_open_dialog_and_outlives_it(product, person):
    product.api.post(f"/cards/{product.new_card('Kept')['id']}/archive")
    page = person()
    page.route("**/api/v1/cards/*/restore", lambda route: route.fulfill(
        status=409, content_type="application/problem+json", body='{"detail": "The column is full."}'
    ))  # fmt: skip
    page.get_by_role("button", name="Boards").click()
    page.get_by_role("button", name="Archived cards").click()
    for _ in range(2):
        page.get_by_role("button", name="Restore Kept").click()
    notes = page.get_by_test_id("toast")
    expect(notes).to_have_count(2)
    notes.first.get_by_role("button", name="Dismiss").click()
    expect(notes).to_have_count(1)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(notes).to_be_visible()
    notes.get_by_role("button", name="Dismiss").click()
    expect(notes).to_have_count(0)
