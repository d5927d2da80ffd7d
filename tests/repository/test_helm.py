"""The reader of charts renders what helm renders, and knows what it cannot know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies
from tests.kube import DEPLOY, helm_template

from apparch.repository import Repository
from apparch.repository.helm import build
from apparch.repository.helm.build import Release, Rendered, render
from apparch.repository.nodes import Node
from apparch.repository.yaml_file import parse_yaml

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "charts.yaml").read_text("utf-8"))
PIECES = str.split(
    """{{ {{- }} -}} {{if {{range {{with {{end}} {{else}} {{define "x"}} {{include "x" .}} {{$x:=1}} $x .Values.a .a.b
    ( ) | toYaml nindent quote tpl printf "%s%d" dict list set merge index "a" 1 -1 nil true . $ default eq and not len
    regexMatch trunc substr splitList join until fromYaml b64dec required lookup add div keys first dig ternary \n \x20
    """
)
CHART = "apiVersion: v2\nname: app\nversion: 0.1.0\n"


def _key(manifest: Any) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def _given(text: str, path: str) -> tuple[Node, ...]:
    found = parse_yaml(text, path)
    assert isinstance(found, tuple)
    return found


def _rendered(files: dict[str, str], values: str = "") -> Rendered:
    over = _given(values, "given.yaml") if values else ()
    return render(Repository.of({"Chart.yaml": CHART, **files}), ".", over, Release("app", "web"))


def _only(files: dict[str, str], values: str = "") -> Node:
    (made,) = _rendered(files, values).made
    return made.node


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_chart_renders_as_helm_renders_it(case: dict[str, Any], tmp_path: Path) -> None:
    """Object by object, with the same values given."""
    extra = case.get("values") or {"given.yaml": "{}\n"}
    for name, text in {**case["files"], **extra}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    (file, text), *_ = extra.items()
    expected = helm_template(tmp_path, file, "web", "--kube-version", "1.34.0")
    found = render(Repository(tmp_path), ".", _given(text, file), Release("app", "web"))
    assert found.problems == ()
    assert sorted((each.node.plain for each in found.made), key=_key) == sorted(expected, key=_key)


def test_a_value_that_is_shown_alone_stands_where_it_is_set() -> None:
    """The file that was given last says it; a value in the midst of a text is at the template."""
    files = {
        "values.yaml": "replicas: 1\nlevel: info\n",
        "templates/a.yaml": "apiVersion: v1\nkind: A\nreplicas: {{ .Values.replicas }}\n"
        "level: {{ .Values.level | quote }}\nboth: {{ .Values.level }}-{{ .Values.replicas }}\n"
        "name: {{ .Values.level }}\n",
    }
    node = _only(files, "\nreplicas: 2\n")
    places = {key: str(each.place) for key, each in node.items()}
    assert places == {
        "apiVersion": "templates/a.yaml:1",
        "kind": "templates/a.yaml:2",
        "replicas": "given.yaml:2",
        "level": "values.yaml:2",
        "both": "templates/a.yaml:5",
        "name": "templates/a.yaml:6",
    }


def test_lines_of_a_mapping_stand_where_their_values_do() -> None:
    """What `toYaml` writes is at the lines of the values."""
    files = {
        "values.yaml": "resources:\n  limits:\n    memory: 1Gi\n",
        "templates/a.yaml": "kind: A\nresources:\n  {{- toYaml .Values.resources | nindent 2 }}\n",
    }
    memory = _only(files).at("resources", "limits", "memory")
    assert (memory.value, str(memory.place)) == ("1Gi", "values.yaml:3")


def test_lines_that_a_helper_writes_stand_in_its_file() -> None:
    """A name that it gives is at the line that asks for it."""
    files = {
        "templates/_helpers.tpl": '{{ define "name" }}web{{ end }}\n{{ define "spec" }}\na: 1\nb: 2\n{{ end }}\n',
        "templates/a.yaml": 'kind: {{ include "name" . }}\nspec: {{ include "spec" . | nindent 2 }}\n',
    }
    node = _only(files)
    assert [str(each.place) for each in (node.at("kind"), node.at("spec", "b"))] == [
        "templates/a.yaml:1",
        "templates/_helpers.tpl:4",
    ]


def test_what_is_not_known_says_what_the_template_says() -> None:
    """A text around it is kept."""
    files = {
        "templates/a.yaml": 'kind: A\nsecret: app-{{ randAlphaNum 8 }}\nblock:\n  {{- include "far" . | nindent 2 }}\n'
    }
    (made,) = _rendered(files).made
    assert made.node.plain == {
        "kind": "A",
        "secret": "app-{{ randAlphaNum 8 }}",
        "block": '{{ include "far" . | nindent 2 }}',
    }
    assert not made.complete


@pytest.mark.parametrize(
    "unknown",
    ['lookup "v1" "Secret" "web" "a"', '.Capabilities.APIVersions.Has "example.com/v1"', '.Release.Namespace | eq "a"'],
)
def test_a_branch_that_may_or_may_not_be_taken_is_left_open(unknown: str) -> None:
    """Neither side of it is told, and the object is not complete."""
    files = {"templates/a.yaml": f"kind: A\n{{{{ if {unknown} }}}}\nx: 1\n{{{{ else }}}}\ny: 1\n{{{{ end }}}}\nz: 1\n"}
    found = render(Repository.of({"Chart.yaml": CHART, **files}), ".", (), Release("app"))
    assert [(each.node.plain, each.complete) for each in found.made] == [({"kind": "A", "z": 1}, False)]


def test_a_variable_that_such_a_branch_sets_is_not_known_afterwards() -> None:
    """What it was before is not what it is."""
    files = {
        "templates/a.yaml": '{{ $x := "a" }}{{ if lookup "v1" "Secret" "" "b" }}{{ $x = "b" }}{{ end }}'
        "\nkind: A\nx: {{ $x }}\n"
    }
    assert _only(files).at("x").text == "{{ $x }}"


def test_what_lies_below_what_is_not_there_is_not_there_for_a_condition() -> None:
    """Helm fails on it, so whoever installs the chart gives it: a condition is false, a value not known."""
    files = {"templates/a.yaml": "kind: A\n{{ if not .Values.a.b }}\nx: {{ .Values.a.c }}\n{{ end }}\n"}
    assert _only(files).plain == {"kind": "A", "x": "{{ .Values.a.c }}"}


def test_a_template_that_cannot_be_read_spares_the_others() -> None:
    """It is told where, and that the chart is not complete."""
    files = {"templates/a.yaml": "kind: A\n", "templates/b.yaml": "kind: B\n  x: : y\n"}
    found = _rendered(files)
    assert [each.node.plain for each in found.made] == [{"kind": "A"}]
    assert [each.place.path for each in found.problems] == ["templates/b.yaml"]
    assert not found.complete


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ if true }}", "a block has no end"),
        ("{{ end }}", "end stands outside of a block"),
        ('{{ fail "no" }}', "the chart fails: no"),
        ('{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}', "templates call each other deeper than"),
        ("{{ range until 2000 }}{{ range until 2000 }}{{ . }}{{ end }}{{ end }}", "more steps or space"),
        ("{{ $x := list 1 }}" + "{{ $x = list $x $x }}" * 40 + "{{ toYaml $x }}", "more steps or space"),
        ("{{ $x := list 1 }}" + "{{ $x = list $x $x }}" * 40 + "{{ $x }}", "more steps or space"),
        ('{{ $x := dict }}{{ $y := set $x "a" $x }}{{ deepCopy $x }}', "more steps or space"),
        ("{{ " + "(" * 60 + ")" * 60 + " }}", "parentheses stand in each other"),
        ("{{ break }}", "break or continue stands outside of a loop"),
    ],
)
def test_what_goes_over_a_bound_or_fails_is_told(text: str, message: str) -> None:
    """In one sentence, with its place."""
    (problem,) = _rendered({"templates/a.yaml": text}).problems
    assert message in problem.message
    assert problem.place.path == "templates/a.yaml"


def test_the_charts_of_a_repository_share_their_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they take more together than they may, the last are not rendered."""
    monkeypatch.setattr(build, "TOGETHER", 1_000)
    repository = Repository.of({"Chart.yaml": CHART, "templates/a.yaml": "{{ range 600 }}{{ end }}"})
    found = [render(repository, ".", (), Release("app")).problems for _ in range(3)]
    assert [bool(each) for each in found] == [False, False, True]


@given(strategies.lists(strategies.sampled_from(PIECES), max_size=40))
def test_no_template_is_too_much_for_the_reader(pieces: list[str]) -> None:
    """It is rendered or told of, whatever it holds."""
    found = _rendered({"templates/a.yaml": " ".join(pieces), "values.yaml": "a: {b: [1, x]}\n"})
    assert all(each.message for each in found.problems)


def test_the_charts_of_the_deploy_repository_are_read() -> None:
    """Those that lie in it whole have no problem."""
    repository = Repository(DEPLOY)
    charts = [path.rpartition("/")[0] for path in repository.files if path.endswith("Chart.yaml")]
    found = {each: render(repository, each, (), Release("app", "web")).problems for each in charts}
    assert {each: problems for each, problems in found.items() if problems} == {}
