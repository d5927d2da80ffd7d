"""Carries templates out: actions, blocks, variables, `include` and `tpl`, within bounds on steps, depth and size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from apparch.repository.helm.frame import ChartError, Frame
from apparch.repository.helm.functions import function
from apparch.repository.helm.functions_data import truth
from apparch.repository.helm.functions_text import CannotTellError
from apparch.repository.helm.parser import TemplateError, parse
from apparch.repository.helm.shown import text as shown
from apparch.repository.helm.traced import (
    GAP,
    HOLE,
    Map,
    Source,
    Traced,
    Unknown,
    is_open,
    joined,
    put_out,
    written,
)
from apparch.repository.helm.tree import (
    Action,
    Block,
    Call,
    Function,
    Inner,
    Jump,
    Literal,
    Operand,
    Part,
    Path,
    Pipeline,
    Template,
    Written,
)
from apparch.repository.places import Place

STEPS = 50_000
"""How many parts, and values of loops, a chart may be carried out with."""
DEPTH = 30
"""How deep templates may call each other."""
SIZE = 1_000_000
"""How long the texts may be that a chart puts out."""

_OBJECT = re.compile(r"^kind:", re.MULTILINE)


class _Jumped(Exception):
    def __init__(self, keyword: str) -> None:
        super().__init__(keyword)
        self.keyword = keyword


class Machine:
    """The templates of a chart and of those below it, by name."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self.templates = {each.name: each for each in templates}
        self._sources: dict[tuple[str, str], Source] = {}
        self.steps = 0
        """How many it has taken."""
        self._size = self._depth = 0
        self._frame = Frame(Source("", ""), None)

    def run(self, name: str, dot: Any) -> Traced:
        """What a template puts out.

        Raises:
            ChartError: it fails, or goes over a bound.
        """
        return self._called(self.templates[name], dot)

    @property
    def _place(self) -> Place:
        return self._frame.source.place(self._frame.offset)

    def _spend(self, steps: int = 1, size: int = 0) -> None:
        self.steps += steps
        self._size += size
        if self.steps > STEPS or self._size > SIZE:
            raise ChartError(self._place, "carrying it out takes more steps or space than is given to a chart")

    def _called(self, template: Template, dot: Any) -> Traced:
        if self._depth >= DEPTH:
            raise ChartError(self._place, f"templates call each other deeper than {DEPTH} times")
        key = (template.path, template.text)
        source = self._sources.setdefault(key, Source(template.path, template.text))
        before, self._frame = self._frame, Frame(source, dot)
        self._depth += 1
        out: list[str] = []
        try:
            self._parts(template.parts, dot, out)
        except _Jumped:
            raise ChartError(self._place, "break or continue stands outside of a loop") from None
        except RecursionError:
            raise ChartError(self._place, "templates call each other too deep") from None
        finally:
            self._frame = before
            self._depth -= 1
        return joined(out)

    def _parts(self, parts: Iterable[Part], dot: Any, out: list[str]) -> None:
        for part in parts:
            self._spend()
            match part:
                case Written():
                    out.append(written(part.text, self._frame.source, part.offset))
                    self._spend(size=len(part.text))
                case Action():
                    self._action(part, dot, out)
                case Block():
                    self._block(part, dot, out)
                case Call():
                    self._frame.begin(part.offset, part.offset)
                    given = self._pipeline(part.pipeline, dot) if part.pipeline else None
                    self._put(self._include(part.name, given), out)
                case Jump():
                    raise _Jumped(part.keyword)

    def _action(self, action: Action, dot: Any, out: list[str]) -> None:
        self._frame.begin(action.offset, action.end)
        result = self._pipeline(action.pipeline, dot)
        if not action.pipeline.variables:
            self._put(result, out)

    def _weigh(self, values: list[Any]) -> None:
        """Spend a step for each value that lies in these, as often as it does: a list may hold another twice."""
        pending = [each for each in values if isinstance(each, dict | list)]
        while pending:
            each = pending.pop()
            below = list(each.values()) if isinstance(each, dict) else each
            self._spend(len(below))
            pending += [value for value in below if isinstance(value, dict | list)]

    def _put(self, result: Any, out: list[str]) -> None:
        frame = self._frame
        self._weigh([result])
        made = result if isinstance(result, str) else shown(result)
        self._spend(size=len(made))
        out.append(put_out(made, frame.source, frame.offset, frame.value))

    def _block(self, block: Block, dot: Any, out: list[str]) -> None:
        end = self._frame.source.text.find("}}", block.offset)
        self._frame.begin(block.offset, end)
        frame = self._frame
        said, offset = frame.said, frame.offset
        with self._frame.scope():
            value = _present(self._pipeline(block.pipeline, dot))
            if is_open(value) and not (
                block.keyword == "if" and isinstance(value, str) and value.strip() and _has_more(value)
            ):
                text = self._forget(block)
                hole = (
                    Unknown(said).hole if "\n" not in text else f"\n---\n{GAP}\n---\n" if _OBJECT.search(text) else GAP
                )
                out.append(put_out(hole, frame.source, offset, None))
            elif block.keyword == "range":
                self._range(block, value, dot, out)
            elif truth(value):
                self._parts(block.body, value if block.keyword == "with" else dot, out)
            else:
                self._parts(block.otherwise, dot, out)

    def _range(self, block: Block, value: Any, dot: Any, out: list[str]) -> None:
        entries: list[tuple[Any, Any]] = (
            sorted(value.items()) if isinstance(value, dict)
            else list(enumerate(value)) if isinstance(value, list)
            else [(at, at) for at in range(min(int(value), STEPS))] if isinstance(value, int | float) and value
            else []
        )  # fmt: skip
        if not entries:
            self._parts(block.otherwise, dot, out)
        names = block.pipeline.variables
        for key, each in entries:
            self._spend()
            with self._frame.scope():
                if len(names) == 2:
                    self._frame.declare(names[0], key)
                    self._frame.declare(names[1], each)
                elif names:
                    self._frame.declare(names[0], each)
                try:
                    self._parts(block.body, each, out)
                except _Jumped as jumped:
                    if jumped.keyword == "break":
                        return

    def _forget(self, block: Block) -> str:
        """What a block would assign that may or may not be carried out is not known from here on; its own text."""
        pending: list[Part] = [*block.body, *block.otherwise]
        texts: list[str] = []
        while pending:
            part = pending.pop(0)
            if isinstance(part, Block):
                pending = [*part.body, *part.otherwise, *pending]
            if isinstance(part, Written):
                texts.append(part.text)
            if isinstance(part, Action):
                for name in _changed(part.pipeline):
                    self._frame.assign(name, Unknown(name))
        return "".join(texts)

    def _pipeline(self, pipeline: Pipeline, dot: Any) -> Any:
        given: list[Any] = []
        result: Any = None
        for command in pipeline.commands:
            result = self._command(command, dot, given)
            given = [result]
        if pipeline.variables and pipeline.assigns:
            self._frame.assign(pipeline.variables[0], result)
        elif len(pipeline.variables) == 1:
            self._frame.declare(pipeline.variables[0], result)
        return result

    def _command(self, command: tuple[Operand, ...], dot: Any, given: list[Any]) -> Any:
        first, *rest = command
        if isinstance(first, Function):
            return self._function(first.name, rest, dot, given)
        if isinstance(first, Path | Inner) and (rest or given):
            target = self._operand(first, dot)
            if callable(target):
                return self._applied(target, [*(self._operand(each, dot) for each in rest), *given])
            return self._unknown()
        return self._operand(first, dot)

    def _operand(self, operand: Operand, dot: Any) -> Any:
        self._spend()
        match operand:
            case Literal():
                return operand.value
            case Path():
                return self._below(self._frame.variable(operand.variable, dot), operand.names)
            case Inner():
                return self._below(self._pipeline(operand.pipeline, dot), operand.names)
            case Function():
                return self._function(operand.name, [], dot, [])

    def _below(self, value: Any, names: tuple[str, ...]) -> Any:
        for at, name in enumerate(names):
            if isinstance(value, Map):
                place = value.places.get(name)
                if place is not None and at == len(names) - 1 and self._frame.value is None:
                    self._frame.value = place
                value = value.get(name)
            elif callable(value):
                value = self._applied(value, [])
            else:
                # Helm fails here, so that whoever installs the chart gives what is missing.
                return Unknown(self._frame.said, absent=value is None or (isinstance(value, Unknown) and value.absent))
        return value

    def _unknown(self) -> Unknown:
        return Unknown(self._frame.said)

    def _function(self, name: str, operands: list[Operand], dot: Any, given: list[Any]) -> Any:
        if name in ("and", "or"):
            return self._and_or(name, operands, dot, given)
        args = [*(self._operand(each, dot) for each in operands), *given]
        own: dict[str, Callable[..., Any]] = {
            "include": self._include,
            "tpl": self._tpl,
            "required": self._required,
            "fail": self._fail,
        }
        if name in own:
            return own[name](*args) if len(args) < 3 else self._unknown()
        if name in ("not", "empty", "default", "coalesce", "ternary"):
            args = list(map(_present, args))
        found = function(name)
        if found is None or (found.wants_all and any(map(is_open, args))):
            return self._unknown()
        if found.looks_below:
            self._weigh(args)
        return self._applied(found.compute, args)

    def _applied(self, compute: Callable[..., Any], args: list[Any]) -> Any:
        """A function's result; what it fails on is not known, for Helm would fail, and somebody makes it work."""
        try:
            result = compute(*args)
        except (CannotTellError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
            return self._unknown()
        if isinstance(result, str):
            self._spend(size=len(result))
        elif isinstance(result, list | dict):
            self._spend(len(result))
        return result

    def _and_or(self, name: str, operands: list[Operand], dot: Any, given: list[Any]) -> Any:
        open_value: Any = None
        result: Any = None
        for value in map(_present, (*(self._operand(each, dot) for each in operands), *given)):
            result = value
            if is_open(value) and isinstance(value, Unknown):
                open_value = open_value or value
            elif truth(value) == (name == "or"):
                return value if open_value is None or name == "and" else open_value
        return result if open_value is None else open_value

    def _include(self, name: Any = "", dot: Any = None) -> Any:
        template = self.templates.get(str(name))
        return self._called(template, dot) if template else self._unknown()

    def _tpl(self, text: Any = "", dot: Any = None) -> Any:
        if isinstance(text, Unknown):
            return text
        if "{{" not in str(text):
            return text
        where = text.value if isinstance(text, Traced) and hasattr(text, "pieces") else None
        try:
            made = parse(str(text), self._frame.source.path, "tpl")
        except TemplateError:
            return self._unknown()
        result = self._called(made[0], dot)
        return put_out(str(result), self._frame.source, self._frame.offset, where)

    def _required(self, message: Any = "", value: Any = None) -> Any:
        return self._unknown() if value is None or value == "" else value

    def _fail(self, message: Any = "") -> Any:
        raise ChartError(self._place, f"the chart fails: {message}"[:300])


def _present(value: Any) -> Any:
    """Nothing, for what lies below what is not there."""
    return None if isinstance(value, Unknown) and value.absent else value


def _has_more(text: str) -> bool:
    """Whether a text with a hole has something beside it, so that it is true in any case."""
    return bool(HOLE.sub("", text).strip())


def _changed(pipeline: Pipeline) -> Iterator[str]:
    if pipeline.assigns:
        yield from pipeline.variables
    for command in pipeline.commands:
        match command:
            case (Function(name="set" | "unset"), Path(variable=variable), *_) if variable:
                yield variable
