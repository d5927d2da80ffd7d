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
