"""How a reference within one rendering is told: what it says, and where that should have been."""

from __future__ import annotations

from apparch.contract.model import Judgement, deploy
from apparch.repository import Node


def pointing(subject: str, reference: Node, target: Node, said: str, found: bool) -> Judgement:
    """The judgement of a reference that says something, beside the place where that was looked for."""
    wrong = f"{subject} says {said}, and there is no such thing in this rendering: make it that of {target.place}"
    return Judgement(
        "MAN013", subject, (deploy(reference, said), deploy(target, shown(target))), "" if found else wrong
    )


def shown(node: Node) -> str:
    """What a message shows of labels, or of a list of expressions or named things."""
    listed = [
        f"{each.at('key')} {each.at('operator')}"
        if each.at("operator").present
        else str(each.at("name") if each.at("name").present else each)
        for each in node.elements()
    ]
    return ", ".join([*(f"{key}: {value}" for key, value in node.items()), *listed]) or str(node)
