"""The judge of how an app that trades passes prices and quantities: TRD011."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apparch.app.dependencies import uses
from apparch.app.python_source import Module
from apparch.app.repo import AppRepo
from apparch.app.survey import answers, of_python
from apparch.checks._shared import finding
from apparch.finding import Answer
from apparch.repository import Place

_EXCHANGES = frozenset(
    {"ccxt", "python-binance", "binance-connector", "alpaca-py", "alpaca-trade-api", "ib-insync", "ib-async", "pyupbit"}
    | {"pybit", "krakenex", "coinbase-advanced-py", "oandapyv20", "quickfix", "bitfinex-api-py", "kucoin-python"}
)
"""Packages by which an app trades."""
_AMOUNT = re.compile(r"(?:\w+_)?(?:price|quantity|qty)")


def trd011(app: AppRepo) -> Iterator[Answer]:
    """Prices and quantities are no binary floating-point numbers."""
    if uses(app, _EXCHANGES):
        yield from answers(app, _floats)


@of_python((b"float", frozenset({b"price", b"quantity", b"qty"})))
def _floats(module: Module) -> Iterator[Answer]:
    for each in module.of(ast.ClassDef):
        for field in each.body:
            match field:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=kind) if _AMOUNT.fullmatch(name):
                    if re.search(r"\bfloat\b", ast.unparse(kind)):
                        yield _rounded(module.place(field), f"{each.name}.{name}")
    for node in module.of(ast.Call):
        match node:
            case ast.Call(func=ast.Name(id="float"), args=[ast.Name(id=name) | ast.Attribute(attr=name)]):
                if _AMOUNT.fullmatch(name):
                    yield _rounded(module.place(node), f"float({name})")


def _rounded(place: Place, said: str) -> Answer:
    ko = f"{said}: 가격이나 수량이 십진수가 아니라 float다"
    return finding("TRD011", place, ko, f"{said} is a price or quantity as a float, no decimal number")
