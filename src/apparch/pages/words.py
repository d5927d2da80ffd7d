"""The words that generated parts of pages use, in both languages."""

from __future__ import annotations

from apparch.catalogue import Text

LEVEL = Text("수준", "Level")
OWNER = Text("담당", "Owner")
OWNERS = {
    "app": Text("App 레포", "App repo"),
    "deploy": Text("Deploy 레포", "Deploy repo"),
    "both": Text("두 레포", "Both repos"),
}
PROOF = Text("증명", "Proof")
PROOFS = {
    "check": Text("정적 검사", "static check"),
    "run": Text("실행", "run"),
    "contract": Text("계약", "contract"),
    "review": Text("사람의 검토", "human review"),
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
