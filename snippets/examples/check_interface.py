"""Judge a repository from Python."""

import apparch

report = apparch.check("snippets/app", apparch.Options(select=("IMG",)))
print([str(result.finding.place) for result in report.new])
#> []
print({answer.rule: answer.outcome for answer in report.standings}["IMG015"])
#> kept
