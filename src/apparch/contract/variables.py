"""The variables: every one the app needs is supplied, none beside, secrets by Secret only (App document 5.2)."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.contract.app_side import AppSide
from apparch.contract.deploy_side import Overlay
from apparch.contract.model import Judgement, Side, app, deploy
from apparch.contract.nearest import closest
from apparch.contract.supply import TEMPLATES, Missing, Supply, effective, supplies
from apparch.contract.variables_of_app import EXAMPLE, Variable
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.dotenv import parse_dotenv


def judge(side: AppSide, overlay: Overlay, repository: Repository) -> Iterator[Judgement]:
    """Judge what the app's container and the Jobs with its image are given."""
    if not side.variables:
        return
    for container in [each for each in (overlay.container, *(job for _, job in overlay.jobs)) if each]:
        found, missing = supplies(repository, overlay, container)
        yield from _judge_missing(side, missing)
        yield from _judge_supplied(side, found, container, missing)
        for supply in found:
            yield from _judge_supply(side, supply)
        yield from _judge_templates(side, repository, {each.source for each in found if each.by == "Secret"})


def _judge_missing(side: AppSide, missing: list[Missing]) -> Iterator[Judgement]:
    for each in missing:
        wrong = (
            f"the container takes variables from the {each.kind} {each.name}, and nothing in the repository shows one"
        )
        sides = (app(Place(EXAMPLE), "variables"), deploy(each.place, each.name))
        yield Judgement(
            "ENV011", f"{each.kind} {each.name}", sides, f"{wrong}: add it to the overlay, or correct the name"
        )
        variable = side.variable(each.variable)
        if each.kind == "ConfigMap" and variable is not None and variable.secret:
            yield _bare(variable, deploy(each.place, each.kind), f"the ConfigMap {each.name}")


def _judge_supplied(side: AppSide, found: list[Supply], container: Node, missing: list[Missing]) -> Iterator[Judgement]:
    given = effective(found)
    for variable in side.variables.values():
        supply = given.get(variable.name)
        if supply is None and variable.required and not missing:
            wanted = "Secret" if variable.secret else "ConfigMap"
            place = next((each.place for each in found if each.by == wanted), container.at("envFrom").place)
            place = _nearest(variable.name, found) or place
            wrong = f"the app requires {variable.name}, and no {wanted} supplies it: add the key to the {wanted}"
            yield Judgement("ENV011", variable.name, (_published(variable), deploy(place, "not supplied")), wrong)
        elif supply is not None:
            yield _judge_value(variable, supply)


def _judge_value(variable: Variable, supply: Supply) -> Judgement:
    refusal = "" if supply.value is None else variable.refuses(supply.value)
    shown = supply.value if supply.by == "ConfigMap" and not variable.secret else supply.by
    wrong = f"{variable.name} {refusal}: the app would not start with it; correct the value" if refusal else ""
    return Judgement("ENV011", variable.name, (_published(variable), deploy(supply.place, shown)), wrong)


def _judge_supply(side: AppSide, supply: Supply) -> Iterator[Judgement]:
    variable = side.variable(supply.name)
    if variable is None:
        wrong = (
            f"{supply.name} is supplied by {supply.source}, and the app does not read it: remove the key, or "
            "correct its name"
        )
        sides = (app(side.nearest_variable(supply.name), "not read"), deploy(supply.place, supply.name))
        yield Judgement("ENV011", supply.name, sides, wrong)
    elif variable.secret:
        place = deploy(supply.place, supply.by)
        if supply.by == "Secret":
            yield Judgement("ENV012", supply.name, (_published(variable), place))
        else:
            yield _bare(variable, place, supply.source)


def _bare(variable: Variable, place: Side, source: str) -> Judgement:
    wrong = f"{variable.name} is a secret, and {source} holds it as plain text: move it to the Secret and change its"
    return Judgement("ENV012", variable.name, (_published(variable), place), f"{wrong} value")


def _judge_templates(side: AppSide, repository: Repository, secrets: set[str]) -> Iterator[Judgement]:
    """The forms that secrets are filled in by: their keys are those that the app knows as secret."""
    for secret in sorted(secrets):
        entries = repository.parsed(f"{TEMPLATES}{secret}.env", parse_dotenv)
        if isinstance(entries, Problem):
            continue
        listed = {entry.name: entry.place for entry in entries}
        for name, place in listed.items():
            if name not in side.variables:
                wrong = (
                    f"the form for {secret} asks for {name}, which the app does not read: remove the key, or "
                    "correct its name"
                )
                sides = (app(side.nearest_variable(name), "not read"), deploy(place, name))
                yield Judgement("ENV011", name, sides, wrong)


def _published(variable: Variable) -> Side:
    words = (
        "required" if variable.required else f"default {variable.default}",
        "secret" if variable.secret else "plain",
    )
    return app(variable.place, ", ".join(words))


def _nearest(name: str, found: list[Supply]) -> Place | None:
    """Where the most similar name is supplied: a variable renamed on one side is named by both its places."""
    near = closest(name, (each.name for each in found), 0.65)
    return next((each.place for each in found if each.name == near), None)
