"""What the source says: what it holds, a tick, that it is alive."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from app.shared.errors import TransientError
from app.shared.strict_json import parse


class MessageError(TransientError):
    """The source said something that is no message of its stream."""


# --8<-- [start:messages]
def _decimal(value: object) -> Decimal:
    """A JSON number, or its text in plain digits; never a float, which would round it (App document 7.4)."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,40}(\.[0-9]{1,40})?", value):
        return Decimal(value)
    if isinstance(value, Decimal):
        return value
    raise ValueError("must be a decimal number")


Amount = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0, max_digits=20, decimal_places=8)]
Number = Annotated[int, Field(ge=0, lt=2**63)]
Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,20}$")]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    """By the source's clock: when a tick was made, when anything else was sent."""


class Held(_Said):
    """The first message of a connection: the oldest and the newest tick that the source can send."""

    type: Literal["held"]
    oldest: Number
    newest: Number


class Tick(_Said):
    """A trade: `seq` numbers all ticks of the stream from 1, without a gap."""

    type: Literal["tick"]
    seq: Number
    symbol: Symbol
    price: Amount
    quantity: Amount


class Heartbeat(_Said):
    """Everything up to `newest` has been sent on this connection."""

    type: Literal["heartbeat"]
    newest: Number


Message = Held | Tick | Heartbeat
# --8<-- [end:messages]

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def read(frame: bytes) -> Message:
    """The message of one frame; raises MessageError, which quotes nothing of it."""
    try:
        return _MESSAGE.validate_python(parse(frame))
    except ValueError as error:  # a ValidationError is one
        raise MessageError(f"a frame of {len(frame)} bytes is no message of the stream") from error
