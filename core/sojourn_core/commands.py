"""The commands of both machines, under one name: ``from sojourn_core import commands``."""

from __future__ import annotations

from .call.commands import (
    CALL_REPLIES,
    CallCommand,
    Delegate,
    Deliver,
    Discard,
    Hook,
    Load,
    Pause,
    Rewind,
)
from .exchange.commands import (
    EXCHANGE_REPLIES,
    Address,
    Close,
    Connect,
    Content,
    ExchangeCommand,
    Finish,
    HandedUp,
    Head,
    Inform,
    Probe,
    Pull,
    Read,
    Resolve,
    Switch,
    Wait,
    Write,
    WriteFile,
)
from .messages.fail import Fail
from .messages.send import Send

__all__ = [
    "CALL_REPLIES",
    "EXCHANGE_REPLIES",
    "Address",
    "CallCommand",
    "Close",
    "Connect",
    "Content",
    "Delegate",
    "Deliver",
    "Discard",
    "ExchangeCommand",
    "Fail",
    "Finish",
    "HandedUp",
    "Head",
    "Hook",
    "Inform",
    "Load",
    "Pause",
    "Probe",
    "Pull",
    "Read",
    "Resolve",
    "Rewind",
    "Send",
    "Switch",
    "Wait",
    "Write",
    "WriteFile",
]
