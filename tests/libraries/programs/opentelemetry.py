"""opentelemetry's instrumentation: a span for each request of ``Session.send``."""

from __future__ import annotations

import os
from typing import Any, Self

os.environ["OTEL_PYTHON_REQUESTS_EXCLUDED_URLS"] = "by-environment"
os.environ["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST"] = "X-Own"
os.environ["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE"] = "Content-Type"
os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http/dup"  # The old names and the new ones.

import requests
from opentelemetry import trace
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.utils import suppress_http_instrumentation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

LIBRARIES = ("opentelemetry",)


class Watched:
    """The instrumentation for as long as a block runs, and what it found."""

    def __init__(self, url: str, **options: Any) -> None:
        self._url = url
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._reader = InMemoryMetricReader()
        meters = MeterProvider(metric_readers=[self._reader])
        RequestsInstrumentor().instrument(
            tracer_provider=self.provider, meter_provider=meters, **options
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        RequestsInstrumentor().uninstrument()

    def spans(self) -> list[Any]:
        """Name, status, events and attributes of each span that has ended since."""
        port = self._url.rpartition(":")[2]
        found = []
        for span in self._exporter.get_finished_spans():
            attributes = {
                name: str(value).replace(port, "PORT")
                for name, value in (span.attributes or {}).items()
                if name != "user_agent.original"
            }
            events = [each.name for each in span.events]
            found.append([span.name, span.status.status_code.name, events, attributes])
        self._exporter.clear()
        return found

    def metrics(self) -> dict[str, int]:
        """How often each metric was measured."""
        data = self._reader.get_metrics_data()
        return {
            metric.name: sum(point.count for point in metric.data.data_points)
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


def spans(url: str) -> Any:
    with Watched(url) as watched, requests.Session() as session:
        session.get(f"{url}/a?b=c", headers={"X-Own": "own"})
        whole = watched.spans()
        requests.post(f"{url}/status/404", data=b"text")
        session.get(f"{url}/chain/1")
        prepared = session.prepare_request(requests.Request("PUT", f"{url}/put"))
        session.send(prepared)
        session.send(requests.Request("OPTIONS", f"{url}/bare").prepare(), stream=True).close()
        session.get(f"{url.replace('//', '//ada:pass@')}/a")
        rest = [
            [name, status, events, attributes["http.url"], attributes["http.status_code"]]
            for name, status, events, attributes in watched.spans()
        ]
        return [whole, rest, watched.metrics()]


def propagated(url: str) -> Any:
    with Watched(url) as watched, requests.Session() as session:
        prepared = session.prepare_request(requests.Request("GET", f"{url}/a"))
        seen = [
            session.get(f"{url}/a").json()["fields"]["traceparent"],
            session.send(prepared).json()["fields"]["traceparent"],
        ]
        tracer = trace.get_tracer("program", tracer_provider=watched.provider)
        with tracer.start_as_current_span("parent") as parent:
            seen.append(session.get(f"{url}/chain/1").json()["fields"]["traceparent"])
        hexed = format(parent.get_span_context().trace_id, "032x")
        of_span = [each.split("-")[1] == hexed for each in seen]
        return [of_span, prepared.headers["traceparent"] == seen[1], len(watched.spans())]


def excluded(url: str) -> Any:
    with Watched(url, excluded_urls="not-this, .*secret") as watched:
        for page in ("/a", "/not-this", "/b/secret/c"):
            requests.get(f"{url}{page}")
        with suppress_http_instrumentation():
            requests.get(f"{url}/suppressed")
        by_argument = [each[3]["http.url"].rpartition("PORT")[2] for each in watched.spans()]
    with Watched(url) as watched:
        requests.get(f"{url}/by-environment")
        requests.get(f"{url}/b")
        by_environment = [each[3]["http.url"].rpartition("PORT")[2] for each in watched.spans()]
    requests.get(f"{url}/after")
    return [by_argument, by_environment, len(watched.spans())]


def hooked(url: str) -> Any:
    called: list[Any] = []

    def before(span: Any, request: Any) -> None:
        span.update_name(f"{request.method} by hook")
        request.headers["X-Hook"] = "hook"
        called.append(type(request).__name__)

    def after(span: Any, request: Any, response: Any) -> None:
        span.set_attribute("size", len(response.content))
        called.append([request.method, response.status_code, response.raw.version])

    with Watched(url, request_hook=before, response_hook=after) as watched:
        response = requests.get(f"{url}/a")
        found = watched.spans()
        field = response.json()["fields"]["x-hook"]
        return [called, found[0][0], "size" in found[0][3], field]


def failed(url: str, nobody: str, silent: str) -> Any:
    found = {}
    pages = {"nobody": nobody, "silent": silent, "loop": f"{url}/loop", "nothing": f"{url}/nothing"}
    with Watched(url) as watched:
        for page, target in pages.items():
            raised = "none"
            try:
                requests.get(target, timeout=0.2 if page == "silent" else 10)
            except requests.RequestException as error:
                raised = type(error).__name__
            _, status, events, attributes = watched.spans()[-1]
            kept = [attributes.get(name) for name in ("error.type", "http.response.status_code")]
            found[page] = [raised, status, events, *kept]
    return found
