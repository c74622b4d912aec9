"""What the daemon has counted, as families of metrics: only where the server is the daemon's own."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from aggregator.engine.metrics.meters import Snapshot

# Name, meaning, and where it stands in `Snapshot.durations`.
_DURATIONS = (
    (
        "aggregator_poll_duration_seconds",
        "How long polls of a source took, waiting for its server included.",
        "polling",
    ),
    (
        "aggregator_parse_duration_seconds",
        "How long documents took to be read, waiting for a process included.",
        "reading",
    ),
    (
        "aggregator_save_duration_seconds",
        "How long it took to decide on results and save them in one transaction.",
        "saving",
    ),
    ("aggregator_drop_keys_duration_seconds", "How long it took to drop what old posts were compared by.", "drop_keys"),
)
# Name, meaning, and where it stands in `Now`.
_NOW = (
    ("aggregator_queue_sources", "Sources of the poll under way that were not asked yet.", "to_ask"),
    ("aggregator_asked_sources", "Sources that are being asked.", "asked"),
    ("aggregator_unsaved_results", "Results of polls that wait to be saved.", "results"),
    ("aggregator_unsaved_posts", "Posts in the results that wait to be saved.", "posts"),
    ("aggregator_reader_documents", "Documents that wait to be read, or are being read.", "documents"),
    ("aggregator_reader_processes", "Processes that read documents.", "readers"),
    ("aggregator_outage", "1 while no server can be reached: our own network is down.", "is_outage"),
    ("aggregator_embedding_model_loaded", "1 while the embedding model is in memory.", "has_model"),
    ("aggregator_cluster_workers", "Workers of the cluster that collect.", "workers"),
)


def counted(found: Snapshot) -> Iterator[Metric]:
    """The families of what was counted."""
    polls = CounterMetricFamily("aggregator_polls", "Polls of sources that ended, by outcome.", labels=["outcome"])
    for outcome, count in found.polls.items():
        polls.add_metric([outcome], count)
    posts = CounterMetricFamily("aggregator_post_changes", "What polls made of posts, by change.", labels=["change"])
    for change, count in found.posts.items():
        posts.add_metric([change], count)
    yield polls
    yield posts
    yield CounterMetricFamily("aggregator_received_bytes", "Bodies of answers, decompressed.", found.received)
    for name, meaning, where in _DURATIONS:
        taken = found.durations[where]
        buckets = [(str(bound), float(n)) for bound, n in zip((*taken.bounds, "+Inf"), taken.up_to, strict=True)]
        yield HistogramMetricFamily(name, meaning, buckets=buckets, sum_value=taken.seconds)
    for name, meaning, what in _NOW:
        yield GaugeMetricFamily(name, meaning, float(getattr(found.now, what)))
    yield GaugeMetricFamily(
        "aggregator_config_last_reload_successful",
        "1 unless the configuration was changed, and is wrong: the old one is in force.",
        float(found.is_reloaded),
    )
    yield GaugeMetricFamily(
        "aggregator_config_last_reload_success_timestamp_seconds",
        "When a configuration came into force last.",
        found.reloaded_at,
    )
    if found.messages:
        meaning = "Messages that were sent to targets of [[notify]], by how that ended."
        messages = CounterMetricFamily("aggregator_outbox_messages", meaning, labels=["target", "outcome"])
        for (target, outcome), count in found.messages.items():
            messages.add_metric([target, outcome], count)
        yield messages
