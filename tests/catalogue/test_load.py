"""What a family file must hold, and what is said of one that does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from apparch.catalogue import CatalogueError, load_catalogue


def both(text: str = "x") -> dict[str, str]:
    """A text in both languages."""
    return {"ko": f"{text} 가", "en": f"{text} a"}


def family(**changes: Any) -> dict[str, Any]:
    """The data of a family file with two rules, the second proved by review."""
    first = {
        "id": "IMG001",
        "level": "MUST",
        "owner": "app",
        "section": "4-1",
        "since": "3.0.0",
        "proof": "run",
        **{key: both(key) for key in ("title", "statement", "reason", "repair")},
    }
    second = {**first, "id": "IMG002", "proof": "review", "review": {"question": both("q"), "why": both("w")}}
    return {
        "family": "IMG",
        "title": both("Images"),
        "document": "k8s_app_architecture",
        "rules": [first, second],
        **changes,
    }


def loaded(folder: Path, text: str, name: str = "IMG.yaml") -> str:
    """The message about a family file."""
    (folder / name).write_text(text, "utf-8")
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(folder)
    return str(refused.value)


def test_a_family_is_loaded(tmp_path: Path) -> None:
    """A right file gives its rules in order, both languages, the review's question included."""
    (tmp_path / "IMG.yaml").write_text(yaml.safe_dump(family()), "utf-8")

    catalogue = load_catalogue(tmp_path)

    assert ["IMG001", "IMG002"] == list(catalogue.rules)
    assert "title 가" == catalogue.rules["IMG001"].title["ko"]
    assert catalogue.rules["IMG002"].review
    assert "q a" == catalogue.rules["IMG002"].review.question["en"]


def test_aliases_are_given_for_a_language(tmp_path: Path) -> None:
    """What no language translates stands before a language's own words."""
    data = family()
    data["rules"][0]["aliases"] = {"ko": ["도커 허브"], "en": ["registry"], "both": ["docker push"]}
    (tmp_path / "IMG.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")

    rules = load_catalogue(tmp_path).rules

    assert ("docker push", "도커 허브") == rules["IMG001"].aliases["ko"]
    assert ("docker push", "registry") == rules["IMG001"].aliases["en"]
    assert () == rules["IMG002"].aliases["ko"]


def test_families_stand_in_the_order_of_the_documents(tmp_path: Path) -> None:
    """The order is the documents', not the alphabet's."""
    for name in ("DIR", "OWN"):
        data = family(family=name, rules=[])
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(data), "utf-8")

    assert ["OWN", "DIR"] == [entry.id for entry in load_catalogue(tmp_path).families]


ALIASES = "aliases takes the keys ko, en and both, each with a list of words, none of them twice"

Change = Callable[[dict[str, Any]], Any]

# Each row: what is done to the first rule, then the whole message about it.
WRONG_RULES: dict[str, tuple[Change, str]] = {
    "missing key": (lambda rule: rule.pop("repair"), "IMG.yaml: IMG001: missing keys ['repair'], unknown keys []"),
    "unknown key": (
        lambda rule: rule.update(severity=1),
        "IMG.yaml: IMG001: missing keys [], unknown keys ['severity']",
    ),
    "no ID": (
        lambda rule: rule.pop("id"),
        "IMG.yaml: a rule without id: missing keys ['id'], unknown keys []",
    ),
    "duplicate ID": (
        lambda rule: rule.update(id="IMG002"),
        "IMG.yaml: IMG002 stands twice; IDs are for ever, take a new one",
    ),
    "wrong family": (
        lambda rule: rule.update(id="WFL001"),
        "IMG.yaml: WFL001: the ID must be its family, IMG, and three digits",
    ),
    "short ID": (
        lambda rule: rule.update(id="IMG1"),
        "IMG.yaml: IMG1: the ID must be its family, IMG, and three digits",
    ),
    "bad level": (
        lambda rule: rule.update(level="must"),
        "IMG.yaml: IMG001: level is 'must', allowed are MUST, SHOULD, MAY",
    ),
    "bad owner": (
        lambda rule: rule.update(owner="team"),
        "IMG.yaml: IMG001: owner is 'team', allowed are app, deploy, both",
    ),
    "bad proof": (
        lambda rule: rule.update(proof="test"),
        "IMG.yaml: IMG001: proof is 'test', allowed are check, run, contract, review",
    ),
    "review without its question": (
        lambda rule: rule.update(proof="review"),
        "IMG.yaml: IMG001: proof: review and a review question go together",
    ),
    "question without review": (
        lambda rule: rule.update(review={"question": both(), "why": both()}),
        "IMG.yaml: IMG001: proof: review and a review question go together",
    ),
    "review without why": (
        lambda rule: rule.update(proof="review", review={"question": both()}),
        "IMG.yaml: IMG001: review needs the keys question and why, and no other",
    ),
    "review that is a text": (
        lambda rule: rule.update(proof="review", review="is it?"),
        "IMG.yaml: IMG001: review needs the keys question and why, and no other",
    ),
    "no English": (
        lambda rule: rule.update(reason={"ko": "가"}),
        "IMG.yaml: IMG001: reason needs a text in ko and in en",
    ),
    "empty Korean": (
        lambda rule: rule.update(title={"ko": " ", "en": "a"}),
        "IMG.yaml: IMG001: title needs a text in ko and in en",
    ),
    "a third language": (
        lambda rule: rule.update(title={"ko": "가", "en": "a", "ja": "あ"}),
        "IMG.yaml: IMG001: title needs a text in ko and in en",
    ),
    "a text in no language": (
        lambda rule: rule.update(title="a"),
        "IMG.yaml: IMG001: title needs a text in ko and in en",
    ),
    "aliases in a third language": (
        lambda rule: rule.update(aliases={"ja": ["あ"]}),
        f"IMG.yaml: IMG001: {ALIASES}",
    ),
    "an alias that is no list": (
        lambda rule: rule.update(aliases={"ko": "가"}),
        f"IMG.yaml: IMG001: {ALIASES}",
    ),
    "no alias in a list": (
        lambda rule: rule.update(aliases={"ko": []}),
        f"IMG.yaml: IMG001: {ALIASES}",
    ),
    "an alias that YAML reads as a number": (
        lambda rule: rule.update(aliases={"both": [503]}),
        f"IMG.yaml: IMG001: {ALIASES}",
    ),
    "an alias that stands twice": (
        lambda rule: rule.update(aliases={"both": ["Compose"], "en": ["compose"]}),
        f"IMG.yaml: IMG001: {ALIASES}",
    ),
    "unknown successor": (
        lambda rule: rule.update(replaced_by="IMG009"),
        "IMG.yaml: IMG001: replaced_by names IMG009, which is no rule",
    ),
}


@pytest.mark.parametrize(("change", "message"), WRONG_RULES.values(), ids=WRONG_RULES)
def test_a_wrong_rule_is_refused(tmp_path: Path, change: Change, message: str) -> None:
    """A mistake in a rule is one message that names the file, the rule and what is wrong."""
    data = family()
    change(data["rules"][0])

    assert message == loaded(tmp_path, yaml.safe_dump(data, allow_unicode=True))


# Each row: the file's text, then how its message begins.
WRONG_FILES: dict[str, tuple[str, str]] = {
    "not YAML": ("family: [IMG", "IMG.yaml: not readable as YAML: "),
    "duplicate key": ("family: IMG\nfamily: IMG", "IMG.yaml: not readable as YAML: key 'family' stands twice"),
    "duplicate key in a rule": (
        "family: IMG\ntitle: x\ndocument: x\nrules:\n  - id: IMG001\n    id: IMG001",
        "IMG.yaml: not readable as YAML: key 'id' stands twice",
    ),
    "object of a language": ("family: !!python/name:os.system", "IMG.yaml: not readable as YAML: "),
    "empty": ("", "IMG.yaml: needs the keys family, title, document, rules"),
    "a list": ("- a", "IMG.yaml: needs the keys family, title, document, rules"),
    "no rules key": ("family: IMG\ntitle: x\ndocument: x", "IMG.yaml: needs the keys family, title, document, rules"),
    "rules are nothing": (
        yaml.safe_dump(family(rules=None)),
        "IMG.yaml: rules needs a list of rules, each with its keys",
    ),
    "a rule is a text": (
        yaml.safe_dump(family(rules=["IMG001"])),
        "IMG.yaml: rules needs a list of rules, each with its keys",
    ),
    "other family": (
        yaml.safe_dump(family(family="WFL")),
        "IMG.yaml: its family is WFL; name the file and the family alike",
    ),
    "title in no language": (yaml.safe_dump(family(title="x")), "IMG.yaml: IMG: title needs a text in ko and in en"),
}


@pytest.mark.parametrize(("text", "message"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """A file that is no family is one message that names it."""
    assert loaded(tmp_path, text).startswith(message)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is named, not a traceback."""
    (tmp_path / "IMG.yaml").write_bytes("family: 이미지".encode("euc-kr"))

    with pytest.raises(CatalogueError, match=r"^IMG\.yaml: not readable as YAML: "):
        load_catalogue(tmp_path)


def test_an_unknown_family_is_refused(tmp_path: Path) -> None:
    """A file of a family without a place in the order is named with what to do."""
    message = loaded(tmp_path, "", "XYZ.yaml")

    assert "XYZ.yaml: an unknown family; add it to ORDER in catalogue/load.py" == message
