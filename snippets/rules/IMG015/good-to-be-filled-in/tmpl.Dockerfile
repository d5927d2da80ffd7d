FROM {{ .RuntimeImage }}
COPY orders /
ENTRYPOINT ["/orders"]
