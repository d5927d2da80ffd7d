"""Korean particles after words of every kind, and everywhere in the project's texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from apparch.pages.written.data_files import read_data
from apparch.pages.written.particles import Final, final_of, wrong_particles
from apparch.pages.written.prose import prose
from apparch.pages.written.site import load_site

ROOT = Path(__file__).parents[3]
READINGS: dict[str, str] = read_data(ROOT, "docs/readings.yaml")

# Each row: how the last syllable ends, then words that are read so.
READ: dict[Final, str] = {
    Final.OPEN: "Pod Redis server docker root cache endpoint main.py /health/live SERVICE_PORT DB_HOST startupProbe"
    " timeoutSeconds API CPU PVC SHOULD README USER GitHub check 2 404 2.5 v1.2.4 80% 5s httpx2",
    Final.RIEUL: "file module URL SQL PostgreSQL GHCR YAML SIGKILL kubectl minAvailable compose.yaml REDIS_URL"
    " 1 8 OWN001 IMG007",
    Final.CLOSED: "app step Git socket token ConfigMap Helm exec kubelet timeout string type rollback preStop JSON OOM"
    " SIGTERM VOLUME package.json SERVICE_NAME readOnlyRootFilesystem 0 3 10 100 503 2.0.0 IMG006",
}


@pytest.mark.parametrize(
    ("word", "expected"), [(word, final) for final, words in READ.items() for word in words.split()]
)
def test_a_word_ends_as_it_is_read(word: str, expected: Final) -> None:
    """Letters, digits, acronyms, names in code and loanwords each have their reading."""
    assert final_of(word, READINGS) is expected


GOOD = [
    "`SIGTERM`을 받으면 `/health/live`는 답한다.",
    "JSON으로, URL로, API로, 404로, 503으로 답한다.",
    "`sha-<전체 커밋>`을 만든다.",
    "GHCR(GitHub Container Registry)은 레지스트리다.",
    "정상 종료(SIGTERM)를 기다린다.",
    "IMG002와 OWN001은 규칙이다.",
    "[[4.2]]과는 다른 [[4]]의",
    "[[k8s_sub_architecture.md]] 2장과 [[k8s_sub_architecture.md]] 3.1절이",
    "**Pod**는 `f()`가 부른다. `v*`를 받는다.",
    "값이 1이다, 2다, 3이면 끝이다.",
    "[리뷰](../review/index.md)를 본다.",
    '"staging"을 고른다.',
    "프로브를 옮긴다.",
    "GHCR에서 Pod까지",
]


@pytest.mark.parametrize("line", GOOD)
def test_a_fitting_particle_is_let_alone(line: str) -> None:
    """What is read aloud rightly is written rightly."""
    assert [] == wrong_particles(line, READINGS, ["프로브"])


BAD = {
    "`SIGTERM`를 받는다": "SIGTERM를: 을",
    "`/health/live`은 답한다": "health/live은: 는",
    "JSON로 답한다": "JSON로: 으로",
    "URL으로는 부르지 않는다": "URL으로: 로",
    "404은 없다는 뜻이다": "404은: 는",
    "2.0.0는 옛 판이다": "2.0.0는: 은",
    "IMG002과 함께": "IMG002과: 와",
    "GHCR(레지스트리)는 멀다": "GHCR는: 은",
    "**Pod**은 사라진다": "Pod은: 는",
    "[[4.2]]는 태그를 말한다": "4.2절는: 은",
    "[[k8s_sub_architecture.md]] 2와 같다": "2장와: 과",
    "형식은 JSON다": "JSON다: 이다",
    '"staging"를 고른다': "staging를: 을",
    "`k8s/`을 연다": "k8s을: 를",
    "프로브을 옮긴다": "프로브을: 를",
    "태그을 옮기지 않고 값를 바꾼다": "값를: 을",
}


@pytest.mark.parametrize(("line", "expected"), BAD.items(), ids=BAD)
def test_a_particle_that_does_not_fit_is_named(line: str, expected: str) -> None:
    """The message has the word with its particle, and the particle that fits."""
    assert [expected] == wrong_particles(line, READINGS, ["프로브"])


def test_particles_fit_in_every_text() -> None:
    """Pages, catalogue, data and diagrams: a reading that the rules get wrong goes into docs/readings.yaml."""
    terms = [term.term.ko for term in load_site(ROOT).glossary]

    assert [] == [
        f"{text.place}: {wrong}; is it read otherwise, add it to docs/readings.yaml"
        for text in prose(ROOT)
        if text.language == "ko"
        for wrong in wrong_particles(text.text, READINGS, terms)
    ]
