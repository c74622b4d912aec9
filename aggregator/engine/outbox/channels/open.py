"""Which way leads to a target."""

from __future__ import annotations

from aggregator.engine.outbox.channels.apprise import AppriseChannel
from aggregator.engine.outbox.channels.command import CommandChannel
from aggregator.engine.outbox.channels.webhook import WebhookChannel
from aggregator.model.outbox import Apprise, Channel, Target, Webhook
from aggregator.model.settings import Network


def channel_of(target: Target, network: Network) -> Channel:
    """The way to a target. To be kept for as long as the target is: it knows which of several addresses took a message
    that is to be repeated."""
    if isinstance(target, Webhook):
        return WebhookChannel(target, network)
    if isinstance(target, Apprise):
        return AppriseChannel(target)
    return CommandChannel(target)
