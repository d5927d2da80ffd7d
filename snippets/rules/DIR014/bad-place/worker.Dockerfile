FROM python:3.12-slim@sha256:57cd7c3a7a273101a6485ba99423ee568157882804b1124b4dd04266317710de AS build
COPY requirements.txt pyproject.toml ./
COPY src/ src/
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes -r requirements.txt && /opt/venv/bin/pip install --no-deps .

FROM python:3.12-slim@sha256:57cd7c3a7a273101a6485ba99423ee568157882804b1124b4dd04266317710de
COPY --from=build /opt/venv /opt/venv
USER 10001:10001
EXPOSE 8080
CMD ["/opt/venv/bin/python", "-m", "orders"]
