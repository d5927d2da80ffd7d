"""How findings are shown: text, JSON, SARIF, GitHub, Markdown, JUnit; which rules there are it does not know."""
