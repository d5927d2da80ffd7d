"""The variables: every one the app needs is supplied, none beside, secrets by Secret only (App document 5.2)."""

from __future__ import annotations

from collections.abc import Iterator

from apparch.app.published_variables import Variable
from apparch.app.side import AppSide
from apparch.contract.model import Judgement, Side, app, deploy
from apparch.contract.pair import Environment, Pair
from apparch.deploy.overlay import Overlay
from apparch.deploy.pods import pod
from apparch.deploy.supply import TEMPLATES, Missing, Supplied, Supply
from apparch.repository import Node, Place, Problem, Repository
from apparch.repository.dotenv import parse_generator_lines
from apparch.repository.kustomize.objects import name
from apparch.repository.nearest import closest


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge what every container with the app's image is given, Jobs and workers included."""
    yield from pair.each(_judge)


def _judge(here: Environment) -> Iterator[Judgement]:
    side, overlay = here.app, here.overlay
    if not side.variables:
        return
    running = [(each.workload, each.container, each.first) for each in overlay.running]
    running += [(node, each, False) for node, each in overlay.jobs if not any(each is one for _, one, _ in running)]
    for workload, container, first in running:
        supplied = here.supplied(container)
        yield from _judge_missing(side, supplied.missing)
        yield from _judge_supplied(side, supplied, container, first=first)
        for supply in supplied.found:
            yield from _judge_supply(side, supply, supplied)
        yield from _judge_links(side, overlay, workload, supplied)
        yield from _judge_templates(
            side, here.deploy.repository, {each.source for each in supplied.found if each.by == "Secret"}
        )


def _judge_missing(side: AppSide, missing: tuple[Missing, ...]) -> Iterator[Judgement]:
    for each in missing:
        if each.key:
            wrong = f"{each.variable} is the key {each.key} of the {each.kind} {each.name}, which has no such key"
            subject = f"{each.kind} {each.name} with key {each.key}"
        else:
            wrong = f"the container takes variables from the {each.kind} {each.name}, and nothing in the repository"
            wrong += " shows one"
            subject = f"{each.kind} {each.name}"
        sides = (app(side.variable_place(each.variable), "variables"), deploy(each.place, each.key or each.name))
        yield Judgement("ENV011", subject, sides, f"{wrong}: add it to the overlay, or correct the name")
        variable = side.variable(each.variable)
        if each.kind == "ConfigMap" and variable is not None and variable.secret:
            yield _bare(variable, deploy(each.place, each.kind), f"the ConfigMap {each.name}")


def _judge_supplied(side: AppSide, supplied: Supplied, container: Node, *, first: bool) -> Iterator[Judgement]:
    given, found = supplied.effective, supplied.found
    for variable in side.variables.values():
        supply = given.get(variable.name)
        if supply is not None:
            yield _judge_value(variable, supply)
        elif variable.required and not (supplied.missing or supplied.unknown or first):
            wanted = "Secret" if variable.secret else "ConfigMap"
            place = next((each.place for each in found if each.by == wanted), container.at("envFrom").place)
            place = _nearest(variable.name, list(found)) or place
            wrong = f"the app requires {variable.name}, and no {wanted} supplies it: add the key to the {wanted}"
            yield Judgement("ENV011", variable.name, (_published(variable), deploy(place, "not supplied")), wrong)


def _judge_value(variable: Variable, supply: Supply) -> Judgement:
    refusal = "" if supply.value is None else variable.refuses(supply.value)
    shown = supply.value if supply.by == "ConfigMap" and not variable.secret else supply.by
    wrong = f"{variable.name} {refusal}: the app would not start with it; correct the value" if refusal else ""
    return Judgement("ENV011", variable.name, (_published(variable), deploy(supply.place, shown)), wrong)


def _judge_supply(side: AppSide, supply: Supply, supplied: Supplied) -> Iterator[Judgement]:
    variable = side.variable(supply.name)
    if variable is None:
        if supply.name in supplied.mentioned:
            return
        wrong = (
            f"{supply.name} is supplied by {supply.source}, and the app does not read it: remove the key, or "
            "correct its name"
        )
        sides = (app(side.nearest_variable(supply.name), "not read"), deploy(supply.place, supply.name))
        yield Judgement("ENV011", supply.name, sides, wrong)
    elif variable.secret and not (supply.by == "literal" and not supply.value):
        place = deploy(supply.place, supply.by)
        if supply.by == "Secret":
            yield Judgement("ENV012", supply.name, (_published(variable), place))
        elif supply.by != "pod":
            yield _bare(variable, place, supply.source)


def _bare(variable: Variable, place: Side, source: str) -> Judgement:
    wrong = f"{variable.name} is a secret, and {source} holds it as plain text: move it to the Secret and change its"
    return Judgement("ENV012", variable.name, (_published(variable), place), f"{wrong} value")


def _judge_links(side: AppSide, overlay: Overlay, workload: Node, supplied: Supplied) -> Iterator[Judgement]:
    """Kubernetes describes every Service of the namespace in variables, and the app may read one of that name."""
    if pod(workload).at("enableServiceLinks").value is False or supplied.unknown or supplied.missing:
        return
    given = supplied.effective
    for service in overlay.rendering.of_kind("Service"):
        if service.at("spec", "clusterIP").text == "None" or service.at("spec", "type").text == "ExternalName":
            continue
        for made in _linked(service):
            variable = side.variable(made)
            if variable is not None and made not in given:
                wrong = (
                    f"Kubernetes sets {made} to the address of the Service {name(service)}, and nothing supplies "
                    f"it: set enableServiceLinks: false, or supply {made}"
                )
                sides = (_published(variable), deploy(service.at("metadata", "name"), name(service)))
                yield Judgement("ENV011", made, (*sides, deploy(pod(workload), "service links")), wrong)


def _linked(service: Node) -> Iterator[str]:
    stem = name(service).upper().replace("-", "_")
    yield from (f"{stem}_SERVICE_HOST", f"{stem}_SERVICE_PORT", f"{stem}_PORT")
    for port in service.at("spec", "ports").elements():
        number = f"{stem}_PORT_{port.at('port')}_{str(port.at('protocol').text or 'TCP').upper()}"
        yield from (number, f"{number}_PROTO", f"{number}_PORT", f"{number}_ADDR")
        if port.at("name").text:
            yield f"{stem}_SERVICE_PORT_{str(port.at('name').text).upper().replace('-', '_')}"


def _judge_templates(side: AppSide, repository: Repository, secrets: set[str]) -> Iterator[Judgement]:
    """The forms that secrets are filled in by: their keys are those that the app knows as secret."""
    for secret in sorted(secrets):
        entries = repository.parsed(f"{TEMPLATES}{secret}.env", parse_generator_lines)
        if isinstance(entries, Problem):
            continue
        listed = {entry.name: entry.place for entry in entries}
        for each, place in listed.items():
            if each not in side.variables:
                wrong = (
                    f"the form for {secret} asks for {each}, which the app does not read: remove the key, or "
                    "correct its name"
                )
                sides = (app(side.nearest_variable(each), "not read"), deploy(place, each))
                yield Judgement("ENV011", each, sides, wrong)


def _published(variable: Variable) -> Side:
    default = "" if variable.secret else f" {variable.default}"
    words = (
        "required" if variable.required else f"default{default}",
        "secret" if variable.secret else "plain",
    )
    return app(variable.place, ", ".join(words))


def _nearest(wanted: str, found: list[Supply]) -> Place | None:
    """Where the most similar name is supplied: a variable renamed on one side is named by both its places."""
    near = closest(wanted, (each.name for each in found), 0.65)
    return next((each.place for each in found if each.name == near), None)
