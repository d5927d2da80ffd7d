"""How a rule meets a reader's repository: the command that checks it, what it applies to, how a breach is waived."""

from __future__ import annotations

from collections.abc import Sequence

from apparch.catalogue import Language, Rule, Text
from apparch.pages.drawn import commands
from apparch.pages.drawn.labels import LANGUAGE_NAMES, LEVELS
from apparch.pages.written.site import Site

CHECK = Text("내 레포에서 이 규칙만 검사하기", "How to check this one rule")
CHECK_LEAD = Text(
    "레포의 최상위 디렉터리에서 실행한다. 처음 쓴다면 [우리 레포 검사하기](../start/check.md)를 따른다.",
    "Run it in the top directory of your repository; [Check your repo](../start/check.md) is the way for a first time.",
)
COMPARE_LEAD = Text(
    "App 레포에서, `--deploy`에 Deploy 레포의 경로를 적어 실행한다. 두 레포가 어긋난 줄이 이 규칙의 ID와 함께 나온다. "
    "다른 규칙도 함께 비교한다. [apparch contract](../reference/contract.md)에 나머지 옵션이 있다.",
    "Run it in the App repo, with the path of the Deploy repo behind `--deploy`. Lines that disagree are told with "
    "this rule's ID, those of other rules among them. [apparch contract](../reference/contract.md) has the options.",
)
ASK = Text(
    "기계가 판정하지 못하므로 명령이 없다. 리뷰에서 [아래 질문](#review)을 한다.",
    "No machine can judge it, so there is no command: ask [the question below](#review) in a review.",
)
NO_COMMAND = {
    "run": Text(
        "레포의 파일만 읽어서는 알 수 없고 앱이나 스크립트가 돌 때 드러나므로, 검사하는 명령이 없다. "
        "[아래의 증명](#proof)이 레퍼런스 앱에서 어떻게 확인하는지 보여 준다.",
        "Files alone do not tell: it shows while the app or a script runs, so no command checks it. "
        "[The proof below](#proof) shows how it is seen in the reference app.",
    ),
    "check": Text("이 규칙을 검사하는 명령은 아직 없다.", "No command checks this rule yet."),
}
REVIEW = Text("검토자의 질문", "The reviewer's question")
APPLIES = Text("적용되는 곳", "What it applies to")
TO = {
    "app": Text(
        "App 레포에 적용한다. App과 Deploy가 한 레포에 있으면 그 App 부분에 적용한다.",
        "App repos, and the App part of a repo that holds both.",
    ),
    "deploy": Text(
        "Deploy 레포에 적용한다. App과 Deploy가 한 레포에 있으면 그 Deploy 부분에 적용한다.",
        "Deploy repos, and the Deploy part of a repo that holds both.",
    ),
    "both": Text("App 레포와 Deploy 레포에 모두 적용한다.", "App repos and Deploy repos alike."),
}
LANGUAGES_ONLY = Text("{}로 쓴 앱에만 적용한다.", "Only apps written in {}.")
FILES_ONLY = Text(
    "{}에 맞는 파일이 있는 레포에만 적용한다. 없으면 검사기는 ‘적용되지 않음’이라고 답한다.",
    "Only repos that hold a file like {}; without one the checker answers that the rule does not apply.",
)
ANY = Text("언어와 파일을 가리지 않는다.", "Any language, whatever files there are.")
NOT_TO = Text(
    "라이브러리, 문서, 템플릿처럼 어느 쪽도 아닌 레포에는 적용하지 않는다.",
    "Not to a repo that is neither, such as a library, a set of documents or a template.",
)
WAIVE = Text("예외로 두는 법", "How to waive it")
WAIVE_LEAD = Text(
    "받아들일 지적의 파일, 책임자, 이유, 마지막 날을 적는다. 면제는 `config/apparch.yaml`에 남고, "
    "기한이 지나거나 쓰이지 않거나 이 규칙의 문장이 바뀌면 그 자체가 지적이 된다.",
    "Name the file of the finding, who answers for it, the reason and the last day. The waiver stands in "
    "`config/apparch.yaml`, and becomes a finding itself once it is over, unused, or this rule's sentence has changed.",
)
NO_WAIVER = Text(
    "면제할 지적이 없다. `apparch check`가 찾지 않는 규칙이라 면제를 적어도 ‘쓰이지 않는 면제’로 지적된다.",
    "There is no finding to waive: `apparch check` does not look for this rule, and would tell of a waiver as unused.",
)
IN_REVIEW = Text("리뷰에서는 {} 규칙이다. {}", "In a review it is a {} rule: {}")


def check(rule: Rule, language: Language, site: Site) -> list[str]:
    """The commands that judge a reader's repository by this rule, or why there is none."""
    lines = [f"## {CHECK[language]} {{#check}}", ""]
    judged, compared = commands.check(rule, site), commands.compare(rule, site)
    if judged:
        lines += [CHECK_LEAD[language], "", f"[[command: check {rule.id}]]", ""]
    if compared:
        lines += [COMPARE_LEAD[language], "", f"[[command: compare {rule.id}]]", ""]
    if not (judged or compared):
        why = ASK if rule.review else NO_COMMAND.get(rule.proof, NO_COMMAND["check"])
        lines += [why[language], ""]
    return lines + _question(rule, language)


def applies(rule: Rule, language: Language) -> list[str]:
    """What the rule applies to, and what it leaves alone."""
    told = [TO[rule.owner][language]]
    if rule.applies.languages:
        names = [LANGUAGE_NAMES.get(each, each) for each in rule.applies.languages]
        told.append(LANGUAGES_ONLY[language].format(_either(names, language)))
    if rule.applies.files:
        patterns = [f"`{pattern}`" for pattern in rule.applies.files]
        told.append(FILES_ONLY[language].format(_either(patterns, language)))
    if not (rule.applies.languages or rule.applies.files):
        told.append(ANY[language])
    told.append(NOT_TO[language])
    return [f"## {APPLIES[language]} {{#applies}}", "", *(f"- {each}" for each in told), ""]


def waive(rule: Rule, language: Language, site: Site) -> list[str]:
    """The command that accepts a breach until a day, or why there is none."""
    lines = [f"## {WAIVE[language]} {{#waive}}", ""]
    if commands.waive(rule, site):
        return [*lines, WAIVE_LEAD[language], "", f"[[command: waive {rule.id}]]", ""]
    return [*lines, f"{NO_WAIVER[language]} {IN_REVIEW[language].format(rule.level, LEVELS[rule.level][language])}", ""]


def _question(rule: Rule, language: Language) -> list[str]:
    if not rule.review:
        return []
    question, why = (" ".join(text[language].split()) for text in (rule.review.question, rule.review.why))
    return [f"## {REVIEW[language]} {{#review}}", "", f"> {question}", "", why, ""]


def _either(names: Sequence[str], language: Language) -> str:
    if language == "ko":
        return ", ".join(names)
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))
