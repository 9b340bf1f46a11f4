"""Many sessions at once: all start, in order, each told its place."""

from __future__ import annotations

from typing import Any

from tests.product import Product, wait_for

COUNT = 8


def _sessions(product: Product, ids: list[str]) -> list[dict[str, Any]]:
    cards = {card["id"]: card for column in product.board()["columns"] for card in column["cards"]}
    return [cards[each]["session"] for each in ids]


def test_cards_dropped_at_the_same_moment_all_start_in_order_each_told_its_place(product: Product) -> None:
    ids = [product.new_card(f"crowd {number}")["id"] for number in range(COUNT)]
    board = product.board()["id"]
    moved = product.api.post(f"/boards/{board}/cards/move", json={"cards": ids, "column": product.column("active")})
    assert moved.status_code == 202, moved.text
    order: list[int] = []
    places: dict[int, list[int]] = {number: [] for number in range(COUNT)}

    def all_run() -> bool:
        found = _sessions(product, ids)
        for number, session in enumerate(found):
            assert session["status"] in {"starting", "running"}, session
            if session["status"] == "running" and number not in order:
                order.append(number)
            if session["place"] is not None and session["place"] not in places[number][-1:]:
                places[number].append(session["place"])
        return len(order) == COUNT

    wait_for(all_run, 150, "all of them running")
    assert all(abs(at - number) <= 3 for at, number in enumerate(order)), order  # those that start together may swap
    assert places[COUNT - 1], "the last one was told no place"
    for told in places.values():
        assert told == sorted(told, reverse=True), "places move up"
    overview = wait_for(lambda: _measured(product), 30, "figures of all")
    mine = [row for row in overview["sessions"] if row["card"] in ids]
    assert len(mine) == COUNT
    assert all(row["memory_bytes"] > 2**18 and row["wanted_by"] for row in mine)
    assert overview["room"]["cpus"] > 0
    for each in ids:
        product.api.delete(f"/cards/{each}")


def _measured(product: Product) -> dict[str, Any] | None:
    overview: dict[str, Any] = product.api.get("/sessions").json()
    running = [row for row in overview["sessions"] if row["status"] == "running"]
    return overview if running and all(row["memory_bytes"] and row["cpu"] is not None for row in running) else None
