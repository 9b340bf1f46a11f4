"""What operators look at: health, metrics, the API's documents."""

from __future__ import annotations

import re

import httpx

from tests.product import wait_for


def test_health_names_each_part(product):
    answer = httpx.get(f"{product.url}/healthz")
    assert answer.status_code == 200
    parts = answer.json()["parts"]
    assert set(parts) == {"database", "redis", "worker", "engine", "base_image", "registry"}
    assert {p["status"] for p in parts.values()} == {"ok", "ready"}


def test_metrics_count_sessions_steps_viewers_and_bytes(product, terminal):
    card = product.running_card()
    client = terminal(product, card)
    client.until("# ")
    client.type("echo cou''nted\r")
    client.until("counted")

    def value(name):
        found = re.search(rf"^{re.escape(name)} (\S+)$", httpx.get(f"{product.url}/metrics").text, re.M)
        return float(found[1]) if found else 0.0

    assert value('vibenv_sessions{state="running"}') >= 1
    assert value('vibenv_session_start_step_seconds_count{step="start"}') >= 1
    assert value("vibenv_queue_depth") >= 0
    assert value('vibenv_terminal_bytes_total{direction="in"}') >= 14
    assert value('vibenv_terminal_bytes_total{direction="out"}') > value('vibenv_terminal_bytes_total{direction="in"}')
    before = value("vibenv_terminal_viewers")
    assert before >= 1
    client.close()
    wait_for(lambda: value("vibenv_terminal_viewers") == before - 1, what="one viewer fewer")


def test_metrics_name_nobody(product):
    card = product.running_card("Secret project")
    text = httpx.get(f"{product.url}/metrics").text
    assert "secret" not in text.lower()
    assert card["id"] not in text


def test_the_api_documents_itself(product):
    document = product.api.get("/openapi.json").json()
    assert "/api/v1/cards/{card_id}/move" in document["paths"]
    page = product.api.get("/docs")
    assert page.status_code == 200
    assert "https://" not in re.sub(r"https?://[^\"' ]*(w3\.org|spdx)[^\"' ]*", "", page.text), "nothing from elsewhere"
