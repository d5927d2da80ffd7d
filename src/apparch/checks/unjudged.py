"""Why a rule has no judge: what would have to be known that no tree tells."""

from __future__ import annotations

from apparch.catalogue import Rule
from apparch.catalogue.model import Text

_RUNS = Text(
    ko="돌고 있는 프로세스에서만 보인다",
    en="it shows only in a process that runs",
)
_BOTH = Text(
    ko="App과 Deploy 두 레포를 견주어야 한다: apparch contract",
    en="it takes the App and the Deploy repo side by side: apparch contract",
)
_OTHERS = Text(
    ko="트리에서 보이는 몫은 다른 규칙이 판정한다",
    en="what a tree shows of it is what other rules judge",
)
_OUTSIDE = Text(
    ko="레지스트리나 GitHub, 사람이 한 일에 달려 있어 트리에 없다",
    en="it lies in the registry, in GitHub or in what a person did, and not in the tree",
)
_FRAMEWORK = Text(
    ko="라이브러리가 대신 해 줄 수도 있어 소스만으로는 알 수 없다",
    en="a library may do it unseen, so the source alone does not tell",
)
_SCHEMAS = Text(
    ko="모든 종류의 스키마가 있어야 한다: kubeconform이 판정한다",
    en="it takes the schemas of all kinds: kubeconform judges it",
)

UNJUDGED: tuple[tuple[Text, str], ...] = (
    (
        _RUNS,
        "MIG001 MIG004 ENV006 ENV015 PRB003 PRB004 PRB005 PRB006 PRB007 PRB008 PRB011 SHD001 SHD002 "
        "SHD003 SHD004 SHD005 SHD007 SHD008 SHD009 SHD010 SHD012 SHD013 SHD014 SHD015 RES001 RES002 "
        "RES003 RES004 RES012 RES013 RES014 RES018 RES022 RES024 RES026 MET003 MET004 RUN001 RUN002 "
        "RUN003 RUN005 TRD001 TRD002 TRD003 TRD004 TRD005 TRD006 TRD007 TRD008 TRD010 GOP013",
    ),
    (_BOTH, "OWN025 ENV011 ENV012 NET004 TRD009"),
    (_OTHERS, "DIR007 ENV001"),  # DIR014, IMG008 and OWN011; DIR009, DIR018 and OWN012
    (_OUTSIDE, "IMG002 IMG009 IMG010 WFL011 WFL015 GOP007 GOP010 SEC006"),
    (_FRAMEWORK, "PRB010 RES006 RES023 MET001 MET002 MET006 RUN004"),
    (_SCHEMAS, "MAN007"),
)
"""Each reason with the rules that it holds for; of those that a person reviews, the catalogue says why."""

_REASONS = {rule: reason for reason, rules in UNJUDGED for rule in rules.split()}


def why_unjudged(rule: Rule) -> Text | None:
    """Why a rule has no judge; None for one that should have."""
    return rule.review.why if rule.review else _REASONS.get(rule.id)
