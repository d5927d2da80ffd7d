"""What the tables of figures say, in Korean beside English."""

from __future__ import annotations

KOREAN = {
    # What was counted and timed.
    "answers differ": "답이 달라진 주문",
    "audit gaps": "감사 추적의 빈틈",
    "base bytes": "베이스 이미지 바이트",
    "books differ": "거래소 장부와 다른 주문",
    "build seconds": "빌드 초",
    "code change transfers bytes": "코드만 바꿨을 때 옮기는 바이트",
    "descriptors first": "처음 디스크립터 수",
    "descriptors growth": "디스크립터 증가",
    "descriptors last": "마지막 디스크립터 수",
    "faults": "일으킨 고장",
    "files": "파일 수",
    "kills": "강제 종료",
    "lost": "잃은 주문",
    "memory first mib": "처음 메모리 MiB",
    "memory growth mib": "메모리 증가 MiB",
    "memory last mib": "마지막 메모리 MiB",
    "order seconds": "다른 레플리카가 주문을 이어받기까지 초",
    "orders": "주문",
    "own layers bytes": "앱 레이어 바이트",
    "pauses": "리스를 넘긴 정지",
    "ready seconds": "다시 준비되기까지 초",
    "rebuild after code change seconds": "코드만 바꾼 뒤 빌드 초",
    "recovered orders": "이어받은 주문",
    "refused": "거절한 요청",
    "refused late": "늦게 거절된 주문",
    "repeated requests": "되풀이한 요청",
    "requests": "요청",
    "second build seconds": "두 번째 빌드 초",
    "seconds": "초",
    "sent twice": "두 번 나간 주문",
    "series most": "가장 많았던 시계열",
    "start seconds": "시작 초",
    "start cpu seconds": "시작에 쓴 CPU 초",
    "start seconds without bytecode": "바이트코드 없이 시작 초",
    "start cpu seconds without bytecode": "바이트코드 없이 시작에 쓴 CPU 초",
    "submissions again": "다시 낸 주문",
    "two builds have equal configuration": "두 빌드의 설정이 같다",
    "two builds have equal layers": "두 빌드의 레이어가 같다",
    "yes": "예",
    "no": "아니요",
    # What the repositories of an older template have of their own, and what an update comes to.
    "nothing of its own": "스스로 바꾼 것이 없다",
    "changes in its own files": "자기 파일을 바꾸었다",
    "changes in files of the template": "템플릿의 파일을 바꾸었다",
    "changes beside the update's": "업데이트가 바꾸는 파일의 다른 줄을 바꾸었다",
    "files removed": "파일을 지웠다",
    "changes in the update's lines": "업데이트가 바꾸는 줄을 바꾸었다",
    "the same, declared": "그런 줄을 바꾸고 선언했다",
    "a change declined": "변경 하나를 사양했다",
    "newer than the template": "템플릿보다 새 버전이다",
    "clean": "깨끗함",
    "conflicting": "겹침",
    "kept": "선언한 파일은 그대로",
    "declined": "사양한 것은 그대로",
    "ahead": "앞서 있음",
    # The apps of the rolling restarts.
    "naive, SIGTERM only": "소박한 앱, SIGTERM만",
    "naive, preStop 5 s": "소박한 앱, preStop 5초",
    "reference, drain 5 s": "레퍼런스 앱, drain 5초",
    "reference, drain 3 s, preStop 5 s": "레퍼런스 앱, drain 3초, preStop 5초",
    # The collectors of the ticks.
    "naive, position first": "소박한 수집기, 위치 먼저",
    "naive, values first": "소박한 수집기, 값 먼저",
    "reference, killed": "레퍼런스 수집기, 강제 종료",
    "reference, rolling restarts": "레퍼런스 수집기, 롤링 재시작",
    # The situations of the circuit breakers, and what a breaker does in them.
    "half open flood": "반열림에 몰린 호출",
    "cancelled trial": "취소된 시험 호출",
    "stale success": "뒤늦은 성공",
    "stale failure": "뒤늦은 실패",
    "business errors": "업무 오류",
    "clock set back": "시계를 뒤로 돌림",
    "clock set forward": "시계를 앞으로 돌림",
    "interleaved failures": "성공 사이의 실패",
    "old failures": "오래된 실패",
    "admits 1": "1개 통과",
    "admits 100": "100개 통과",
    "closes": "닫힘",
    "ends early": "일찍 끝남",
    "ends in time": "제때 끝남",
    "is extended": "길어짐",
    "is neutral": "영향 없음",
    "opens": "열림",
    "stays closed": "닫힌 채 있음",
    "stays open": "열린 채 있음",
    "sticks": "멈춰 버림",
    "ours": "레퍼런스 앱",
    "sketch": "흔한 스케치",
}  # fmt: skip


def said(words: str) -> dict[str, str]:
    """The words in each language.

    Raises:
        KeyError: they have no Korean here.
    """
    return {"ko": KOREAN[words], "en": words}
