"""Memory, replicas, the singleton, one process per pod (App document 6.3, 6.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apparch.app.side import AppSide
from apparch.contract.model import Judgement, app, deploy
from apparch.contract.pair import Environment, Pair
from apparch.deploy.overlay import Overlay
from apparch.deploy.pods import command, selects
from apparch.deploy.quantities import quantity
from apparch.repository import Node

WORKERS = re.compile(r"(?:^|\s)(?:--workers|-w|--processes)[=\s]+([0-9]+)")


def judge(pair: Pair) -> Iterator[Judgement]:
    """Judge the image's start, and the app's Deployment in every environment."""
    yield from _judge_image(pair)
    yield from pair.each(_judge)


def _judge(here: Environment) -> Iterator[Judgement]:
    side, overlay = here.app, here.overlay
    if overlay.workload is None or overlay.container is None:
        return
    yield from _judge_memory(side, overlay.container)
    yield from _judge_replicas(side, overlay, overlay.workload)
    said = " ".join(command(overlay.container))
    place = overlay.container.at("args") if overlay.container.at("args").present else overlay.container.at("command")
    start = next((each for each in reversed(side.stage) if each.name in ("CMD", "ENTRYPOINT")), None)
    image = app(start.place if start else side.home, start.argument if start else "")
    many = WORKERS.search(said)
    if many and int(many[1][:9]) > 1:
        wrong = f"the Deployment starts {many[1]} processes in one pod: remove it and raise replicas"
        yield Judgement("TWF007", "processes per pod", (image, deploy(place, said)), wrong)
    else:
        yield Judgement(
            "TWF007", "processes per pod", (image, deploy(overlay.workload.at("spec", "replicas"), "replicas"))
        )


def _judge_image(pair: Pair) -> Iterator[Judgement]:
    """The image's own start command starts one process."""
    side, other = pair.app, pair.deploy
    replicas = [deploy(each.workload.at("spec", "replicas"), "replicas") for each in other.overlays if each.workload]
    for each in side.stage:
        many = WORKERS.search(" ".join(each.words)) if each.name in ("CMD", "ENTRYPOINT") else None
        if many and int(many[1][:9]) > 1:
            wrong = f"the image starts {many[1]} processes ({each.argument}), and Deploy scales by replicas: start one"
            yield Judgement(
                "TWF007", each.name, (app(each.place, each.argument), *(replicas[:1] or [pair.anywhere])), wrong
            )


def _judge_memory(side: AppSide, container: Node) -> Iterator[Judgement]:
    guard = side.source.texts.get("memory.max")
    published = app(guard or side.home, "memory.max" if guard else "the app's memory")
    limit, request = container.at("resources", "limits", "memory"), container.at("resources", "requests", "memory")
    wrong = ""
    if not limit.present or quantity(str(limit)) is None:
        wrong = (
            "there is no memory limit, so the app's guard has nothing to guard: set limits.memory equal to "
            "requests.memory"
        )
    elif quantity(str(limit)) != quantity(str(request)):
        wrong = f"the memory limit is {limit}, and the request {request}: make them equal"
    yield Judgement("RES019", "memory", (published, deploy(limit), deploy(request)), wrong)
    cpu = container.at("resources", "requests", "cpu")
    wrong = "there is no CPU request, so the scheduler does not know what the app needs: set requests.cpu"
    yield Judgement("RES019", "requests.cpu", (published, deploy(cpu)), "" if quantity(str(cpu)) else wrong)


def _judge_replicas(side: AppSide, overlay: Overlay, workload: Node) -> Iterator[Judgement]:
    home = app(side.source.modules.get(f"{overlay.app_name}.main", side.home), "the app")
    replicas, strategy = workload.at("spec", "replicas"), workload.at("spec", "strategy", "type")
    scaler = next(
        (each for each in overlay.rendering.of_kind("HorizontalPodAutoscaler")
         if each.at("spec", "scaleTargetRef", "name").value == workload.at("metadata", "name").value),
        None,
    )  # fmt: skip
    least = scaler.at("spec", "minReplicas") if scaler and not replicas.present else replicas
    count = least.number if least.number is not None else 1.0
    most = scaler.at("spec", "maxReplicas") if scaler else Node(None, workload.place, present=False)
    budget = next((each for each in overlay.rendering.of_kind("PodDisruptionBudget")
                   if selects(each.at("spec", "selector"), overlay.pod_labels)), None)  # fmt: skip
    if strategy.text == "Recreate":
        wrong = (
            f"strategy Recreate says that the app must run alone, and there are {count:g} replicas: set "
            "replicas: 1, or use RollingUpdate"
        )
        sides = (home, deploy(strategy), deploy(least))
        yield Judgement("TRD009", "replicas of a singleton", sides, "" if count <= 1 else wrong)
        if count <= 1 and most.number is not None and most.number > 1:
            wrong = (
                f"strategy Recreate says that the app must run alone, and an autoscaler may raise it to {most}: "
                "remove the autoscaler, or use RollingUpdate"
            )
            yield Judgement("TRD009", "autoscaler of a singleton", (home, deploy(strategy), deploy(most)), wrong)
        return
    wrong = (
        f"there is {count:g} replica: raise replicas to 2 or more; a trader that must run alone needs strategy Recreate"
    )
    yield Judgement("RES020", "replicas", (home, deploy(least, f"{count:g}")), "" if count >= 2 else wrong)
    if budget is None and overlay.rendering.of_kind("PodDisruptionBudget"):
        return  # one that selects nothing is the business of MAN013
    allowed = budget.at("spec", "maxUnavailable") if budget else Node(None, workload.place, present=False)
    wrong = f"the PodDisruptionBudget's maxUnavailable is {allowed}: set it to 1, and remove minAvailable"
    yield Judgement("RES020", "maxUnavailable", (home, deploy(allowed)), "" if allowed.value == 1 else wrong)
