"""The words that generated parts of pages use, in both languages."""

from __future__ import annotations

from apparch.catalogue import Text

LEVEL = Text("수준", "Level")
LEVELS = {
    "MUST": Text("어기면 리뷰에서 막는다.", "A breach blocks the review."),
    "SHOULD": Text("어기려면 이유를 남긴다.", "A breach needs a reason on record."),
    "MAY": Text("골라서 쓴다.", "Yours to choose."),
}
OWNER = Text("담당", "Owner")
OWNERS = {
    "app": Text("App 레포", "App repo"),
    "deploy": Text("Deploy 레포", "Deploy repo"),
    "both": Text("두 레포", "Both repos"),
}
PROOF = Text("증명", "Proof")
RAN = {
    "check": Text("검사기", "checker"),
    "contract": Text("계약 비교", "contract"),
    "run": Text("실행", "run"),
    "tool": Text("실제 도구", "real tool"),
    "reference": Text("레퍼런스 레포에서 확인", "asserted of the reference repository"),
}
LANGUAGE_NAMES = {
    "python": "Python",
    "javascript": "JavaScript, TypeScript",
    "go": "Go",
    "java": "Java",
    "ruby": "Ruby",
    "rust": "Rust",
    "dotnet": ".NET",
}
"""What readers call the languages of apps."""
MEANS = {
    "check": Text(
        "`apparch check`의 판정기를 돌렸다. 여러분의 레포를 판정하는 것도 같은 판정기다.",
        "The judge of `apparch check` ran, the same one that judges your repository.",
    ),
    "contract": Text(
        "`apparch contract`의 비교를 돌렸다. 여러분의 두 레포도 같은 코드가 비교한다.",
        "The comparison of `apparch contract` ran, the same one that compares your two repos.",
    ),
    "run": Text(
        "레퍼런스 앱이나 레퍼런스 레포의 스크립트를 돌려 놓고 무엇을 하는지 보았다.",
        "The reference app, or a script of the reference repositories, was run and watched.",
    ),
    "tool": Text(
        "promtool이나 shellcheck 같은 실제 도구가 레퍼런스 레포의 파일을 판정했다.",
        "A real tool such as promtool or shellcheck judged files of the reference repositories.",
    ),
    "reference": Text(
        "테스트가 레퍼런스 레포의 파일만 들여다보았다. 가장 약한 증명이다.",
        "A test looked at files of the reference repositories and at nothing else: the weakest proof.",
    ),
    "review": Text(
        "기계가 답할 수 없어 리뷰할 때마다 사람이 답한다. 이 빌드에서 누가 검토했다는 뜻이 아니다.",
        "No machine can answer, so a person does, at each review. It does not mean that this build was reviewed.",
    ),
}
"""What it means that a rule was proved so, a sentence each; what shows most first."""
COLUMNS = {
    "id": Text("규칙", "Rule"),
    "level": LEVEL,
    "title": Text("요약", "In short"),
    "statement": Text("내용", "Statement"),
    "reason": Text("이유", "Reason"),
    "repair": Text("고치는 법", "Repair"),
    "owner": OWNER,
    "proof": PROOF,
}
