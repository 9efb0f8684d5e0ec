"""Sends a message to a channel by Apprise, and applies the channel's quiet hours.

Returned errors and log lines do not show a channel's address: every part of it is masked.
"""

import logging
import re
from datetime import datetime, time, timedelta
from urllib.parse import unquote

from settings.models.operations import Channel
from tasks.alerts.message import Message
from tasks.alerts.rules import SEVERITIES, Severity
from tasks.alerts.secrets import hide_addresses

_APPRISE_TYPES = {"info": "info", "warning": "warning", "critical": "failure"}


def accepts(channel: Channel, severity: Severity) -> bool:
    """Return whether a channel receives alerts of a severity."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(channel.min_severity)


def due_time(channel: Channel, severity: Severity, now: datetime) -> datetime:
    """Return when a message may be sent: now, or at the end of the channel's quiet hours.

    Critical messages do not wait.
    """
    if channel.quiet_hours is None or severity == "critical":
        return now
    begins, ends = (time.fromisoformat(text) for text in channel.quiet_hours.split("-"))
    clock = now.time()
    quiet = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    if not quiet:
        return now
    end = now.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return end if end > now else end + timedelta(days=1)


def send(channel: Channel, message: Message) -> str | None:
    """Send a message. Returns None, or the error as text."""
    import apprise

    hide_addresses([channel.url])
    url = channel.url.get_secret_value()
    target = apprise.Apprise()
    if not target.add(url):
        return "Apprise does not support this kind of address; `apprise --details` lists the supported ones"
    plain = target[0].notify_format == apprise.NotifyFormat.TEXT
    apprise_logger = logging.getLogger("apprise")
    apprise_logger.propagate = False
    what = {"level": logging.WARNING, "fmt": "%(message)s"}
    with apprise.LogCapture(**what) as said:  # type: ignore[no-untyped-call] # Apprise has no types for it
        try:
            sent = target.notify(
                title=message.subject,
                body=message.text if plain else message.markdown,
                body_format=apprise.NotifyFormat.TEXT if plain else apprise.NotifyFormat.MARKDOWN,
                notify_type=apprise.NotifyType(
                    "success" if message.is_good else _APPRISE_TYPES[message.severity]
                ),
            )
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; the courier reports it and retries
            return _masked(f"{type(error).__name__}: {error}", url)
        errors = " ".join(said.getvalue().split())
    return None if sent else _masked(errors or "the message was refused", url)


def _masked(text: str, url: str) -> str:
    """Return the text with every part of the channel's address masked."""
    rest = url.partition("://")[2]
    parts = {part for part in re.split(r"[/?&=:@#,]", rest) if len(part) > 2}
    for secret in sorted({rest, *parts, *map(unquote, parts)}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text[:500]
