from __future__ import annotations

import io
import json

from rich.console import Console

from cli.local import watch
from cli.local.gateway import HandledWebhook
from cli.local.request import Response
from cli.local.screen import make_screen

ATTEMPT = {
    "level": "INFO",
    "message": "attempt",
    "merchant": "demo",
    "id": "w1",
    "topic": "products/create",
    "destination": "datacue",
    "call": "POST batch/products x2",
    "verdict": "Delivered",
    "status": None,
    "milliseconds": 12,
    "attempt": 1,
}
UP = {
    "webhooks": {"shopify": "http://127.0.0.1:1/webhooks/shopify"},
    "aws": "http://127.0.0.1:2",
    "sandbox": "http://127.0.0.1:3",
    "log": "local.log",
}


def answered() -> HandledWebhook:
    return HandledWebhook(
        source="shopify",
        headers={"x-shopify-webhook-id": "w1", "x-shopify-topic": "products/create"},
        response=Response(status=200, body=b'{"id": "w1", "status": "delivered"}'),
        milliseconds=34,
    )


def test_json_is_one_object_per_line() -> None:
    out = io.StringIO()
    screen = make_screen(Console(file=out), json_lines=True)

    screen.show("up", **UP)
    watch.show_webhook(screen, answered())
    watch.show_log_line(screen, json.dumps(ATTEMPT))

    up, webhook, call = map(json.loads, out.getvalue().splitlines())
    assert up == {"event": "up", **UP}
    assert webhook == {
        "event": "webhook",
        "id": "w1",
        "source": "shopify",
        "topic": "products/create",
        "status": 200,
        "answer": "delivered",
        "milliseconds": 34,
    }
    assert call["event"] == "call"
    assert call["call"] == "POST batch/products x2"
    assert call["verdict"] == "Delivered"


def test_without_a_terminal_each_event_is_a_plain_line() -> None:
    out = io.StringIO()
    screen = make_screen(Console(file=out), json_lines=False)

    screen.show("up", **UP)
    watch.show_webhook(screen, answered())
    watch.show_log_line(screen, json.dumps(ATTEMPT))
    screen.show("demo", step=1, text="A product [is] made")
    screen.show("demo", text="it is there", held=True)
    screen.show("demo", text="it is gone", held=False)
    screen.close()

    text = out.getvalue()
    assert "http://127.0.0.1:1/webhooks/shopify" in text
    assert "webhook  products/create  w1  -> delivered  34 ms" in text
    assert "call     datacue POST batch/products x2 -> Delivered" in text
    assert "1. A product [is] made" in text
    assert "ok       it is there" in text
    assert "FAILED   it is gone" in text


def test_on_a_terminal_a_table_groups_calls_by_webhook() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=140, height=40)
    screen = make_screen(console, json_lines=False)

    watch.show_webhook(screen, answered())
    watch.show_log_line(screen, json.dumps(ATTEMPT))
    screen.show("demo", text="it is there", held=True)
    screen.close()

    last = out.getvalue()
    assert "calls and verdicts" in last
    assert "datacue POST batch/products x2 -> " in last
    assert "it is there" in last


def test_metrics_and_other_lines_are_only_in_the_file() -> None:
    out = io.StringIO()
    screen = make_screen(Console(file=out), json_lines=True)

    watch.show_log_line(screen, '{"_aws": {"Timestamp": 1}, "Webhook": [1.0]}')
    watch.show_log_line(screen, '{"level": "INFO", "message": "answered"}')
    watch.show_log_line(screen, "[1, 2]")
    watch.show_log_line(screen, "no JSON")

    assert out.getvalue() == ""


def test_an_alarm_is_shown_without_its_facts() -> None:
    out = io.StringIO()
    screen = make_screen(Console(file=out), json_lines=True)
    line = {"level": "ERROR", "message": "not parked", "alarm": "NotParked", "id": "w1"}

    watch.show_log_line(screen, json.dumps(line))

    assert json.loads(out.getvalue()) == {
        "event": "alarm",
        "message": "not parked",
        "alarm": "NotParked",
    }
