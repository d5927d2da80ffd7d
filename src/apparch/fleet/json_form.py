"""The fleet for programs: one JSON object, as fleet.schema.json describes it, and read back from it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from apparch import __version__
from apparch.catalogue.model import Text
from apparch.fleet.affected import Affected
from apparch.fleet.model import (
    Contract,
    Count,
    Declined,
    Diverged,
    Fleet,
    FleetError,
    Row,
    TemplateState,
    Update,
    Waived,
)

VERSION = 1
"""Of the JSON; it rises when a key is removed or changes its meaning, not when one is added."""


def schema() -> str:
    """The JSON Schema of the object."""
    return (files("apparch.fleet") / "fleet.schema.json").read_text("utf-8")


def as_json(fleet: Fleet, found: Sequence[Affected] | None = None, by: str = "") -> str:
    """The object; whom a change concerns stands in it where that was asked."""
    data: dict[str, Any] = {
        "version": VERSION,
        "tool": __version__,
        "day": fleet.today.isoformat(),
        "newest": fleet.versions.newest.version,
        "clean": all(row.clean for row in fleet.rows),
        "repositories": [_row(row, fleet) for row in fleet.rows],
        "affected": None if found is None else {"by": by, "repositories": [_affected(each) for each in found]},
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def rows_of(text: str, name: str) -> tuple[Row, ...]:
    """The rows of an object that an earlier run wrote.

    Raises:
        FleetError: the text holds no such object.
    """
    try:
        data = json.loads(text)
        if data["version"] != VERSION:
            raise FleetError(f"{name}: it is of version {data['version']}, and this apparch reads version {VERSION}")
        return tuple(_read(each) for each in data["repositories"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FleetError(f"{name}: it holds no result of apparch fleet --format json") from error


def _row(row: Row, fleet: Fleet) -> dict[str, Any]:
    return {
        "name": row.name,
        "place": row.place,
        "kind": row.kind,
        "unread": _text(row.unread),
        "clean": row.clean,
        "template": _template(row.template, fleet),
        "findings": [
            {"rule": each.rule, "level": each.level, "new": each.new, "waived": each.waived} for each in row.counts
        ],
        "waivers": [
            {
                "rule": each.rule,
                "path": each.path,
                "owner": each.owner,
                "reason": each.reason,
                "until": each.until.isoformat(),
                "over": each.until < fleet.today,
            }
            for each in row.waivers
        ],
        "contracts": [
            {
                "partner": each.partner,
                "state": each.state,
                "count": each.count,
                "rules": dict(each.rules),
                "reason": _text(each.reason),
            }
            for each in row.contracts
        ],
        "update": row.update
        and {
            "outcome": row.update.outcome,
            "pull_request": row.update.pull_request,
            "reason": row.update.reason,
        },
    }


def _template(state: TemplateState, fleet: Fleet) -> dict[str, Any]:
    return {
        "state": state.state,
        "source": state.source,
        "version": state.version,
        "versions_behind": state.versions,
        "must": [_change(name, fleet) for name in state.must],
        "may": [_change(name, fleet) for name in state.may],
        "declined": [{"change": each.change, "reason": each.reason} for each in state.declined],
        "diverged": [
            {"path": each.path, "reason": each.reason, "until": each.until.isoformat()} for each in state.diverged
        ],
        "since": state.since and state.since.isoformat(),
        "reason": _text(state.reason),
    }


def _change(name: str, fleet: Fleet) -> dict[str, Any]:
    change = fleet.change(name)
    return {
        "id": name,
        "version": change.version if change else "",
        "rules": list(change.rules) if change else [],
        "what": _text(change.what) if change else None,
    }


def _affected(each: Affected) -> dict[str, Any]:
    return {
        "name": each.name,
        "must": each.must,
        "reasons": [
            {"concern": reason.concern, "told": _text(reason.told), "rules": list(reason.rules)}
            for reason in each.reasons
        ],
    }


def _text(text: Text | None) -> dict[str, str] | None:
    return {"ko": text.ko, "en": text.en} if text else None


def _read(data: Any) -> Row:
    template = data["template"]
    return Row(
        name=data["name"],
        place=data["place"],
        kind=data["kind"],
        unread=_read_text(data["unread"]),
        counts=tuple(Count(each["rule"], each["level"], each["new"], each["waived"]) for each in data["findings"]),
        waivers=tuple(
            Waived(each["rule"], each["path"], each["owner"], each["reason"], _day(each["until"]))
            for each in data["waivers"]
        ),
        template=TemplateState(
            template["state"],
            template["source"],
            template["version"],
            template["versions_behind"],
            must=tuple(each["id"] for each in template["must"]),
            may=tuple(each["id"] for each in template["may"]),
            declined=tuple(Declined(each["change"], each["reason"]) for each in template["declined"]),
            diverged=tuple(
                Diverged(each["path"], each["reason"], _day(each["until"])) for each in template["diverged"]
            ),
            since=_day(template["since"]) if template["since"] else None,
            reason=_read_text(template["reason"]),
        ),
        contracts=tuple(
            Contract(each["partner"], each["state"], each["count"], each["rules"], _read_text(each["reason"]))
            for each in data["contracts"]
        ),
        update=data["update"] and Update(**data["update"]),
    )


def _read_text(data: Any) -> Text | None:
    return data and Text(ko=data["ko"], en=data["en"])


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)
